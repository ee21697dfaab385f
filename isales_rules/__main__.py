"""`python -m isales_rules` is the command `isales-rules`."""

import sys

from isales_rules.cli import main

sys.exit(main())
