"""Where boxes and arrows stand: every graph, the same each time, and nothing on top of another."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weir.web.drawing.layout import HEIGHT, WIDTH, Box, Layout, layout

PAIRS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 13)), max_size=30)


def apart(placed: Layout) -> bool:
    boxes = list(placed.boxes.values())
    return all(
        abs(a.x - b.x) >= WIDTH or abs(a.y - b.y) >= HEIGHT for i, a in enumerate(boxes) for b in boxes[:i]
    )


def inside(placed: Layout) -> bool:
    return all(
        0 <= b.x <= placed.width - WIDTH and 0 <= b.y <= placed.height - HEIGHT for b in placed.boxes.values()
    )


def test_nothing_and_one_box() -> None:
    assert layout((), ()) == Layout(0.0, 0.0, {}, ())
    assert layout(("a",), (("a", "a"), ("a", "unknown"))) == Layout(240.0, 70.0, {"a": Box(12.0, 12.0)}, ())


def test_what_reads_stands_to_the_right_and_its_arrow_goes_from_edge_to_edge() -> None:
    placed = layout(
        ("reader", 'a "b"\\n', "<b>"), (('a "b"\\n', "reader"), ("reader", "<b>"), ("reader", "<b>"))
    )
    source, reader = placed.boxes['a "b"\\n'], placed.boxes["reader"]
    assert source.x + WIDTH < reader.x < placed.boxes["<b>"].x
    first, second = placed.curves
    assert (first.points[0][0], first.points[-1][0]) == pytest.approx((source.x + WIDTH, reader.x), abs=1.5)
    assert (second.source, second.target, len(second.points) % 3) == ("reader", "<b>", 1)


@settings(max_examples=40, deadline=None)
@given(PAIRS)
def test_any_graph_is_placed_circles_included_the_same_each_time(pairs: list[tuple[int, int]]) -> None:
    nodes, edges = tuple(f"n{i}" for i in range(12)), tuple((f"n{a}", f"n{b}") for a, b in pairs)
    placed = layout(nodes, edges)
    assert placed == layout.__wrapped__(nodes, edges)
    assert list(placed.boxes) == list(nodes)
    assert apart(placed)
    assert inside(placed)
    known = {(a, b) for a, b in edges if a != b and b in nodes}
    assert {(c.source, c.target) for c in placed.curves} == known


def test_a_thousand_boxes_are_placed_once_a_shape() -> None:
    draw = random.Random(7)
    nodes = tuple(f"n{i}" for i in range(1000))
    edges = tuple(
        (f"n{draw.randrange(max(0, b - 60), b)}", f"n{b}")
        for b in (draw.randrange(1, 1000) for _ in range(1250))
    )
    placed = layout(nodes, edges)
    assert layout(nodes, edges) is placed
    assert len(placed.boxes) == 1000


def test_edges_over_many_layers_are_straight_where_they_would_keep_graphviz_busy_for_minutes() -> None:
    draw = random.Random(7)
    nodes = tuple(f"n{i}" for i in range(1000))
    chain = [(f"n{i - 1}", f"n{i}") for i in range(1, 1000)]
    far = [(f"n{draw.randrange(i - 1)}", f"n{i}") for i in range(2, 1000)]  # 330 layers, by the mean
    placed = layout(nodes, (*chain, *far))
    assert [(c.source, c.target) for c in placed.curves] == [*dict.fromkeys([*chain, *far])]
    straight = {(c.source, c.target) for c in placed.curves if c.points[0] == c.points[1]}
    assert straight < {*far}
    layers = [int(b[1:]) - int(a[1:]) for a, b in {*chain, *far} - straight]
    assert 2900 < sum(layers) <= 3000
    assert apart(placed)
