"""The modules and microservices, run with all pipelines: every count and every gold row is the manifest's."""

import pytest

from tests.lakes import Arrival

PIPELINES = ["core", "rescate", "adopcion", "ms_auxilio", "ms_rescate"]


def named(pipeline: str) -> str:
    return pipeline.replace("_", "-")


def test_each_pipeline_runs_after_those_that_it_reads(arrival: Arrival) -> None:
    order = list(arrival.reports)
    read = {"core": ["rescate", "adopcion"], "rescate": ["adopcion"], "ms-auxilio": ["ms-rescate"]}
    assert set(order) == {"monolito", *map(named, PIPELINES), "monitoreo"}
    assert order[-1] == "monitoreo"
    assert all(order.index(a) < order.index(b) for a, readers in read.items() for b in readers)


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_the_update_completes(arrival: Arrival, pipeline: str) -> None:
    found = arrival.datasets_of(named(pipeline))
    errors = {name: d["error"] for name, d in found.items() if d["error"]}
    assert (arrival.reports[named(pipeline)]["state"], errors) == ("COMPLETED", {})


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_an_update_writes_what_arrived_and_no_more(arrival: Arrival, pipeline: str) -> None:
    expected = arrival.planted["pipelines"][pipeline]["rows_written"]
    datasets = arrival.datasets_of(named(pipeline))
    assert {name: datasets[name]["rows_written"] for name in expected} == expected


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_each_rule_passed_and_failed_as_planted(arrival: Arrival, pipeline: str) -> None:
    expected = arrival.planted["pipelines"][pipeline]["rules"]
    datasets = arrival.datasets_of(named(pipeline))
    counted = {
        name: {
            r["name"]: {"passed": r["passed"], "failed": r["failed"]} for r in datasets[name]["expectations"]
        }
        for name in expected
    }
    assert {
        n: {r: c for r, c in rules.items() if c["passed"] is not None} for n, rules in counted.items()
    } == expected


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_the_quarantine_says_why(arrival: Arrival, pipeline: str) -> None:
    assert arrival.others[pipeline].quarantined == arrival.planted["pipelines"][pipeline]["quarantined"]


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_gold_is_what_the_simulator_says_happened(arrival: Arrival, pipeline: str) -> None:
    assert arrival.others[pipeline].gold == arrival.planted["pipelines"][pipeline]["gold"]


@pytest.mark.parametrize("pipeline", ["ms_auxilio", "ms_rescate"])
def test_gaps_and_repeated_versions_are_found_for_each_aggregate(arrival: Arrival, pipeline: str) -> None:
    planted = arrival.planted["pipelines"][pipeline]["anomalies"]
    assert len(planted) > 0
    assert arrival.others[pipeline].anomalies == planted
