"""Files: what a bundle is, how it is made, checked and fetched."""
