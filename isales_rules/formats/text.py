"""For people: each finding with its line, a mark under what is wrong, and what may put it right."""

from __future__ import annotations

from collections.abc import Iterator

from isales_rules.checker import Finding
from isales_rules.formats.form import Form, Summary, label, name, place

_BOLD, _RED, _YELLOW, _BLUE, _PLAIN = "\033[1m", "\033[1;31m", "\033[1;33m", "\033[1;34m", "\033[0m"


class Text(Form):
    """A paragraph for each finding, and at the end a count and what no fact was stated for."""

    def finding(self, finding: Finding) -> Iterator[str]:
        alarm = _RED if finding.severity == "error" else _YELLOW
        where = self._in(_BOLD, f"{name(finding.file)}:{finding.line}:{finding.column}:")
        yield f"{where} {self._in(alarm, label(finding))} {place(finding)}: {finding.message}"
        number = str(finding.line)
        margin = " " * len(number)
        if finding.excerpt is not None:
            line, before, under = finding.excerpt
            yield f" {self._in(_BLUE, f'{number} |')} {line}".rstrip()
            yield f" {self._in(_BLUE, f'{margin} |')} {' ' * before}{self._in(alarm, '^' * under)}"
        yield f" {margin} {self._in(_BLUE, '=')} {finding.rule}, {finding.source}"
        if finding.hint:
            yield f" {margin} {self._in(_BLUE, '=')} {_WORDS[self.setting.locale]}: {finding.hint}"

    def end(self, summary: Summary) -> Iterator[str]:
        if self.setting.quiet:
            return
        checked = [_count(summary.files, "file")]
        one = "file" if summary.texts == summary.files else "text"
        if one == "text":
            checked.append(_count(summary.texts, one))
        found = [_count(number, word) for number, word in ((summary.errors, "error"), (summary.warnings, "warning")) if number]
        alarm = _RED if summary.errors else _YELLOW
        told = self._in(alarm, f"{', '.join(found)} in {_count(summary.wrong, one)}") if found else "" if summary.troubles else "ok"
        more = [f"{summary.known} known from the baseline"] if summary.known else []
        if summary.gone:
            more.append(f"{summary.gone} of the baseline {'is' if summary.gone == 1 else 'are'} gone")
        if summary.troubles:
            more.append(f"{len(summary.troubles)} more could not be checked")
        yield f"{', '.join(checked)}: {'; '.join([told, *more] if told else more)}"
        if summary.stopped:
            yield "stopped at as many errors as were asked for; there may be more"
        if summary.unchecked:
            yield f"not checked, because no fact was stated: {', '.join(summary.unchecked)}"

    def _in(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_PLAIN}" if self.setting.colour else text


_WORDS = {"en_US": "hint", "zh_CN": "提示"}


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
