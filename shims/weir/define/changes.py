"""AUTO CDC: `apply_changes`, `create_auto_cdc_flow` and their snapshot forms (specification §3)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from weir.define.checks import flag, is_column, is_text, refuse, text
from weir.define.read import QueryFunction, read, read_stream
from weir.define.registry import current, wrong
from weir.model.changes import Changes, Columns, Feed, worded
from weir.model.definitions import ChangesFlow, SnapshotFlow
from weir.model.names import BadNameError, fold, split
from weir.model.origin import Origin, here
from weir.model.problems import unsupported
from weir.model.untyped import is_list

_EXPRESSION = re.compile(r"[()+*/=<>]")
_NAME = "name a table or a view; a query goes into a view"
_SNAPSHOTS = "def next_snapshot(latest_version)"


def apply_changes(
    target: str,
    source: str | QueryFunction,
    keys: list[Any],
    sequence_by: Any,
    where: Any = None,
    ignore_null_updates: bool | None = None,
    apply_as_deletes: Any = None,
    apply_as_truncates: Any = None,
    column_list: Any = None,
    except_column_list: Any = None,
    stored_as_scd_type: str | int = "1",
    track_history_column_list: Any = None,
    track_history_except_column_list: Any = None,
    flow_name: str | None = None,
    once: bool = False,
    ignore_null_updates_column_list: Any = None,
    ignore_null_updates_except_column_list: Any = None,
    columns_to_update: Any = None,
    *,
    name: str | None = None,
    system_sequence_by: Any = None,
) -> None:
    """Apply the changes of a stream to a streaming table, in the order of their sequence (§3.1 - §3.4).

    Args:
        target: A table declared with `create_streaming_table`.
        source: The name of a table or view; it is read as a stream. Of SQL a query.
        keys: Names or unqualified Columns.
        sequence_by: A name, SQL text, Column or `struct(...)`: the order of the changes of a key.
        where: What every change must satisfy; one that does not fails the flow.
        ignore_null_updates: NULLs of a change keep the existing value.
        apply_as_deletes: Which changes delete their key, SQL text or Column.
        apply_as_truncates: Which changes clear the table; SCD type 1 only.
        stored_as_scd_type: 1 keeps the current row a key, 2 all versions.
        flow_name: The identity of the flow's checkpoint, also spelled `name`; the target by default.
        once: Run the flow a single time until the next full refresh.
        columns_to_update: A source column with the names of the columns that the change writes.

    Raises:
        DefinitionError: Arguments are missing or contradict each other.
        UnsupportedError: SCD type "bitemporal".
    """
    origin = here()
    target = text(target, "target", origin)
    if system_sequence_by is not None:
        raise _bitemporal(origin)
    scd_type = _scd_type(stored_as_scd_type, origin)
    if apply_as_truncates is not None and scd_type != 1:
        raise wrong("AUTOCDC_TRUNCATE_NOT_SUPPORTED", f"`{target}` keeps history: it can't be truncated.",
                    origin, origin.wording("use apply_as_truncates only with stored_as_scd_type=1",
                                           "APPLY AS TRUNCATE goes with SCD TYPE 1 alone"))  # fmt: skip
    changes = Changes(
        Feed.STREAM, _keys(keys, target, origin), scd_type, _sequence(sequence_by, target, origin),
        _expression(where, "where", origin), _expression(apply_as_deletes, "apply_as_deletes", origin),
        _expression(apply_as_truncates, "apply_as_truncates", origin),
        _columns(column_list, except_column_list, "column_list", origin),
        _tracked(track_history_column_list, track_history_except_column_list, scd_type, origin),
        _ignored(
            flag(ignore_null_updates, "ignore_null_updates", origin), ignore_null_updates_column_list,
            ignore_null_updates_except_column_list, columns_to_update, origin,
        ),
        None if columns_to_update is None else column_name(columns_to_update, origin),
    )  # fmt: skip
    called, runs_once = _flow_name(flow_name, name, origin), flag(once, "once", origin)
    function = source if isinstance(source, QueryFunction) else _streamed(_source(source, target, origin))
    flow = ChangesFlow(called or target, target, function, origin, changes=changes, once=runs_once)
    current().flows.append(flow)


def apply_changes_from_snapshot(
    target: str,
    source: Any = None,
    keys: list[Any] | None = None,
    stored_as_scd_type: str | int | None = None,
    snapshot_and_version: Any = None,
    track_history_column_list: Any = None,
    track_history_except_column_list: Any = None,
    *,
    flow_name: str | None = None,
    name: str | None = None,
) -> None:
    """Apply the differences between snapshots to a streaming table (§3.8).

    Args:
        target: A table declared with `create_streaming_table`.
        source: A table's name, read as a whole at every update; or a function that is given the latest
            version applied, None at first, and returns the next snapshot and its version, or None.
        snapshot_and_version: The old spelling of a function as `source`.

    Raises:
        DefinitionError: Arguments are missing or contradict each other.
        UnsupportedError: SCD type "bitemporal".
    """
    origin = here()
    target = text(target, "target", origin)
    if source is not None and snapshot_and_version is not None:
        raise wrong("AUTOCDC_SOURCE_GIVEN_TWICE", f"The snapshots into `{target}` have two sources.", origin,
                    "snapshot_and_version is the old spelling of source: keep one of the two")  # fmt: skip
    scd_type = _scd_type(1 if stored_as_scd_type is None else stored_as_scd_type, origin)
    snapshots = source if source is not None else snapshot_and_version
    feed = Feed.VERSIONS if callable(snapshots) else Feed.SNAPSHOT
    tracked = _tracked(track_history_column_list, track_history_except_column_list, scd_type, origin)
    changes = Changes(feed, _keys(keys, target, origin), scd_type, tracked=tracked)
    if not callable(snapshots):
        argument = "source" if snapshot_and_version is None else "snapshot_and_version"
        hint = f"name a table or a view, or give a function: {_SNAPSHOTS}"
        table = _source(snapshots, target, origin, argument, hint)
        snapshots = lambda: read(table)  # noqa: E731
    elif not _takes_a_version(snapshots):
        raise wrong("APPLY_CHANGES_FROM_SNAPSHOT_ERROR.INVALID_SOURCE",
                    f"The function that gives the snapshots of `{target}` does not take one argument.",
                    origin, f"write {_SNAPSHOTS}")  # fmt: skip
    called = _flow_name(flow_name, name, origin) or target
    current().flows.append(SnapshotFlow(called, target, snapshots, origin, changes=changes))


# The newer names (specification §1.3): the same arguments, the same behaviour.
create_auto_cdc_flow = apply_changes
create_auto_cdc_from_snapshot_flow = apply_changes_from_snapshot


def column_name(value: Any, origin: Origin) -> str:
    """The name in a string or in an unqualified `col(...)`.

    Raises:
        DefinitionError: It is qualified, or no column.
    """
    written = str(value) if is_column(value) or is_text(value) else ""
    if is_column(value):
        written = written.removeprefix("Column<'").removesuffix("'>")
    try:
        parts = () if _EXPRESSION.search(written) else split(written)
    except BadNameError:
        parts = (written,) if written.strip() else ()
    if len(parts) > 1:
        raise wrong("AUTOCDC_MULTIPART_COLUMN_IDENTIFIER", f"`{written}` is a qualified column.", origin,
                    f"write `{parts[-1]}`: the columns are those of the source alone")  # fmt: skip
    if not parts:
        raise wrong("AUTOCDC_NON_COLUMN_IDENTIFIER", f"{value!r} is not the name of a column.", origin,
                    origin.wording('write "name" or col("name")', "write a column's name alone"))  # fmt: skip
    return parts[0]


def _names(value: Any, argument: str, origin: Origin) -> tuple[str, ...]:
    if not is_list(value):
        hint = 'write ["a", "b"] or [col("a"), col("b")]'
        refuse(argument, "a list of columns", value, origin, hint)
    return tuple(column_name(v, origin) for v in value)


def _keys(keys: Any, target: str, origin: Origin) -> tuple[str, ...]:
    names = _names([] if keys is None else keys, "keys", origin)
    if not names:
        raise wrong("AUTOCDC_EMPTY_KEYS", f"The changes into `{target}` have no keys.", origin,
                    "name at least one column that identifies a row")  # fmt: skip
    for position, name in enumerate(names):
        if fold(name) in {fold(n) for n in names[:position]}:
            raise wrong("COLUMN_ALREADY_EXISTS", f"The changes into `{target}` have the key `{name}` twice.",
                        origin, "name each key once: names of columns have no case")  # fmt: skip
    return names


def _source(source: Any, target: str, origin: Origin, argument: str = "source", hint: str = _NAME) -> str:
    if source is None or (is_text(source) and not source):
        message = f"The changes into `{target}` have no source."
        raise wrong("AUTOCDC_MISSING_SOURCE", message, origin, hint)
    return source if is_text(source) else refuse(argument, "a name", source, origin, hint)


def _streamed(source: str) -> Callable[[], Any]:
    return lambda: read_stream(source)


def _sequence(value: Any, target: str, origin: Origin) -> Any:
    if value is None or (isinstance(value, str) and not value.strip()):
        message = f"The changes into `{target}` have no {worded('sequence_by', origin)}."
        hint = "name the column that orders the changes of a key"
        raise wrong("AUTOCDC_MISSING_SEQUENCE_BY", message, origin, hint)
    if is_list(value):
        columns = ", ".join(f'"{v}"' if is_text(v) else str(v) for v in value)
        refuse("sequence_by", "a column, SQL text or a struct", value, origin, f"write struct({columns})")
    return _expression(value, "sequence_by", origin)


def _expression(value: Any, argument: str, origin: Origin) -> Any:
    """SQL text or a Column, or None."""
    if value is None or is_column(value) or (is_text(value) and value.strip()):
        return value
    return refuse(argument, "SQL text or a Column", value, origin)


def _flow_name(flow_name: Any, name: Any, origin: Origin) -> str | None:
    """Both spellings are Databricks' (§1.3)."""
    given = {"flow_name": flow_name, "name": name}
    names = {text(n, argument, origin) for argument, n in given.items() if n is not None}
    if len(names) > 1:
        raise wrong("AUTOCDC_FLOW_NAMED_TWICE", f"The flow is called {flow_name!r} and {name!r}.", origin,
                    "name and flow_name mean the same: keep one of the two")  # fmt: skip
    return names.pop() if names else None


