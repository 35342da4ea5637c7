"""Names of files that cloud storage has and the local file system of Spark can't read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from weir.model.problems import UnsupportedError
from weir.run.files.options import file_options
from weir.run.files.source import listed


@pytest.mark.parity(
    "refused",
    "7.2",
    "A colon in a file's name",
    "rename the local copy: Spark's local file system has no such names",
)
def test_a_colon_is_refused_with_the_name_that_has_it(tmp_path: Path) -> None:
    options = file_options({"path": str(tmp_path), "cloudFiles.format": "json"}, None, None)
    (tmp_path / "day=1:2").mkdir()
    (tmp_path / "day=1:2/a.json").write_text("{}")
    assert [Path(file.path).name for file in listed(options)] == ["a.json"]
    for time in ("10", "11"):
        (tmp_path / f"2024-01-01T{time}:00:00.json").write_text("{}")
    with pytest.raises(UnsupportedError) as refused:
        listed(options)
    assert str(refused.value).startswith(
        "[Unsupported] A colon in the name of a file, here of 2024-01-01T10:00:00.json and of 1 more, is not supported"
    )


def test_a_name_that_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "café.json").write_text("{}")
    options = file_options({"path": str(tmp_path), "cloudFiles.format": "json"}, None, None)
    assert len(listed(options)) == 1
    Path(os.fsdecode(bytes(tmp_path / "caf") + b"\xe9.json")).write_text("{}")
    with pytest.raises(UnsupportedError) as refused:
        listed(options)
    assert str(refused.value).startswith("[Unsupported] The path of a file that is no UTF-8, here of '")
