"""Sinks and what writes into them: what is wrong is told where it was written."""

from __future__ import annotations

import pytest

import dlt
from weir.define.registry import Registry, collecting, freeze
from weir.model.definitions import Sink, UpdateFlow
from weir.model.names import Namespace
from weir.model.problems import WeirError


def defined(define):
    """The pipeline, and each problem's condition, sentence and hint."""
    registry = Registry()
    with collecting(registry):
        define()
    pipeline, problems = freeze(registry, "p", Namespace(), {})
    return pipeline, [(p.condition, p.message, p.hint) for p in problems]


def refused(define):
    with pytest.raises(WeirError) as told, collecting(Registry()):
        define()
    (problem,) = told.value.problems
    assert problem.origin.file == __file__
    return problem.condition, problem.message, problem.hint


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, "neither `tableName` nor `path`"),
        ({"TABLENAME": "c.s.t", "path": "/p"}, "both `tableName` and `path`"),
    ],
)
def test_a_delta_sink_has_one_place(options, found):
    assert refused(lambda: dlt.create_sink("s", "delta", options)) == (
        "DELTA_SINK_WITHOUT_PLACE",
        f"The sink `s` has {found}.",
        "give the one: options={'tableName': 'catalog.schema.table'}",
    )


@pytest.mark.parity(
    "differs",
    "1.7",
    "The options checkpointLocation and queryName of a sink",
    "they have no effect, which is told: each flow has a checkpoint and a name of its own",
)
def test_a_sink_has_no_part_in_where_its_flows_go_on():
    given = {"path": "/p", "checkpointLocation": "/c", "QueryName": "q", "mergeSchema": "true"}
    with pytest.warns(UserWarning, match="the sink's option '.*' has no effect: ") as told:
        pipeline, problems = defined(lambda: dlt.create_sink("s", "delta", given))
    (sink,) = pipeline.datasets.values()
    assert sink.options == {"path": "/p", "mergeSchema": "true"}
    assert problems == []
    assert [str(w.message).partition(": ")[2] for w in told] == [
        "the pipeline keeps a checkpoint for each flow",
        "each flow into the sink has its own name",
    ]


def test_credentials_of_databricks_are_not_for_a_broker_of_ones_own():
    options = {"databricks.serviceCredential": "c"}
    assert refused(lambda: dlt.create_sink("s", "kafka", options)) == (
        "Unsupported",
        "databricks.serviceCredential is not supported here.",
        "give the broker's own options",
    )


def test_a_handler_takes_a_batch_and_its_number():
    def handler(df):
        raise NotImplementedError

    assert refused(lambda: dlt.foreach_batch_sink(handler)) == (
        "FOREACH_BATCH_SINK_PARAMETERS",
        "The sink `handler` does not take two arguments.",
        "write def handler(df, batch_id)",
    )


def test_a_flow_of_updates_names_its_target_and_does_not_run_in_real_time():
    assert refused(lambda: dlt.update_flow()(lambda: None)) == (
        "PIPELINE_FLOW_WITHOUT_TARGET",
        "update_flow has no target.",
        "write @dlt.update_flow(target='the_sink')",
    )
    conf = {"pipelines.trigger": "RealTime"}
    assert refused(lambda: dlt.update_flow(target="s", spark_conf=conf)) == (
        "Unsupported",
        "The trigger RealTime is not supported here.",
        "leave pipelines.trigger out of spark_conf",
    )


def test_a_sink_gets_updates_with_the_configuration_of_their_flow():
    def define():
        dlt.create_sink("s", "kafka", {"topic": "t"})

        @dlt.update_flow(target="s", spark_conf={"k": "v"})
        def counts():
            return None

    pipeline, problems = defined(define)
    (flow,) = pipeline.flows_into("s")
    assert problems == []
    assert (type(flow), flow.name, dict(flow.spark_conf)) == (UpdateFlow, "main.default.counts", {"k": "v"})
    assert [type(d) for d in pipeline.datasets.values()] == [Sink]


@pytest.mark.parametrize(
    ("target", "what"), [("t", "`main.default.t`, which is no sink"), ("s", "`s`, which is a delta sink")]
)
def test_updates_go_into_no_table(target, what):
    def define():
        dlt.create_streaming_table("main.default.t")
        dlt.create_sink("s", "delta", {"path": "/p"})
        dlt.update_flow(target=target, name="f")(lambda: None)

    assert defined(define)[1] == [
        (
            "UPDATE_FLOW_TARGET_NOT_SUPPORTED",
            f"The update flow `f` writes into {what}.",
            "use @dlt.append_flow, or let a foreach_batch_sink merge the rows",
        )
    ]


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("s.t", ("DELTA_SINK_TABLE_NOT_QUALIFIED",
                 "The sink `out` writes into `s.t`, which is not a name of three parts.",
                 "write catalog.schema.table")),
        ("main.s.t", ("DELTA_SINK_INTO_PIPELINE_TABLE",
                      "The sink `out` writes into `main.s.t`, a table of this pipeline.",
                      "let the flow append to it: @dlt.append_flow(target='main.s.t')")),
    ],
)  # fmt: skip
def test_a_delta_sink_writes_into_a_full_name_outside_of_the_pipeline(table, problem):
    def define():
        dlt.create_streaming_table("main.s.t")
        dlt.create_sink("out", "delta", {"tableName": table})

    assert defined(define)[1] == [problem]


def test_views_and_sinks_belong_to_no_schema_and_share_no_name_with_a_table():
    def define():
        dlt.create_streaming_table("t")
        dlt.create_sink("t", "kafka")
        dlt.create_sink("a.s", "kafka")
        dlt.temporary_view(name="a.v")(lambda: None)

    assert [(condition, hint) for condition, _, hint in defined(define)[1]] == [
        ("SINK_NAME_TOO_MANY_NAME_PARTS", "a sink belongs to no schema: give it a single name"),
        (
            "TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS",
            "a temporary view belongs to no schema: give it a single name",
        ),
        ("PIPELINE_DUPLICATE_IDENTIFIERS.OUTPUT", "give one of the two another name"),
    ]


def test_flows_that_write_nowhere_or_share_a_name_are_told():
    def define():
        dlt.create_streaming_table("orders")
        for target, name in [("order", "f"), ("pets", "g"), ("orders", "h"), ("a.b.c.d", "i")]:
            dlt.append_flow(target=target, name=name)(lambda: None)

    def twice():
        dlt.create_streaming_table("orders")
        dlt.append_flow(target="orders", name="f")(lambda: None)
        dlt.append_flow(target="orders", name="f")(lambda: None)

    assert [(condition, hint) for condition, _, hint in defined(define)[1]] == [
        ("PIPELINE_FLOW_TARGET_NOT_FOUND", "did you mean `main.default.orders`?")
    ]  # all in one line: the first is told
    assert [condition for condition, *_ in defined(twice)[1]] == ["PIPELINE_DUPLICATE_IDENTIFIERS.FLOW"]
