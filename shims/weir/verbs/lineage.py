"""`weir lineage`: where a table or a column comes from, and what is made of it. No Spark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from rich.text import Text

from weir.bundle.bundle import default_storage
from weir.history.lineage import Direction, Side, edges, table_and_column
from weir.model.names import fold
from weir.run.lake.storage import Storage
from weir.ui.output import print_json
from weir.ui.screen import console, plain
from weir.ui.tables import branch
from weir.ui.trees import print_tree, tree_of

TITLES: Mapping[Direction, str] = {"from": "made of", "into": "goes into"}


def run_lineage(name: str, storage: str | None, as_json: bool) -> int:
    """`weir lineage`: as the last updates of all pipelines recorded it.

    Raises:
        WeirError: There is no such table or column, or nothing is recorded yet.
    """
    place = Storage(default_storage(storage))
    table, column = table_and_column(name, place)
    recorded = edges(place, columns=column is not None)
    full = f"{table}.{column}" if column else table
    if as_json:
        print_json({"name": full, **{way: Side(recorded, way).reached(full) for way in TITLES}})
        return 0
    screen = console()
    for way, title in TITLES.items():
        side = Side(recorded, way)
        tree = tree_of(plain(full, "bold") + Text(f" {title}"), _below(side, full), partial(_below, side))
        if not tree.children:
            tree.add(Text("nothing that is recorded", "dim"))
        print_tree(screen, tree)
    return 0


def _below(side: Side, name: str) -> Iterator[tuple[str, Text]]:
    """The neighbours of a name as they are shown; not itself, where a table streams from itself."""
    for other, edge in side.next(name):
        if fold(other) != fold(name):
            yield other, branch(other, edge.how.replace("_", " ").lower())
