"""Streams that folders feed, in a continuous update: what comes later is read, and nothing is read twice."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from weir.testing import PipelineUnderTest

FILES = {
    "clicks.py": """
import dlt

@dlt.table
@dlt.expect("short", "length(text) < 3")
def clicks():
    kinesis = spark.readStream.format("kinesis").option("streamName", "clicks").load()
    return kinesis.selectExpr("data::STRING AS text", "sequenceNumber AS place")
""",
    "orders.sql": """
CREATE STREAMING TABLE orders AS
SELECT value::STRING AS text, CAST(offset AS STRING) AS place
FROM STREAM read_kafka(bootstrapServers => 'nobody:9093', subscribe => 'orders')
""",
}


class Arrivals(list[Any]):
    """Events of an update: when all is read, more comes; when that is read, too, the update ends."""

    def __init__(self, under_test: PipelineUnderTest, folder: Path) -> None:
        super().__init__()
        self.under_test = under_test
        self.waiting = [folder / "b.txt"]

    def append(self, event: Any) -> None:
        super().append(event)
        rows = sum(e.details.get("metrics", {}).get("num_output_rows", 0) for e in self)
        if rows == 4 and self.waiting:
            self.waiting.pop().write_text("c\n")
        if rows == 6:
            self.under_test.stop.ask(signal.SIGTERM)


@pytest.mark.parity("same", "5.7", "A continuous update reads records that come later, each once")
def test_records_that_come_later_are_read_once(pipeline: Any, tmp_path: Path) -> None:
    fed = tmp_path / "fed"
    fed.mkdir()
    (fed / "a.txt").write_text("a\nlong\n")
    under_test = pipeline(
        FILES,
        configuration={"pipelines.trigger.interval": "1 second"},
        streams={"clicks": str(fed), "orders": str(fed)},
        continuous=True,
    )
    under_test.events = Arrivals(under_test, fed)
    result = under_test.update()
    assert result.state == "CANCELED"
    for table in ("clicks", "orders"):
        rows = under_test.rows(table)
        assert sorted(row["text"] for row in rows) == ["a", "c", "long"]
        assert len({row["place"] for row in rows}) == 3
    under_test.continuous = False
    again = under_test.update().by_name()
    assert [(d.rows_written, d.error) for d in again.values()] == [(0, None), (0, None)]
