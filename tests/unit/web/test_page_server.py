"""`weir ui` without a browser: what it answers, to whom, and that it starts nothing heavy."""

import json
import os
import re
import signal
import subprocess
import sys

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from tests.killing import ends, mortal, until
from tests.unit.web.conftest import KNOWN
from tests.web.stories import PETS, Story, failed
from weir.run.lake.storage import Storage
from weir.verbs.shelf import run_list
from weir.web.pages.view import View
from weir.web.reading.world import Project, World
from weir.web.serving.server import STATIC
from weir.web.serving.site import page_of


def test_an_empty_storage_says_what_to_do(ask):
    answer = ask("/")
    assert answer.status == 200
    assert "weir init ." in answer.text
    assert json.loads(ask("/index.json").text) == {"pipelines": []}


def test_each_view_of_an_update_has_its_page(ask, tmp_path):
    update = Story(tmp_path, "a/b").whole().id
    for view in ("graph", "list", "grid", "time", "quality", "events"):
        for tab in ("overview", "rules", "data", "columns", "lineage", "history", "code", "command"):
            answer = ask(f"/p/a%2Fb/u/{update[:8]}?view={view}&d=main.silver.pets&tab={tab}")
            assert (answer.status, "main.silver.pets" in answer.text) == (200, True), (view, tab)


def test_the_twin_of_a_page_has_the_words_of_the_verbs(ask, tmp_path):
    failed(tmp_path)
    twin = json.loads(ask("/p/pets.json").text)
    assert (twin["state"], [d["name"] for d in twin["datasets"]]) == ("FAILED", [d.name for d in PETS])
    assert [(f["dataset"], f["condition"], f["causes"]) for f in twin["failures"]] == [
        ("main.silver.pets", "CAST_INVALID_INPUT", []),
        ("main.gold.by_kind", None, ["main.silver.pets"]),
        ("main.gold.report", None, ["main.silver.pets"]),
    ]


def test_all_tables_are_told_as_the_verb_tells_them(tmp_path, capsys):
    bundle = "bundle: {name: b}\nresources: {pipelines: {pets: {name: all-pets, libraries: [{file: {path: p.py}}]}}}\n"
    (tmp_path / "databricks.yml").write_text(bundle)
    (tmp_path / "p.py").touch()
    write_deltalake(Storage(tmp_path).table("main.silver.pets"), pa.table({"id": [1]}))
    world = World(Project.at(tmp_path, tmp_path, None))
    told = page_of(world, View("/tables", {}, "en", True, world.boot, world.number), ("tables",)).json()
    run_list(str(tmp_path), str(tmp_path), as_json=True)
    assert json.loads(capsys.readouterr().out) == told
    assert told["pipelines"] == ["pets"]
    assert [table["name"] for table in told["tables"]] == ["main.silver.pets"]


@pytest.mark.parametrize(
    "path",
    ["/p/none", "/p/pets/u/ffffffff", "/p/pets/nothing", "/..%2f..%2fetc/passwd", "/static/..%2fserver.py",
     "/p/pets/compare/a..b", "/p/pets?view=nothing"],
)  # fmt: skip
def test_what_nobody_has_read_has_no_address(ask, tmp_path, path):
    Story(tmp_path, "pets").whole()
    assert ask(path).status == 404


def test_a_page_of_others_gets_nothing_and_headers_stand_on_every_answer(ask):
    for headers, status in (
        ({**KNOWN, "host": "evil.example"}, 421),
        ({"host": KNOWN["host"]}, 401),
        (KNOWN, 200),
    ):
        answer = ask("/", headers=headers)
        assert (answer.status, answer.headers["x-content-type-options"]) == (status, "nosniff")
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")


@pytest.mark.parametrize(
    ("asked", "place"),
    [("/p/x?t=a&q=1%262&lang=es", "/p/x?q=1%262&lang=es"), ("//evil.example/?t=a", "/evil.example/")],
)
def test_a_token_leads_to_the_same_page_of_ours(ask, asked, place):
    answer = ask(asked)
    assert (answer.status, answer.headers["location"]) == (303, place)


