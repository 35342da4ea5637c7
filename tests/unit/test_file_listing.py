"""Which files lie at a path, and which of them a stream has read (specification §7.5)."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from weir.run.files.globs import within, within_any
from weir.run.files.listing import base_of, encoded, files_at, forget_overwritten, read_by
from weir.run.files.partitions import partition_names, partitions_of


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    """Files, each a second younger than the one before."""
    names = (
        "a/1.json", "a/2.json", "a/deep/er/3.json", "b/1.csv", "b/_hidden/4.json", "b/.5.json", "b/_6.json",
        "b/7.json._COPYING_", "c/day=1/x y.json", "[d]/{1}.json",
    )  # fmt: skip
    for second, name in enumerate(names):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
        os.utime(path, (second, second))
    return tmp_path


CASES = {
    "": ("a/1.json", "a/2.json", "a/deep/er/3.json", "b/1.csv", "c/day=1/x y.json", "[d]/{1}.json"),
    "a": ("a/1.json", "a/2.json", "a/deep/er/3.json"),
    "a/1.json": ("a/1.json",),
    "a/*.json": ("a/1.json", "a/2.json"),
    "a/?.json": ("a/1.json", "a/2.json"),
    "a/*": ("a/1.json", "a/2.json", "a/deep/er/3.json"),
    "*/1.*": ("a/1.json", "b/1.csv"),
    "{a,b}/1.*": ("a/1.json", "b/1.csv"),
    "{a/1.json,b/1.csv}": ("a/1.json", "b/1.csv"),
    "[ab]/[!2]*": ("a/1.json", "a/deep/er/3.json", "b/1.csv"),
    "[^a]/1.csv": ("b/1.csv",),
    "c/*/x y.json": ("c/day=1/x y.json",),
    "\\[d\\]/\\{1\\}.json": ("[d]/{1}.json",),
    "nothing": (),
    "n*": (),
}


@pytest.mark.parametrize("pattern", CASES)
def test_the_files_at_a_path(landing, pattern):
    files = files_at(f"{landing}/{pattern}")
    assert tuple(os.path.relpath(f.path, landing) for f in files) == CASES[pattern]


# Databricks' own examples: a pattern, a file, whether Auto Loader's and whether Spark's patterns find it.
ACROSS = (
    ("b", "b/c/file.txt", True, True),
    ("b", "b_dir/c/file.txt", False, False),
    ("b", "b.txt", False, False),
    ("b/", "b.txt", False, False),
    ("*/c/", "b/c/file.txt", True, True),
    ("*/c/", "b/c/d/file.txt", True, True),
    ("*/d/", "b/c/d/file.txt", True, False),
    ("*/c/", "b/x/y/c/file.txt", True, False),
    ("*/c", "b/c_file.txt", True, False),
    ("*/c/", "b/c_file.txt", True, False),
    ("*/c", "b/cookie/file.txt", True, False),
    ("b*", "b.txt", True, True),
    ("b*", "b/file.txt", True, True),
    ("{0.txt,1.txt}", "0.txt", True, True),
    ("*/{0.txt,1.txt}", "0.txt", False, False),
    ("b/[cde-h]/i/", "b/c/i/file.txt", True, True),
    ("\\*/c", "*/c/file.txt", True, True),
    ("{a,b}*/c,\\{1\\}", "b/x/c,{1}", True, False),
    ("**/c", "x/y/c", True, False),
    ("b?c", "b/c", False, False),
    ("b[^x]c", "b/c", False, False),
    ("*b[!x]c", "a/bac", True, False),
)


@pytest.mark.parametrize(("pattern", "name", "finds", "strictly"), ACROSS)
def test_the_stars_of_auto_loader_go_across_folders(tmp_path, pattern, name, finds, strictly):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).touch()
    pattern = f"{tmp_path}/{pattern}"
    assert len(files_at(pattern, crossing=True)) == finds
    assert len(files_at(pattern)) == strictly
    if finds and not strictly:  # as Spark's own patterns
        files = [f"{tmp_path}/{name}"]
        assert [len(files_at(spelled)) for spelled in within(pattern, files)] == [1]
        assert sum(len(files_at(spelled)) for spelled in set(within_any(pattern))) >= 1


def test_the_names_of_files_can_be_told_apart(landing):
    assert [Path(f.path).name for f in files_at(f"file:{landing}/a", "{1,3}.*")] == ["1.json", "3.json"]


def test_a_file_has_its_size_and_its_time(landing):
    file = files_at(f"{landing}/a/2.json")[0]
    assert (file.size, file.modified, file.uri) == (2, 1000, f"file://{landing}/a/2.json")


def test_a_path_in_a_uri():
    assert encoded("/a b/ñ%+#?[x]'.json") == "file:///a%20b/ñ%25+%23%3F%5Bx%5D'.json"


def test_columns_are_in_the_folders_below_the_first_pattern():
    assert base_of("file:/in/year=*/x") == "/in"
    assert list(partitions_of("/in", "/in/a=1/b/c=x=y/f=2.json")) == [("a", "1"), ("c", "x=y")]
    assert partition_names("/in", ["/in/a=1/f", "/in/a=2/f"]) == ("a",)
    assert partition_names("/in", ["/in/a=1/f", "/in/f"]) == ()


# What Spark's file source has written into a checkpoint.


def checkpoint(place: Path, committed: int, planned: int, logs: dict[str, list[tuple[str, int]]]) -> Path:
    for kind, last in (("offsets", planned), ("commits", committed)):
        for batch in range(last + 1):
            file = place / kind / str(batch)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("v1\n{}\n" + json.dumps({"logOffset": batch}))
    for name, entries in logs.items():
        file = place / "sources" / "0" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps({"path": p, "timestamp": 1000, "batchId": n}) for p, n in entries]
        file.write_text("\n".join(["v1", *lines]))
        (file.parent / f".{name}.crc").write_text("x")
    return place


def test_a_stream_that_never_ran_has_read_nothing(tmp_path):
    assert read_by(tmp_path, "/") == frozenset()


def test_a_batch_that_was_not_committed_has_not_been_read(tmp_path):
    place = checkpoint(
        tmp_path, 1, 2, {"0": [("file:///a", 0)], "1": [("file:///b", 1)], "2": [("file:///c", 2)]}
    )
    assert read_by(place, "/") == {"file:///a", "file:///b"}


def test_a_compact_log_holds_all_before_it(tmp_path):
    a, b, c, d = (f"file:///{name}" for name in "abcd")
    logs = {"1": [(b, 1)], "2.compact": [(a, 0), (b, 1), (c, 2)], "3": [(d, 3)]}
    assert read_by(checkpoint(tmp_path, 3, 3, logs), "/") == {a, b, c, d}


def test_a_source_that_is_no_folder_has_read_no_file(tmp_path):
    place = checkpoint(tmp_path, 0, 0, {"0": [("file:///a", 0)]})
    (place / "offsets" / "0").write_text('v1\n{}\n{"reservoirVersion": 3}\n-\n7')
    assert read_by(place, "/") == frozenset()


LOGS = {
    0: ["/x/orders1.json", "/x/orders2.json", "/x/deep/orders3.json"],
    1: ["/x/orders1.json"],
    2: ["/x/people1.json", "/x/people%202.json"],
    3: ["/y/orders1.json"],
}


@pytest.mark.parametrize(
    ("path", "pattern", "files"),
    [
        ("/x", "orders*", ["/x/orders1.json"]),  # what both reads of them have
        ("/x", "people?*.json", ["/x/people1.json", "/x/people%202.json"]),
        ("/x", None, []),  # nothing that all three have
        ("/x/deep", None, ["/x/orders1.json", "/x/orders2.json", "/x/deep/orders3.json"]),
        ("/y/*.json", None, ["/y/orders1.json"]),
        ("/z", None, []),
    ],
)
def test_of_several_sources_a_read_has_what_all_have_that_may_be_its_own(tmp_path, path, pattern, files):
    place = checkpoint(tmp_path, 0, 0, {})
    (place / "offsets/0").write_text("\n".join(["v1", "{}", *['{"logOffset": 0}'] * len(LOGS), "7"]))
    for source, names in LOGS.items():
        (place / f"sources/{source}").mkdir(parents=True)
        lines = [json.dumps({"path": f"file://{name}", "timestamp": 1, "batchId": 0}) for name in names]
        (place / f"sources/{source}/0").write_text("\n".join(["v1", *lines]))
    assert read_by(place, path, pattern) == {f"file://{name}" for name in files}


def test_a_source_without_files_may_be_any(tmp_path):
    place = checkpoint(tmp_path, 0, 0, {"0": [("file:///a", 0)]})
    (place / "offsets/0").write_text('v1\n{}\n{"logOffset": 0}\n-')
    assert read_by(place, "/") == frozenset()


def test_a_file_that_was_overwritten_is_forgotten(landing, tmp_path):
    one, two = files_at(f"{landing}/a/[12].json")  # changed at 0 and at 1 second; the log says 1
    place = checkpoint(tmp_path / "ck", 0, 0, {"0": [(one.uri, 0), (two.uri, 0), ("file:///gone", 0)]})
    forget_overwritten(place, [one, two])
    assert read_by(place, "/") == {two.uri, "file:///gone"}
    assert not (place / "sources" / "0" / ".0.crc").exists()


def test_but_not_while_a_batch_is_planned(landing, tmp_path):
    one = files_at(f"{landing}/a/1.json")[0]
    place = checkpoint(tmp_path / "ck", 0, 1, {"0": [(one.uri, 0)], "1": []})
    forget_overwritten(place, [one])
    assert read_by(place, "/") == {one.uri}
