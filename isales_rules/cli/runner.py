"""From files to what is told of them: blocks are read, checked, by several processes where asked for, and written down in their order."""

from __future__ import annotations

import gc
import os
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from isales_rules.cli.chunks import LINES, Place, chunk_refs, read_chunks
from isales_rules.cli.errors import SourceError, print_error
from isales_rules.cli.findings import Checker, CheckOptions, ChunkResult, Finding
from isales_rules.cli.formats.base import Summary
from isales_rules.cli.output import ReportWriter
from isales_rules.cli.workers import Found, _checked, _trouble, _Worker

if TYPE_CHECKING:
    pass


PARCEL, MOST_FILES = 1 << 16, 100
"""So many bytes, or so many files, are handed to another process at once."""

LINES_PARCEL = 1 << 20
"""So many bytes of lines are, as there are enough of them for every process."""

LINE = 256
"""A line counts for so many bytes more: a short one may have more findings than bytes."""


class RunOptions(NamedTuple):
    """What to check and how.

    Files, or what could not be found; whether each has a text a line; how many processes; where to stop; the name in reports of standard input;
    whether each file may be an array of texts.
    """

    files: list[str | SourceError]
    lines: bool = False
    jobs: int = 1
    max_errors: int | None = None
    stdin_filename: str | None = None
    array: bool = False


class RunResult(NamedTuple):
    """What was done: the counts, the files that were checked, and the fingerprints of known findings that were met."""

    summary: Summary
    files: set[str]
    known: set[str]


def run(order: RunOptions, plan: CheckOptions, sheets: list[ReportWriter], keep: Callable[[Finding], None] | None = None) -> RunResult:
    """Check everything, and write it to every sheet. `keep` is given every finding.

    What cannot be read is told at once on the standard error stream, and in the summary.
    """
    done = RunResult(Summary(), set(), set())
    summary = done.summary
    for sheet in sheets:
        sheet.write(sheet.formatter.begin())
    bar = _ProgressBar(order)
    with _gc_paused(), closing(_outcomes(order, plan)) as outcomes, bar:
        for found in outcomes:
            if isinstance(found, SourceError):
                bar.clear()
                summary.failures.append(str(found))
                print_error(str(found))
                continue
            outcome = _apply_limit(found, order, summary)
            done.files.add(outcome.file)
            summary.files = len(done.files)
            summary.texts += outcome.texts
            summary.invalid += len({finding.line for finding in outcome.findings}) if summary.stopped and outcome.texts > 1 else outcome.invalid
            summary.known += len(outcome.known)
            done.known.update(outcome.known)
            summary.unchecked |= dict.fromkeys(outcome.unchecked)
            if keep is not None:
                for finding in outcome.findings:
                    keep(finding)
            bar.advance(outcome.size)
            if outcome.findings:
                bar.clear()
            for sheet in sheets:
                sheet.write(sheet.formatter.chunk(outcome))
            # Where nobody reads on, no more is checked than the exit code needs.
            unread = keep is None and all(sheet.failed or sheet.gone for sheet in sheets)
            if summary.stopped or (unread and (summary.errors or any(sheet.failed for sheet in sheets))):
                break
    return done


def finish(summary: Summary, sheets: list[ReportWriter]) -> None:
    """Write what comes last on every sheet."""
    for sheet in sheets:
        sheet.write(sheet.formatter.end(summary), last=True)


def _apply_limit(outcome: ChunkResult, order: RunOptions, summary: Summary) -> ChunkResult:
    """Count what was found, and leave out what comes after the last error that is asked for."""
    findings = outcome.findings
    for index, finding in enumerate(findings):
        if finding.severity == "error":
            summary.errors += 1
        else:
            summary.warnings += 1
        if summary.errors == order.max_errors:
            summary.stopped = True
            return outcome._replace(findings=findings[: index + 1])
    return outcome


def _outcomes(order: RunOptions, plan: CheckOptions) -> Generator[Found, None, None]:
    return _run_serial(order, plan) if order.jobs == 1 else _run_parallel(order, plan)


