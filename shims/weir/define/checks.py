"""Arguments of decorators, checked where the user wrote them."""

from __future__ import annotations

from typing import Any, NoReturn

from weir.define.registry import wrong
from weir.define.sql.literals import parts_of
from weir.model.definitions import Action, Expectation
from weir.model.origin import Origin
from weir.model.problems import unsupported
from weir.model.texts import encodable, value_text
from weir.model.untyped import is_list, is_mapping


def optional_name(name: str | None, function: Any, origin: Origin) -> str:
    """The given name, else the function's."""
    if name is None:
        return getattr(function, "__name__", None) or refuse("name", "a string", name, origin)
    return text(name, "name", origin)


def text(value: Any, argument: str, origin: Origin) -> str:
    """A text that is not empty."""
    return value if is_text(value) and value else refuse(argument, "a string", value, origin)


def optional_text(value: Any, argument: str, origin: Origin) -> str | None:
    """A text, or None."""
    return value if value is None or is_text(value) else refuse(argument, "a string", value, origin)


def is_text(value: Any) -> bool:
    """Is it a text that Spark and files can hold: one without half surrogate pairs?"""
    return isinstance(value, str) and encodable(value) == value


def is_column(value: Any) -> bool:
    """Is it a Column of Spark, in process or over Connect?"""
    return type(value).__name__ == "Column"


def flag(value: Any, argument: str, origin: Origin) -> bool:
    """True or False; None is False."""
    if value is not None and not isinstance(value, bool):
        refuse(argument, "True or False", value, origin)
    return bool(value)


def schema_of_table(value: Any, origin: Origin) -> Any:
    """A list of columns in DDL, a StructType, or None."""
    if value is None or is_text(value) or type(value).__name__ == "StructType":
        return value
    return refuse("schema", "DDL or a StructType", value, origin)


def string_map(value: Any, argument: str, origin: Origin) -> dict[str, str]:
    """A dictionary with string keys; values become text as Spark writes them."""
    if value is None:
        return {}
    if not is_mapping(value) or not all(is_text(k) for k in value):
        refuse(argument, "a dictionary with string keys", value, origin)
    for key, item in value.items():
        if not (is_text(item) or isinstance(item, (int, float))):
            refuse(f"{argument}[{key!r}]", "a string, a number or a boolean", item, origin)
    return {k: value_text(v) for k, v in value.items()}


def column_names(value: Any, argument: str, origin: Origin) -> tuple[str, ...]:
    """A list of column names."""
    if value is None:
        return ()
    if not is_list(value) or not all(is_text(name) for name in value):
        refuse(argument, "a list of column names", value, origin)
    return tuple(value)


def column_paths(value: Any, argument: str, origin: Origin) -> tuple[tuple[str, ...], ...]:
    """A list of columns, or of fields nested in them, as `address.city`; a dot in a name needs backquotes."""
    return tuple(parts_of(name) or (name,) for name in column_names(value, argument, origin))


def refresh_rule(value: Any, origin: Origin) -> None:
    """How a materialized view may be refreshed; here it is always computed in full (§1.3)."""
    if value == "incremental_strict":
        raise unsupported(
            "refresh_policy='incremental_strict'",
            "leave it out: a materialized view is computed in full at every refresh",
            origin,
        )
    if value not in [None, "auto", "incremental", "full"]:
        refuse("refresh_policy", "auto, incremental, incremental_strict or full", value, origin)


def failure_limit(value: Any, origin: Origin) -> int | None:
    """A number of failures, or None for any number."""
    counts = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if value is None or counts:
        return value
    return refuse("max_allowable_consecutive_failures", "an integer >= 0 or None", value, origin)


def rules_from(value: Any, action: Action, origin: Origin) -> tuple[Expectation, ...]:
    """A dictionary of rules: name -> SQL text or Column."""
    if value is None:
        return ()
    if not is_mapping(value):
        refuse("expectations", "a dictionary {name: condition}", value, origin)
    return tuple(rule(name, condition, action, origin) for name, condition in value.items())


def rule(name: Any, condition: Any, action: Action, origin: Origin) -> Expectation:
    """One rule; a condition is SQL text or a Spark Column (specification §2.1)."""
    if not is_text(name):
        refuse("name", "a string", name, origin)
    if not is_text(condition) and not is_column(condition):
        refuse(f"condition of `{name}`", "SQL text or a Column", condition, origin)
    return Expectation(name, condition, action, origin)


def refuse(
    argument: str, expected: str, value: Any, origin: Origin, hint: str = "see the signature of the function"
) -> NoReturn:
    """Tell that an argument is of the wrong kind.

    Raises:
        DefinitionError: Always.
    """
    message = f"The argument {argument} must be {expected}, not {value!r}."
    raise wrong("NOT_EXPECTED_TYPE", message, origin, hint)
