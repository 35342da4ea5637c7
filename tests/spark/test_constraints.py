"""Constraints and properties in a definition: what they say holds, also when they change (§1.3)."""

import pytest

SOURCE = """
import dlt
properties = {properties!r}

@dlt.table(table_properties=properties)
def stream():
    return spark.readStream.table("ev").select("id")

@dlt.table(table_properties={{**properties, **{more!r}}})
def view():
    return spark.read.table("ev").selectExpr(*{columns!r}).where("id > {least}")
"""
SPELLED = {
    "delta.constraints.Pos": "id>0",
    "DELTA.appendOnly": "false",
    "delta.minReaderVersion": "1",
    "delta.minWriterVersion": "5",
    "delta.feature.changeDataFeed": "enabled",
}
KEYS = {"more": {}, "columns": ["id"], "least": 0}


def constraints(p, name):
    properties = p.storage.state(f"main.default.{name}").properties
    return {
        k.removeprefix("delta.constraints."): v for k, v in properties.items() if "constraints" in k.lower()
    }


def rewrite(p, **options):
    (p.sources[0] / "pipeline.py").write_text(SOURCE.format(**options))


@pytest.mark.parity(
    "same", "1.3", "Constraints and properties are set where they differ, and not again at each update"
)
def test_constraints_change_with_the_definition_and_properties_are_set_once(pipeline):
    p = pipeline(SOURCE.format(properties=SPELLED, **KEYS))
    p.feed("ev", [{"id": 1}, {"id": 4}])
    assert p.update().exit_code == 0
    assert (p.plan().setup, constraints(p, "stream")) == ((), {"pos": "id>0"})
    changed = {**SPELLED, "delta.constraints.Pos": "id > 0 AND id < 9"}
    more = {"delta.constraints.twice": "twice > 4"}  # not so of the rows that the view has
    rewrite(p, properties=changed, more=more, columns=["id", "id * 2 AS twice"], least=3)
    assert [(str(s), s.why) for s in p.plan().setup] == [
        ("alter main.default.stream", "constraints Pos, Pos")
    ]
    assert {d.error for d in p.update().datasets} == {None}
    assert (p.rows("view"), constraints(p, "stream"), constraints(p, "view"), p.plan().setup) == (
        [{"id": 4, "twice": 8}], {"pos": "id > 0 AND id < 9"},
        {"pos": "id > 0 AND id < 9", "twice": "twice > 4"}, (),
    )  # fmt: skip
    p.feed("ev", [{"id": 99}])
    errors = {d.name: d.error for d in p.update().datasets}
    assert "id < 9" in errors["main.default.stream"]
    assert [r["id"] for r in p.rows("view")] == [4]  # as it was
    rewrite(p, properties={"delta.constraints.wrong": "nope > 0"}, **KEYS)
    assert {x.condition for x in p.problems()} == {"UNRESOLVED_COLUMN.WITH_SUGGESTION"}
