"""Does a stream's checkpoint know of all that its table has from it? Else rows would be lost in silence.

Delta ignores a batch whose number it has seen from a query. A checkpoint that is new has a new query, which
reads all there is; one that is older than the table, such as one from a backup, plans the same numbers anew.
"""

from __future__ import annotations

from pathlib import Path

from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError
from weir.plan.steps import Step
from weir.run.lake.storage import newest_batch, open_table, query_id


def app_of(checkpoint: Path, prefix: str = "") -> str:
    """Under which application id a stream writes its batches: as Delta's own sink, that of its query.

    Args:
        prefix: Tells who writes, where streams share a table with other writers.
    """
    return f"{prefix}{query_id(checkpoint)}"


def refuse_older(checkpoint: Path, table: Path, step: Step, origin: Origin, prefix: str = "") -> None:
    """Refuse a checkpoint that is older than what its table has of the stream.

    Args:
        table: Where the stream's batches are committed.
        origin: Where the flow was written.
        prefix: As for `app_of`.

    Raises:
        WeirError: The table has a batch that the checkpoint does not know.
    """
    opened = open_table(table) if query_id(checkpoint) else None
    written = opened.transaction_version(app_of(checkpoint, prefix)) if opened else None
    newest = newest_batch(checkpoint)
    if written is not None and written > newest:
        raise WeirError(Problem(
            "CHECKPOINT_OLDER_THAN_TABLE",
            f"`{step.dataset}` has batch {written} of the flow `{step.flow_name}`, whose checkpoint ends at "
            f"batch {newest}: new rows would be skipped as already written.",
            origin,
            f"put the newest {checkpoint} back, or start over: weir run --full-refresh {step.dataset}",
        ))  # fmt: skip
