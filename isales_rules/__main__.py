"""`python -m isales_rules` is the command `isales-rules`."""

from __future__ import annotations

import sys

from isales_rules.problems import tell


def main() -> int:
    """Run the command with the process's arguments, and return its exit code. It may be interrupted while it is still being imported."""
    try:
        from isales_rules.cli import main as command

        return command()
    except KeyboardInterrupt:
        tell("interrupted")
        return 130


if __name__ == "__main__":
    sys.exit(main())
