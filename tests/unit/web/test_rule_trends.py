"""The tab of rules says since when a rule is broken and that it is so far more often; a stream tells its pace."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.web.stories import Made, Story
from weir.web.states.state import DatasetState, FlowState, MicroBatch
from weir.web.states.status import Status

NAME, NOON = "main.s.t", datetime(2026, 5, 1, 12, tzinfo=UTC)
RULE = (("known", "id > 0", "ALLOW"),)


def broken(tmp_path, *counts):
    """An update for each count of rows out of a hundred that break the rule."""
    return [
        Story(tmp_path, "pets", (Made(NAME, rules=RULE, rows=100 - n, broken=n),)).whole().id for n in counts
    ]


def told(ask, update):
    page = ask(f"/p/pets/u/{update[:8]}?d={NAME}&tab=rules").text
    since, doubled = (
        re.search(r"broken since update (\w+)", page),
        re.search(r"the update before, ([\d.]+ %)", page),
    )
    return since and since[1], doubled and doubled[1]


def test_each_update_tells_since_when_a_rule_is_broken_and_whether_twice_as_often(ask, tmp_path):
    ids = broken(tmp_path, 0, 2, 3, 6, 0, 1)
    second, last = ids[1][:6], ids[5][:6]
    assert [told(ask, i) for i in ids] == [
        (None, None), (second, None), (second, None), (second, "3.0 %"), (None, None), (last, None),
    ]  # fmt: skip


def stream(*rows, status=Status.IDLE):
    batches = tuple(MicroBatch(n, NOON + timedelta(seconds=30 * n), 1.0, r) for n, r in enumerate(rows))
    return DatasetState(NAME, "streaming_table", status, (FlowState(NAME, NAME, "APPEND", batches=batches),))


@pytest.mark.parametrize(
    ("rows", "rate"), [((), None), ((9,), None), ((9, 10, 20), 30.0), ((9, None), None), ((None, 5), 10.0)]
)
def test_the_rate_of_a_stream_is_that_of_the_batches_after_the_first(rows, rate):
    assert stream(*rows).rate == rate


def test_batches_at_the_same_moment_have_no_rate():
    flow = FlowState(NAME, NAME, "APPEND", batches=(MicroBatch(0, NOON, 1.0, 1), MicroBatch(1, NOON, 1.0, 1)))
    assert DatasetState(NAME, "streaming_table", Status.IDLE, (flow,)).rate is None


def test_a_stream_that_goes_on_shows_its_last_batch(ask, tmp_path):
    story = Story(tmp_path, "pets", (Made(NAME, kind="STREAMING_TABLE", rows=7),))
    with story.held():
        story.begin(continuous=True)
        story.starts(NAME)
        assert "Last micro-batch" not in ask(f"/p/pets?d={NAME}").text
        story.wrote(NAME)
        assert re.search(
            r"Last micro-batch</dt><dd><time [^>]+>[^<]+</time> · 7 rows</dd>", ask(f"/p/pets?d={NAME}").text
        )
