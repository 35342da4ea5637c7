"""A table that exists against its definition: whose it is, of which kind, how it is laid out (§4.6).

Tables carry who made them and as what; those from before they did are taken as they are.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from weir.model.definitions import Table
from weir.model.names import fold, for_shell
from weir.model.problems import Problem
from weir.run.lake.storage import TableState

PIPELINE = "weir.pipeline"
KIND = "weir.kind"
INACTIVE = "weir.inactive"


def marks(dataset: Table, pipeline: str) -> Mapping[str, str]:
    """The properties by which a table is known again; a pipeline is its name in its storage."""
    return {PIPELINE: pipeline, KIND: str(dataset.kind)}


def is_inactive(state: TableState) -> bool:
    """Was the table marked when its definition was gone?"""
    return state.properties.get(INACTIVE) == "true"


def misfits(
    dataset: Table, state: TableState, pipeline: str, folder: Path, *, reset: bool
) -> Iterator[Problem]:
    """Why the existing table can't be the dataset's; causes first.

    Args:
        folder: Where the table lies.
        reset: The update resets it.
    """
    owner = state.properties.get(PIPELINE, pipeline)
    kind = state.properties.get(KIND, str(dataset.kind))
    if owner != pipeline:
        yield _of_another(dataset, owner, folder)
    elif kind != str(dataset.kind):
        yield _other_kind(dataset, kind, folder)
    elif not (reset or _same_names(state.partition_columns, dataset.partition_cols)):
        yield _repartitioned(dataset, state)


def _same_names(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return [fold(c) for c in one] == [fold(c) for c in other]


def _of_another(dataset: Table, owner: str, folder: Path) -> Problem:
    return Problem(
        "TABLE_ALREADY_MANAGED_BY_OTHER_PIPELINE",
        f"The table `{dataset.name}` belongs to the pipeline `{owner}`.",
        dataset.origin,
        f"continue as that pipeline: --name {shlex.quote(owner)}; otherwise give the table another name, "
        f"use another --storage, or drop the table: remove {shlex.quote(str(folder))}",
    )


def _other_kind(dataset: Table, kind: str, folder: Path) -> Problem:
    was, now = (k.replace("_", " ") for k in (kind, str(dataset.kind)))
    return Problem(
        "CANNOT_CHANGE_DATASET_KIND",
        f"`{dataset.name}` exists as a {was} and is defined as a {now} now; a full refresh does not help.",
        dataset.origin,
        f"rename one of the two, or drop the table: remove {shlex.quote(str(folder))}",
    )


def _repartitioned(dataset: Table, state: TableState) -> Problem:
    was, now = (", ".join(c) or "nothing" for c in (state.partition_columns, dataset.partition_cols))
    clause = dataset.origin.wording("partition_cols", "PARTITIONED BY")
    return Problem(
        "CANNOT_UPDATE_PARTITION_COLUMNS",
        f"The table `{dataset.name}` is partitioned by {was}, but its definition says {now}.",
        dataset.origin,
        f"keep {clause}, or rewrite the table: weir run --full-refresh {for_shell(dataset.name)}",
    )
