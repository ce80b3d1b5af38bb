"""Asks whether a locked Python package has a known vulnerability; pip-audit does the asking."""
