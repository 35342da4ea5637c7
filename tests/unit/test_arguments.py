"""Every argument of every function of `dlt`: what it can't be is told where it was written, never a crash of ours."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import dlt
from weir.define.registry import Registry, collecting, freeze
from weir.model.names import Namespace
from weir.model.problems import WeirError

HALF = "x\ud800"  # half a surrogate pair: no Unicode
ANYTHING: tuple[Any, ...] = (
    5, 1.5, True, b"x", "", "x", "x y", HALF, [], ["a"], [["a"]], [HALF], ("a", 5), {}, {"a": 1}, {1: "a"},
    {"a": HALF}, {"a": None}, {"a": ["b"]}, {"a"}, object, lambda: None, lambda x, y: None, ...,
)  # fmt: skip
RIGHT: dict[str, Any] = {
    "target": "t", "source": "s", "keys": ["id"], "sequence_by": "n", "name": "n", "format": "kafka",
    "inv": "x > 0", "expectations": {"r": "x > 0"},
}  # fmt: skip
DEFINING = [
    name
    for name in dlt.__all__
    if name not in {"enable_local_execution", "read", "read_stream", "readStream"}
]


def query() -> None:
    """A query function."""


def parameters(name: str) -> list[str]:
    return list(inspect.signature(getattr(dlt, name)).parameters)


def defined(name: str, arguments: dict[str, Any]) -> None:
    """Call it, decorate a function where it is a decorator, and look at all names as an update would."""
    registry = Registry()
    with collecting(registry), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = getattr(dlt, name)(**arguments)
        if callable(made) and not hasattr(made, "function") and made not in arguments.values():
            made((lambda df, number: None) if name == "foreach_batch_sink" else query)
    freeze(registry, "p", Namespace(), {})


def given(name: str) -> dict[str, Any]:
    """The arguments that it can't do without."""
    signature = inspect.signature(getattr(dlt, name)).parameters.values()
    needed = {p.name for p in signature if p.default is p.empty}
    return {
        k: RIGHT[k]
        for k in RIGHT
        if k in needed or (k in {"target", "source", "keys"} and k in parameters(name))
    }


def wrong(name: str, argument: str) -> Iterator[str]:
    """What comes of each value that is no refusal by name, at the line that wrote it."""
    for value in ANYTHING:
        try:
            defined(name, {**given(name), argument: value})
        except WeirError as error:
            (problem,) = error.problems
            if not (problem.origin and problem.origin.file == __file__ and problem.hint):
                yield f"{value!r}: {problem}"
        except Exception as error:  # noqa: BLE001 - that is the fault
            yield f"{value!r}: {type(error).__name__}: {error}"


@pytest.mark.parametrize(("name", "argument"), [(n, a) for n in DEFINING for a in parameters(n)])
def test_a_wrong_value_is_told_by_name_and_place(name, argument):
    assert list(wrong(name, argument)) == []


REFUSED: list[Callable[[], Any]] = [
    lambda: dlt.table(comment=5)(query),
    lambda: dlt.table(schema=5)(query),
    lambda: dlt.table(private="yes")(query),
    lambda: dlt.table(temporary=1)(query),
    lambda: dlt.table(cluster_by_auto="no")(query),
    lambda: dlt.table(spark_conf={"k": None})(query),
    lambda: dlt.table(spark_conf={"k": ["v"]})(query),
    lambda: dlt.table(table_properties={"k": {"v": 1}})(query),
    lambda: dlt.table(table_properties={"pipelines.cdc.tombstoneGCThresholdInSeconds": "2 days"})(query),
    lambda: dlt.table(format=["delta"])(query),
    lambda: dlt.table(path=5)(query),
    lambda: dlt.table(name=HALF)(query),
    lambda: dlt.materialized_view(refresh_policy=["auto"])(query),
    lambda: dlt.view(comment=b"c")(query),
    lambda: dlt.create_streaming_table("t", comment=["c"]),
    lambda: dlt.append_flow(target=5)(query),
    lambda: dlt.update_flow(target=5)(query),
    lambda: dlt.expect(HALF, "x > 0"),
    lambda: dlt.expect("r", f"x = '{HALF}'"),
    lambda: dlt.expect_all({5: "x > 0"}),
    lambda: dlt.apply_changes(None, "s", ["id"], "n"),
    lambda: dlt.apply_changes("t", 5, ["id"], "n"),
    lambda: dlt.apply_changes("t", "s", "id", "n"),
    lambda: dlt.apply_changes("t", "s", ["id", "ID"], "n"),
    lambda: dlt.apply_changes("t", "s", ["id"], ["a", "b"]),
    lambda: dlt.apply_changes("t", "s", ["id"], 5),
    lambda: dlt.apply_changes("t", "s", ["id"], ""),
    lambda: dlt.apply_changes("t", "s", ["id"], "n", where=5),
    lambda: dlt.apply_changes("t", "s", ["id"], "n", apply_as_deletes=True),
    lambda: dlt.apply_changes("t", "s", ["id"], "n", apply_as_truncates=["a"]),
    lambda: dlt.apply_changes("t", "s", ["id"], "n", ignore_null_updates="yes"),
    lambda: dlt.apply_changes("t", "s", ["id"], "n", column_list="id"),
    lambda: dlt.apply_changes("t", "s", ["id"], "n", flow_name=5),
    lambda: dlt.apply_changes("t", "s", ["id"], "n", flow_name="a", name="b"),
    lambda: dlt.apply_changes("t", "s", ["id"], "n", stored_as_scd_type=[1]),
    lambda: dlt.apply_changes_from_snapshot("t", lambda: None, ["id"], 1),
    lambda: dlt.apply_changes_from_snapshot("t", "s", ["id"], 1, snapshot_and_version=lambda v: None),
    lambda: dlt.apply_changes_from_snapshot("t", 5, ["id"], 1),
    lambda: dlt.create_sink("s", None),
    lambda: dlt.create_sink("s", "kafka", [("a", "b")]),
]  # fmt: skip


@pytest.mark.parametrize("call", REFUSED)
def test_what_databricks_does_not_take_is_refused(call):
    with pytest.raises(WeirError) as caught:
        call()
    (problem,) = caught.value.problems
    assert (problem.origin.file, bool(problem.hint)) == (__file__, True)


def test_a_sequence_of_several_columns_is_shown_the_struct():
    with pytest.raises(WeirError) as caught:
        dlt.apply_changes("t", "s", ["id"], ["a", "b"])
    (problem,) = caught.value.problems
    assert (problem.condition, problem.hint) == ("NOT_EXPECTED_TYPE", 'write struct("a", "b")')


def test_a_snapshot_that_is_no_name_is_told_by_its_argument():
    with pytest.raises(WeirError) as caught:
        dlt.apply_changes_from_snapshot("t", keys=["id"], snapshot_and_version=(5, 1))
    (problem,) = caught.value.problems
    assert (problem.message, problem.hint) == (
        "The argument snapshot_and_version must be a name, not (5, 1).",
        "name a table or a view, or give a function: def next_snapshot(latest_version)",
    )


@pytest.mark.parametrize("read", [dlt.read, dlt.read_stream])
@pytest.mark.parametrize("name", [5, None, ["t"], ""])
def test_a_read_of_no_name_is_refused(read, name):
    with pytest.raises(WeirError) as caught:
        read(name)
    assert caught.value.problems[0].condition == "NOT_EXPECTED_TYPE"
