"""The rules are data: well-formed SQL, one name a dataset, each on a dataset that exists."""

from collections import Counter
from pathlib import Path

import pytest
import sqlglot

from expectations import RULES, rules
from expectations.contracts import published
from expectations.rule import Rule
from simulator.manifest import manifest
from simulator.settings import SimulatorSettings
from weir.bundle.contracts import read_contracts

PROMISED = {
    rule.name
    for contract in read_contracts(Path(__file__).parents[2] / "expectations/contracts").current
    for rule in published(contract.table).rules
}
UNDER_CONTRACT = {"regiones", "solicitudes_validas", "llamadas", "llamadas_historia"}
PIPELINES = Path(__file__).parents[2] / "pipelines"


def test_rules_come_as_the_decorators_take_them() -> None:
    assert rules("app_events", "drop") == {
        "event_readable": "coalesce(event_id, event_type, user_id, payload) IS NOT NULL"
    }
    assert rules("app_events", "warn") == {"timestamp_readable": "timestamp IS NOT NULL"}


def test_asking_for_rules_that_nobody_wrote_is_an_error() -> None:
    with pytest.raises(KeyError, match="no rule has tag 'app_event' and action 'drop'"):
        rules("app_event", "drop")


def test_a_name_stands_once_on_a_dataset() -> None:
    twice = {key: n for key, n in Counter((r.tag, r.name) for r in RULES).items() if n > 1}

    assert twice == {}


def test_every_tag_is_a_dataset() -> None:
    assert {rule.tag for rule in RULES} <= {file.stem for file in PIPELINES.rglob("*.py")}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.tag}.{rule.name}")
def test_every_condition_is_sql(rule: Rule) -> None:
    assert sqlglot.condition(rule.condition, dialect="databricks") is not None


def test_every_action_is_in_use() -> None:
    assert {rule.action for rule in RULES} == {"warn", "drop", "fail"}


def test_the_manifest_counts_exactly_the_rules_that_warn_or_drop() -> None:
    planted = manifest(SimulatorSettings(days=10, events=100, users=10), 1)
    found = [planted["cumulative"], *planted["arrivals"][0]["pipelines"].values()]
    counted = {
        (t.split(".")[-1], rule) for one in found for t, rules in one["rules"].items() for rule in rules
    }

    promised = {(tag, name) for tag, name in counted if name in PROMISED and tag in UNDER_CONTRACT}
    # The events' own rules stand on a view, under one name for both services.
    named = {
        ("eventos_validos", name) if tag.startswith("eventos_") and action == "drop" else (tag, name)
        for tag, name, action in ((r.tag, r.name, r.action) for r in RULES if r.action != "fail")
    }
    assert counted - (promised - named) == named
