"""Places that a bundle comes from: folders, web servers, buckets, registries, and archives in them; one file each."""
