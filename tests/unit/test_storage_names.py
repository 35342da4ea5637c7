"""Whatever a table is called, the verbs that need no Spark write, find, show, list and tidy up that very one."""

from __future__ import annotations

import json
import shlex
import tempfile
from contextlib import chdir
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.logs import event_log
from weir.cli import weir
from weir.model.events import Event
from weir.model.names import TableName, for_shell, listed
from weir.run.lake.existing import KIND, PIPELINE
from weir.run.lake.storage import GENERATION, Storage
from weir.run.listeners.rows import pipeline_id

FOLDERS = ["plain", "josé/mi carpeta", "100% #1", 'it\'s "a" `b`', "$x & +y; ~z=!@(a)", "{a} *?:,"]
LETTERS = st.characters(exclude_characters="/", exclude_categories=["Cc", "Cs"])
PARTS = st.text(LETTERS, min_size=1, max_size=60).filter(lambda p: p.strip(" ."))
ODD = st.sampled_from(
    ["campañas", "mi tabla", "a.b", "..x", "Select", "a`b", "%20", "[x]", "a,b=c", "漢" * 255, "x" * 255]
)
NAMES = st.tuples(st.sampled_from(["main", "mi catálogo"]), PARTS, PARTS | ODD).map(TableName.of)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300).filter(str.strip)


def call(place, *arguments):
    given_ = [*arguments, "--storage", str(place.root), "--json"]
    result = CliRunner().invoke(weir, given_, catch_exceptions=False)
    assert result.exit_code == 0, result.stdout
    return json.loads(result.stdout)


def write(place, name, pipeline, flow):
    """A table that was reset once, its flow's checkpoints, an event log."""
    generation = CommitProperties(app_transactions=[Transaction(GENERATION, 1)])
    owner = {PIPELINE: pipeline, KIND: "streaming_table"}
    rows, folder = pa.table({"x": [str(name)]}), place.table(str(name))
    DeltaTable.create(folder, rows.schema, configuration=owner, raise_if_key_not_exists=False)
    write_deltalake(folder, rows, mode="append", commit_properties=generation)
    for number in (0, 1):
        (place.checkpoint(pipeline, flow, number) / "offsets").mkdir(parents=True)
    origin = {
        "update_id": "aaaaaaaa-0000-4000-8000-000000000000",
        "pipeline_id": pipeline_id(pipeline, place.root),
    }
    with event_log(place.events(pipeline), origin, pytest.fail) as log:
        log.record(Event("flow_definition", "", {}, dataset=str(name), flow=flow))


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(FOLDERS), st.sets(NAMES, min_size=1, max_size=3), TEXTS, TEXTS)
@example("plain", {TableName("main", "s", "t")}, "_delta_log", "_delta_log")
def test_tables_pipelines_and_flows_are_found_again(folder, names, pipeline, flow):
    with tempfile.TemporaryDirectory() as root, chdir(root):  # no bundle is there to be read each time
        place = Storage(Path(root).resolve() / folder / ".weir")
        for number, name in enumerate(sorted(names)):
            write(place, name, pipeline, f"{flow}{number}")
        assert place.tables() == sorted(map(str, names))
        assert [place.name_of(place.table(str(n))) for n in names] == [str(n) for n in names]
        assert (place.pipelines(), [*place.logged()]) == ((pipeline,), [pipeline])
        flows = {f"{flow}{number}" for number in range(len(names))}
        assert {found for found, _ in place.checkpoints(pipeline)} == flows
        for name in names:
            assert call(place, "show", str(name))["rows"] == [{"x": str(name)}]
        told = call(place, "list")["tables"]
        assert told == [
            {"name": n, "pipeline": pipeline, "version": 1, "inactive": False} for n in place.tables()
        ]
        assert len(call(place, "reset")["removed"]) == len(names)
        assert {e["origin"]["flow_name"] for e in call(place, "events")["events"]} == flows


def test_what_others_put_into_the_storage_is_passed_over(tmp_path):
    place = Storage(tmp_path)
    for folder in ("main/default/%C3%B1", "main/default/[x]", "main/Default/t", "main/!2E!2E/t", "main/x"):
        (tmp_path / "tables" / folder / "_delta_log").mkdir(parents=True)
    write_deltalake(place.table("main.default.t"), pa.table({"x": [1]}))
    assert place.tables() == ["main.default.t"]


@pytest.mark.parametrize("root", ["a%20b", "[x]", "${x}", "a\\b", "a\nb"])
def test_a_storage_that_would_be_looked_for_elsewhere_is_refused(tmp_path, root):
    result = CliRunner().invoke(weir, ["list", "--storage", str(tmp_path / root)])
    assert "PIPELINE_STORAGE_ROOT_INVALID" in str(result.exception)
    assert not [*tmp_path.iterdir()]


def test_names_for_a_shell_are_one_argument():
    assert for_shell("main.s.t", "main.s.`a b`") == "'main.s.t,main.s.`a b`'"
    assert listed(shlex.split(for_shell("main.s.a,b", "main.s.c"))[0]) == ("`main`.`s`.`a,b`", "main.s.c")
