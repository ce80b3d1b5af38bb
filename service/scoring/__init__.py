"""Scoring a table of rows with a service that runs elsewhere."""
