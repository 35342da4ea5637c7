"""Filters of lists of pipelines and events: `level in ('ERROR', 'WARN') AND timestamp >= '...'`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

from weir.workspace.calls import Json, wrong

Wanted = Callable[[Json], bool]
_TERM = re.compile(
    r"\s*(\w+)\s*(>=|<=|=|>|<|\s+in\b|\s+like\b)\s*(\(.*\)|'[^']*')\s*", re.IGNORECASE | re.DOTALL
)
_LIKE = {"%": ".*", "_": "."}
_TEXT = re.compile(r"'([^']*)'")
_AND = re.compile(r"\s+AND\s+", re.IGNORECASE)
COMPARISONS = {"=": operator.eq, ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
OF_EVENTS: dict[str, Callable[[Json], str]] = {
    "level": lambda event: event["level"],
    "id": lambda event: event["id"],
    "timestamp": lambda event: event["timestamp"],
    "event_type": lambda event: event["event_type"],
    "update_id": lambda event: event["origin"].get("update_id", ""),
}


def events(text: str | None) -> Wanted:
    """Which events a filter wants.

    Raises:
        ApiError: It is not understood.
    """
    terms = [_term(part, text or "", OF_EVENTS) for part in _AND.split(text)] if text else []
    return lambda event: all(term(event) for term in terms)


def pipelines(text: str | None) -> Wanted:
    """Which pipelines a filter wants: by name, or by the path of a notebook.

    Raises:
        ApiError: It is not understood.
    """
    if not text:
        return lambda _: True
    return _term(text, text, {"name": lambda pipeline: pipeline["name"], "notebook": _notebooks})


def _notebooks(pipeline: Json) -> str:
    libraries = pipeline["spec"].get("libraries", [])
    return next((lib["notebook"]["path"] for lib in libraries if "notebook" in lib), "")


def _term(part: str, whole: str, values: dict[str, Callable[[Json], str]]) -> Wanted:
    match = _TERM.fullmatch(part)
    if match is None or match[1] not in values:
        raise wrong(f"Filter not supported: {whole}")
    value, sign, texts = values[match[1]], match[2].strip().lower(), _TEXT.findall(match[3])
    if sign == "in":
        return lambda one: value(one) in texts
    if sign == "like":
        pattern = re.compile("".join(_LIKE.get(c) or re.escape(c) for c in texts[0]), re.DOTALL)
        return lambda one: pattern.fullmatch(value(one)) is not None
    compare = COMPARISONS[sign]
    return lambda one: compare(value(one), texts[0])
