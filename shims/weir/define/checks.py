"""Arguments of decorators, checked where the user wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.define.registry import wrong
from weir.model.definitions import Action, Expectation
from weir.model.origin import Origin
from weir.model.problems import unsupported


def optional_name(name: str | None, function: Any, origin: Origin) -> str:
    """The given name, else the function's."""
    if name is None:
        return getattr(function, "__name__", None) or _refuse("name", "a string", name, origin)
    return text(name, "name", origin)


def text(value: Any, argument: str, origin: Origin) -> str:
    """A text that is not empty."""
    return value if isinstance(value, str) and value else _refuse(argument, "a string", value, origin)


def string_map(value: Any, argument: str, origin: Origin) -> dict[str, str]:
    """A dictionary with string keys; values become text as Spark writes them."""
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(k, str) for k in value):
        _refuse(argument, "a dictionary with string keys", value, origin)
    return {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in value.items()}


def column_names(value: Any, argument: str, origin: Origin) -> tuple[str, ...]:
    """A list of column names."""
    if value is None:
        return ()
    if not isinstance(value, (list, tuple)) or not all(isinstance(c, str) for c in value):
        _refuse(argument, "a list of column names", value, origin)
    return tuple(value)


def once_flag(value: Any, origin: Origin) -> bool:
    """True or False."""
    return value if isinstance(value, bool) else _refuse("once", "True or False", value, origin)


def refresh_rule(value: Any, origin: Origin) -> None:
    """How a materialized view may be refreshed; here it is always computed in full (§1.3)."""
    if value == "incremental_strict":
        raise unsupported(
            "refresh_policy='incremental_strict'",
            "leave it out: a materialized view is computed in full at every refresh",
            origin,
        )
    if value not in {None, "auto", "incremental", "full"}:
        _refuse("refresh_policy", "auto, incremental, incremental_strict or full", value, origin)


def failure_limit(value: Any, origin: Origin) -> int | None:
    """A number of failures, or None for any number."""
    counts = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if value is None or counts:
        return value
    return _refuse("max_allowable_consecutive_failures", "an integer >= 0 or None", value, origin)


def rules_from(value: Any, action: Action, origin: Origin) -> tuple[Expectation, ...]:
    """A dictionary of rules: name -> SQL text or Column."""
    if value is None:
        return ()
    if not isinstance(value, Mapping):
        _refuse("expectations", "a dictionary {name: condition}", value, origin)
    return tuple(rule(name, condition, action, origin) for name, condition in value.items())


def rule(name: Any, condition: Any, action: Action, origin: Origin) -> Expectation:
    """One rule; a condition is SQL text or a Spark Column (specification §2.1)."""
    if not isinstance(name, str):
        _refuse("name", "a string", name, origin)
    if not isinstance(condition, str) and type(condition).__name__ != "Column":
        _refuse(f"condition of `{name}`", "SQL text or a Column", condition, origin)
    return Expectation(name, condition, action, origin)


def _refuse(argument: str, expected: str, value: Any, origin: Origin) -> Any:
    raise wrong(
        "NOT_EXPECTED_TYPE",
        f"The argument {argument} must be {expected}, not {value!r}.",
        origin,
        "see the signature of the decorator",
    )
