"""SQL with one mistake: each gets a line, a sentence and a hint, before Spark has seen anything."""

from __future__ import annotations

import pytest

from tests.sql_mutants import MUTANTS, SHOP
from weir.define.cells import Cell
from weir.define.registry import Registry, collecting
from weir.define.sql.statement import read
from weir.define.statements.load import load_sql
from weir.model.origin import Origin
from weir.model.problems import WeirError


def query_problems(flow):
    function = getattr(flow.function, "function", flow.function)
    if not hasattr(function, "query"):
        return ()
    try:
        read(function.query.source, {})
    except WeirError as error:
        return error.problems
    return ()


def problems(text):
    with collecting(Registry()) as registry:
        load_sql(Cell("sql", text, Origin("shop.sql", 1)), {})
    queries = [problem for flow in registry.flows for problem in query_problems(flow)]
    return [problem.with_hint() for problem in (*registry.problems, *queries)]


def test_the_source_is_good_before_it_is_changed():
    assert problems(SHOP) == []


@pytest.mark.parity("same", "8", "Each mistake of a SQL source has a line, a sentence and a hint")
@pytest.mark.parametrize("mutant", MUTANTS, ids=[f"{m[0]} -> {m[1]}" for m in MUTANTS])
def test_a_mistake_in_sql_has_its_line_and_a_hint(mutant):
    text, wrong, *told = mutant
    assert text in SHOP
    found = problems(SHOP.replace(text, wrong, 1))
    assert [found[0].condition, found[0].origin.line, found[0].hint] == told
    assert all(p.origin.file == "shop.sql" and p.hint and p.message.endswith(".") for p in found)
    assert not any("\n" in p.message or "Traceback" in p.message for p in found)


PYTHON = ("dlt.", "spark.", "@", "=True", "_by", "col(", "table_properties", "scd_type")


def test_no_hint_speaks_python():
    hints = {
        problem.hint for text, wrong, *_ in MUTANTS for problem in problems(SHOP.replace(text, wrong, 1))
    }
    spoken = {hint for hint in hints if any(word in hint for word in PYTHON)}
    assert spoken == {
        "compare snapshots in Python, dlt.create_auto_cdc_from_snapshot_flow: SQL has no word for it",
        "register the function in a Python source, spark.udf.register, or write its expression",
    }
