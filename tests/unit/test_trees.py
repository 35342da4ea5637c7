"""Graphs as people see them: whole, of any depth, nothing twice."""

from __future__ import annotations

import io

from rich.text import Text

from weir.fakes import chain, layers
from weir.ui.screen import Screen
from weir.ui.trees import print_tree, tree_of


def shown(reads: dict[str, list[str]]) -> list[str]:
    """The graph below its sources, on a narrow screen."""
    readers: dict[str, list[str]] = {}
    for name, sources in reads.items():
        for source in sources:
            readers.setdefault(source, []).append(name)
    top = [(name, Text(name)) for name, sources in reads.items() if not sources]
    screen = Screen(file=io.StringIO(), width=40)
    print_tree(screen, tree_of(Text("p"), top, lambda name: [(r, Text(r)) for r in readers.get(name, [])]))
    return [line.rstrip() for line in screen.file.getvalue().splitlines()]


def test_what_stands_below_several_is_told_once() -> None:
    assert shown({"a": [], "b": [], "c": ["a", "b"], "d": ["c"], "e": ["b"]}) == [
        "p",
        "├── a",
        "│   └── c",
        "│       └── d",
        "└── b",
        "    ├── c: see above",
        "    └── e",
    ]


def test_a_graph_of_many_paths_is_as_long_as_it_has_edges() -> None:
    reads = layers(40, 5)
    assert len(shown(reads)) == 1 + 5 + sum(map(len, reads.values()))


def test_no_name_is_lost_in_a_deep_graph() -> None:
    assert [line.split()[-1] for line in shown(chain(1100))] == ["p", *chain(1100)]
