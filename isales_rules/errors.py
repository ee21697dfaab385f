"""The base class of the exceptions of this package."""


class IsalesRulesError(Exception):
    """Base class of all exceptions that the package defines for its users."""
