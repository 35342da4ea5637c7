"""What a text in the box "Find" means: one table, which whoever reads selectors elsewhere is tested by, too."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.model.counts import RuleCount
from weir.model.origin import Origin
from weir.model.problems import WeirError
from weir.web.finding.grouping import NONE, OUTSIDE, Group, Grouping, grouped
from weir.web.finding.select import Searched, selected
from weir.web.states.state import Column, DatasetState, FlowState, RuleState, UpdateState, UpdateSummary
from weir.web.states.status import Status

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
CASES = json.loads(Path(__file__).with_name("selector.json").read_text("utf-8"))
YEAR = "main.gold.`año 1`"


def dataset(name: str, kind: str, status: Status, *inputs: str, **more: object) -> DatasetState:
    columns = more.pop("columns", ())
    flow = FlowState(
        name,
        name,
        "",
        inputs=inputs,
        columns=columns,
        started_at=NOON,
        ended_at=NOON + timedelta(seconds=more.pop("seconds", 1)),
    )
    return DatasetState(name, kind, status, (flow,), **more)


USERS = dataset("main.silver.users", "streaming_table", Status.COMPLETED, origin=Origin("src/users.py", 7),
                rules=(RuleState("adult", "", "warn"),), columns=(Column("e_mail", "string"),))  # fmt: skip
SEEN = dataset("seen", "view", Status.DEFINED, "main.bronze.raw",
               rules=(RuleState("known", "", "drop", {"f": RuleCount(1, 2)}),))  # fmt: skip
ALL = [
    dataset("main.bronze.raw", "streaming_table", Status.COMPLETED, "ext.s.in", seconds=30),
    SEEN,
    dataset("main.silver.clean", "streaming_table", Status.FAILED, "seen"),
    dataset(YEAR, "materialized_view", Status.SKIPPED, "main.silver.clean"),
    USERS,
]
UPDATE = UpdateState(UpdateSummary("1", Status.FAILED), datasets={d.name: d for d in ALL})
SEARCHED = Searched(UPDATE, NOON, {YEAR})


@pytest.mark.parametrize(("text", "names"), CASES)
def test_a_text_means_these_datasets(text: str, names: list[str]) -> None:
    assert sorted(selected(SEARCHED, text)) == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sate:failed", "[INVALID_SELECTOR] `sate:` is no key of a search.\n  hint: did you mean `state`?"),
        ("broken:many", "[INVALID_SELECTOR] `many` is no number.\n  hint: write, for example, broken:10"),
    ],
)
def test_what_is_no_key_or_number_is_told(text: str, message: str) -> None:
    with pytest.raises(WeirError) as raised:
        selected(SEARCHED, text)
    assert str(raised.value) == message


@given(st.text(alphabet='raw ,+-"`:129.', max_size=12))
def test_any_text_has_an_answer(text: str) -> None:
    with suppress(WeirError):
        assert selected(SEARCHED, text) <= set(SEARCHED.names)


def test_a_large_graph_is_drawn_by_its_schemas_or_folders() -> None:
    none, bronze = (
        Group(NONE, ("seen",), {Status.DEFINED: 1}),
        Group("main.bronze", ("main.bronze.raw",), {Status.COMPLETED: 1}),
    )
    silver = Group(
        "main.silver", ("main.silver.clean", "main.silver.users"), {Status.FAILED: 1, Status.COMPLETED: 1}
    )
    gold, outside = Group("main.gold", (YEAR,), {Status.SKIPPED: 1}), Group(OUTSIDE, ("ext.s.in",), {})
    edges = {
        (OUTSIDE, "main.bronze"): 1,
        ("main.bronze", NONE): 1,
        (NONE, "main.silver"): 1,
        ("main.silver", "main.gold"): 1,
    }
    assert grouped(UPDATE, "schema") == Grouping((bronze, none, silver, gold, outside), edges)
    assert [g.name for g in grouped(UPDATE, "folder").groups] == [NONE, "src", OUTSIDE]
    assert silver.status is Status.FAILED
