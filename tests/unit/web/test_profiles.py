"""The data of a dataset in numbers, and as a group sees it."""

import datetime as dt
import json
import math
from decimal import Decimal

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from tests.unit.web.conftest import KNOWN
from tests.web.stories import Made, Story
from weir.run.lake.storage import Storage
from weir.web.reading.profile import ColumnProfile, profile

NAME = "main.s.t"
ROWS = {
    "i": [1, None, 3, 3],
    "a\"b's": ["a", "b", None, None],
    "f": [1.5, math.nan, -2.0, None],
    "d": [Decimal("1.10"), None, None, None],
    "at": [dt.date(2026, 1, 2), None, None, dt.date(2026, 1, 1)],
    "none": pa.array([None] * 4, pa.string()),
    "nested": [{"x": 1}, None, {"x": 2}, {"x": 3}],
    "listed": [[1], [], None, None],
}


@pytest.fixture
def table(tmp_path):
    write_deltalake(Storage(tmp_path).table(NAME), pa.table(ROWS))
    Story(tmp_path, "pets", (Made(NAME),)).whole(libraries=[{"file": {"path": "/src/pets.py"}}])
    return Storage(tmp_path).table(NAME)


def test_each_column_tells_its_nulls_its_ends_and_how_many_values_it_has(table):
    profiles = profile(table, None)
    assert [(p.nulls, p.distinct) for p in profiles] == [
        (0.25, 2), (0.5, 2), (0.25, 3), (0.75, 1), (0.5, 2), (1.0, 0), (0.25, None), (0.5, None),
    ]  # fmt: skip
    assert [(p.least, p.most) for p in profiles if p.name != "f"] == [
        (1, 3), ("a", "b"), (Decimal("1.10"), Decimal("1.10")), (dt.date(2026, 1, 1), dt.date(2026, 1, 2)),
        (None, None), (None, None), (None, None),
    ]  # fmt: skip
    assert (profiles[2].least, math.isnan(profiles[2].most)) == (-2.0, True)


def test_a_table_without_rows_has_no_share_of_nulls(tmp_path):
    write_deltalake(tmp_path / "t", pa.table({"i": pa.array([], pa.int64())}))
    assert profile(tmp_path / "t", 0) == (ColumnProfile("i", "bigint", None, None, None, 0),)


def test_the_tab_counts_columns_when_somebody_wants_it(ask, table):
    plain, counted = (ask(f"/p/pets?d={NAME}&tab=data{more}").text for more in ("", "&profile=1"))
    assert ("25.0 %" in plain, "profile=1" in plain) == (False, True)
    assert ("25.0 %" in counted, "2026-01-02" in counted, "NaN" in counted) == (True, True, True)
    assert ask(f"/p/pets?d={NAME}&tab=data&profile=1&version=7").status == 200


@pytest.mark.parametrize(("group", "status"), [("", 422), ("  ", 422)])
def test_a_group_is_named_before_its_view_is_asked_for(ask, table, group, status):
    body = json.dumps({"name": NAME, "group": group}).encode()
    answer = ask("/p/pets/act/as", headers={**KNOWN, "x-weir": "1"}, method="POST", body=body)
    assert (answer.status, json.loads(answer.text)["condition"]) == (status, "NO_GROUP")


def test_who_may_not_act_is_not_asked_for_a_group(ask, table):
    page = f"/p/pets?d={NAME}&tab=data"
    assert ["/act/as" in ask(page, acts=acts).text for acts in (True, False)] == [True, False]
