"""What is to be reached, and what the samples say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.rounds import Sample


@dataclass(frozen=True, slots=True)
class Goal:
    """Weir's median over a peer's, at most.

    Attributes:
        ours: Which of Weir's contenders.
    """

    text: str
    size: str
    phase: str
    peer: str
    limit: float
    ours: str = "weir"


GOALS = (
    Goal("first cold run, small", "small", "first", "pipelines", 0.4),
    Goal("first cold run, small", "small", "first", "script", 1.0),
    Goal("cold run with nothing new, small", "small", "again", "pipelines", 0.1),
    Goal("warm run with nothing new, small", "small", "again", "pipelines", 0.05, "weir-warm"),
    Goal("warm run with 1 % more, small", "small", "more", "pipelines", 0.15, "weir-warm"),
    Goal("1 % more on 1 M rows", "large", "more", "pipelines", 0.6),
    Goal("1 M rows with eight rules on silver", "large", "first", "script", 0.95),
    Goal("1 M rows with eight rules on silver", "large", "first", "weir-plain", 1.05),
)


def seconds(samples: Sequence[Sample], size: str, phase: str, contender: str) -> list[float]:
    """The measured runs that ended well, in their order."""
    return [
        s.seconds
        for s in samples
        if (s.size, s.phase, s.contender) == (size, phase, contender)
        and s.round
        and not s.verdict.startswith("failed")
    ]


def middle(samples: Sequence[Sample], size: str, phase: str, peer: str) -> float | None:
    """A contender's median; for `pipelines`, of the variant that is fastest here."""
    variants = {s.contender for s in samples if s.contender.startswith("pipelines-")}
    names = variants if peer == "pipelines" else {peer}
    runs = [seconds(samples, size, phase, n) for n in names]
    return min((median(r) for r in runs if r), default=None)


def ratio(samples: Sequence[Sample], size: str, phase: str, peer: str, ours: str = "weir") -> float | None:
    """Weir's median over the peer's; None if one of them was not measured."""
    mine, theirs = (middle(samples, size, phase, name) for name in (ours, peer))
    return mine / theirs if mine and theirs else None
