"""Renderings of the one document for machines and people; each a function from the report to text."""
