"""`dlt` anywhere: definitions are values, importing defines and never fails."""

import pytest

import dlt
from weir.define.registry import Registry, collecting, freeze
from weir.model.definitions import DatasetKind, Sink
from weir.model.names import Namespace
from weir.model.problems import DefinitionError


def frozen(define):
    registry = Registry()
    with collecting(registry):
        define()
    return freeze(registry, "p", Namespace(), {})


def test_outside_of_any_run_a_definition_is_its_function():
    @dlt.table
    @dlt.expect("positive", "x > 0")
    def numbers(n=3):
        return n

    assert (numbers(), numbers(4), numbers.__name__) == (3, 4, "numbers")
    with pytest.raises(DefinitionError, match="outside of a pipeline run"):
        dlt.read("numbers")


def test_options_and_rules_gather_in_one_dataset():
    def define():
        @dlt.expect("a", "1 = 1")
        @dlt.table(
            name="s.t", comment="c", table_properties={"k": True}, partition_cols=["d"], temporary=True
        )
        @dlt.expect_all_or_drop({"b": "x > 0", "c": "y > 0"})
        def anything():
            return None

    pipeline, problems = frozen(define)
    dataset = pipeline.datasets["main.s.t"]
    assert problems == ()
    assert (dataset.comment, dict(dataset.table_properties), dataset.partition_cols, dataset.private) == (
        "c",
        {"k": "true", "weir.protection": '{"private": true}'},
        ("d",),
        True,
    )
    assert [(e.name, str(e.action)) for e in dataset.expectations] == [
        ("a", "warn"),
        ("b", "drop"),
        ("c", "drop"),
    ]
    assert [f.name for f in pipeline.flows] == ["main.s.t"]


def test_old_names_warn_and_call_through():
    def define():
        with pytest.warns(DeprecationWarning, match="create_target_table has been deprecated"):
            dlt.create_target_table("t")

    pipeline, _ = frozen(define)
    assert pipeline.datasets["main.default.t"].kind is DatasetKind.STREAMING_TABLE


@pytest.mark.parametrize(
    "call",
    [
        lambda: dlt.table("name"),
        lambda: dlt.table(name=3)(lambda: None),
        lambda: dlt.table(table_properties=[1])(lambda: None),
        lambda: dlt.table(partition_cols="day")(lambda: None),
        lambda: dlt.table(partition_cols=["a"], cluster_by=["b"])(lambda: None),
        lambda: dlt.append_flow()(lambda: None),
        lambda: dlt.append_flow(target="t")(dlt.expect("a", "b")(lambda: None)),
        lambda: dlt.expect("a", 3),
        lambda: dlt.expect_all(["a"]),
        lambda: dlt.on_event_hook("name"),
        lambda: dlt.on_event_hook(max_allowable_consecutive_failures=-1),
        lambda: dlt.on_event_hook(max_allowable_consecutive_failures=True),
        lambda: dlt.on_event_hook(max_allowable_consecutive_failures="3"),
        lambda: dlt.on_event_hook(lambda: None),
        lambda: dlt.on_event_hook(lambda event, more: None),
        lambda: dlt.on_event_hook(lambda *events: None),
        lambda: dlt.on_event_hook()(lambda *, event: None),
    ],
)
def test_wrong_arguments_are_told_at_the_users_line(call):
    with pytest.raises(DefinitionError) as found:
        call()
    (problem,) = found.value.problems
    assert problem.origin.file == __file__
    assert problem.hint


@pytest.mark.parity("same", "6.7", "on_event_hook, bare or called, on a function with exactly one parameter")
def test_hooks_are_kept_as_they_were_written_and_stay_functions():
    def tells(event):
        return event

    def define():
        assert dlt.on_event_hook(tells) is tells
        dlt.on_event_hook(max_allowable_consecutive_failures=0)(tells)

        @dlt.table
        def t():
            return None

    pipeline, problems = frozen(define)
    assert problems == ()
    assert [(h.name, h.function, h.limit, h.origin.file) for h in pipeline.hooks] == [
        ("tells", tells, None, __file__),
        ("tells", tells, 0, __file__),
    ]


def test_a_hook_that_is_no_function_is_shown_the_two_right_ways():
    with pytest.raises(RuntimeError) as found:
        dlt.on_event_hook("alerts")
    (problem,) = found.value.problems
    assert problem.message == "The first positional argument passed to @on_event_hook must be callable."
    assert "@on_event_hook(max_allowable_consecutive_failures=1)" in problem.hint


def test_sinks_are_kept_as_they_were_written_and_handlers_stay_functions():
    def handler(df, batch_id):
        return batch_id

    def define():
        dlt.create_sink("Alerts", format="Kafka", options={"topic": "t", "acks": 1})
        assert dlt.foreach_batch_sink(handler) is handler
        assert dlt.foreach_batch_sink(name="other")(handler) is handler

    pipeline, problems = frozen(define)
    assert problems == ()
    assert [
        (type(d), d.name, d.kind, d.format, d.options, d.handler) for d in pipeline.datasets.values()
    ] == [
        (Sink, "alerts", DatasetKind.SINK, "kafka", {"topic": "t", "acks": "1"}, None),
        (Sink, "handler", DatasetKind.SINK, "foreach_batch", {}, handler),
        (Sink, "other", DatasetKind.SINK, "foreach_batch", {}, handler),
    ]


def test_contradictions_are_problems():
    def define():
        dlt.create_streaming_table("t", expect_all={"r": "1 = 1"}, expect_all_or_drop={"r": "1 = 1"})
        dlt.create_streaming_table("T")

        @dlt.append_flow(target="t", name="f")
        def one():
            return None

        @dlt.append_flow(target="t", name="f")
        def two():
            return None

    assert [p.condition for p in frozen(define)[1]] == [
        "DUPLICATE_EXPECTATION",
        "PIPELINE_DUPLICATE_IDENTIFIERS.OUTPUT",
        "PIPELINE_DUPLICATE_IDENTIFIERS.FLOW",
    ]
