"""What can go wrong between a client and its workspace, for tests: nothing unless they say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Fault:
    """One call goes wrong.

    Attributes:
        when: Is the call failed `before` anything is done, or `after` all of it is?
        status: With which status of HTTP. The SDK itself repeats calls that end with 503 and 429.
        kills: Called instead of an answer: it ends the client, which sees the connection close.
    """

    when: Literal["before", "after"] = "before"
    status: int = 503
    kills: Callable[[], None] | None = None


@dataclass(slots=True)
class Faults:
    """Which calls go wrong, and how late writes are seen.

    Attributes:
        at: Number of a call, from 1 on -> how it goes wrong.
        lag: How many calls reads are behind writes.
        calls: Every call so far, as `POST /api/2.0/pipelines`.
    """

    at: Mapping[int, Fault] = field(default_factory=dict[int, Fault])
    lag: int = 0
    calls: list[str] = field(default_factory=list[str])

    def of(self, method: str, path: str) -> Fault | None:
        """Count a call, and tell how it goes wrong."""
        self.calls.append(f"{method} {path}")
        return self.at.get(len(self.calls))
