"""Worker processes."""

from __future__ import annotations

import gc
import os
import signal
from collections import deque
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias

from isales_rules.cli.chunks import Chunk, ChunkSource
from isales_rules.cli.errors import SourceError
from isales_rules.cli.findings import Checker, CheckOptions, ChunkResult

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from queue import SimpleQueue

CheckedChunk: TypeAlias = ChunkResult | SourceError
"""Result of a chunk, or why it could not be checked."""


def read_failure(file: str, error: OSError | MemoryError) -> SourceError:
    """Return the error of a file that cannot be read."""
    if isinstance(error, OSError):
        return SourceError("unreadable", file=file, reason=str(error.strerror))
    return SourceError("too-large", file=file)


def check_chunk(checker: Checker, source: ChunkSource) -> CheckedChunk:
    """Read a chunk if necessary, and check it."""
    try:
        return checker.check(source if isinstance(source, Chunk) else source.read())
    except (OSError, MemoryError) as error:
        return read_failure(source.file, error)
    except SourceError as error:
        return error


class Worker:
    """Process that checks chunks, with a pipe of its own.

    If processes shared a pipe, one that ends while it writes would block all others.
    """

    def __init__(self, options: CheckOptions) -> None:
        from multiprocessing import Pipe, Process

        self.pending: deque[list[CheckedChunk]] = deque()
        try:
            self.pipe, other = Pipe()
            with other:
                self.process = Process(target=_run_worker, args=(other, options), daemon=True)
                self.process.start()
        except OSError as error:
            raise SourceError("no-worker", reason=str(error.strerror)) from None

    def send(self, batch: list[ChunkSource]) -> list[CheckedChunk]:
        """Send a batch, and return the list for its results.

        `receive` extends the list.
        """
        results: list[CheckedChunk] = []
        with _connected():
            self.pipe.send(batch)
        self.pending.append(results)
        return results

    def receive(self) -> None:
        """Receive the results of the oldest pending batch."""
        with _connected():
            results = self.pipe.recv()
        self.pending.popleft().extend(results)


@contextmanager
def _connected() -> Iterator[None]:
    try:
        yield
    except (EOFError, OSError):
        raise SourceError("lost-worker") from None


def _run_worker(
    pipe: Connection, options: CheckOptions
) -> None:  # pragma: no cover  # not measured in other processes
    """Check batches from a pipe until the main process ends."""
    from queue import SimpleQueue
    from threading import Thread

    # The main process handles interrupts, and then ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    batches: SimpleQueue[list[ChunkSource]] = SimpleQueue()
    Thread(target=_receive_batches, args=(pipe, batches), daemon=True).start()
    checker = Checker(options)
    with suppress(ConnectionError):
        while True:
            pipe.send([check_chunk(checker, source) for source in batches.get()])


def _receive_batches(
    pipe: Connection, batches: SimpleQueue[list[ChunkSource]]
) -> None:  # pragma: no cover  # likewise
    """Receive batches at all times, and exit with the main process.

    Otherwise two processes could wait for each other to receive.
    """
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    main_process = parent_process()
    try:
        while main_process is not None and pipe in wait([pipe, main_process.sentinel]):
            batches.put(pipe.recv())
    finally:
        os._exit(1)
