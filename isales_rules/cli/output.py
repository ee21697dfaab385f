"""Files that are written completely or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from errno import EACCES
from stat import S_IMODE, S_ISREG
from typing import IO, Self

from isales_rules.cli.errors import UsageError
from isales_rules.cli.formats.base import Formatter


class OutputFile:
    """A file that takes the place of the one with its name once it is complete. Devices and pipes are written directly.

    The target of a link and the permissions stay. Raises `OSError`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._target = os.path.realpath(name)
        self._temporary: str | None = None
        mode = None
        with suppress(FileNotFoundError):
            mode = os.stat(self._target).st_mode
        if name.startswith("/dev/") or not (mode is None or S_ISREG(mode)):
            path, how = name, "w"
        else:
            if mode is not None and not os.access(self._target, os.W_OK):
                raise PermissionError(EACCES, os.strerror(EACCES))
            # Nobody can guess this name, and "x" follows no link.
            path, how = os.path.join(os.path.dirname(self._target), f".isales-rules-{os.urandom(8).hex()}.tmp"), "x"
        self.stream = open(path, how, encoding="utf-8", errors="backslashreplace", newline="\n")  # noqa: SIM115  # closed by `commit` or `discard`
        if how == "x":
            self._temporary = path
        if how == "x" and mode is not None:
            os.chmod(path, S_IMODE(mode))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def commit(self) -> None:
        """Write what is left, and put the file in its place."""
        self.stream.close()
        if self._temporary is not None:
            os.replace(self._temporary, self._target)
            self._temporary = None

    def discard(self) -> None:
        """Close the file, and remove it unless it is in its place."""
        with suppress(OSError):
            self.stream.close()
        if self._temporary is not None:
            with suppress(OSError):
                os.remove(self._temporary)


def refuse_overwriting(written: Iterable[str], inputs: Iterable[str], others: Iterable[str]) -> None:
    """Raise `UsageError` if a file to write is a file to check, another file that is read, or is written twice, whatever its name."""
    taken = {_identity(file): "to be checked" for file in inputs} | {_identity(file): "read as well" for file in others}
    for file in written:
        identity = _identity(file)
        if identity is not None and identity in taken:
            raise UsageError(f"{file}: cannot be written: it is {taken[identity]}")
        taken[identity] = "written twice"


def _identity(file: str) -> object:
    """Return a value that is equal for all names of a file; nothing for devices and pipes."""
    try:
        status = os.stat(file)
    except OSError:
        return os.path.realpath(file)
    return (status.st_dev, status.st_ino) if S_ISREG(status.st_mode) else None


def _print(lines: Iterable[str]) -> None:
    """Print lines. A reader that goes away, as `head` does, misses the rest, and changes nothing about the exit code."""
    try:
        for line in lines:
            print(line)
        sys.stdout.flush()
    except OSError as error:
        from isales_rules.cli.output import redirect_to_devnull

        redirect_to_devnull(sys.stdout)
        if not isinstance(error, BrokenPipeError):
            raise UsageError(f"standard output: cannot be written: {error.strerror}") from None


class ReportWriter:
    """A form and the stream that it is written to. `failed` is the reason why that takes no more, `gone` says that nobody reads it any longer."""

    def __init__(self, form: Formatter, output: OutputFile | None = None) -> None:
        self.formatter = form
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
                redirect_to_devnull(self.stream)
            else:
                self.output.discard()


def redirect_to_devnull(stream: IO[str]) -> None:
    """Let go of what a stream still holds: it would be tried once more, and fail once more, when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
