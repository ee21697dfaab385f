"""Fuzz the package with atheris: `python -m tests.tools.fuzz TARGET` (extra `fuzz`)."""