def test_files_of_ours_are_sent_once(ask):
    for name in STATIC:
        first = ask(f"/static/{name}")
        assert (first.status, len(first.text) > 100) == (200, True)
        again = ask(f"/static/{name}", headers={**KNOWN, "if-none-match": first.headers["etag"]})
        assert (again.status, again.text) == (304, "")


def test_the_scripts_are_one_module_in_which_each_name_means_one_thing():
    text = STATIC["weir.js"].decode()
    names = re.findall(r"^(?:async )?(?:function|const|let) ([\w$]+)", text, re.MULTILINE)
    assert len(names) == len(set(names)) > 30
    assert re.findall(r"^(?:import|export)\b.*", text, re.MULTILINE) == []
    assert set(STATIC) == {"weir.js", "stream.js", "theme.js", "weir.css", "weir.svg"}


def test_actions_need_our_page_and_are_gone_where_it_is_read_only(ask, tmp_path):
    Story(tmp_path, "pets").whole()
    post = {"method": "POST", "body": b'{"asks": "1"}'}
    ours = {**KNOWN, "x-weir": "1"}
    assert ask("/p/pets/act/validate", **post).status == 403
    assert ask("/p/pets/act/nothing", headers=ours, **post).status == 404
    assert ask("/p/none/act/run", headers=ours, **post).status == 404
    assert ask("/p/pets/act/run", headers=ours, method="POST", body=b"[").status == 400
    refused = ask("/p/pets/act/run", headers=ours, acts=False, **post)
    assert (refused.status, json.loads(refused.text)["message"]) == (
        403,
        "This page was opened with --read-only.",
    )
    assert "data-act" in ask("/p/pets").text
    assert "data-act" not in ask("/p/pets", acts=False).text


def test_an_update_is_asked_for_with_the_command_that_would_run(ask, tmp_path):
    Story(tmp_path, "pets").whole(libraries=[{"file": {"path": "/src/pets.py"}}])
    chosen = json.dumps({"asks": "1", "selected": "main.gold.report\nparsed\nmain.not.there"}).encode()
    answer = ask("/p/pets/act/selection", headers={**KNOWN, "x-weir": "1"}, method="POST", body=chosen)
    command = f"weir run /src/pets.py --name pets --storage {tmp_path} --refresh main.gold.report"
    assert f"<code>{command}</code>" in json.loads(answer.text)["dialog"]


def test_the_page_opens_without_spark_and_a_second_one_finds_the_first(tmp_path):
    code = """
import sys
from weir.cli import main
sys.argv = ["weir", "ui", sys.argv[1], "--storage", sys.argv[1], "--no-open", "--json", "--port", "0"]
try:
    main()
finally:
    print([m for m in ("pyspark", "pyarrow", "pandas", "weir.engine") if m in sys.modules], flush=True)
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    first = mortal(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ), 60)
    with first:
        shown = json.loads(first.stdout.readline())
        second = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        assert json.loads(second.stdout.splitlines()[0]) == shown
        first.send_signal(signal.SIGINT)
        assert first.stdout.read() == "[]\n"
        assert ends(first, 20) == 0
    assert not (tmp_path / "ui" / "server.json").exists()


def test_what_is_read_for_a_page_is_still_told_to_those_that_are_open(tmp_path):
    story = Story(Storage(tmp_path).root, "pets")
    with story.held():
        story.begin()
        world = World(Project(Storage(tmp_path), tmp_path))
        assert world.pipeline("pets").last.datasets["main.bronze.raw"].status == "QUEUED"
        number = world.number
        story.starts("main.bronze.raw")
        (newest,) = [s.id for s in world.last("pets", 1)]
        assert world.update("pets", newest).datasets["main.bronze.raw"].status == "RUNNING"
        until(lambda: world.look() or world.number > number, 5)
        assert [c.datasets for c in world.since(number)] == [{"main.bronze.raw"}]
