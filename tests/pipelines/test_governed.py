"""The tables of AltruPets as its groups see them."""

from __future__ import annotations

from typing import Any

import pytest

from expectations.privacy import PERSONAL
from tests.lakes import CATALOG, ROOT, Arrival, Lake
from weir.graph.analysis import Graph, ResolvedTable, ResolvedView
from weir.model.definitions import MaterializedView
from weir.model.governance import protection_from
from weir.model.problems import WeirError
from weir.run.lake.storage import Storage
from weir.testing import as_group

# Another service follows its changes, and on Databricks a masked table tells its reader masked ones.
FOLLOWED = {("ms_auxilio_silver.llamadas", "rescatista_id")}


def test_who_somebody_is_is_masked_above_bronze(lake: Lake, arrivals: list[Arrival]) -> None:
    names = [name.removeprefix(f"{CATALOG}.") for name in Storage(lake.storage).tables()]
    above = [name for name in names if not name.split(".")[0].endswith("_bronze")]
    bare = set()
    for name in above:
        table = lake.table(name)
        masks = protection_from(table.metadata().configuration).masks
        bare |= {(name, column) for column in PERSONAL & {f.name for f in table.schema().fields} - set(masks)}
    assert len(above) > 25
    assert bare == FOLLOWED


def test_what_is_computed_from_masked_columns_stops_where_it_is_told_masks(graphs: list[Graph]) -> None:
    tables = {n: d.dataset for g in graphs for n, d in g.targets.items() if isinstance(d, ResolvedTable)}
    hidden = {name for name, table in tables.items() if table.protection.masks}
    from_hidden = {n for g in graphs for n in g.targets if n in hidden and hidden & read_by(g, n)}
    assert {n for n in from_hidden for e in tables[n].expectations if e.name == "not_masked"} == from_hidden
    assert len(from_hidden) == 4


def test_the_page_names_what_masks_make_databricks_compute_in_full(graphs: list[Graph]) -> None:
    tables = {n: d.dataset for g in graphs for n, d in g.targets.items() if isinstance(d, ResolvedTable)}
    hidden = {n for n, t in tables.items() if t.protection.masks or t.protection.row_filter}
    views = {n for n, t in tables.items() if isinstance(t, MaterializedView)}
    full = {
        n.removeprefix(f"{CATALOG}.") for g in graphs for n in views & {*g.targets} if hidden & read_by(g, n)
    }
    page = (ROOT / "docs/deploy.md").read_text(encoding="utf-8").partition("## What masks cost")[2]
    named = [row.split("|")[1] for row in page.splitlines() if row.startswith("| `")]
    assert {name.strip("` ") for row in named for name in row.split(",")} == {
        n for n in full if not n.startswith("monitoreo") and "_unique_" not in n
    }


def read_by(graph: Graph, name: str) -> set[str]:
    """The tables behind the views that a table reads."""
    inputs = graph.datasets[name].inputs
    views = [n for n in inputs if isinstance(graph.datasets.get(n), ResolvedView)]
    return set(inputs).union(*(read_by(graph, view) for view in views))


@pytest.mark.parametrize(
    ("group", "reads"), [("data-engineers", 3), ("data-analysts", 2), ("business-users", 1)]
)
def test_a_group_reads_its_layers(
    spark: Any, lake: Lake, arrivals: list[Arrival], group: str, reads: int
) -> None:
    tables = ("altrupets_gold.adoption_funnel", "altrupets_silver.users", "altrupets_bronze.raw_events")
    with as_group(group, spark=spark, storage=lake.storage, folder=ROOT) as session:
        for table in tables[:reads]:
            assert session.table(table).count() == len(lake.rows(table, "1 AS one"))
        for table in tables[reads:]:
            with pytest.raises(WeirError, match="INSUFFICIENT_PERMISSIONS"):
                session.table(table)


def test_analysts_see_places_and_types_but_nobody(spark: Any, lake: Lake, arrivals: list[Arrival]) -> None:
    users, history = (lake.rows(f"altrupets_silver.{t}") for t in ("users", "users_history"))
    with as_group("data-analysts", spark=spark, storage=lake.storage, folder=ROOT) as session:
        shown = session.sql("SELECT user_id, canton, count(*) FROM altrupets_silver.users GROUP BY ALL")
        assert [tuple(row) for row in shown.collect()] == [("MASKED", "MASKED", len(users))]
        by_type = session.sql("SELECT user_type, count(*) FROM altrupets_silver.users GROUP BY ALL").collect()
        types = {user["user_type"] for user in users}
        assert dict(map(tuple, by_type)) == {t: sum(u["user_type"] == t for u in users) for t in types}
        current = session.table("altrupets_silver.users_history")
        assert current.count() == sum(row["__END_AT"] is None for row in history) < len(history)
        told = session.sql("SELECT DISTINCT raw_data FROM altrupets_silver.events_quarantine").collect()
        assert {row[0] for row in told} == {"MASKED"}


def test_engineers_see_everything(spark: Any, lake: Lake, arrivals: list[Arrival]) -> None:
    history = lake.rows("altrupets_silver.users_history", "user_id, canton")
    with as_group("data-engineers", spark=spark, storage=lake.storage, folder=ROOT) as session:
        shown = session.sql("SELECT user_id, canton FROM altrupets_silver.users_history").collect()
    assert sorted(map(str, (tuple(row) for row in shown))) == sorted(str(tuple(r.values())) for r in history)
