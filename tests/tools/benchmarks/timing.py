"""Sample times in rounds, so that temporary load affects everything that is compared."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Mapping
from itertools import repeat
from statistics import median, quantiles
from time import perf_counter_ns
from typing import NamedTuple, TypeAlias

Run: TypeAlias = Callable[[], object]
Sampler: TypeAlias = Callable[[], float]
"""Returns the duration of one run in nanoseconds."""


class Spread(NamedTuple):
    """Median and quartiles of ratios."""

    low: float
    middle: float
    high: float

    def __str__(self) -> str:
        digits = (
            4 if self.middle < 0.01 else 3 if self.middle < 0.1 else 2 if self.middle < 10 else 1
        )
        return f"{self.middle:.{digits}f} ({self.low:.{digits}f} to {self.high:.{digits}f})"


def looped(run: Run, least: int) -> Sampler:
    """Sample a short run, repeated for at least `least` nanoseconds."""
    loops = 1
    while (taken := _loop(run, loops)) < least:
        loops = max(loops * 2, min(loops * 100, int(1.2 * loops * least / max(taken, 1))))
    return lambda: _loop(run, loops) / loops


def once(run: Run) -> Sampler:
    """Sample a long run, without repetition."""
    return lambda: _loop(run, 1)


def _loop(run: Run, loops: int) -> int:
    begin = perf_counter_ns()
    for _ in repeat(None, loops):
        run()
    return perf_counter_ns() - begin


def peak(run: Run) -> int:
    """Return the peak of allocated bytes during a run."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def interleave(samplers: Mapping[str, Sampler], rounds: int) -> dict[str, list[float]]:
    """Sample A B C, B C A, ...: which one runs after a garbage collection changes."""
    samples: dict[str, list[float]] = {name: [] for name in samplers}
    gc.collect()
    gc.disable()
    try:
        names = [*samplers]
        for _ in range(rounds):
            for name in names:
                samples[name].append(samplers[name]())
            names.append(names.pop(0))
            gc.collect()
    finally:
        gc.enable()
    return samples


def ratios(upper: list[float], lower: list[float]) -> Spread:
    """Divide the samples of each round, and summarise the ratios."""
    each = [one / other for one, other in zip(upper, lower, strict=True)]
    low, _, high = quantiles(each, n=4, method="inclusive") if len(each) > 1 else (each[0],) * 3
    return Spread(low, median(each), high)


def duration(nanoseconds: float) -> str:
    """Format a duration with three significant digits and its unit."""
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= size:
            value = nanoseconds / size
            return f"{value:.{0 if value >= 100 else 1 if value >= 10 else 2}f} {unit}"
    return f"{nanoseconds:.0f} ns"
