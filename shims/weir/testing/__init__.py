"""What tests of pipelines import."""

from weir.run.governed.groups import GroupSession
from weir.testing.difference import Difference, difference, difference_lines
from weir.testing.given import Given, GivenRows, read_given
from weir.testing.pipelines import (
    INTERPRETED,
    PipelineUnderTest,
    as_group,
    rows_of,
    spark_session,
    write_sources,
)
from weir.testing.rows import Computed, Rows, RuleCounts

__all__ = [
    "INTERPRETED",
    "Computed",
    "Difference",
    "Given",
    "GivenRows",
    "GroupSession",
    "PipelineUnderTest",
    "Rows",
    "RuleCounts",
    "as_group",
    "difference",
    "difference_lines",
    "read_given",
    "rows_of",
    "spark_session",
    "write_sources",
]
