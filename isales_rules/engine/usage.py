"""Which variables the clauses of a part need."""

from __future__ import annotations

from isales_rules.language.model import Assertion, Bound, Parameter


class Usage:
    """What the clauses of a part read of its parameters.

    - `presence`: parameters of which it is read whether they are present.
    - `values`: parameters of which the valid value is read.
    - `early`: by the part or list entry that contains them, parameters that are read from outside
      of their own object. Their variables are initialised there, since the block of their object
      may not run.
    """

    def __init__(self, root: Parameter) -> None:
        self.presence: set[Parameter] = set()
        self.values: set[Parameter] = set()
        self.early: dict[Parameter, dict[Parameter, None]] = {}
        self._owners: dict[Parameter, Parameter] = {}
        self._scopes: dict[Parameter, Parameter] = {root: root}
        for parameter in root.walk():
            for member in parameter.members.values():
                self._owners[member] = parameter
                self._scopes[member] = self._scopes[parameter]
            if parameter.item is not None:
                self._scopes[parameter.item] = self._owners[parameter.item] = parameter.item
        for parameter in root.walk():
            if (unique := parameter.unique) is not None:
                self.values.add(unique)
                if unique is not parameter.item:
                    self.early.setdefault(self._scopes[unique], {})[unique] = None
            for clause in parameter.clauses:
                if clause.reports_value:
                    self.presence.add(clause.report_at)
                for assertion in clause.assertions():
                    self._add(assertion, parameter)

    def _add(self, assertion: Assertion, owner: Parameter) -> None:
        presence = assertion.keyword.operand == "presence"
        (self.presence if presence else self.values).add(assertion.chain[-1])
        read = [*assertion.chain]
        if isinstance(assertion.argument, Bound):
            self.values.update(assertion.argument.chain[-1:])
            read += assertion.argument.chain[-1:]
        for parameter in read:
            if self._owners[parameter] is not owner:
                self.early.setdefault(self._scopes[parameter], {})[parameter] = None
