"""What drawings of a graph share, in the page and in the report: its boxes, its lines and their places."""

from __future__ import annotations

from weir.web.drawing.layout import HEIGHT, WIDTH, Box, Curve
from weir.web.texts.html import Markup, tag

MANY = 150  # datasets that are drawn one by one; more are drawn by their schemas
ICONS = {
    "streaming_table": "≋",
    "materialized_view": "▦",
    "view": "◌",
    "sink": "⇥",
    "table": "▢",
    "outside": "○",
}
NAME, SMALL = 24, 32  # characters that fit


def icon_of(kind: str) -> str:
    """The sign of a kind of dataset."""
    return ICONS.get(kind, ICONS["table"])


def box(first: str, second: str, title: str) -> list[Markup]:
    """A box with two lines of text."""
    return [
        tag("title", None, title),
        tag("rect", {"class": "box", "width": WIDTH, "height": HEIGHT, "rx": 5}),
        tag("rect", {"class": "mark", "width": 5, "height": HEIGHT, "rx": 2}),
        tag("text", {"class": "name", "x": 14, "y": 18}, cut(first, NAME)),
        tag("text", {"class": "small", "x": 14, "y": 36}, cut(second, SMALL)),
    ]


def at(place: Box) -> str:
    """Where a box stands, as SVG says it."""
    return f"translate({place.x} {place.y})"


def path(curve: Curve) -> str:
    """The way of an edge, as SVG says it."""
    first, *others = (f"{x:.0f} {y:.0f}" for x, y in curve.points)
    return f"M{first}C{' '.join(others)}"


def cut(text: str, most: int) -> str:
    """A text in so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
