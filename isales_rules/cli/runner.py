"""Run of a check: reads, checks and reports chunks."""

from __future__ import annotations

import gc
import os
import sys
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from time import monotonic
from typing import NamedTuple, TypeAlias

from isales_rules.cli.chunks import LINES, ArrayPath, ChunkSource, chunk_refs, read_chunks
from isales_rules.cli.errors import SourceError, print_error
from isales_rules.cli.findings import Checker, CheckOptions, ChunkResult
from isales_rules.cli.formats.base import Summary
from isales_rules.cli.output import ReportWriter
from isales_rules.cli.workers import CheckedChunk, Worker, check_chunk, read_failure

BATCH_SIZE, MAX_BATCH_FILES = 1 << 16, 100
"""Number of bytes, and of files, in a batch for a worker process."""

LINES_BATCH_SIZE = 1 << 20
"""Number of bytes in a batch of lines."""

SERIAL_SECONDS = 0.2
"""Time that one process checks before others help it: they take about as long to start."""

LINE_COST = 256
"""Bytes to add per line, as the findings of a line may be larger."""

_Batch: TypeAlias = tuple[Sequence[ChunkSource | SourceError], Sequence[CheckedChunk]]
"""Chunks, and their results, which are empty until they are received."""


class RunOptions(NamedTuple):
    """Input of a run, and how to read it.

    `files` has errors for names without a file. `lines` and `array` say whether each file has
    several texts, and `stdin_filename` names standard input in reports.
    """

    files: list[str | SourceError]
    lines: bool = False
    jobs: int = 1
    max_errors: int | None = None
    stdin_filename: str | None = None
    array: ArrayPath | None = None


class RunResult:
    """Counts, checked files, and fingerprints of known findings."""

    def __init__(self) -> None:
        self.summary = Summary()
        self.files: set[str] = set()
        self.known: set[str] = set()

    def add(self, chunk: ChunkResult, max_errors: int | None) -> ChunkResult:
        """Count the findings of a chunk.

        Returns the chunk without findings after the maximum number of errors.
        """
        summary = self.summary
        for index, finding in enumerate(chunk.findings):
            if finding.severity == "error":
                summary.errors += 1
            else:
                summary.warnings += 1
            if summary.errors == max_errors:
                summary.stopped = True
                chunk = chunk._replace(findings=chunk.findings[: index + 1])
                if chunk.texts > 1:
                    chunk = chunk._replace(
                        invalid=len({finding.line for finding in chunk.findings})
                    )
                break
        self.files.add(chunk.file)
        self.known.update(chunk.known)
        summary.files = len(self.files)
        summary.texts += chunk.texts
        summary.invalid += chunk.invalid
        summary.known += len(chunk.known)
        summary.unchecked |= dict.fromkeys(chunk.unchecked)
        return chunk

    def exit_code(self, failing: Collection[str], writers: Iterable[ReportWriter]) -> int:
        """Return the exit code, for the severities that make the command fail."""
        if self.summary.failures or any(writer.error for writer in writers):
            return 2
        return int(
            bool(
                ("error" in failing and self.summary.errors)
                or ("warning" in failing and self.summary.warnings)
            )
        )


def run(options: RunOptions, check_options: CheckOptions, writers: list[ReportWriter]) -> RunResult:
    """Check all files, and write the reports except for their ends.

    Prints at once which files cannot be checked.
    """
    result = RunResult()
    summary = result.summary

    def fail(error: SourceError) -> None:
        bar.clear()
        message = error.message(check_options.locale)
        summary.failures.append(message)
        print_error(message)

    for writer in writers:
        writer.write(writer.formatter.begin())
    bar = _ProgressBar(options)
    with _gc_paused(), closing(_check_files(options, check_options)) as checked, bar:
        for chunk in checked:
            if isinstance(chunk, SourceError):
                fail(chunk)
                continue
            reported = result.add(chunk, options.max_errors)
            if check_options.kind == "har":
                summary.others += len(chunk.others)
            else:
                for request in chunk.others:
                    fail(SourceError("other-interface", request=request))
            bar.advance(reported.size)
            if reported.findings:
                bar.clear()
            for writer in writers:
                writer.write(writer.formatter.chunk(reported))
            if summary.stopped or _is_decided(summary, writers):
                break
    return result


def _is_decided(summary: Summary, writers: list[ReportWriter]) -> bool:
    """Return whether the exit code is certain and no report is read any more."""
    if not all(writer.closed for writer in writers):
        return False
    return bool(summary.errors) or any(writer.error for writer in writers)


def _check_files(
    options: RunOptions, check_options: CheckOptions
) -> Generator[CheckedChunk, None, None]:
    return (
        _run_serial(options, check_options)
        if options.jobs == 1
        else _run_parallel(options, check_options)
    )


def _chunk_sources(
    options: RunOptions, read: Callable[[str, bool, ArrayPath | None], Iterator[ChunkSource]]
) -> Iterator[ChunkSource | SourceError]:
    """Yield the chunks of all files, or references to them, in order."""
    for file in options.files:
        if isinstance(file, SourceError):
            yield file
            continue
        name = options.stdin_filename if file == "-" and options.stdin_filename else file
        try:
            for source in read(file, options.lines or name.endswith(LINES), options.array):
                yield source if name == file else source._replace(file=name)
        except (OSError, MemoryError) as error:
            yield read_failure(file, error)
        except SourceError as error:
            yield error


