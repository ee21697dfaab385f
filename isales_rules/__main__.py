"""Entry point of the command, and of `python -m isales_rules`."""

from __future__ import annotations

import os
import signal
import sys

from isales_rules.cli.errors import print_error


def _handle_first_interrupt_only() -> None:
    """Ignore further interrupts during the shutdown."""
    process = os.getpid()

    def interrupt(*_: object) -> None:
        if os.getpid() != process:  # a worker process, which this process terminates
            return
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)


def main() -> int:
    """Run the command with the arguments of the process.

    Returns its exit code, also after an interrupt during the import of the command.
    """
    if sys.argv[1:] == ["--version"]:  # without the imports of the other commands
        from isales_rules import __version__

        print(f"isales-rules {__version__}")
        return 0
    try:
        _handle_first_interrupt_only()
        from isales_rules.cli.main import main as command

        return command()
    except KeyboardInterrupt:
        print_error("interrupted")
        return 130


if __name__ == "__main__":
    sys.exit(main())
