"""What is wrong with what a query function reads or returns."""

from __future__ import annotations

from typing import Any

from weir.model.definitions import Flow, View
from weir.model.names import fold, for_shell
from weir.model.origin import Origin, here
from weir.model.problems import Problem, WeirError, closest

OF_DATABRICKS = ("samples.", "system.")


def missing_table(name: str, full: str, origin: Origin, known: list[str]) -> Problem:
    """Neither a dataset of the pipeline nor a table that was given for it."""
    if fold(full).startswith(OF_DATABRICKS):
        return Problem(
            "TABLE_OR_VIEW_NOT_FOUND",
            f"`{name}` is a table that each workspace of Databricks has, and this machine has not.",
            origin,
            f"export it, and pass --table {for_shell(full)}=FOLDER",
        )
    hint = closest(fold(name).removeprefix("live."), known)
    given = f"if it is an outside table, pass --table {for_shell(full)}=FOLDER"
    return Problem(
        "TABLE_OR_VIEW_NOT_FOUND",
        f"`{name}` is neither a dataset of this pipeline nor a known outside table.",
        origin,
        f"{hint} ({given})" if hint else given,
    )


def sink_read(name: str) -> Problem:
    """A sink is written only."""
    return Problem(
        "SINK_NOT_READABLE",
        f"`{name}` is a sink: nothing reads from it.",
        here(),
        "read the dataset that its flows read, or the place that it writes into",
    )


def no_versions(dataset: View) -> WeirError:
    """A view can't be read as it was."""
    return WeirError(
        Problem(
            "UNSUPPORTED_FEATURE.TIME_TRAVEL",
            f"The view `{dataset.name}` has no versions and no change feed.",
            here(),
            "read those of a table that the view reads",
        )
    )


def no_frame(flow: Flow, value: Any) -> Problem:
    """A query function has to return a frame."""
    got = "nothing" if value is None else f"a {type(value).__name__}"
    return Problem(
        "QUERY_FUNCTION_RETURNS_NO_DATAFRAME",
        f"The query function of `{flow.name}` returns {got}.",
        flow.origin,
        "return a Spark DataFrame" + ("; is the `return` missing?" if value is None else ""),
    )


def incompatible(dataset: View, streaming: bool) -> Problem:
    """A view is read as what it is."""
    kind, right = ("streaming", "readStream") if streaming else ("batch", "read")
    condition = f"INCOMPATIBLE_{kind.upper()}_VIEW_READ"
    place, written = here(), "STREAM(view)" if streaming else "its name alone, without STREAM"
    python = f"read it with spark.{right}.table or dlt.{'read_stream' if streaming else 'read'}"
    hint = place.wording(python, f"read it by {written}")
    return Problem(condition, f"The view `{dataset.name}` is a {kind} view.", place, hint)
