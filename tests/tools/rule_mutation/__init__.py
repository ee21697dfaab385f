"""Shows that the cases notice a wrong rule: every rule of the shipped rule set is changed, and some case must give another answer than it should.

`python -m tests.tools.rule_mutation` tells of each change which case noticed it.
"""
