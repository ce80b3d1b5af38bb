"""Writes a chart's values.schema.json and the tables of its README from the comments in its values.yaml."""
