"""The commands `ruleset`, for authors of rule sets."""
