"""Worker processes."""

from __future__ import annotations

import gc
import os
import signal
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import TypeAlias

from isales_rules.cli.chunks import Chunk, Place
from isales_rules.cli.errors import SourceError
from isales_rules.cli.findings import Checker, CheckOptions, ChunkResult

Found: TypeAlias = ChunkResult | SourceError


TOO_LARGE = "{}: is too large for the memory that there is"


def _trouble(file: str, error: OSError | MemoryError) -> SourceError:
    return SourceError(f"{file}: cannot be read: {error.strerror}" if isinstance(error, OSError) else TOO_LARGE.format(file))


def _checked(checker: Checker, place: Place) -> Found:
    try:
        return checker.check(place if isinstance(place, Chunk) else place.read())
    except (OSError, MemoryError) as error:
        return _trouble(place.file, error)


def _work(pipe: Connection, plan: CheckOptions) -> None:  # pragma: no cover  # runs in another process, where nothing measures
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

    def __init__(self, plan: CheckOptions) -> None:
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
