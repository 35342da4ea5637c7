"""Two versions of a table beside each other, counted as Python counts."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from hypothesis import given, settings
from hypothesis import strategies as st

from weir.model.problems import WeirError
from weir.web.reading.diff import Change, Difference, RowChange, difference, row_count

SCHEMA = pa.schema([("id", pa.int64()), ('a "b"', pa.string())])
NAMED = 'a "b"'
Rows = list[tuple[int | None, str | None]]
ROWS = st.lists(st.tuples(st.none() | st.integers(0, 2), st.none() | st.sampled_from(["", "x"])), max_size=6)


def write(path: Path, *versions: Rows) -> Path:
    for rows in versions:
        content = [{"id": key, NAMED: text} for key, text in rows]
        write_deltalake(path, pa.Table.from_pylist(content, SCHEMA), mode="overwrite")
    return path


def counts(found: Difference) -> tuple[int, int, int]:
    return found.added, found.gone, found.changed


def test_without_keys_rows_come_and_go_as_often_as_they_are_there(tmp_path: Path) -> None:
    path = write(tmp_path, [(1, "x"), (1, "x"), (2, None)], [(1, "x"), (2, None), (3, "")])
    found = difference(path, 0, 1)
    assert counts(found) == (1, 1, 0)
    assert sorted(found.rows, key=lambda r: r.change) == [
        RowChange(Change.ADDED, {"id": 3, NAMED: ""}), RowChange(Change.GONE, {"id": 1, NAMED: "x"}),
    ]  # fmt: skip


def test_with_keys_a_row_changes_and_its_cells_are_told(tmp_path: Path) -> None:
    path = write(tmp_path, [(1, "x"), (2, "y"), (3, "z")], [(1, "x"), (2, ""), (4, "z")])
    found = difference(path, 0, 1, ["ID"])
    assert counts(found) == (1, 1, 1)
    assert found.rows == (
        RowChange(Change.CHANGED, {"id": 2, NAMED: ""}, {"id": 2, NAMED: "y"}, (NAMED,)),
        RowChange(Change.GONE, {"id": 3, NAMED: "z"}),
        RowChange(Change.ADDED, {"id": 4, NAMED: "z"}),
    )


@settings(max_examples=25, deadline=None)
@given(ROWS, ROWS)
def test_counts_are_those_of_multisets(before: Rows, after: Rows) -> None:
    old, new = Counter(before), Counter(after)
    with TemporaryDirectory() as folder:
        path = write(Path(folder), before, after)
        plain, keyed = difference(path, 0, 1), difference(path, 0, 1, ["id"])
        assert (row_count(path, 0), row_count(path, 1)) == (len(before), len(after))
    assert counts(plain) == ((new - old).total(), (old - new).total(), 0)
    came, went = (Counter(key for key, _ in c.elements()) for c in (new - old, old - new))
    assert counts(keyed) == ((came - went).total(), (went - came).total(), (came & went).total())
    assert Counter(str(r.change) for r in keyed.rows) == +Counter(
        added=keyed.added, gone=keyed.gone, changed=keyed.changed
    )


def test_columns_of_one_version_alone_are_named_and_not_compared(tmp_path: Path) -> None:
    write_deltalake(tmp_path, pa.table({"id": [1], "old": ["a"]}))
    write_deltalake(tmp_path, pa.table({"id": [1], "new": ["b"]}), mode="overwrite", schema_mode="overwrite")
    found = difference(tmp_path, 0, 1)
    assert (found.columns, found.new_columns, found.old_columns) == (("id",), ("new",), ("old",))
    assert counts(found) == (0, 0, 0)


def test_values_of_all_types_are_compared(tmp_path: Path) -> None:
    def rows(number: int) -> pa.Table:
        return pa.table({
            "m": pa.array([[("k", number)]], pa.map_(pa.string(), pa.int64())),
            "s": [{"x": number, "y": None}], "l": [[number]], "f": [float("nan")], "b": [b"\x00"],
        })  # fmt: skip

    for number in (1, 1, 2):
        write_deltalake(tmp_path, rows(number), mode="overwrite")
    assert counts(difference(tmp_path, 0, 1)) == (0, 0, 0)
    assert counts(difference(tmp_path, 1, 2)) == (1, 1, 0)


def test_no_more_rows_are_given_than_wanted_and_no_pair_is_torn(tmp_path: Path) -> None:
    path = write(tmp_path, [(n, "x") for n in range(9)], [(n, "y") for n in range(9)])
    found = difference(path, 0, 1, ["id"], limit=3)
    assert (found.changed, [r.change for r in found.rows]) == (9, [Change.CHANGED] * 3)


def test_a_version_that_is_gone_is_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path, [(1, "x")])
    for missing in ((0, 7), (7, 0)):
        with pytest.raises(WeirError, match="VERSION_NOT_FOUND"):
            difference(path, *missing)
    with pytest.raises(WeirError, match="VERSION_NOT_FOUND"):
        row_count(tmp_path / "nowhere", 0)
    assert DeltaTable(path).version() == 0
