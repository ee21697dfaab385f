"""Schemas of rule sets for other tools."""
