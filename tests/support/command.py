"""Helpers for tests of the command: bodies, processes, output."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

import pytest

from isales_rules.cli.main import main
from tests.support.cases import bases, put

BODY: dict[str, Any] = bases()["ivr-intelligent"]
HEADERS = {
    "Content-Type": "application/json; charset=UTF-8",
    "Authorization": "Digest s3cr3t-T0ken",
}
PATH = {"vdnId": 1, "campaignId": "10000000001"}
REQUEST: dict[str, Any] = {"path": PATH, "headers": HEADERS, "body": BODY}
BEFORE = ["--now", "2020-09-01"]
COMMAND = [sys.executable, "-m", "isales_rules"]

Printed = pytest.CaptureFixture[str]


def body(**changes: Any) -> dict[str, Any]:
    return {**BODY, **changes}


def backwards() -> Any:
    """Return a body whose only violation is a warning."""
    made = bases()["ivr-intelligent"]
    put(made, "/scheduleParam/workdayBeginTime1", "11:30")
    put(made, "/scheduleParam/workdayEndTime1", "08:00")
    return made


def stdin(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))


def run(*argv: str, text: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a process."""
    return subprocess.run(
        [*COMMAND, *argv],
        input=text,
        capture_output=True,
        check=False,
        env={**os.environ, **environment},
        timeout=60,
    )


def _heed_interrupts() -> None:
    """Restore the handler of interrupts, which shells ignore in background jobs."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def endless_check(*argv: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `check` on endless lines in an own process group; kill the group at the end."""
    command = [*COMMAND, "check", "--ndjson", "-", "--format", "concise", *argv]
    with (
        subprocess.Popen(["yes", "{}"], stdout=subprocess.PIPE) as endless,
        subprocess.Popen(
            command,
            stdin=endless.stdout,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=_heed_interrupts,  # noqa: PLW1509  # takes no lock
        ) as process,
    ):
        try:
            yield process
        finally:
            endless.kill()
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def check_before(capsys: Printed, *argv: str) -> tuple[int, dict[str, Any]]:
    """Run `check --format json` at a time in the past; return exit code and document."""
    capsys.readouterr()
    code = main(["check", "--format", "json", *BEFORE, *argv])
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, document


def finding_codes(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Return path and code of each finding, or the rule if it has no code."""
    return [(one["path"], one["code"] or one["rule"]) for one in document["findings"]]


def raising(error: BaseException) -> Callable[..., NoReturn]:
    """Return a function that accepts any arguments and raises `error`."""

    def raises(*_: object) -> NoReturn:
        raise error

    return raises
