"""The benchmark: `python -m tests.tools.benchmarks` from the root of a checkout, with the extra `benchmark` installed. It is no test."""
