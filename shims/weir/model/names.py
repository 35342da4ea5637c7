"""Names of datasets and flows: read, folded, quoted and compared here and nowhere else.

A table's identity is `catalog.schema.table`, a temporary view's is its bare name (§1.3, §1.5). Keys of all
maps are its canonical text: small letters, backquotes around the parts that need them.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass

from weir.model.texts import one_line

_PART = re.compile(r"\s*(?:(`(?:[^`]|``)+`)|([^.`\s]+))\s*(\.|$)")
_PLAIN = re.compile(r"[^\s.`/]+")
_REFUSED = re.compile(r"[\x00-\x1f\x7f/\ud800-\udfff]")
_LISTED = re.compile(r"(?:`[^`]*`|[^,])+")
_LAST = re.compile(r"((?:`[^`]*`|[^`])+)\.((?:`[^`]*`|[^`.])+)", re.DOTALL)
_ASSIGNED = re.compile(r"((?:`[^`]*`|[^`=])*)=(.*)", re.DOTALL)
MAX_PARTS = 3
MAX_LENGTH = 255


class BadNameError(ValueError):
    """The text is no name; the message says why."""

    def __init__(self, text: str, why: str = "is not a name of one to three parts") -> None:
        super().__init__(f"`{one_line(text)}` {why}")


def split(text: str) -> tuple[str, ...]:
    """Split a name at its dots, outside of backquotes.

    >>> split("main.`my schema`.t")
    ('main', 'my schema', 't')
    """
    parts: list[str] = []
    position = 0
    while True:
        match = _PART.match(text, position)
        if not match:
            raise BadNameError(text)
        parts.append(unquoted(match[1]) if match[1] else match[2])
        position = match.end()
        if match[3] != ".":
            break
    if position != len(text) or len(parts) > MAX_PARTS:
        raise BadNameError(text)
    return tuple(parts)


def join(parts: Iterable[str]) -> str:
    """The inverse of `split`: parts that need it stand in backquotes."""
    return ".".join(p if _PLAIN.fullmatch(p) else quoted(p) for p in parts)


def fold(text: str) -> str:
    """A name as it is compared: names have no case."""
    return text.lower()


def quoted(part: str) -> str:
    """A name of one part in backquotes, as SQL has it."""
    return f"`{part.replace('`', '``')}`"


def quoted_path(parts: Iterable[str]) -> str:
    """A column, or a field nested in it, as SQL has it: each part in backquotes."""
    return ".".join(map(quoted, parts))


def unquoted(text: str) -> str:
    """The inverse of `quoted`."""
    return text[1:-1].replace("``", "`")


def text_literal(text: str) -> str:
    """A text as SQL has it."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def without_live(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Drop the legacy prefix `LIVE.`, which is an alias of the default schema (§1.5)."""
    return parts[1:] if len(parts) > 1 and fold(parts[0]) == "live" else parts


def identifier(part: str) -> str:
    """One part of a name, folded, if it may be one.

    Blanks and dots are let through: they stand in backquotes, as in the Hive metastore.

    Raises:
        BadNameError: It is empty or longer than 255 characters, has nothing but dots and blanks, a slash or a
            control character.
    """
    folded = fold(part)
    if len(folded) > MAX_LENGTH:
        raise BadNameError(f"{part[:40]}...", f"has {len(folded)} characters, {MAX_LENGTH} are allowed")
    if _REFUSED.search(part):
        raise BadNameError(part, "holds a slash or a control character")
    if not part.strip(" ."):
        raise BadNameError(part, "holds neither a letter nor a digit")
    return folded


@dataclass(frozen=True, slots=True, order=True)
class TableName:
    """The name of a table, in full and folded; `str` gives its canonical text."""

    catalog: str
    schema: str
    table: str

    @classmethod
    def of(cls, parts: Iterable[str]) -> TableName:
        """From three parts as written.

        Raises:
            BadNameError: One can be no part of a name, or there are not three.
        """
        names = tuple(identifier(p) for p in parts)
        if len(names) != MAX_PARTS:
            raise BadNameError(join(names), "is not a name of three parts")
        return cls(*names)

    @classmethod
    def parse(cls, text: str) -> TableName:
        """From a text of three parts, such as the canonical one.

        Raises:
            BadNameError: It is none.
        """
        return cls.of(split(text))

    @property
    def parts(self) -> tuple[str, str, str]:
        """Catalog, schema and table."""
        return astuple(self)

    @property
    def schema_name(self) -> str:
        """Catalog and schema as a text."""
        return join((self.catalog, self.schema))

    def __str__(self) -> str:
        return join(self.parts)


