"""`python -m isales_rules` is the command `isales-rules`."""

from __future__ import annotations

import os
import signal
import sys

from isales_rules.cli.errors import print_error


def _heed_one_interrupt() -> None:
    """Ignore all interrupts after the first, so that none disturbs the ending."""
    process = os.getpid()

    def interrupt(*_: object) -> None:
        if os.getpid() != process:  # a fork, which this process ends
            return
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)


def main() -> int:
    """Run the command with the process's arguments, and return its exit code. It may be interrupted while it is still being imported."""
    try:
        _heed_one_interrupt()
        from isales_rules.cli.main import main as command

        return command()
    except KeyboardInterrupt:
        print_error("interrupted")
        return 130


if __name__ == "__main__":
    sys.exit(main())
