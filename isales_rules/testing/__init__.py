"""Helpers for the tests of other projects: strategies and examples."""
