"""How often a row passes an observation, from the plans that Spark explains."""

import pytest

from weir.run.frames.passes import Passes, passes

ONCE, ALL_OR_NONE, UNKNOWN = Passes.ONCE, Passes.ALL_OR_NONE, Passes.UNKNOWN
NAME = "main.default.v|main.default.t|1"


def explained(*tree: str) -> str:
    """A plan of operators, each on the one after it; their arguments stand behind a colon, the last is observed."""
    lines, details = ["== Physical Plan =="], []
    for depth, operator in enumerate(
        [*tree[:-1], f"{tree[-1]}: {NAME}, [count(1) AS rows#2L]", "Scan parquet "]
    ):
        name, _, arguments = operator.partition(": ")
        lines.append(f"{'   ' * (depth - 1)}{'+- ' if depth else ''}{name} ({len(tree) - depth})")
        details.append(f"({len(tree) - depth}) {name}\nInput [1]: [v#1L]\nArguments: {arguments}")
    return "\n".join([*lines, "", *details])


OBSERVED = "CollectMetrics"
RANGE = "Exchange: rangepartitioning(v#1L ASC NULLS FIRST, 2), ENSURE_REQUIREMENTS, [plan_id=281]"
HASH = "Exchange: hashpartitioning(k#1L, 2), ENSURE_REQUIREMENTS, [plan_id=11]"
INNER = "BroadcastHashJoin Inner BuildRight"


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ([OBSERVED], ONCE),
        (["AdaptiveSparkPlan", "* Project", "Filter", OBSERVED], ONCE),
        (["Sort", RANGE, "Project", OBSERVED], UNKNOWN),
        (["Sort", RANGE, "HashAggregate", HASH, "HashAggregate", OBSERVED], ONCE),
        (["Sort", RANGE, "SortMergeJoin Inner", "Sort", HASH, OBSERVED], UNKNOWN),
        (["LocalLimit", OBSERVED], UNKNOWN),
        (["LocalLimit", "Sort", OBSERVED], ONCE),
        (["LocalLimit", "SortMergeJoin Inner", "Sort", HASH, OBSERVED], UNKNOWN),
        (["TakeOrderedAndProject", OBSERVED], ONCE),
        (["StreamingGlobalLimit", "Exchange: SinglePartition", "* LocalLimit", OBSERVED], UNKNOWN),
        (["CartesianProduct Inner", "Project", OBSERVED], UNKNOWN),
        (["CartesianProduct Inner", HASH, OBSERVED], ONCE),
        ([INNER, "Filter", OBSERVED], ALL_OR_NONE),
        ([INNER, "BroadcastExchange", "Filter", OBSERVED], ONCE),
        (["BroadcastHashJoin LeftOuter BuildRight", OBSERVED], ONCE),
        (["Sort", RANGE, INNER, OBSERVED], UNKNOWN),
        (["HashAggregate", HASH, "HashAggregate", INNER, OBSERVED], ALL_OR_NONE),
        (["BroadcastNestedLoopJoin Inner BuildRight", OBSERVED], ONCE),
        (["BroadcastNestedLoopJoin FullOuter BuildRight", OBSERVED], UNKNOWN),
        (["BroadcastNestedLoopJoin LeftOuter BuildRight", "BroadcastExchange", OBSERVED], ONCE),
        (["SortMergeJoin Inner", "Filter", OBSERVED], UNKNOWN),
        (["SortMergeJoin LeftOuter", "Sort", HASH, "Project", OBSERVED], ONCE),
        (["Window", "WindowGroupLimit", "Sort", OBSERVED], ONCE),
        (["Union", "Sample", "ArrowEvalPython", "CollectMetrics", OBSERVED], ONCE),
        (["MapInPandas", OBSERVED], UNKNOWN),
        (["InMemoryTableScan", "InMemoryRelation", OBSERVED], UNKNOWN),
    ],
)
def test_an_observation_counts_right_only_where_all_above_it_reads_it_once(tree, expected):
    assert passes(explained(*tree), [NAME]) == {NAME: expected}


def test_what_is_not_in_the_plan_is_unknown():
    subquery = "\n===== Subqueries =====\n\nSubquery:1\nHashAggregate (92)\n+- CollectMetrics (91)\n"
    detail = "\n(91) CollectMetrics\nArguments: other|t|1, [count(1) AS rows#2L]\n"
    text = explained(OBSERVED) + subquery + detail
    assert passes(text, [NAME, "other|t|1", "pruned|t|1"]) == {
        NAME: ONCE,
        "other|t|1": UNKNOWN,
        "pruned|t|1": UNKNOWN,
    }


def test_of_two_places_of_one_observation_the_worse_counts():
    tree = """Union (7)
:- Project (3)
:  +- CollectMetrics (2)
:     +- Scan parquet  (1)
+- {top} (6)
   +- CollectMetrics (5)
      +- Scan parquet  (4)

"""
    details = "\n".join(f"({n}) CollectMetrics\nArguments: {NAME}, [count(1)]" for n in (2, 5))
    found = [
        passes("== Physical Plan ==\n" + tree.format(top=top) + details, [NAME])[NAME]
        for top in ("Filter", "LocalLimit")
    ]
    assert found == [ONCE, UNKNOWN]
