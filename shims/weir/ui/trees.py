"""Graphs as trees."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.measure import Measurement
from rich.text import Text
from rich.tree import Tree

from weir.ui.screen import Screen

Labelled = tuple[str, Text]


def tree_of(title: Text, top: Iterable[Labelled], below: Callable[[str], Iterable[Labelled]]) -> Tree:
    """A graph as a tree, in which nothing is told twice.

    Args:
        top: Name and label of each node that stands directly below the title.
        below: Gives those below the node of a name.
    """
    tree, names = Tree(title), set[str]()
    waiting = [(tree, *node) for node in reversed([*top])]
    while waiting:
        above, name, label = waiting.pop()
        nodes = [*below(name)]
        again = bool(nodes) and name in names
        branch = above.add(label + Text(": see above", "dim") if again else label)
        if not again:
            names.add(name)
            waiting.extend((branch, *node) for node in reversed(nodes))
    return tree


def print_tree(screen: Screen, tree: Tree) -> None:
    """As wide as it is: where a line is too short for its indentation, rich leaves out the names."""
    before = screen.width
    screen.width = WIDEST
    screen.width = max(before, Measurement.get(screen, screen.options, tree).maximum)
    screen.print(tree, soft_wrap=True)
    screen.width = before


WIDEST = 1_000_000
