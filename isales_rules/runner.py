"""From files to what is told of them: blocks are read, checked, by several processes where asked for, and written down in their order."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from time import monotonic
from typing import IO, TYPE_CHECKING, NamedTuple, TypeAlias

from isales_rules.checker import Checker, Finding, Outcome, Plan
from isales_rules.formats.form import Form, Summary
from isales_rules.outputs import OutputFile
from isales_rules.problems import SourceError, tell
from isales_rules.sources import LINES, Block, Place, blocks, places

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from queue import SimpleQueue

Found: TypeAlias = Outcome | SourceError

TOO_LARGE = "{}: is too large for the memory that there is"

PARCEL, MOST_FILES = 1 << 16, 100
"""So many bytes, or so many files, are handed to another process at once."""

LINES_PARCEL = 1 << 20
"""So many bytes of lines are, as there are enough of them for every process."""

LINE = 256
"""A line counts for so many bytes more: a short one may have more findings than bytes."""


class Order(NamedTuple):
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


class Sheet:
    """A form and the stream that it is written to. `failed` is the reason why that takes no more, `gone` says that nobody reads it any longer."""

    def __init__(self, form: Form, output: OutputFile | None = None) -> None:
        self.form = form
        self.output = output
        self.stream: IO[str] = sys.stdout if output is None else output.stream
        self.failed: str | None = None
        self.gone = False

    def write(self, lines: Iterable[str], last: bool = False) -> None:
        """Write lines, unless an earlier one could not be written. Forms count, so that they are asked all the same."""
        text = "".join([f"{line}\n" for line in lines])
        if self.failed or self.gone:
            return
        try:
            self.stream.write(text)
            if last:
                self.stream.flush()
                if self.output is not None:
                    self.output.commit()
        except BrokenPipeError:
            self.gone = True
        except OSError as error:
            self.failed = error.strerror
        if self.failed or self.gone:
            if self.output is None:
                discard(self.stream)
            else:
                self.output.discard()


class Done(NamedTuple):
    """What was done: the counts, the files that were checked, and the fingerprints of known findings that were met."""

    summary: Summary
    files: set[str]
    known: set[str]


def discard(stream: IO[str]) -> None:
    """Let go of what a stream still holds: it would be tried once more, and fail once more, when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def run(order: Order, plan: Plan, sheets: list[Sheet], keep: Callable[[Finding], None] | None = None) -> Done:
    """Check everything, and write it to every sheet. `keep` is given every finding.

    What cannot be read is told at once on the standard error stream, and in the summary.
    """
    done = Done(Summary(), set(), set())
    summary = done.summary
    for sheet in sheets:
        sheet.write(sheet.form.begin())
    bar = _Bar(order)
    with _quick(), closing(_outcomes(order, plan)) as outcomes, bar:
        for found in outcomes:
            if isinstance(found, SourceError):
                bar.clear()
                summary.troubles.append(str(found))
                tell(str(found))
                continue
            outcome = _trimmed(found, order, summary)
            done.files.add(outcome.file)
            summary.files = len(done.files)
            summary.texts += outcome.texts
            summary.wrong += len({finding.line for finding in outcome.findings}) if summary.stopped and outcome.texts > 1 else outcome.wrong
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
                sheet.write(sheet.form.tell(outcome))
            # Where nobody reads on, no more is checked than the exit code needs.
            unread = keep is None and all(sheet.failed or sheet.gone for sheet in sheets)
            if summary.stopped or (unread and (summary.errors or any(sheet.failed for sheet in sheets))):
                break
    return done


def finish(summary: Summary, sheets: list[Sheet]) -> None:
    """Write what comes last on every sheet."""
    for sheet in sheets:
        sheet.write(sheet.form.end(summary), last=True)


def _trimmed(outcome: Outcome, order: Order, summary: Summary) -> Outcome:
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


def _outcomes(order: Order, plan: Plan) -> Generator[Found, None, None]:
    return _here(order, plan) if order.jobs == 1 else _elsewhere(order, plan)


def _places(order: Order, read: Callable[[str, bool, bool], Iterator[Place]]) -> Iterator[Place | SourceError]:
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


def _trouble(file: str, error: OSError | MemoryError) -> SourceError:
    return SourceError(f"{file}: cannot be read: {error.strerror}" if isinstance(error, OSError) else TOO_LARGE.format(file))


def _here(order: Order, plan: Plan) -> Generator[Found, None, None]:
    checker = Checker(plan)
    for place in _places(order, blocks):
        yield place if isinstance(place, SourceError) else _checked(checker, place)


def _checked(checker: Checker, place: Place) -> Found:
    try:
        return checker.check(place if isinstance(place, Block) else place.block())
    except (OSError, MemoryError) as error:
        return _trouble(place.file, error)


def _work(pipe: Connection, plan: Plan) -> None:  # pragma: no cover  # runs in another process, where nothing measures
    """Check what comes through a pipe, and send back what was found, until the first process ends this one."""
    from queue import SimpleQueue
    from threading import Thread

    # An interrupt is meant for the first process, which then ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    received: SimpleQueue[list[Place]] = SimpleQueue()
    Thread(target=_receive, args=(pipe, received), daemon=True).start()
    checker = Checker(plan)
    with suppress(ConnectionError):
        while True:
            pipe.send([_checked(checker, place) for place in received.get()])


def _receive(pipe: Connection, received: SimpleQueue[list[Place]]) -> None:  # pragma: no cover  # likewise
    """Read at all times, so that the first process never waits while this one waits for it. End with the first process, however it ends."""
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    first = parent_process()
    try:
        while first is not None and pipe in wait([pipe, first.sentinel]):
            received.put(pipe.recv())
    finally:
        os._exit(1)


class _Worker:
    """A process that checks. It shares its pipe with no other one, so that nobody waits for the rest of what it was writing when it ended."""

    def __init__(self, plan: Plan) -> None:
        from multiprocessing import Pipe, Process

        self.pending: deque[list[Found]] = deque()
        try:
            self.pipe, other = Pipe()
            with other:
                self.process = Process(target=_work, args=(other, plan), daemon=True)
                self.process.start()
        except OSError as error:
            raise SourceError(f"no more processes can be started: {error.strerror}; use fewer --jobs") from None

    def send(self, several: list[Place]) -> list[Found]:
        """Hand places over. Give the list that will hold what was found in them."""
        found: list[Found] = []
        with _connected():
            self.pipe.send(several)
        self.pending.append(found)
        return found

    def receive(self) -> None:
        """Take the oldest result that is missing."""
        with _connected():
            found = self.pipe.recv()
        self.pending.popleft().extend(found)


@contextmanager
def _connected() -> Iterator[None]:
    try:
        yield
    except (EOFError, OSError):
        raise SourceError("a worker process ended unexpectedly; without --jobs, a single process does all the work") from None


def _elsewhere(order: Order, plan: Plan) -> Generator[Found, None, None]:
    jobs = min(order.jobs, os.cpu_count() or 1, 61)  # Windows waits for no more than that
    workers: list[_Worker] = []
    # At most two results for each process are missing at once, so that a file of any size is never held as a whole.
    waiting: deque[list[Found]] = deque()
    try:
        for several in _parcels(_places(order, places)):
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


def _parcels(found: Iterable[Place | SourceError]) -> Iterator[list[Place] | SourceError]:
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
def _quick() -> Iterator[None]:
    """Let Python not look for cycles: checking makes none, and looking would take a tenth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Bar:
    """Shows at the bottom of a terminal how far it is, once it takes longer than a second.

    The command is installed by hooks, where a library for this would be one more to fetch.
    """

    def __init__(self, order: Order) -> None:
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
