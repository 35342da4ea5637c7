"""What holds for a whole layer, and what a table says of itself: owner, retention, layout on disk.

    @dlt.table(table_properties=properties("gold", "data-analysts", kept_by="date", zorder=("date",)))

They stand in the table's properties, so that whoever looks after it reads them there: `weir maintain`
here, a job on Databricks.
"""

from typing import Literal, get_args

Layer = Literal["bronze", "silver", "gold"]
KEPT: dict[Layer, int] = {"bronze": 2, "silver": 1, "gold": 5}  # years
VACUUM_HOURS = 168


def properties(
    layer: Layer,
    owner: str,
    *,
    kept_by: str | None = None,
    zorder: tuple[str, ...] = (),
    small_writes: bool = False,
    resettable: bool = True,
) -> dict[str, str]:
    """The table properties of a table.

    Args:
        layer: Its layer, which says for how long rows are kept.
        owner: The group that answers for it.
        kept_by: The column (DATE or TIMESTAMP) that says how old a row is; a row without it stays.
            None keeps all rows.
        zorder: The columns that queries filter by.
        small_writes: It is written often and little: files are made larger as it is written.
        resettable: Can all of its rows be read again, and do those who stream from it need no reset then? If
            not, no full refresh may empty it.

    Raises:
        ValueError: There is no such layer.
    """
    if layer not in get_args(Layer):
        raise ValueError(f"{layer!r} is none of {', '.join(get_args(Layer))}")
    found = {
        "quality": layer,
        "altrupets.owner": owner,
        "delta.deletedFileRetentionDuration": f"interval {VACUUM_HOURS} hours",
    }
    if kept_by:
        years = KEPT[layer]
        found |= {"retention.period": f"{years} year{'s' * (years > 1)}", "retention.column": kept_by}
    if zorder:
        found["pipelines.autoOptimize.zOrderCols"] = ",".join(zorder)
    if not resettable:
        found["pipelines.reset.allowed"] = "false"
    if small_writes:
        found |= {"delta.autoOptimize.optimizeWrite": "true", "delta.autoOptimize.autoCompact": "true"}
    return found


def measures(**columns: Literal["sum", "average"]) -> dict[str, str]:
    """The table property that says how values of columns become one in BI tools.

    What is not named is no measure there: distinct counts and averages of groups don't add up.
    """
    return {"bi.measures": ", ".join(f"{column}={how}" for column, how in columns.items())}