class _SecretsAbove:
    """Hides values in the chunks below one that may name a secret, to the end of their file.

    Such a file may be one long text, so the secret may be in any later chunk.
    """

    def __init__(self, options: CheckOptions) -> None:
        self._checker = Checker(options)
        self._file: str | None = None

    def mark(self, source: ChunkSource) -> ChunkSource:
        """Return a chunk that hides its values if they may be secret."""
        if source.file != self._file or source.secret_above:
            return source
        return source._replace(secret_above=True)

    def check(
        self, source: ChunkSource | SourceError, checked: CheckedChunk | None = None
    ) -> CheckedChunk:
        """Check the next chunk, or return its result unless that has to hide more.

        Worker processes check chunks before it is known what is above them.
        """
        if isinstance(source, SourceError):
            return source
        marked = self.mark(source)
        if checked is None or marked is not source:
            checked = check_chunk(self._checker, marked)
        # A chunk that cannot be checked may name a secret.
        if isinstance(checked, SourceError) or checked.secret_below:
            self._file = source.file
        return checked


def _run_serial(
    options: RunOptions, check_options: CheckOptions
) -> Generator[CheckedChunk, None, None]:
    secrets = _SecretsAbove(check_options)
    for source in _chunk_sources(options, read_chunks):
        yield secrets.check(source)


def _run_parallel(
    options: RunOptions, check_options: CheckOptions
) -> Generator[CheckedChunk, None, None]:
    secrets = _SecretsAbove(check_options)
    sources = _chunk_sources(options, chunk_refs)
    end = monotonic() + SERIAL_SECONDS
    for source in sources:
        if monotonic() >= end:
            sources = chain([source], sources)
            break
        yield secrets.check(source)
    else:
        return
    jobs = min(options.jobs, os.cpu_count() or 1, 61)  # the most that Windows can wait for
    workers: list[Worker] = []
    # Limiting the pending batches to two per process bounds the memory for a file of any size.
    pending: deque[_Batch] = deque()
    try:
        for batch in _batches(sources):
            if isinstance(batch, SourceError):
                pending.append(([batch], [batch]))
            else:
                worker = min(workers, key=lambda worker: len(worker.pending), default=None)
                if worker is None or (worker.pending and len(workers) < jobs):
                    worker = Worker(check_options)
                    workers.append(worker)
                marked = [*map(secrets.mark, batch)]
                pending.append((marked, worker.send(marked)))
            while len(pending) > jobs * 2:
                yield from map(secrets.check, *_oldest(pending, workers))
        while pending:
            yield from map(secrets.check, *_oldest(pending, workers))
    finally:
        for worker in workers:
            worker.process.kill()
        for worker in workers:
            worker.process.join()


def _oldest(pending: deque[_Batch], workers: list[Worker]) -> _Batch:
    """Wait for the results of the oldest batch, and return it."""
    from multiprocessing.connection import wait

    while not pending[0][1]:
        ready = wait([worker.pipe for worker in workers])
        for worker in workers:
            if worker.pipe in ready:
                worker.receive()
    return pending.popleft()


def _batches(
    sources: Iterable[ChunkSource | SourceError],
) -> Iterator[list[ChunkSource] | SourceError]:
    """Group chunks into batches.

    Sending a batch takes little time compared to checking it.
    """
    batch: list[ChunkSource] = []
    size = 0
    for source in sources:
        if isinstance(source, SourceError):
            if batch:
                yield batch
            yield source
            batch, size = [], 0
            continue
        batch.append(source)
        size += source.size + LINE_COST * source.lines
        if (
            size >= (LINES_BATCH_SIZE if source.several else BATCH_SIZE)
            or len(batch) == MAX_BATCH_FILES
        ):
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


@contextmanager
def _gc_paused() -> Iterator[None]:
    """Pause the garbage collection, which takes a tenth of the time.

    A check creates no reference cycles.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _ProgressBar:
    """Progress bar of a terminal, from the first second on.

    A library for this would be one more download for each installation by a hook.
    """

    def __init__(self, options: RunOptions) -> None:
        self._total = sum(
            os.path.getsize(file)
            for file in options.files
            if isinstance(file, str) and os.path.isfile(file)
        )
        self._done = 0
        self._next = (
            monotonic() + 1 if sys.stderr is not None and sys.stderr.isatty() else float("inf")
        )
        self._shown = False

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self.clear()

    def advance(self, size: int) -> None:
        """Add a number of bytes, and show the progress ten times per second."""
        self._done += size
        if monotonic() >= self._next:
            self._next = monotonic() + 0.1
            self._shown = True
            share = min(self._done / self._total, 1) if self._total else 0
            bar = f"[{'#' * int(share * 40):.<40}] {share:4.0%} " if self._total else ""
            print(f"\r{bar}{self._done / 1e6:,.0f} MB\033[K", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Erase the bar."""
        if self._shown:
            self._shown = False
            print("\r\033[K", end="", file=sys.stderr, flush=True)
