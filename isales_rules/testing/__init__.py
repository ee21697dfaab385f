"""Helpers for the tests of other projects: strategies, examples and a stub of the service."""

from isales_rules.testing.stub_service import StubResponse, StubService

__all__ = ["StubResponse", "StubService"]
