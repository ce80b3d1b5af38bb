"""The model's own page, which a browser gets at ``/``."""
