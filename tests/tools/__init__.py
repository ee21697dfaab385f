"""Tools to run by hand."""
