"""Standard output, and files that are written completely or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from errno import EACCES
from stat import S_IMODE, S_ISREG
from typing import IO, TYPE_CHECKING, Self

from isales_rules.cli.errors import UsageError

if TYPE_CHECKING:
    from isales_rules.cli.formats.base import Formatter, Summary


class OutputFile:
    """File that replaces the one with its name once it is complete.

    Writes devices and pipes directly. Keeps links and permissions. Raises `OSError`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._target = os.path.realpath(name)
        self._temporary: str | None = None
        mode = None
        with suppress(FileNotFoundError):
            mode = os.stat(self._target).st_mode
        if name.startswith("/dev/") or not (mode is None or S_ISREG(mode)):
            path, open_mode = name, "w"
        else:
            if mode is not None and not os.access(self._target, os.W_OK):
                raise PermissionError(EACCES, os.strerror(EACCES))
            # Nobody can guess this name, and "x" follows no link.
            path, open_mode = (
                os.path.join(
                    os.path.dirname(self._target), f".isales-rules-{os.urandom(8).hex()}.tmp"
                ),
                "x",
            )
        self.stream = open(  # noqa: SIM115  # closed at the end
            path, open_mode, encoding="utf-8", errors="backslashreplace", newline="\n"
        )  # closed by `commit` or `discard`
        if open_mode == "x":
            self._temporary = path
        if open_mode == "x" and mode is not None:
            os.chmod(path, S_IMODE(mode))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def commit(self) -> None:
        """Write the buffer, and move the file to its final name."""
        self.stream.close()
        if self._temporary is not None:
            os.replace(self._temporary, self._target)
            self._temporary = None

    def discard(self) -> None:
        """Close the file, and remove it unless it was committed."""
        with suppress(OSError):
            self.stream.close()
        if self._temporary is not None:
            with suppress(OSError):
                os.remove(self._temporary)


def refuse_overwriting(
    written: Iterable[str], inputs: Iterable[str], others: Iterable[str]
) -> None:
    """Raise `UsageError` if an output is also an input, or is written twice.

    Compares files, not names.
    """
    uses = {_identity(file): "it is an input" for file in inputs} | {
        _identity(file): "it is read by the command" for file in others
    }
    for file in written:
        identity = _identity(file)
        if identity is not None and identity in uses:
            raise UsageError("unwritable", file=file, reason=uses[identity])
        uses[identity] = "it is written twice"


def _identity(file: str) -> object:
    """Return a value equal for all names of a file, or `None` for devices."""
    try:
        status = os.stat(file)
    except OSError:
        return os.path.realpath(file)
    return (status.st_dev, status.st_ino) if S_ISREG(status.st_mode) else None


def print_lines(lines: Iterable[str]) -> None:
    """Print lines, and end without an error if a pipe is closed."""
    try:
        for line in lines:
            print(line)
        sys.stdout.flush()
    except OSError as error:
        redirect_to_devnull(sys.stdout)
        if not isinstance(error, BrokenPipeError):
            raise UsageError(f"standard output: cannot be written: {error.strerror}") from None


class ReportWriter:
    """Writes a report to standard output or to a file.

    With `complete_only`, the end is not written if an input could not be checked.
    """

    def __init__(
        self, formatter: Formatter, output: OutputFile | None = None, *, complete_only: bool = False
    ) -> None:
        self.formatter = formatter
        self._output = output
        self._stream: IO[str] = sys.stdout if output is None else output.stream
        self._complete_only = complete_only
        self.closed = False
        """Whether nothing more can be written."""
        self.error: UsageError | None = None
        """Why that is an error; a pipe without a reader is not."""

    def write(self, lines: Iterable[str]) -> None:
        """Write lines, unless the writer is closed."""
        text = "".join([f"{line}\n" for line in lines])  # a formatter counts what it formats
        if not self.closed:
            with self._closed_on_error():
                self._stream.write(text)

    def finish(self, summary: Summary) -> None:
        """Write the end of the report, and move a file to its final name."""
        if self._complete_only and summary.failures:
            return
        self.write(self.formatter.end(summary))
        if not self.closed:
            with self._closed_on_error():
                self._stream.flush()
                if self._output is not None:
                    self._output.commit()

    @contextmanager
    def _closed_on_error(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.closed = True
            if not isinstance(error, BrokenPipeError):
                phrases = self.formatter.context.phrases
                name = phrases["standard-output"] if self._output is None else self._output.name
                self.error = UsageError("unwritable", file=name, reason=str(error.strerror))
            if self._output is None:
                redirect_to_devnull(self._stream)
            else:
                self._output.discard()


def redirect_to_devnull(stream: IO[str]) -> None:
    """Discard the buffer of a stream.

    Otherwise Python tries to write it again at exit.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
