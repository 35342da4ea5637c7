"""A table's state is read once for each of its commits, and is never older than its log."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
from deltalake import write_deltalake

from weir.run.lake.storage import Storage

NAME = "main.default.t"


def write(storage: Storage, **columns: list[int]) -> None:
    path = storage.table(NAME)
    path.mkdir(parents=True, exist_ok=True)
    write_deltalake(path, pa.table(columns), mode="append")


def test_it_is_read_once_as_long_as_nobody_commits(tmp_path: Path):
    storage = Storage(tmp_path)
    assert storage.state(NAME) is None
    write(storage, a=[1])
    state = storage.state(NAME)
    assert state is not None
    assert state.version == 0
    assert storage.state(NAME) is state
    assert Storage(tmp_path).state(NAME) is state


def test_a_commit_of_anyone_is_seen_at_once(tmp_path: Path):
    storage, versions = Storage(tmp_path), []
    for n in range(12):  # 10 comes after 9
        write(storage, a=[n])
        state = storage.state(NAME)
        versions.append(state.version if state else None)
    assert versions == [*range(12)]


def test_a_table_that_is_made_anew_is_another_at_the_same_version(tmp_path: Path):
    storage = Storage(tmp_path)
    write(storage, a=[1])
    assert storage.state(NAME)
    shutil.rmtree(storage.table(NAME))
    assert storage.state(NAME) is None
    write(storage, b=[1])
    state = storage.state(NAME)
    assert state is not None
    assert '"b"' in state.schema_json
