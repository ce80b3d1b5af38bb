"""Libraries: what executes a model file of one format."""
