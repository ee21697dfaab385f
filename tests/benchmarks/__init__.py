"""The benchmark: `python -m tests.benchmarks` from the root of a checkout, with the extra `benchmark` installed. It is no test."""
