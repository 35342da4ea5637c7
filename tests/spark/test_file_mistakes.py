"""Files that can't be read are told with what is wrong with them."""

from __future__ import annotations

import pytest

SOURCE = """
import dlt

LANDING = spark.conf.get("landing")

def loader(folder):
    return spark.readStream.format("cloudFiles").option("cloudFiles.format", "parquet").load(f"{LANDING}/{folder}")

@dlt.table
def types(): return loader("types")

@dlt.table
def texts(): return loader("texts")
"""


@pytest.mark.parity("same", "7.3", "Parquet files whose types can't be merged are told with both types")
def test_what_keeps_columns_from_being_inferred_is_told(spark, pipeline, tmp_path):
    landing = tmp_path / "landing"
    for name, value in (("a", "1"), ("b", "'x'")):
        spark.sql(f"SELECT {value} AS id").coalesce(1).write.parquet(str(landing / "types" / name))
    (landing / "texts").mkdir()
    (landing / "texts/a.parquet").write_text("no Parquet")
    problems = pipeline(SOURCE, configuration={"landing": str(landing)}).problems()
    told = {p.message.partition("inferred: ")[2]: (p.condition, p.hint) for p in problems}
    assert set(told.values()) == {
        ("CF_FAILED_TO_INFER_SCHEMA", "give the schema: .schema('a INT, b STRING')")
    }
    assert len(told) == 2
    assert any(text.startswith('Failed to merge incompatible data types "INT" and "STRING"') for text in told)
