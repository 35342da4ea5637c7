"""One function a source: what each reader is told, and that all are told apart by the configuration."""

from __future__ import annotations

from importlib import import_module

import pytest

from pipelines.comun.sources import KINDS
from tests.lakes import ROOT
from weir.bundle.bundle import read_bundle
from weir.testing import PipelineUnderTest

CONFIGURATION = {
    "altrupets.kafka.servers": "kafka.altrupets.org:9092",
    "altrupets.eventhubs.namespace": "altrupets-eh",
    "altrupets.kinesis.region": "us-east-1",
    "altrupets.pubsub.project": "altrupets-project",
    "altrupets.credential": "altrupets-queues",
}
OPTIONS = {
    "kafka": {
        "kafka.bootstrap.servers": "kafka.altrupets.org:9092",
        "subscribe": "altrupets.eventos.auxilio",
        "startingOffsets": "earliest",
    },
    "event_hubs": {
        "kafka.bootstrap.servers": "altrupets-eh.servicebus.windows.net:9093",
        "kafka.security.protocol": "SASL_SSL",
        "kafka.group.id": "$Default",
        "subscribe": "altrupets-eventos-auxilio",
        "startingOffsets": "earliest",
        "databricks.serviceCredential": "altrupets-queues",
        "databricks.serviceCredential.scope": "https://altrupets-eh.servicebus.windows.net/.default",
    },
    "kinesis": {
        "streamName": "altrupets-eventos-auxilio",
        "region": "us-east-1",
        "initialPosition": "TRIM_HORIZON",
        "serviceCredential": "altrupets-queues",
    },
    "pubsub": {
        "projectId": "altrupets-project",
        "topicId": "altrupets-eventos-auxilio",
        "subscriptionId": "altrupets-eventos-auxilio-sub",
        "serviceCredential": "altrupets-queues",
    },
}
SOURCE = """
import dlt
from pipelines.comun.sources import stream

@dlt.table
def raw():
    return stream("eventos/auxilio", "aggregate_id")
"""


@pytest.fixture
def configured(spark):
    """Give the session the configuration of a pipeline, for one test."""
    given = {}

    def give(configuration):
        given.update(configuration)
        for name, value in configuration.items():
            spark.conf.set(name, value)

    yield give
    for name in given:
        spark.conf.unset(name)


@pytest.mark.parametrize("kind", list(OPTIONS))
def test_what_a_reader_is_told(configured, kind):
    configured(CONFIGURATION)
    assert import_module(f"pipelines.comun.sources.{kind}").options("eventos/auxilio") == OPTIONS[kind]
    assert set(KINDS) == {"files", *OPTIONS}


# As the document of the users names them.
NAMED = {
    "event_hubs": ("subscribe", "altrupets-events"),
    "kinesis": ("streamName", "altrupets-events"),
    "pubsub": ("subscriptionId", "events-sub"),
}


@pytest.mark.parametrize("kind", NAMED)
def test_the_bundle_names_the_streams_that_there_are(configured, kind):
    configured(read_bundle(ROOT / "databricks.yml", "prod_aws").pipelines["monolito"].configuration)
    option, name = NAMED[kind]
    assert import_module(f"pipelines.comun.sources.{kind}").options("events/streaming")[option] == name


def problem(pipeline, kind) -> tuple[str, str]:
    chosen: PipelineUnderTest = pipeline(SOURCE, configuration={**CONFIGURATION, "altrupets.source": kind})
    (found,) = chosen.problems()
    return found.condition, found.message


def test_what_runs_on_databricks_alone_is_refused_by_name(pipeline):
    for kind in ("kinesis", "pubsub"):
        assert problem(pipeline, kind) == ("Unsupported", f"The source `{kind}` is not supported here.")


def test_a_source_that_there_is_not(pipeline):
    condition, message = problem(pipeline, "mqtt")
    assert condition == "QUERY_FUNCTION_FAILED"
    assert message == (
        "ValueError: altrupets.source is 'mqtt', which is none of files, kafka, event_hubs, kinesis, pubsub"
    )


def test_files_give_the_columns_of_every_source(pipeline, tmp_path):
    folder = tmp_path / "landing/eventos/auxilio"
    folder.mkdir(parents=True)
    (folder / "1.jsonl").write_text('{"aggregate_id": "a"}\nbroken\n')
    raw = pipeline(SOURCE, configuration={"altrupets.landing": str(tmp_path / "landing")})
    assert raw.update().exit_code == 0
    found = raw.rows("raw", "raw_data")
    assert [(r["raw_data"], r["partition_key"], r["ingestion_method"]) for r in found] == [
        ("broken", None, "streaming"),
        ('{"aggregate_id": "a"}', "a", "streaming"),
    ]
    assert {r["source_file"].rsplit("/", 1)[-1] for r in found} == {"1.jsonl"}
