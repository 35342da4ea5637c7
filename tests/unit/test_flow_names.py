"""Flows are called by any text; what is no name is a problem with its place, never a flow that is gone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dlt
from weir.define.registry import Registry, collecting, freeze
from weir.model.names import Namespace
from weir.model.problems import DefinitionError


def frozen(define):
    registry = Registry()
    with collecting(registry):
        define()
    return freeze(registry, "p", Namespace(), {})


def orders_and_a_flow(name):
    def define():
        dlt.create_streaming_table("orders")
        dlt.append_flow(target="orders", name=name)(lambda: None)

    return define


@pytest.mark.parametrize(
    ("written", "full"),
    [
        ("live", "main.default.live"),
        ("s.Live", "main.s.live"),
        ("`mi flujo`", "main.default.`mi flujo`"),
        ("mi flujo", "main.default.`mi flujo`"),
        ("backfill 2023", "main.default.`backfill 2023`"),
        ("from topic A", "main.default.`from topic a`"),
        ("..", "main.default.`..`"),
        ("a/b", "main.default.`a/b`"),
        ("eu.orders v1.2", "main.default.`eu.orders v1.2`"),
        ("x" * 300, f"main.default.{'x' * 300}"),
    ],
)
def test_a_flow_is_called_by_any_text(written, full):
    pipeline, problems = frozen(orders_and_a_flow(written))
    assert ([f.name for f in pipeline.flows], problems) == ([full], ())


@given(st.text(min_size=1).filter(str.strip))
def test_no_flow_is_lost(name):
    pipeline, problems = frozen(orders_and_a_flow(name))
    assert (len(pipeline.flows), problems) == (1, ())


@pytest.mark.parametrize("wrong", ["", 7, ["a"]])
@pytest.mark.parametrize(
    "define",
    [
        lambda wrong: dlt.append_flow(target="orders", name=wrong)(lambda: None),
        lambda wrong: dlt.append_flow(target=wrong, name="f")(lambda: None),
        lambda wrong: dlt.update_flow(target=wrong, name="f")(lambda: None),
        lambda wrong: dlt.apply_changes(wrong, "source", ["k"], "n", flow_name="f"),
        lambda wrong: dlt.apply_changes("orders", "source", ["k"], "n", flow_name=wrong),
        lambda wrong: dlt.create_auto_cdc_from_snapshot_flow("orders", "source", ["k"], name=wrong),
    ],
)
def test_a_name_and_a_target_are_texts(define, wrong):
    with pytest.raises(DefinitionError) as refused:
        define(wrong)
    (problem,) = refused.value.problems
    assert (problem.condition, problem.origin.file) == ("NOT_EXPECTED_TYPE", __file__)


@pytest.mark.parametrize(
    ("name", "target", "message"),
    [
        ("   ", "orders", "`   ` is not a name of a flow."),
        ("f", "my orders", "`my orders` is not a name of one to three parts."),
        ("f", "`..`", "`..` holds neither a letter nor a digit."),
    ],
)
def test_what_is_no_name_is_a_problem_with_its_place(name, target, message):
    def define():
        dlt.create_streaming_table("orders")
        dlt.append_flow(target=target, name=name)(lambda: None)

    pipeline, (problem,) = frozen(define)
    assert (pipeline.flows, problem.condition, problem.message) == ((), "INVALID_IDENTIFIER", message)
    assert problem.origin.file == __file__
