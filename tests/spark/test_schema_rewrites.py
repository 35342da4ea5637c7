"""Tables that are rewritten keep their clustering, drop what is no longer given, and survive a failure."""

import pytest

from weir.model.settings import Selection
from weir.run.frames.schemas import from_json

TEXT = """
import dlt

@dlt.table(cluster_by=["id"])
def counted():
    return spark.readStream.table("ev").groupBy("id").count()

@dlt.table
def looks():
    assert spark.read.table("ev").count()
    return spark.readStream.table("ev").selectExpr({looks})

@dlt.table(schema="{schema}")
def strict():
    return spark.read.table("ev").selectExpr({strict})
"""
OLD = TEXT.format(looks="'id', 'name'", schema="id BIGINT NOT NULL, name STRING", strict="'id', 'name'")
NEW = TEXT.format(looks="'id'", schema="id STRING NOT NULL", strict="'nullif(name, name) AS id'")


def columns(p, name):
    return from_json(p.storage.state(f"main.default.{name}").schema_json).simpleString()


@pytest.mark.parity(
    "same", "4.5", "A full refresh drops columns that a function that looks at data no longer gives"
)
@pytest.mark.long("spark/test_declared_schemas.py::test_a_declared_schema_stays_and_grows")
def test_rewritten_tables_are_as_defined_or_as_they_were(pipeline):
    p = pipeline(OLD)
    p.feed("ev", [{"id": 1, "name": "a"}])
    assert p.update().exit_code == 0
    p.feed("ev", [{"id": 2, "name": "b"}])
    (p.sources[0] / "pipeline.py").write_text(NEW)
    failed = {d.name: d.error for d in p.update(Selection(full_refresh_all=True)).datasets if d.error}
    assert [*failed] == ["main.default.strict"]
    assert "DELTA_NOT_NULL_CONSTRAINT_VIOLATED" in failed["main.default.strict"]
    assert (columns(p, "strict"), p.rows("strict")) == (
        "struct<id:bigint,name:string>",
        [{"id": 1, "name": "a"}],
    )
    assert (columns(p, "looks"), p.rows("looks", "id")) == ("struct<id:bigint>", [{"id": 1}, {"id": 2}])
    assert p.storage.state("main.default.counted").clustering == (("id",),)
    assert len(p.rows("counted")) == 2
