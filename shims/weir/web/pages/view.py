"""How somebody looks at a page: what its address says, in which language, what may be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote, urlencode

from weir.web.texts.html import Attributes, Child, Markup, join, tag
from weir.web.texts.phrases import phrase

SHORT, IN_ADDRESS = 6, 8  # characters of an update's id
LONGEST_NUMBER = 18  # digits


@dataclass(frozen=True, slots=True)
class View:
    """One look at one page.

    Attributes:
        query: What stands behind the question mark.
        acts: Actions are offered.
        boot: Tells one start of the server from another, and `number` what its stream has sent before.
        now: When the page was made.
    """

    path: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    language: str = "en"
    acts: bool = True
    boot: str = ""
    number: int = 0
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def say(self, key: str, **values: object) -> str:
        """A text in the reader's language."""
        return phrase(self.language, key, **values)

    def link(self, **changes: str | None) -> str:
        """This page with another query; None takes a part out."""
        query = {k: v for k, v in {**self.query, **changes}.items() if v is not None}
        return f"{self.path}?{urlencode(query)}" if query else self.path

    def number_text(self, value: int | None) -> str:
        """A number with the separators of the language; a dash where it is unknown."""
        if value is None:
            return "–"
        return f"{value:,}" if self.language == "en" else f"{value:,}".replace(",", ".")

    def seconds(self, value: float | None) -> str:
        """A duration, as short as it is read."""
        if value is None:
            return "–"
        if value >= 60:  # noqa: PLR2004 - seconds of a minute
            return f"{int(value // 60)} min {int(value % 60)} s"
        text = f"{value:.1f} s"
        return text if self.language == "en" else text.replace(".", ",")

    def share(self, value: float | None) -> str:
        """A part of a whole, in percent."""
        text = "–" if value is None else f"{value * 100:.1f} %"
        return text if self.language == "en" else text.replace(".", ",")


def time_of(value: datetime | None, *, date: bool = False) -> Markup | None:
    """A moment: UTC, which the browser shows in its own zone."""
    if value is None:
        return None
    text = value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S" if date else "%H:%M:%S")
    form = {"datetime": value.isoformat(), "title": f"{value.isoformat()} UTC", "data-date": date}
    return tag("time", form, text)


def part(name: str, element: str, attributes: Attributes, *children: Child) -> Markup:
    """An element that a browser takes anew, without the rest of the page, once its content is another."""
    content = join(*children)
    key = sha256(tag(element, attributes, content).encode("utf-8", "backslashreplace")).hexdigest()[:12]
    return tag(element, {"id": name, "data-part": name, "data-key": key, **attributes}, content)


def pipeline_path(pipeline: str, update: str | None = None) -> str:
    """The address of a pipeline, or of one of its updates."""
    at = f"/p/{in_path(pipeline)}"
    return f"{at}/u/{update[:IN_ADDRESS]}" if update else at


def lineage_path(name: str) -> str:
    """The address of the lineage of a table or column."""
    return f"/lineage/{in_path(name)}"


def whole(text: str) -> int | None:
    """A whole number in an address; None where there is none.

    >>> whole("12"), whole("-1"), whole("²"), whole("")
    (12, None, None, None)
    """
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else None


def in_path(name: str) -> str:
    """A name as one part of an address, also one that ends like the twin of a page.

    >>> in_path("main.s.a/b"), in_path("main.s.json")
    ('main.s.a%2Fb', 'main.s%2Ejson')
    """
    text = quote(name, safe="")
    return f"{text.removesuffix('.json')}%2Ejson" if text.endswith(".json") else text
