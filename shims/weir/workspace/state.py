"""What a workspace knows: values by kind and key, behind one lock; values are replaced, never changed."""

from __future__ import annotations

import time
import uuid
from collections import defaultdict, deque
from collections.abc import Mapping
from threading import RLock
from typing import Any

from weir.workspace.calls import Json, exists, not_found

Kinds = Mapping[str, Mapping[str, Json]]


class State:
    """Values by kind and key, as they are, and as they were some calls ago."""

    def __init__(self, lag: int = 0) -> None:
        """Keep nothing yet.

        Args:
            lag: How many calls reads are behind writes.
        """
        self.lock = RLock()
        self._now: dict[str, dict[str, Json]] = defaultdict(dict)
        self._past: deque[Kinds] = deque(maxlen=lag + 1)
        self._shown: Kinds | None = None
        self._last_number = 0

    def reads_behind(self) -> None:
        """From here to `ends_call`, show what there was as many calls ago as reads lag."""
        self._shown = self._past[0] if len(self._past) > 1 else None

    def ends_call(self) -> None:
        """One more call is over."""
        self._shown = None
        if (self._past.maxlen or 0) > 1:
            self._past.append({kind: dict(values) for kind, values in self._now.items()})

    def all(self, kind: str) -> Mapping[str, Json]:
        """Every value of a kind by its key, in the order in which they were added."""
        return (self._now if self._shown is None else self._shown).get(kind, {})

    def get(self, kind: str, key: str) -> Json | None:
        """A value; None where there is none."""
        return self.all(kind).get(key)

    def find(self, kind: str, key: str, missing: str) -> Json:
        """A value that must be there.

        Raises:
            ApiError: It is not, which `missing` says.
        """
        value = self.get(kind, key)
        if value is None:
            raise not_found(missing)
        return value

    def add(self, kind: str, key: str, value: Json, taken: str) -> Json:
        """Add a value.

        Raises:
            ApiError: The key is taken, which `taken` says.
        """
        if key in self._now[kind]:
            raise exists(taken)
        return self.put(kind, key, value)

    def put(self, kind: str, key: str, value: Json) -> Json:
        """Add or replace a value."""
        self._now[kind][key] = value
        return value

    def change(self, kind: str, key: str, **fields: Any) -> Json:
        """Replace some fields of a value; None takes one away."""
        changed = {**self._now[kind][key], **fields}
        return self.put(kind, key, {k: v for k, v in changed.items() if v is not None})

    def remove(self, kind: str, key: str) -> Json | None:
        """Take a value away; nothing where there is none."""
        return self._now[kind].pop(key, None)

    def number(self) -> int:
        """A number that no other value has."""
        self._last_number += 1
        return 1000 + self._last_number


def new_id() -> str:
    """An id that no other value has."""
    return str(uuid.uuid4())


def now() -> int:
    """The time in milliseconds since 1970."""
    return int(time.time() * 1000)
