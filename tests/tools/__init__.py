"""Tools that run by hand."""
