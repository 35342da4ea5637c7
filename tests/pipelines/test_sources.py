"""One function a source: what each reader is told, and that all are told apart by the configuration."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest

from pipelines.comun.sources import KINDS
from tests import fixtures
from tests.lakes import ROOT
from weir.bundle.bundle import read_bundle
from weir.testing import PipelineUnderTest

pipeline = fixtures.pipeline  # from a text, as elsewhere but in this folder

CONFIGURATION = {
    "altrupets.eventhubs.namespace": "altrupets-eh",
    "altrupets.kinesis.region": "us-east-1",
    "altrupets.pubsub.project": "altrupets-project",
    "altrupets.credential": "altrupets-queues",
}
OPTIONS = {
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


EACH = """
import dlt
from importlib import import_module

def define(kind):
    # Event hubs and streams of Kinesis are called alike.
    feed = "eventos/rescate" if kind == "event_hubs" else "eventos/auxilio"

    @dlt.table(name=kind)
    def raw():
        return import_module(f"pipelines.comun.sources.{kind}").stream(feed, "aggregate_id")

for kind in ("files", "event_hubs", "kinesis", "pubsub"):
    define(kind)
"""
EVENTS = ['{"aggregate_id": "a", "ñ": 1}', "broken", '{"aggregate_id": "b"}']
# Kind -> the stream that it reads, the column with the record, that with its key, and what says its place.
QUEUES = {
    "event_hubs": ("altrupets-eventos-rescate", "value", "key", ["topic", "partition", "offset", "timestamp"]),
    "kinesis": (
        "altrupets-eventos-auxilio", "data", "partitionKey",
        ["stream", "shardId", "sequenceNumber", "approximateArrivalTimestamp"],
    ),
    "pubsub": ("altrupets-eventos-auxilio-sub", "payload", None, ["messageId", "publishTimestampInMillis"]),
}  # fmt: skip


@pytest.fixture
def fed(pipeline, tmp_path):
    """Every source at once: one folder of files, and the same records for each queue, with their keys."""
    landing = tmp_path / "landing/eventos/auxilio"
    landing.mkdir(parents=True)
    (landing / "1.jsonl").write_text("\n".join(EVENTS), encoding="utf-8")
    streams = {}
    for kind, (stream, content, key, _) in QUEUES.items():
        folder = tmp_path / kind
        folder.mkdir()
        owners = ["a", None, "b"]
        lines = [
            {content: text, **({key: o} if key and o else {})} for text, o in zip(EVENTS, owners, strict=True)
        ]
        (folder / "1.records.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        streams[stream] = str(folder)
    return pipeline(
        EACH, configuration={**CONFIGURATION, "altrupets.landing": str(tmp_path / "landing")}, streams=streams
    )


def test_each_queue_gives_what_files_give(fed):
    assert {d.name: d.error for d in fed.update().datasets if d.error} == {}
    rows = {kind: fed.rows(kind, "raw_data") for kind in ("files", *QUEUES)}
    same = ("raw_data", "partition_key", "ingestion_method")
    expected = [tuple(row[name] for name in same) for row in rows["files"]]
    assert [text for text, _, _ in expected] == sorted(EVENTS)
    for kind, (_, _, _, place) in QUEUES.items():
        assert [tuple(row[name] or None for name in same) for row in rows[kind]] == expected
        assert {row["source_file"] for row in rows[kind]} == {None}
        assert [list(json.loads(row["source_metadata"])) for row in rows[kind]] == [place] * len(EVENTS)


def test_where_all_comes_by_queues_no_file_is_looked_for(spark, tmp_path):
    """Users, too, and regions are part of the repository; an export only where its folder is named."""
    configuration = {**CONFIGURATION, "altrupets.source": "kinesis", "altrupets.exports": ""}
    configuration["altrupets.landing"] = str(tmp_path / "nothing")
    streams = {name: str(tmp_path / name) for name in ("altrupets-events-streaming", "altrupets-users")}
    for folder in streams.values():
        Path(folder).mkdir()
    for name in ("monolito", "core"):
        sources = [ROOT / "pipelines" / name]
        chosen = PipelineUnderTest(spark, tmp_path, sources, configuration, streams=streams)
        assert chosen.problems() == ()


def test_a_source_that_there_is_not(pipeline):
    condition, message = problem(pipeline, "mqtt")
    assert condition == "QUERY_FUNCTION_FAILED"
    assert message == (
        "ValueError: altrupets.source is 'mqtt', which is none of files, event_hubs, kinesis, pubsub"
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
