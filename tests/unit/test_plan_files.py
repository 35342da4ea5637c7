"""The plan of an update is kept beside its events, and old plans go."""

import json
import os
from pathlib import Path

import pytest

from weir.graph.analysis import Graph
from weir.plan.outline import outline_of
from weir.plan.steps import Plan, Setup, SetupStep
from weir.run.lake.storage import Storage
from weir.run.listeners import plans
from weir.run.listeners.plans import PlanFile

PLAN = Plan((SetupStep(Setup.RESET, "main.s.t", "--full-refresh"),), ("one notice",))


def kept(tmp_path: Path, update: str) -> Path:
    PlanFile(Storage(tmp_path), "mis datos/x", update).planned(outline_of(Graph({}), PLAN))
    return Storage(tmp_path).plan("mis datos/x", update)


def test_a_plan_is_kept_as_weir_plan_prints_it(tmp_path: Path) -> None:
    step = {
        "step": "reset",
        "table": "main.s.t",
        "flow": None,
        "why": "--full-refresh",
        "after": [],
        "refresh": None,
    }
    assert json.loads(kept(tmp_path, "1").read_text()) == {
        "pipeline": "mis datos/x",
        "steps": [step],
        "notices": ["one notice"],
    }


def test_only_the_newest_plans_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "KEPT", 2)
    for number in range(4):
        file = kept(tmp_path, str(number))
        os.utime(file, (number, number))
    assert sorted(f.name for f in file.parent.iterdir()) == ["2.json", "3.json"]
