"""Where an update, a dataset or a flow stands."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Where an update, a dataset or a flow stands; Databricks' codes where they have one (§5.4, §6.3).

    DEFINED is a view, of which nothing more is told; LOST an update whose process died without a word;
    UNKNOWN what a newer Weir tells.
    """

    WAITING_FOR_RESOURCES = "WAITING_FOR_RESOURCES"
    INITIALIZING = "INITIALIZING"
    RESETTING = "RESETTING"
    SETTING_UP_TABLES = "SETTING_UP_TABLES"
    DEFINED = "DEFINED"
    QUEUED = "QUEUED"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    IDLE = "IDLE"
    STOPPING = "STOPPING"
    COMPLETED = "COMPLETED"
    NO_OP = "NO_OP"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    EXCLUDED = "EXCLUDED"
    STOPPED = "STOPPED"
    CANCELED = "CANCELED"
    LOST = "LOST"
    UNKNOWN = "UNKNOWN"

    @property
    def over(self) -> bool:
        """Does nothing follow any more in this update?"""
        return self in _OVER

    @property
    def bad(self) -> bool:
        """Does it need somebody to look?"""
        return self in _BAD

    @property
    def mark(self) -> str:
        """A sign beside the colour."""
        return _MARKS.get(self, "•")


_MARKS = {
    Status.CANCELED: "■",
    Status.COMPLETED: "✓",
    Status.DEFINED: "◌",
    Status.EXCLUDED: "—",
    Status.FAILED: "✕",
    Status.IDLE: "◦",
    Status.LOST: "†",
    Status.NO_OP: "=",
    Status.QUEUED: "…",
    Status.RUNNING: "▶",
    Status.SKIPPED: "⊘",
    Status.STARTING: "▷",
    Status.STOPPED: "■",
    Status.UNKNOWN: "?",
}
_BAD = frozenset({Status.FAILED, Status.SKIPPED, Status.LOST})
_OVER = _BAD | {
    Status.COMPLETED, Status.NO_OP, Status.EXCLUDED, Status.STOPPED, Status.CANCELED,
}  # fmt: skip

_BY_CODE = {str(status): status for status in Status}


def status_of(code: str | None) -> Status:
    """The status of a code in the log; UNKNOWN for one of a newer Weir.

    >>> status_of("RUNNING"), status_of("HALTING")
    (<Status.RUNNING: 'RUNNING'>, <Status.UNKNOWN: 'UNKNOWN'>)
    """
    return _BY_CODE.get(code or "", Status.UNKNOWN)
