"""What to do instead of what no stream can: Spark's messages, each with its way out."""

import pytest

from weir.run.frames.stream_limits import BATCH, WATERMARK, is_impossible, way_out

IMPOSSIBLE = {
    "[NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING] Window function is not supported in ROW_NUMBER() (as column `n`)": "latest row of a key",
    "Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated": "a table has none",
    "Distinct aggregations are not supported on streaming DataFrames/Datasets.": "approx_count_distinct",
    "LeftOuter join with a streaming DataFrame/Dataset on the right and a static DataFrame/Dataset on the left is not supported": "rows are all kept",
    "FullOuter joins with streaming DataFrames/Datasets on the left and a static DataFrame/Dataset on the right is not supported": "rows are all kept",
    "RightOuter join with a streaming DataFrame/Dataset on the left and a static DataFrame/DataSet on the right not supported": "rows are all kept",
    "Union between streaming and batch DataFrames/Datasets is not supported": "once=True",
    "Except on a streaming DataFrame/Dataset on the right is not supported": "left_anti",
    "Intersect of streaming DataFrames/Datasets is not supported": "left_semi",
    "Sampling is not supported on streaming DataFrames/Datasets": "hash of the key",
    "Offset is not supported on streaming DataFrames/Datasets": "leave it out",
}
NEEDS_A_WATERMARK = [
    "[STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION] This output mode is not supported for streaming aggregations without watermark",
    "Stream-stream LeftOuter join is not supported without a watermark in the join keys",
    "dropDuplicatesWithinWatermark is not supported on streaming DataFrames/DataSets without watermark",
]


@pytest.mark.parametrize("message", list(IMPOSSIBLE))
def test_a_watermark_is_not_offered_where_it_mends_nothing(message):
    assert is_impossible(message)
    assert IMPOSSIBLE[message] in way_out(message)
    assert "watermark" not in way_out(message)


@pytest.mark.parametrize("message", NEEDS_A_WATERMARK)
def test_a_watermark_is_offered_where_it_helps(message):
    assert (is_impossible(message), way_out(message)) == (False, WATERMARK)


def test_what_is_not_known_is_done_with_a_batch():
    assert way_out("Something new is not supported on streaming DataFrames/Datasets") == BATCH
