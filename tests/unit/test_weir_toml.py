"""`weir.toml`: where it is found, what it says, what the command line adds, and what is wrong with it."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from weir.bundle.weir_toml import WeirToml, find_weir_toml, read_weir_toml, with_weir_toml
from weir.cli import weir
from weir.model.problems import WeirError

NOTHING: dict[str, Any] = {
    "sources": (), "name": None, "target": None, "storage": None, "remote": None, "conf": (), "maps": (),
    "tables": (), "streams": (), "as_json": False,
}  # fmt: skip
EVERYTHING = """\
sources = ["src", "etl"]
name = "shop"
target = "dev"
storage = "lake"
remote = "sc://localhost"

[conf]
"my.key" = "a=b"
spark.sql.ansi.enabled = false
spark.sql.shuffle.partitions = 4

[map]
"/Volumes/main/raw" = "samples/raw"

[table]
main.ref.countries = "samples/countries"
"main.ref.`a=b`" = "/data/ab"

[stream]
clicks = "samples/clicks"
my.topic = "kafka://localhost:9092/topic"
"""


def written(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "weir.toml").write_text(text, "utf-8")
    return folder


def test_each_key_is_a_flag_and_paths_are_relative_to_the_file(tmp_path):
    (written(tmp_path, EVERYTHING) / "src").mkdir()
    entries = {
        "conf": {"my.key": "a=b", "spark.sql.ansi.enabled": "false", "spark.sql.shuffle.partitions": "4"},
        "map": {"/Volumes/main/raw": f"{tmp_path}/samples/raw"},
        "table": {"main.ref.countries": f"{tmp_path}/samples/countries", "main.ref.`a=b`": "/data/ab"},
        "stream": {"clicks": f"{tmp_path}/samples/clicks", "my.topic": "kafka://localhost:9092/topic"},
    }
    texts = {"name": "shop", "target": "dev", "storage": f"{tmp_path}/lake", "remote": "sc://localhost"}
    sources = (f"{tmp_path}/src", "etl")  # a folder that is there, and a pipeline of a bundle
    file = tmp_path / "weir.toml"
    assert read_weir_toml(file) == WeirToml(file, sources, texts, entries)


def test_what_the_command_line_gives_wins_and_is_added(tmp_path):
    (written(tmp_path, EVERYTHING) / "src").mkdir()
    given = {**NOTHING, "name": "mine", "conf": ("my.key=c",), "maps": ("/mnt/x=y",)}
    assert with_weir_toml(given, tmp_path) == {
        "sources": (f"{tmp_path}/src", "etl"),
        "name": "mine",
        "target": "dev",
        "storage": f"{tmp_path}/lake",
        "remote": "sc://localhost",
        "conf": (
            "my.key=a=b", "spark.sql.ansi.enabled=false", "spark.sql.shuffle.partitions=4", "my.key=c",
        ),
        "maps": (f"/Volumes/main/raw={tmp_path}/samples/raw", "/mnt/x=y"),
        "tables": (f"main.ref.countries={tmp_path}/samples/countries", "main.ref.`a=b`=/data/ab"),
        "streams": (f"clicks={tmp_path}/samples/clicks", "my.topic=kafka://localhost:9092/topic"),
        "as_json": False,
    }  # fmt: skip


def test_sources_of_the_command_line_take_the_place_of_the_files(tmp_path):
    written(tmp_path, 'sources = ["src"]\n')
    assert with_weir_toml({**NOTHING, "sources": ("x.py",)}, tmp_path)["sources"] == ("x.py",)


def test_all_pipelines_of_a_bundle_keep_their_names_and_sources(tmp_path):
    written(tmp_path, EVERYTHING)
    taken = with_weir_toml({**NOTHING, "everything": True}, tmp_path)
    assert (taken["sources"], taken["name"], taken["target"]) == ((), None, "dev")


def test_tables_lie_beside_the_file_so_that_every_verb_finds_them_from_every_folder_below(tmp_path):
    below = written(tmp_path, "[conf]\na = 1\n") / "src"
    below.mkdir()
    looking = {"table": "t", "storage": None, "as_json": True}
    assert with_weir_toml(looking, below) == {**looking, "storage": f"{tmp_path}/.weir"}
    assert with_weir_toml(NOTHING, below)["storage"] == f"{tmp_path}/.weir"


def test_beside_a_bundle_the_tables_lie_where_they_always_did(tmp_path):
    (written(tmp_path, "[conf]\na = 1\n") / "databricks.yml").write_text("bundle: {name: b}\n")
    assert with_weir_toml(NOTHING, tmp_path) == {**NOTHING, "conf": ("a=1",)}


def test_a_verb_whose_own_arguments_have_these_names_keeps_them(tmp_path):
    written(tmp_path, EVERYTHING)
    reset = {"tables": (), "name": None, "storage": "here", "as_json": False}
    assert with_weir_toml(reset, tmp_path) == reset


def test_quality_without_why_takes_the_storage_alone(tmp_path):
    written(tmp_path, EVERYTHING)
    counts = {**NOTHING, "why": None}
    assert with_weir_toml(counts, tmp_path) == {**counts, "storage": f"{tmp_path}/lake"}
    assert with_weir_toml({**counts, "why": "t"}, tmp_path)["target"] == "dev"


def test_the_file_is_looked_for_beside_the_sources_then_above_then_where_weir_is_started(tmp_path):
    here, near, far = tmp_path / "here", tmp_path / "a/b", tmp_path / "a"
    for folder in (here, near, far):
        written(folder, "")
    sources = ("../a/b/x.py", "../a/b/y")
    for source in sources:
        (here / source).mkdir()
    assert find_weir_toml(sources, here) == near / "weir.toml"
    (near / "weir.toml").unlink()
    assert find_weir_toml(sources, here) == far / "weir.toml"
    (far / "weir.toml").unlink()
    assert find_weir_toml(sources, here) == here / "weir.toml"
    assert find_weir_toml(("a_pipeline",), here) == here / "weir.toml"


def test_without_a_file_the_arguments_are_those_of_the_command_line(tmp_path):
    assert with_weir_toml(NOTHING, tmp_path) == NOTHING


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name = 'a'\ntabel = {}\n", "CONFIGURATION_UNKNOWN_KEY|`tabel` is no key of weir.toml.|2|did you mean `table`?"),
        ("\nsources = 'src'\n", 'CONFIGURATION_WRONG_TYPE|`sources` in weir.toml must be a list of texts.|2|write sources = ["FILE or FOLDER"]'),
        ("target = 5\n", 'CONFIGURATION_WRONG_TYPE|`target` in weir.toml must be a text.|1|write target = "VALUE"'),
        ("map = 'x'\n", 'CONFIGURATION_WRONG_TYPE|`map` in weir.toml must be a table.|1|write [map], and below it "KEY" = "VALUE"'),
        (
            "[map]\n'/mnt/x' = 5\n",
            'CONFIGURATION_WRONG_TYPE|`map./mnt/x` in weir.toml must be a text.|2|write "/mnt/x" = "VALUE"',
        ),
        (
            "[conf]\na = '''\nb = 1\n'''\nc.d = [1]\n",
            'CONFIGURATION_WRONG_TYPE|`conf.c.d` in weir.toml must be a text, a number or a truth value.|5|write "c.d" = "VALUE"',
        ),
        ("[map]\n'/x/d=1' = 'y'\n", "CONFIGURATION_WRONG_KEY|The key `/x/d=1` of weir.toml has a `=`, which ends the key of --map.|2|name what stands before it"),
        (
            "[map]\n/Volumes/x = 'y'\n",
            'TOML_SYNTAX_ERROR|Broken TOML: Invalid statement.|2|write KEY = "VALUE", and put keys with other signs than letters, digits, _ and - into quotes',
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(tmp_path, text, told):
    file = written(tmp_path, text) / "weir.toml"
    with pytest.raises(WeirError) as caught:
        read_weir_toml(file)
    (p,) = caught.value.problems
    assert f"{p.condition}|{p.message}|{p.origin.line if p.origin else 0}|{p.hint}" == told


def test_all_that_is_wrong_is_told_together(tmp_path):
    file = written(tmp_path, "sauces = 1\n[tables]\n[conf]\na = []\n") / "weir.toml"
    with pytest.raises(WeirError) as caught:
        read_weir_toml(file)
    assert [p.origin.line for p in caught.value.problems if p.origin] == [1, 2, 4]


def test_a_verb_ends_before_anything_starts(tmp_path, monkeypatch):
    monkeypatch.chdir(written(tmp_path, "sauces = 1\n"))
    result = CliRunner().invoke(weir, ["validate"])
    assert str(result.exception) == (
        "[CONFIGURATION_UNKNOWN_KEY] `sauces` is no key of weir.toml.\n"
        "  at weir.toml:1\n"
        "  hint: did you mean `sources`?"
    )


def test_a_verb_without_spark_reads_the_file_too(tmp_path, monkeypatch):
    monkeypatch.chdir(written(tmp_path, 'storage = "lake"\n'))
    (tmp_path / "lake").mkdir()
    shown = CliRunner().invoke(weir, ["list", "--json"])
    assert (shown.exit_code, shown.exception) == (0, None)
