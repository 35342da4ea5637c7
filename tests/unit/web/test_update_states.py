"""What events say of an update: one state, wherever the log is cut in between."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from weir.model.counts import RuleCount
from weir.model.events import Event, flow_progress, planning_information, stream_progress, update_progress
from weir.web.states.fold import before_its_events, ended_without_a_word, fold, with_plan
from weir.web.states.log import LogEvent, log_event
from weir.web.states.state import Failure, PlanStep, UpdateState
from weir.web.states.status import Status

ID = "5f0c8a1e-3f7b-4b0e-9d57-2f1c1f6d3a10"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
RAW, CLEAN, GOLD = "main.s.raw", "main.s.clean", "main.s.gold"


def dataset(name: str, kind: str = "STREAMING_TABLE", rules: Iterable[Mapping[str, Any]] = ()) -> Event:
    return Event("dataset_definition", "", {"dataset_type": kind, "expectations": list(rules)}, dataset=name)


def flow(name: str, inputs: list[str] | None, kind: str = "APPEND") -> Event:
    fields = [{"name": "id", "type": "long", "nullable": True, "metadata": {}}]
    details = {"input_datasets": inputs, "flow_type": kind, "schema": fields}
    return Event("flow_definition", "", details, dataset=name, flow=name)


def wrote(name: str, rows: int | None, rules: Iterable[tuple[str, str, int, int]] = ()) -> Event:
    expectations = [
        {"dataset": d, "name": n, "passed_records": p, "failed_records": f} for d, n, p, f in rules
    ]
    quality = {
        "dropped_records": sum(r["failed_records"] for r in expectations),
        "expectations": expectations,
    }
    details = {"metrics": {"num_output_rows": rows}, "data_quality": quality}
    return flow_progress(name, name, "RUNNING", "METRICS", details)


RULE = {"name": "known", "expression": "id > 0", "action": "DROP"}
STORY = [
    Event("create_update", "", {"run_as": "ana", "cause": "USER_ACTION", "config": {"name": "pets"}}),
    update_progress(ID, "INITIALIZING"),
    dataset(RAW), flow(RAW, None),
    dataset("seen", "VIEW", [RULE]), flow("seen", [RAW], "VIEW"),
    dataset(CLEAN), flow(CLEAN, ["seen"]),
    dataset(GOLD, "MATERIALIZED_VIEW"), flow(GOLD, [CLEAN], "MATERIALIZED_VIEW"),
    *(flow_progress(n, n, "QUEUED") for n in (RAW, CLEAN, GOLD)),
    update_progress(ID, "RUNNING"),
    flow_progress(RAW, RAW, "STARTING"), flow_progress(RAW, RAW, "RUNNING"), wrote(RAW, 3), wrote(RAW, 4),
    flow_progress(RAW, RAW, "COMPLETED"),
    flow_progress(CLEAN, CLEAN, "STARTING"), wrote(CLEAN, 5, [("seen", "known", 5, 2)]),
]  # fmt: skip
BROKEN = [
    flow_progress(CLEAN, CLEAN, "FAILED", "ERROR", error=(("PySparkException", "[CAST_INVALID_INPUT] no"),)),
    flow_progress(GOLD, GOLD, "SKIPPED", "WARN"),
    update_progress(ID, "FAILED", "ERROR", (("FlowFailed", "no"),)),
]


def events(told: Iterable[Event]) -> list[LogEvent]:
    """As the log has them, a second each."""
    return [
        LogEvent(n, str(n), ID, NOON + timedelta(seconds=n), e.level, e.event_type, e.message, e.details,
                 e.dataset, e.flow, e.error)
        for n, e in enumerate(told)
    ]  # fmt: skip


def state(*told: Event) -> UpdateState:
    return fold(before_its_events(ID), events(told))


def statuses(update: UpdateState) -> dict[str, str]:
    return {name: str(d.status) for name, d in update.datasets.items()}


def test_an_update_that_runs_is_told_from_its_events() -> None:
    update = state(*STORY)
    assert (update.pipeline, update.summary.user, update.status) == ("pets", "ana", Status.RUNNING)
    assert statuses(update) == {RAW: "COMPLETED", "seen": "DEFINED", CLEAN: "STARTING", GOLD: "QUEUED"}
    assert update.edges == ((RAW, "seen"), ("seen", CLEAN), (CLEAN, GOLD))
    assert [d.written for d in update.datasets.values()] == [7, None, 5, 0]
    [rule] = update.datasets["seen"].rules
    assert (rule.action, rule.by_flow, rule.share) == ("drop", {CLEAN: RuleCount(5, 2)}, 2 / 7)
    assert update.datasets["seen"].rows == 7
    assert update.datasets[RAW].seconds(NOON) == 4


def test_causes_stand_apart_from_consequences() -> None:
    update = state(*STORY, *BROKEN)
    text = "[CAST_INVALID_INPUT] no"
    assert update.failures == (
        Failure(text, CLEAN, CLEAN, "CAST_INVALID_INPUT", (("PySparkException", text),)),
        Failure("", GOLD, causes=(CLEAN,)),
    )
    assert update.tally == {Status.DEFINED: 1, Status.COMPLETED: 1, Status.FAILED: 1, Status.SKIPPED: 1}


@given(st.lists(st.integers(0, len(STORY) + len(BROKEN)), max_size=4), st.booleans())
def test_any_cut_of_a_log_folds_to_the_same_state(cuts: list[int], broken: bool) -> None:
    story = events([*STORY, *(BROKEN if broken else ())])
    update, last = before_its_events(ID), 0
    for cut in [*sorted(cuts), len(story)]:
        update, last = fold(update, story[last:cut]), max(last, cut)
    assert update == fold(before_its_events(ID), story)


def test_a_view_that_is_up_to_date_has_nothing_new_and_says_why_another_has() -> None:
    planned = planning_information(GOLD, GOLD, "COMPLETE_RECOMPUTE", "DATA_CHANGED")
    recomputed = state(*STORY, planned)
    assert recomputed.datasets[GOLD].flows[0].issue == "DATA_CHANGED"
    idle = planning_information(GOLD, GOLD, "NO_OP", None)
    assert statuses(state(*STORY, idle, flow_progress(GOLD, GOLD, "COMPLETED")))[GOLD] == "NO_OP"


def test_a_micro_batch_has_its_rows_and_its_times() -> None:
    progress = '{"batchId": 7, "timestamp": "2026-05-01T12:00:00.5Z", "batchDuration": 1500, "durationMs": {"addBatch": 900}}'
    update = state(*STORY, wrote(RAW, 9), stream_progress(RAW, RAW, progress))
    last = update.datasets[RAW].flows[0].batches[-1]
    assert (last.number, last.rows, last.seconds, last.parts) == (7, 9, 1.5, {"addBatch": 0.9})


def test_an_update_whose_process_died_ended_without_a_word() -> None:
    update = ended_without_a_word(state(*STORY))
    assert (update.status, update.summary.ended_at) == (Status.LOST, NOON + timedelta(seconds=len(STORY) - 1))
    assert statuses(update) == {RAW: "COMPLETED", "seen": "DEFINED", CLEAN: "LOST", GOLD: "LOST"}
    done = state(*STORY, update_progress(ID, "COMPLETED"))
    assert ended_without_a_word(done) == done


def test_the_plan_is_kept_with_the_update() -> None:
    step = {
        "step": "reset",
        "table": GOLD,
        "why": "--full-refresh",
        "flow": None,
        "after": [],
        "refresh": None,
    }
    update = with_plan(state(*STORY), {"pipeline": "pets", "steps": [step], "notices": []})
    assert update.steps_of(GOLD) == (PlanStep("reset", GOLD, "--full-refresh"),)


def test_what_another_version_wrote_is_taken_as_far_as_it_is_understood() -> None:
    odd = [Event("dataset_definition", "", {"expectations": 3, "dataset_type": None}, dataset=RAW),
           Event("flow_progress", "", {"status": "HALTING", "metrics": []}, dataset=RAW, flow=RAW),
           Event("weather", "", {"sun": True})]  # fmt: skip
    assert statuses(state(*odd)) == {RAW: "UNKNOWN"}
    bare = {"timestamp": NOON, "origin": {"update_id": ID}, "details": "no json", "event_type": "weather"}
    assert log_event(bare) == LogEvent(0, "", ID, NOON, "INFO", "weather", "")
