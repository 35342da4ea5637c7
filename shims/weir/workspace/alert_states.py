"""Does an alert fire? Its condition on the rows of its query, as texts the way the API gives them."""

from __future__ import annotations

import operator
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from weir.workspace.calls import Json

Cells = Sequence[str | None]
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "GREATER_THAN": operator.gt, "GREATER_THAN_OR_EQUAL": operator.ge, "LESS_THAN": operator.lt,
    "LESS_THAN_OR_EQUAL": operator.le, "EQUAL": operator.eq, "NOT_EQUAL": operator.ne,
}  # fmt: skip
NUMBERS: Mapping[str, Callable[[list[float]], float]] = {
    "SUM": sum, "AVG": statistics.fmean, "MEDIAN": statistics.median, "MIN": min, "MAX": max,
    "STDDEV": lambda values: statistics.stdev(values) if len(values) > 1 else 0.0,
}  # fmt: skip


def alert_state(evaluation: Json, names: Sequence[str], rows: Sequence[Cells]) -> str:
    """TRIGGERED or OK; what the alert says, else UNKNOWN, where there is nothing to compare.

    Args:
        evaluation: The condition of the alert, as the API has it.
        names: Of the columns of the result.
        rows: The result.

    Raises:
        ValueError: The result has no such column, or a value is none of the threshold's type.

    >>> source, threshold = {"name": "n"}, {"value": {"double_value": 2}}
    >>> more = {"source": source, "comparison_operator": "GREATER_THAN", "threshold": threshold}
    >>> alert_state(more, ["n"], [["3"]]), alert_state(more, ["n"], [["2"]]), alert_state(more, ["n"], [])
    ('TRIGGERED', 'OK', 'UNKNOWN')
    """
    if not rows:
        return evaluation.get("empty_result_state", "UNKNOWN")
    found, name = _of_column(evaluation["source"], names, rows), evaluation["comparison_operator"]
    if name in {"IS_NULL", "IS_NOT_NULL"}:
        return _state(fires=(found is None) == (name == "IS_NULL"))
    value, limit = _comparable(found, evaluation.get("threshold", {}), names, rows)
    return "UNKNOWN" if value is None or limit is None else _state(fires=COMPARISONS[name](value, limit))


def _state(*, fires: bool) -> str:
    return "TRIGGERED" if fires else "OK"


def _of_column(operand: Json, names: Sequence[str], rows: Sequence[Cells]) -> str | None:
    """The value of a column: of its first row, or of all by an aggregation."""
    cells = [row[names.index(operand["name"])] for row in rows]
    known, how = [cell for cell in cells if cell is not None], operand.get("aggregation")
    if how is None:
        return cells[0]
    if how in {"COUNT", "COUNT_DISTINCT"}:
        return str(len(set(known) if how == "COUNT_DISTINCT" else known))
    return str(NUMBERS[how]([float(cell) for cell in known])) if known else None


def _comparable(
    found: str | None, threshold: Json, names: Sequence[str], rows: Sequence[Cells]
) -> tuple[Any, Any]:
    """Both sides of the comparison: numbers where both are."""
    if "column" in threshold:
        limit = _of_column(threshold["column"], names, rows)
        try:
            return float(found or ""), float(limit or "")
        except ValueError:
            return found, limit
    ((kind, limit),) = threshold["value"].items()
    if found is None:
        return None, limit
    return {"double_value": float, "bool_value": lambda text: text == "true"}.get(kind, str)(found), limit
