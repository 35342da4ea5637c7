"""AUTO CDC: `apply_changes`, `create_auto_cdc_flow` and their snapshot forms (specification §3)."""

from __future__ import annotations

import re
from typing import Any

from weir.define.checks import once_flag
from weir.define.read import read, read_stream
from weir.define.registry import current, wrong
from weir.model.changes import Changes, Columns, Feed
from weir.model.definitions import ChangesFlow, SnapshotFlow
from weir.model.names import BadNameError, split
from weir.model.origin import Origin, here
from weir.model.problems import unsupported

_EXPRESSION = re.compile(r"[()+*/=<>]")


def apply_changes(
    target: str,
    source: str,
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
        source: The name of a table or view; it is read as a stream.
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
    if system_sequence_by is not None:
        raise _bitemporal(origin)
    scd_type = _scd_type(stored_as_scd_type, origin)
    if sequence_by is None:
        raise wrong("AUTOCDC_MISSING_SEQUENCE_BY", f"The changes into `{target}` have no sequence_by.",
                    origin, "name the column that orders the changes of a key")  # fmt: skip
    if apply_as_truncates is not None and scd_type != 1:
        raise wrong("AUTOCDC_TRUNCATE_NOT_SUPPORTED", f"`{target}` keeps history: it can't be truncated.",
                    origin, "apply_as_truncates goes with stored_as_scd_type=1 only")  # fmt: skip
    changes = Changes(
        Feed.STREAM, _keys(keys, target, origin), scd_type, sequence_by, where, apply_as_deletes,
        apply_as_truncates, _columns(column_list, except_column_list, "column_list", origin),
        _tracked(track_history_column_list, track_history_except_column_list, scd_type, origin),
        _ignored(
            ignore_null_updates, ignore_null_updates_column_list,
            ignore_null_updates_except_column_list, columns_to_update, origin,
        ),
        None if columns_to_update is None else column_name(columns_to_update, origin),
    )  # fmt: skip
    source = _source(source, target, origin)
    called = flow_name or name or target
    function, runs_once = lambda: read_stream(source), once_flag(once, origin)
    current().flows.append(ChangesFlow(called, target, function, origin, changes=changes, once=runs_once))


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
    scd_type = _scd_type(1 if stored_as_scd_type is None else stored_as_scd_type, origin)
    found = source if source is not None else snapshot_and_version
    feed = Feed.VERSIONS if callable(found) else Feed.SNAPSHOT
    tracked = _tracked(track_history_column_list, track_history_except_column_list, scd_type, origin)
    changes = Changes(feed, _keys(keys, target, origin), scd_type, tracked=tracked)
    if not callable(found):
        table = _source(found, target, origin)
        found = lambda: read(table)  # noqa: E731
    flow = SnapshotFlow(flow_name or name or target, target, found, origin, changes=changes)
    current().flows.append(flow)


# The newer names (specification §1.3): the same arguments, the same behaviour.
create_auto_cdc_flow = apply_changes
create_auto_cdc_from_snapshot_flow = apply_changes_from_snapshot


def column_name(value: Any, origin: Origin) -> str:
    """The name in a string or in an unqualified `col(...)`.

    Raises:
        DefinitionError: It is qualified, or no column.
    """
    text = str(value)
    if type(value).__name__ == "Column":
        text = text.removeprefix("Column<'").removesuffix("'>")
    elif not isinstance(value, str):
        text = ""
    try:
        parts = () if _EXPRESSION.search(text) else split(text)
    except BadNameError:
        parts = (text,) if text.strip() else ()
    if len(parts) > 1:
        raise wrong("AUTOCDC_MULTIPART_COLUMN_IDENTIFIER", f"`{text}` is a qualified column.", origin,
                    f"write `{parts[-1]}`: the columns are those of the source alone")  # fmt: skip
    if not parts:
        raise wrong("AUTOCDC_NON_COLUMN_IDENTIFIER", f"{value!r} is no name of a column.", origin,
                    'write "name" or col("name")')  # fmt: skip
    return parts[0]


def _names(value: Any, argument: str, origin: Origin) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, (list, tuple)):
        raise wrong("NOT_EXPECTED_TYPE", f"The argument {argument} must be a list of columns, not "
                    f"{value!r}.", origin, 'write ["a", "b"] or [col("a"), col("b")]')  # fmt: skip
    return tuple(column_name(v, origin) for v in value)


def _keys(keys: Any, target: str, origin: Origin) -> tuple[str, ...]:
    found = _names(keys or [], "keys", origin)
    if not found:
        raise wrong("AUTOCDC_EMPTY_KEYS", f"The changes into `{target}` have no keys.", origin,
                    "name at least one column that identifies a row")  # fmt: skip
    return found


def _source(source: Any, target: str, origin: Origin) -> str:
    if isinstance(source, str) and source:
        return source
    raise wrong("AUTOCDC_MISSING_SOURCE", f"The changes into `{target}` have no source.", origin,
                "name a table or a view; a query goes into a view")  # fmt: skip


def _scd_type(value: Any, origin: Origin) -> int:
    text = str(value).strip().lower()
    if text == "bitemporal":
        raise _bitemporal(origin)
    if text not in {"1", "2"}:
        raise wrong("NOT_EXPECTED_TYPE", f"The argument stored_as_scd_type must be 1 or 2, not {value!r}.",
                    origin, "1 keeps the current row of a key, 2 all its versions")  # fmt: skip
    return int(text)


def _bitemporal(origin: Origin) -> Exception:
    return unsupported("SCD type bitemporal", "keep one time axis: stored_as_scd_type=2", origin)


def _columns(only: Any, but: Any, argument: str, origin: Origin) -> Columns:
    if only is not None and but is not None:
        raise wrong(
            "AUTOCDC_BOTH_COLUMN_LIST_AND_EXCEPT_COLUMN_LIST",
            f"{argument} is given together with its except list.",
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
                    origin, "stored_as_scd_type=2 does")  # fmt: skip
    return _columns(only, but, "track_history_column_list", origin)


def _ignored(all_of_them: Any, only: Any, but: Any, to_update: Any, origin: Origin) -> Columns | None:
    if not all_of_them and only is None and but is None:
        return None
    if to_update is not None:
        raise wrong(
            "AUTOCDC_COLUMNS_TO_UPDATE_WITH_IGNORE_NULL_UPDATES",
            "columns_to_update is given together with ignore_null_updates.",
            origin,
            "each says which columns a change writes: keep one of the two",
        )
    return _columns(only, but, "ignore_null_updates_column_list", origin)
