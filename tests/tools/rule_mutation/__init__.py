"""Mutation testing of the shipped rule set: some probe must notice every changed rule.

`python -m tests.tools.rule_mutation` prints the probe that killed each mutant.
"""
