"""Coverage-guided fuzzing: `python -m tests.fuzz TARGET` from the root of a checkout, with the extras `test` and `fuzz` installed. It is no test."""
