"""Figures: what was measured, what it is held against in the same run, and whether it keeps its promise.

A round is a list of durations. What is shown of a figure is the median of its rounds, each round reduced first: to its
own median, to its own 99th percentile, or to a rate.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

Reduce = Callable[[Sequence[float]], float]

LOWER: Final = "at most"
HIGHER: Final = "at least"


@dataclass(frozen=True, slots=True)
class Bar:
    """A promise: `at most` or `at least` so much."""

    kind: str
    limit: float

    def holds(self, value: float) -> bool:
        return value <= self.limit if self.kind == LOWER else value >= self.limit


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value beside its baseline; both in `unit`. `bar` is None where nothing was promised.

    about: plain English, for the table. ratio_bar: the most that value / baseline may be. added_ms: what each fsync was
    made to last longer.
    """

    id: str
    about: str
    value: float
    unit: str
    baseline: float | None = None
    bar: Bar | None = None
    ratio_bar: float | None = None
    added_ms: float = 0.0

    @property
    def ratio(self) -> float | None:
        return self.value / self.baseline if self.baseline else None

    @property
    def holds(self) -> bool:
        """Whether every promise about this figure is kept; true where there is none."""
        ratio = self.ratio
        kept_ratio = self.ratio_bar is None or (ratio is not None and ratio <= self.ratio_bar)
        return kept_ratio and (self.bar is None or self.bar.holds(self.value))

    def shown(self) -> dict[str, object]:
        """The figure as the contract has it (DESIGN section 5)."""
        return {
            "id": self.id,
            "value": significant(self.value),
            "unit": self.unit,
            "baseline": None if self.baseline is None else significant(self.baseline),
            "ratio": None if self.ratio is None else significant(self.ratio),
            "bar": self.bar_text,
            "holds": self.holds,
        }

    @property
    def bar_text(self) -> str | None:
        """What was promised, for people; None where nothing was."""
        texts = [] if self.bar is None else [f"{self.bar.kind} {self.bar.limit:g} {self.unit}".rstrip()]
        if self.ratio_bar is not None:
            texts.append(f"at most {self.ratio_bar:g}x")
        return ", ".join(texts) or None


def at_most(limit: float) -> Bar:
    """A value that may not be greater."""
    return Bar(LOWER, limit)


def at_least(limit: float) -> Bar:
    """A value that may not be smaller."""
    return Bar(HIGHER, limit)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of 100 of them do not exceed (nearest rank); ValueError for none."""
    if not values:
        raise ValueError("there is nothing to take a percentile of")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def p99(values: Sequence[float]) -> float:
    """The 99th percentile of one round."""
    return percentile(values, 99)


def over_rounds(rounds: Sequence[Sequence[float]], reduce: Reduce = median) -> float:
    """Each round reduced by itself, then the median of what came of them."""
    return median(reduce(one) for one in rounds)


def significant(value: float, digits: int = 4) -> float:
    """A value without digits that mean nothing."""
    return float(f"{value:.{digits}g}")
