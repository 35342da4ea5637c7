"""HTML that can't be wrong about what is text: a string is escaped, only a tag makes markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = str | int | float | None | Iterable["Child"]
Attributes = Mapping[str, str | int | float | bool | None]


def tag(name: str, attributes: Attributes | None = None, *children: Child) -> Markup:
    """An element; its texts and the values of its attributes are escaped.

    Args:
        name: Of the element: a word of ours, never a text from outside.
        attributes: One that is None or False is left out, one that is True stands there without a value.
        children: Texts, elements, None, and lists of these.

    >>> tag("a", {"href": "/?a=1&b=2", "hidden": False}, "<b>", tag("i", None, "x"))
    '<a href="/?a=1&amp;b=2">&lt;b&gt;<i>x</i></a>'
    """
    begin = f"<{name}{''.join(_attribute(k, v) for k, v in (attributes or {}).items())}>"
    return Markup(begin if name in VOID else f"{begin}{_content(children)}</{name}>")


def join(*children: Child) -> Markup:
    """Elements and texts behind one another.

    >>> join("a & b", tag("br"))
    'a &amp; b<br>'
    """
    return Markup(_content(children))


def _attribute(name: str, value: str | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'


def _content(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, (str, int, float)):
        return escape(str(child))
    return "".join(map(_content, child))
