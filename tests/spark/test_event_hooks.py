"""Event hooks: user functions that hear what happens, and can hurt nobody (specification §6.7)."""

from __future__ import annotations

import json
import os
import threading
from collections import Counter

import pytest

from weir.model.problems import WeirError
from weir.run.listeners import hooks
from weir.run.listeners.rows import rest_json
from weir.testing import rows_of

TABLE = """
import dlt

@dlt.table
def numbers():
    return spark.readStream.table("given")
"""
LISTENS = """
import dlt, json
from pathlib import Path

HEARD = Path(spark.conf.get("heard"))

@dlt.on_event_hook
def listens(event):
    with HEARD.open("a") as file:
        print(json.dumps(event), file=file)
"""


@pytest.fixture
def listening(pipeline, tmp_path):
    """A small pipeline beside a file with hooks; one hook writes down what it hears."""

    def make(more="", table=TABLE):
        p = pipeline(
            {"a.py": table, "b.py": LISTENS + more}, configuration={"heard": str(tmp_path / "heard")}
        )
        p.feed("given", [{"x": 1}, {"x": 2}])
        return p

    return make


def heard(p):
    file = p.folder / "heard"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def logged(p):
    return rows_of(p.storage.events("local"), "sequence['control_plane_seq_no']")


def told_of_hooks(p):
    """The events of type hook_progress: name, status, level, message."""
    rows = [r for r in logged(p) if r["event_type"] == "hook_progress"]
    details = [json.loads(r["details"])["hook_progress"] for r in rows]
    return [(d["name"], d["status"], r["level"], r["message"]) for d, r in zip(details, rows, strict=True)]


@pytest.mark.parity(
    "same", "6.7", "A hook of any file receives every event of the update in order, as a dictionary"
)
@pytest.mark.parity(
    "same", "6.7", "Events from before the sources were loaded, and the last one, reach hooks too"
)
def test_a_hook_hears_all_that_the_log_holds(listening):
    p = listening()
    p.update()
    assert heard(p) == [rest_json(r) for r in logged(p)]
    states = [
        e["details"]["update_progress"]["state"] for e in heard(p) if e["event_type"] == "update_progress"
    ]
    assert (heard(p)[0]["event_type"], states) == (
        "create_update",
        ["WAITING_FOR_RESOURCES", "INITIALIZING", "SETTING_UP_TABLES", "RUNNING", "COMPLETED"],
    )


BREAKING = """
@dlt.on_event_hook(max_allowable_consecutive_failures=1)
def fragile(event):
    event.clear()
    raise ValueError("boo")

calls = []

@dlt.on_event_hook(max_allowable_consecutive_failures=0)
def steady(event):
    calls.append(event["id"])

@dlt.on_event_hook(max_allowable_consecutive_failures=1)
def moody(event):
    if len(calls) % 2:
        raise SystemExit

@dlt.on_event_hook
def careless(event):
    event["nothing"]
"""


@pytest.mark.parity(
    "same", "6.7", "More consecutive failures than allowed disable a hook until the next update"
)
@pytest.mark.parity("same", "6.7", "A failure of a hook is a hook_progress event, which no hook receives")
@pytest.mark.parity(
    "differs", "6.7", "hook_progress: status and message", "FAILED or DISABLED; theirs are not documented"
)
def test_hooks_that_fail_hurt_neither_the_update_nor_each_other(listening):
    p = listening(BREAKING)
    assert p.update().state == "COMPLETED"
    count = len(heard(p))
    assert Counter((name, status) for name, status, _, _ in told_of_hooks(p)) == {
        ("fragile", "FAILED"): 2,
        ("fragile", "DISABLED"): 1,
        ("moody", "FAILED"): (count + 1) // 2,
        ("careless", "FAILED"): count,
    }
    file = p.sources[0] / "b.py"
    line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if "boo" in text)
    assert [t[1:] for t in told_of_hooks(p) if t[0] == "fragile"] == [
        ("FAILED", "WARN", f"Event hook 'fragile' has FAILED at {file}:{line}: ValueError: boo."),
        ("FAILED", "WARN", f"Event hook 'fragile' has FAILED at {file}:{line}: ValueError: boo."),
        ("DISABLED", "WARN",
         "Event hook 'fragile' is DISABLED until the next update, after 2 consecutive failures."),
    ]  # fmt: skip
    assert [e for e in heard(p) if e["event_type"] == "hook_progress"] == []
    p.update()
    assert len([t for t in told_of_hooks(p) if t[0] == "fragile"]) == 6


HANGING = """
import os
FIFO = spark.conf.get("heard") + ".fifo"

@dlt.on_event_hook
def hangs(event):
    os.close(os.open(FIFO, os.O_RDONLY))  # until somebody opens it for writing
"""


@pytest.mark.parity(
    "same", "6.7", "A hook that hangs blocks the others, and the update only for a fixed grace time"
)
def test_a_hook_that_hangs_is_given_up_after_a_while(listening, tmp_path, monkeypatch, threads):
    monkeypatch.setattr(hooks, "GRACE", 0.1)
    os.mkfifo(tmp_path / "heard.fifo")
    said = []
    p = listening(HANGING)
    p.say = said.append
    assert p.update().state == "COMPLETED"
    events = [r for r in logged(p) if r["event_type"] != "hook_progress"]
    assert said == [f"{len(events)} events did not reach the event hooks in 0.1 s"]
    [left] = threads()
    os.close(os.open(tmp_path / "heard.fifo", os.O_WRONLY))
    left.join(30)
    assert (left.is_alive(), len(heard(p))) == (False, 1)


@pytest.fixture
def threads():
    """The threads of hooks that are still there."""
    return lambda: [t for t in threading.enumerate() if t.name == "event-hooks"]


def test_an_update_that_fails_at_its_definitions_tells_hooks_why(listening):
    p = listening(table=TABLE.replace("given", "givven"))
    with pytest.raises(WeirError, match="TABLE_OR_VIEW_NOT_FOUND"):
        p.update()
    last = heard(p)[-1]
    assert (last["message"].split()[-1], last["error"]["exceptions"][0]["class_name"]) == (
        "FAILED.",
        "TABLE_OR_VIEW_NOT_FOUND",
    )
    assert [e["event_type"] for e in heard(p)] == [r["event_type"] for r in logged(p)]


@pytest.mark.parity(
    "same", "6.7", "Hooks belong to the pipeline, not to its graph: only an update calls them"
)
def test_nothing_but_an_update_of_the_pipeline_calls_hooks(listening):
    p = listening()
    assert (p.problems(), [s.dataset for s in p.plan().flows]) == ((), ["main.default.numbers"])
    assert list(p.graph().datasets) == ["main.default.numbers"]
    assert p.compute("numbers").result.rows_written == 2
    assert heard(p) == []


def test_hooks_of_one_name_are_all_called(listening):
    p = listening(LISTENS)
    p.update()
    assert Counter(e["id"] for e in heard(p)) == {r["id"]: 2 for r in logged(p)}


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"maturity_level": "STABLE", "event_type": "flow_progress"}, True),
        ({"maturity_level": "EVOLVING", "event_type": "flow_progress"}, False),
        ({"maturity_level": "STABLE", "event_type": "hook_progress"}, False),
    ],
)
def test_hooks_hear_of_what_is_stable_and_not_of_hooks(event, told):
    assert hooks.is_for_hooks(event) is told
