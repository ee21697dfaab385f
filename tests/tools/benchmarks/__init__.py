"""The benchmarks: `python -m tests.tools.benchmarks` in a checkout, with the extra `benchmark`."""
