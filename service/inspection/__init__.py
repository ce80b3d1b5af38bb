"""What a model file would import when it is loaded, told without loading it."""
