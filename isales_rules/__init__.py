"""Answers, before a request is sent, what Huawei's CC-iSales service would answer to it."""

from isales_rules.facts import FactError
from isales_rules.report import Report, Violation
from isales_rules.ruleset import RuleSet, RuleSetError, load

__version__ = "0.1.0"

__all__ = ["FactError", "Report", "RuleSet", "RuleSetError", "Violation", "__version__", "load"]
