"""Which variables the clauses of a part need."""

from __future__ import annotations

from isales_rules.language.model import Assertion, Bound, Parameter


class Usage:
    """Which parameters the cases look at: whether they were `given`, or for their `clean` value, and which need a `separate` variable for that.

    `early` has those that are looked at from outside the object that they are in, by the parameter in whose scope their variables begin.
    """

    def __init__(self, root: Parameter) -> None:
        self.given: set[int] = set()
        self.clean: set[int] = set()
        self.separate: set[int] = set()
        self.early: dict[int, dict[int, Parameter]] = {}
        self._parents: dict[int, Parameter] = {}
        self._scopes: dict[int, Parameter] = {id(root): root}
        for parameter in root.walk():
            for member in parameter.members.values():
                self._parents[id(member)] = parameter
                self._scopes[id(member)] = self._scopes[id(parameter)]
            if parameter.item is not None:
                self._scopes[id(parameter.item)] = parameter.item
        for parameter in root.walk():
            for case in parameter.clauses:
                if not case.then and not case.required_together and not all(asserts_value(tests, case.report_at) for tests in case.when or [()]):
                    self.given.add(id(case.report_at))
                for test in (*(test for tests in case.when for test in tests), *case.then, *case.required_together):
                    self._use(test, parameter)
        self.separate.update(id(parameter) for parameter in root.walk() if id(parameter) in self.clean and self._is_separate(parameter))

    def _is_separate(self, parameter: Parameter) -> bool:
        """Say whether the clean value needs a variable of its own; the given one serves where at most one rule at a time can clear it.

        A list is still gone through where it is not clean.
        """
        rules = parameter.keywords
        alone = len(rules) < 2 or (len(rules) == 2 and any(rule.excludes in rules for rule in rules.values()))
        return "format" in rules or parameter.type == "list" or id(parameter) in self.given or not alone

    def _use(self, test: Assertion, owner: Parameter) -> None:
        reads = self.given if test.keyword.operand == "given" else self.clean
        reads.add(id(test.chain[-1]))
        looked_at = list(test.chain)
        if isinstance(test.argument, Bound):
            self.clean.update(id(one) for one in test.argument.chain[-1:])
            looked_at += test.argument.chain[-1:]
        for one in looked_at:
            if self._parents[id(one)] is not owner:
                self.early.setdefault(id(self._scopes[id(one)]), {})[id(one)] = one


def asserts_value(tests: tuple[Assertion, ...], parameter: Parameter) -> bool:
    """Say whether tests hold for a clean value of the parameter alone."""
    return any(test.chain[-1] is parameter and test.keyword.operand != "given" for test in tests)
