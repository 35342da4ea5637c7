"""What code reads while it defines is known with what it looked like; what Weir and Python's own packages read is not."""

from __future__ import annotations

import importlib
import json
import pickle
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
import yaml
from pyspark import cloudpickle

from weir.define.reading import reader
from weir.model.settings import Outside
from weir.run.code.file_use import FileUse
from weir.run.code.files import mapped_files
from weir.run.lake.looks import kind_looks, place_looks
from weir.run.lake.storage import Storage


@contextmanager
def code_runs(**prefixes: str):
    """As if the lines of the block were a pipeline's."""
    use = FileUse()
    token = reader.set(object())
    try:
        with mapped_files(Outside(prefixes={f"/mnt/{k}": v for k, v in prefixes.items()}), use):
            yield use
    finally:
        reader.reset(token)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/a.yml").write_text("x: 1")
    (tmp_path / "rows.csv").write_text("x\n1\n")
    return tmp_path


def test_files_that_are_read_are_known_as_they_were_before(folder):
    with code_runs(f=str(folder)) as use:
        assert yaml.safe_load((folder / "rules/a.yml").read_text()) == {"x": 1}
        assert pd.read_csv("/mnt/f/rows.csv").to_dict("list") == {"x": [1]}
        assert [p.name for p in (folder / "rules").glob("*.yml")] == ["a.yml"]
    read = {folder / "rules/a.yml", folder / "rows.csv", folder / "rules"}
    assert use.places == {place: place_looks(place) for place in read}
    assert use.unseen is None

    with code_runs() as use:
        (folder / "rules/a.yml").read_text()
    before = use.places[folder / "rules/a.yml"]
    (folder / "rules/a.yml").write_text("x: 2")
    assert before != place_looks(folder / "rules/a.yml")


def test_paths_that_are_only_asked_for_are_known_by_what_is_there(folder):
    with code_runs() as use:
        assert (folder / "rules").is_dir()
        assert not (folder / "absent.csv").exists()
        assert (folder / "rules/../rows.csv").resolve() == folder / "rows.csv"
    assert use.places == {}
    assert use.kinds[folder / "rules"] == f"folder {folder}/rules"
    assert use.kinds[folder / "absent.csv"] == f"missing {folder}/absent.csv"
    assert use.kinds[folder / "rows.csv"] == f"file {folder}/rows.csv"
    (folder / "rows.csv").rename(folder / "other.csv")
    (folder / "rows.csv").symlink_to(folder / "other.csv")
    assert kind_looks(folder / "rows.csv") == f"file {folder}/other.csv"


def test_what_no_look_tells_is_named(folder):
    with code_runs() as use:
        (folder / "log").open("a").close()
    assert use.unseen == f"writes {folder}/log"
    (folder / "rules/all").symlink_to(folder)
    with code_runs() as use:
        list((folder / "rules").iterdir())
    assert use.unseen is not None
    assert use.unseen.startswith(f"reads {folder}/rules: ")


def test_modules_are_known_that_are_imported_by_a_value():
    with code_runs() as use:
        assert importlib.import_module("json") is json
        assert importlib.import_module(".decoder", "json") is json.decoder
    assert use.imports == {"json", "json.decoder"}


def test_what_weir_reads_meanwhile_and_what_others_do_is_not_theirs(folder):
    with code_runs() as use:
        assert list(Storage(folder).tables()) == []
        token = reader.set(None)
        (folder / "rows.csv").read_text()
        importlib.import_module("json")
        reader.reset(token)
        Path(pd.__file__).read_text()
    assert use == FileUse()


def test_workers_get_pythons_own_functions():
    with code_runs():
        text = cloudpickle.dumps([open, Path.open, importlib.import_module])
    assert pickle.loads(text) == [open, Path.open, importlib.import_module]  # noqa: S301 - made here