def _places(order: RunOptions, read: Callable[[str, bool, bool], Iterator[Place]]) -> Iterator[Place | SourceError]:
    """Go through the files in their order, with what one is read as; what cannot be read is told in its place."""
    for file in order.files:
        if isinstance(file, SourceError):
            yield file
            continue
        name = order.stdin_filename if file == "-" and order.stdin_filename else file
        try:
            for place in read(file, order.lines or name.endswith(LINES), order.array):
                yield place if name == file else place._replace(file=name)
        except (OSError, MemoryError) as error:
            yield _trouble(file, error)


def _run_serial(order: RunOptions, plan: CheckOptions) -> Generator[Found, None, None]:
    checker = Checker(plan)
    for place in _places(order, read_chunks):
        yield place if isinstance(place, SourceError) else _checked(checker, place)


def _run_parallel(order: RunOptions, plan: CheckOptions) -> Generator[Found, None, None]:
    jobs = min(order.jobs, os.cpu_count() or 1, 61)  # Windows waits for no more than that
    workers: list[_Worker] = []
    # At most two results for each process are missing at once, so that a file of any size is never held as a whole.
    waiting: deque[list[Found]] = deque()
    try:
        for several in _batches(_places(order, chunk_refs)):
            if isinstance(several, SourceError):
                waiting.append([several])
            else:
                worker = min(workers, key=lambda worker: len(worker.pending), default=None)
                if worker is None or (worker.pending and len(workers) < jobs):
                    worker = _Worker(plan)
                    workers.append(worker)
                waiting.append(worker.send(several))
            while len(waiting) > jobs * 2:
                yield from _oldest(waiting, workers)
        while waiting:
            yield from _oldest(waiting, workers)
    finally:
        for worker in workers:
            worker.process.kill()
        for worker in workers:
            worker.process.join()


def _oldest(waiting: deque[list[Found]], workers: list[_Worker]) -> list[Found]:
    from multiprocessing.connection import wait

    while not waiting[0]:
        ready = wait([worker.pipe for worker in workers])
        for worker in workers:
            if worker.pipe in ready:
                worker.receive()
    return waiting.popleft()


def _batches(found: Iterable[Place | SourceError]) -> Iterator[list[Place] | SourceError]:
    """Put places together, so that handing them over takes little time beside checking what stands there."""
    parcel: list[Place] = []
    size = 0
    for place in found:
        if isinstance(place, SourceError):
            if parcel:
                yield parcel
            yield place
            parcel, size = [], 0
            continue
        parcel.append(place)
        size += place.size + LINE * place.lines
        if size >= (LINES_PARCEL if place.several else PARCEL) or len(parcel) == MOST_FILES:
            yield parcel
            parcel, size = [], 0
    if parcel:
        yield parcel


@contextmanager
def _gc_paused() -> Iterator[None]:
    """Let Python not look for cycles: checking makes none, and looking would take a tenth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _ProgressBar:
    """Shows at the bottom of a terminal how far it is, once it takes longer than a second.

    The command is installed by hooks, where a library for this would be one more to fetch.
    """

    def __init__(self, order: RunOptions) -> None:
        self._total = sum(os.path.getsize(file) for file in order.files if isinstance(file, str) and os.path.isfile(file))
        self._done = 0
        self._next = monotonic() + 1 if sys.stderr is not None and sys.stderr.isatty() else float("inf")
        self._shown = False

    def __enter__(self) -> None:
        pass

    def __exit__(self, *problem: object) -> None:
        self.clear()

    def advance(self, size: int) -> None:
        """Count so many bytes more."""
        self._done += size
        if monotonic() >= self._next:
            self._next = monotonic() + 0.1
            self._shown = True
            share = min(self._done / self._total, 1) if self._total else 0
            bar = f"[{'#' * int(share * 40):.<40}] {share:4.0%} " if self._total else ""
            print(f"\r{bar}{self._done / 1e6:,.0f} MB\033[K", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Make room for something else that is written on the terminal."""
        if self._shown:
            self._shown = False
            print("\r\033[K", end="", file=sys.stderr, flush=True)