@dataclass(frozen=True, slots=True, order=True)
class FlowName:
    """The name of a flow, folded: any text that is not blank."""

    text: str

    @classmethod
    def of(cls, written: str, namespace: Namespace) -> FlowName:
        """A text that reads as a table's name is qualified like one, any other is its last part.

        Raises:
            BadNameError: It is blank.
        """
        if not written.strip():
            raise BadNameError(written, "is not a name of a flow")
        try:
            parts = without_live(split(written))
        except BadNameError:
            parts = (written,)
        return cls(join(map(fold, namespace.full(parts))))

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Namespace:
    """The pipeline's default catalog and schema, against which shorter names resolve."""

    catalog: str = "main"
    schema: str = "default"

    def table(self, text: str) -> str:
        """The full name of the table that `text` means, as its canonical text.

        Raises:
            BadNameError: It is no name of a table.
        """
        return str(TableName.of(self.full(without_live(split(text)))))

    def typed(self, text: str) -> str:
        """The same for a name on the command line, where blanks need no backquotes.

        >>> Namespace().typed("mi tabla")
        'main.default.`mi tabla`'

        Raises:
            BadNameError: It is no name of a table.
        """
        return str(TableName.of(self.full(without_live(_typed_parts(text)))))

    def flow(self, text: str) -> str:
        """The full name of the flow that `text` means, as its canonical text.

        Raises:
            BadNameError: It is not a name of a flow.
        """
        return str(FlowName.of(text, self))

    def full(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """The parts behind those of the defaults that they leave out."""
        return (self.catalog, self.schema)[: max(0, MAX_PARTS - len(parts))] + parts

    @staticmethod
    def view(text: str) -> str:
        """The identity of a temporary view: its bare name.

        Raises:
            BadNameError: It is no name.
        """
        return join(identifier(p) for p in without_live(split(text)))


def is_full(text: str) -> bool:
    """Is it a name of all three parts?"""
    try:
        return bool(TableName.parse(text))
    except BadNameError:
        return False


def last_part(text: str) -> str:
    """A name without what it is qualified by; a text that is no name as it is."""
    return _parts_of(text)[-1]


def short(name: str) -> str:
    """A name without its catalog: all tables of a pipeline share it as a rule."""
    parts = _parts_of(name)
    return join(parts[1:]) if len(parts) == MAX_PARTS else name


Ends = Mapping[tuple[str, ...] | str, list[str]]


def by_ends(names: Iterable[str]) -> Ends:
    """The names by their last parts, and by these as a text without backquotes."""
    ends: dict[tuple[str, ...] | str, list[str]] = {}
    for name in names:
        parts = _parts_of(name)
        for end in (parts[-n:] for n in range(1, len(parts) + 1)):
            ends.setdefault(end, []).append(name)
            ends.setdefault(".".join(end), []).append(name)
    return ends


def meant(typed: str, ends: Ends) -> list[str]:
    """The names that one on the command line means: the last parts suffice, and blanks need no backquotes.

    >>> meant("Mi Tabla", by_ends(["main.s.`mi tabla`", "main.s.otra"]))
    ['main.s.`mi tabla`']
    """
    parts = tuple(map(fold, _parts_of(typed)))
    return ends.get(parts) or ends.get(fold(typed.replace("`", "")), [])


def _parts_of(text: str) -> tuple[str, ...]:
    try:
        return split(text)
    except BadNameError:
        return (text,)


def _typed_parts(text: str) -> tuple[str, ...]:
    """The parts of a name on the command line, where blanks need no backquotes."""
    try:
        return split(text)
    except BadNameError:
        return tuple(part.strip() for part in text.split("."))


def listed(text: str) -> tuple[str, ...]:
    """The names between commas, outside of backquotes.

    >>> listed("a, `b,c`")
    ('a', '`b,c`')
    """
    return tuple(n.strip() for n in _LISTED.findall(text) if n.strip())


def column_of(text: str) -> tuple[str, str] | None:
    """A table's name and the column behind it, as typed; None where there is no dot outside of backquotes.

    >>> column_of("s.`a.b`.x"), column_of("`a.b`")
    (('s.`a.b`', 'x'), None)
    """
    match = _LAST.fullmatch(text)
    return (match[1], last_part(match[2])) if match else None


def for_shell(*names: str) -> str:
    """Names as one argument of a command line that people can copy.

    >>> print(for_shell("main.s.t"), for_shell("main.s.`mi tabla`"))
    main.s.t 'main.s.`mi tabla`'
    """
    separate = (quoted_path(_parts_of(n)) if set(",=") & set(n) else n for n in names)
    return shlex.quote(",".join(separate))


def assigned(text: str) -> tuple[str, str] | None:
    """A name and what follows the first `=` outside of backquotes; None where there is none.

    >>> assigned("main.s.`a=b`=folder=1")
    ('main.s.`a=b`', 'folder=1')
    """
    match = _ASSIGNED.fullmatch(text)
    return (match[1], match[2]) if match else None
