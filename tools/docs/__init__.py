"""The site of the documentation: what Sphinx is told, and a look at what it made."""