def _takes_a_version(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind(None)
    except TypeError:
        return False
    except ValueError:  # a builtin without a signature
        return True
    return True


def _scd_type(value: Any, origin: Origin) -> int:
    written = str(value).strip().lower()
    if written == "bitemporal":
        raise _bitemporal(origin)
    if written not in {"1", "2"}:
        hint = "1 keeps the current row of a key, 2 all its versions"
        refuse(worded("stored_as_scd_type", origin), "1 or 2", value, origin, hint)
    return int(written)


def _bitemporal(origin: Origin) -> Exception:
    return unsupported("SCD type bitemporal", f"keep one time axis: {_history(origin)}", origin)


def _history(origin: Origin) -> str:
    """How the type that keeps versions is written."""
    return origin.wording("stored_as_scd_type=2", "STORED AS SCD TYPE 2")


def _columns(only: Any, but: Any, argument: str, origin: Origin) -> Columns:
    if only is not None and but is not None:
        raise wrong(
            "AUTOCDC_BOTH_COLUMN_LIST_AND_EXCEPT_COLUMN_LIST",
            f"{worded(argument, origin)} is given together with its except list.",
            origin,
            "keep one of the two",
        )
    return Columns(
        None if only is None else _names(only, argument, origin),
        () if but is None else _names(but, f"except list of {argument}", origin),
    )


def _tracked(only: Any, but: Any, scd_type: int, origin: Origin) -> Columns:
    if scd_type == 1 and (only is not None or but is not None):
        raise wrong("AUTOCDC_TRACK_HISTORY_REQUIRES_SCD_TYPE_2", "SCD type 1 keeps no history to track.",
                    origin, f"{_history(origin)} does")  # fmt: skip
    return _columns(only, but, "track_history_column_list", origin)


def _ignored(all_of_them: Any, only: Any, but: Any, to_update: Any, origin: Origin) -> Columns | None:
    if not all_of_them and only is None and but is None:
        return None
    if to_update is not None:
        raise wrong(
            "AUTOCDC_COLUMNS_TO_UPDATE_WITH_IGNORE_NULL_UPDATES",
            f"{worded('columns_to_update', origin)} is given together with "
            f"{worded('ignore_null_updates', origin)}.",
            origin,
            "each says which columns a change writes: keep one of the two",
        )
    return _columns(only, but, "ignore_null_updates_column_list", origin)
