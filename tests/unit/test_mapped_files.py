"""Python's own functions for files find what `--map` leads to folders."""

from __future__ import annotations

import glob
import os
from pathlib import Path

import pandas as pd
import pytest

from weir.define.load import load_sources
from weir.model.settings import Outside
from weir.run.code.file_use import FileUse
from weir.run.code.files import mapped_files


@pytest.mark.parity(
    "same", "1.1", "open, pathlib, os, glob and pandas on paths of a workspace that are mapped"
)
def test_mapped_paths_are_files_for_python(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/a.csv").write_text("x\n1\n")
    with mapped_files(
        Outside(prefixes={"/Volumes/main/raw": str(tmp_path / "raw"), "/mnt/r": str(tmp_path)}), FileUse()
    ):
        with open("/Volumes/main/raw/a.csv") as stream:  # noqa: PTH123
            assert stream.read() == "x\n1\n"
        assert Path("/Volumes/main/raw/a.csv").read_text() == "x\n1\n"
        assert Path("/dbfs/mnt/r/raw").is_dir()
        assert os.path.exists("/dbfs/mnt/r/raw/a.csv")  # noqa: PTH110
        assert os.listdir("/mnt/r") == ["raw"]  # noqa: PTH208
        assert [names for _, _, names in os.walk("/mnt/r")] == [[], ["a.csv"]]
        assert glob.glob("/mnt/r/*/*.csv") == ["/mnt/r/raw/a.csv"]  # noqa: PTH207
        assert [p.name for p in Path("/mnt/r/raw").iterdir()] == ["a.csv"]
        assert pd.read_csv("/dbfs/mnt/r/raw/a.csv").to_dict("list") == {"x": [1]}
        assert Path(tmp_path / "raw/a.csv").exists()
        assert os.listdir() == os.listdir(Path.cwd())  # noqa: PTH208
    assert not Path("/Volumes/main/raw/a.csv").exists()


def test_a_file_of_a_workspace_that_nothing_stands_for_names_its_flag(tmp_path):
    (tmp_path / "p.py").write_text("open('/dbfs/mnt/raw/rules.json')\n")
    (problem,) = load_sources((tmp_path / "p.py",), {}).problems
    assert (problem.message, problem.hint) == (
        "FileNotFoundError: [Errno 2] No such file or directory: '/dbfs/mnt/raw/rules.json'",
        "pass --map /mnt/raw=FOLDER",
    )
