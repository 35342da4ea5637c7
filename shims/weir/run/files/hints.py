"""Hints of a schema: types of single columns, of what is within them, and of further ones (§7.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pyspark.sql.types import ArrayType, DataType, MapType, NullType, StringType, StructField, StructType

from weir.run.files.columns import as_texts

Hint = tuple[tuple[str, ...], DataType]
ELEMENT, KEY, VALUE = "element", "key", "value"
_QUOTES = "`'\""
_PART = re.compile(r"`(?:[^`]|``)+`|[^\s.:`]+")
_NAME = re.compile(rf"((?:{_PART.pattern})(?:\.(?:{_PART.pattern}))*)(?:\s*:|\s)(.*)", re.DOTALL)


class HintError(ValueError):
    """A hint is for a part of a column that has no such part.

    Attributes:
        hint: What can be written instead.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def hinted(
    schema: StructType, hints: Iterable[Hint], files: StructType | None = None, *, loose: bool = False
) -> StructType:
    """The columns with types that hints give: of columns that are there, or of more behind them.

    The parts of an array and of a map have names, too: `a.element`, `m.key` and `m.value`.

    Args:
        schema: The columns.
        hints: Paths of names, each with its type.
        files: What the files have, where columns are texts; None where the columns say it.
        loose: A text can stand for anything, as in JSON: the hint for a part of it says what it is.

    Raises:
        HintError: A hint is for a part of a column that has no such part.
    """
    whole: Any = schema
    for path, kind in hints:
        whole = _Hint(path, kind, (NullType, StringType) if loose else (NullType,)).within(whole, files)
    return whole


@dataclass(frozen=True, slots=True)
class _Hint:
    path: tuple[str, ...]
    kind: DataType
    open: tuple[type[DataType], ...]

    def within(self, known: Any, files: Any, at: int = 0) -> DataType:
        """The type of a part of a column, with the hint: the part that the first names of the path mean."""
        if at == len(self.path):
            return self.kind
        name = self.path[at].lower()
        if known is None or isinstance(known, self.open):
            known = _begun(files, name)
        if isinstance(known, ArrayType) and name == ELEMENT:
            inner = files.elementType if isinstance(files, ArrayType) else None
            return ArrayType(self.within(known.elementType, inner, at + 1), known.containsNull)
        if isinstance(known, MapType) and name == KEY:
            return MapType(self.within(known.keyType, None, at + 1), known.valueType, known.valueContainsNull)
        if isinstance(known, MapType) and name == VALUE:
            kind = self.within(known.valueType, None, at + 1)
            return MapType(known.keyType, kind, known.valueContainsNull)
        if isinstance(known, StructType):
            return self._field(known, files, at)
        raise self._wrong(known, at)

    def _field(self, known: StructType, files: Any, at: int) -> StructType:
        """A struct with the hint for one of its fields, whatever the case of its name."""
        name = self.path[at]
        old = _field_of(known, name)
        of_files = _field_of(files, name) if isinstance(files, StructType) else None
        known_kind, kind_of_files = (None if f is None else f.dataType for f in (old, of_files))
        kind = self.within(known_kind, kind_of_files, at + 1)
        new = StructField(name if old is None else old.name, kind)
        return StructType([new if f is old else f for f in known] + ([new] if old is None else []))

    def _wrong(self, known: Any, at: int) -> HintError:
        column, names = ".".join(self.path[:at]), [ELEMENT] if isinstance(known, ArrayType) else []
        names = [KEY, VALUE] if isinstance(known, MapType) else names
        what = f"`{column}` is {known.simpleString()}, which has no part `{self.path[at]}`"
        parts = " or ".join(f"{column}.{name}" for name in names)
        return HintError(what, f"its parts are {parts}" if names else f"leave it out, or hint at `{column}`")


def _begun(files: Any, name: str) -> DataType:
    """A type that has parts, for a column of which no such type is known.

    Args:
        files: What the files have there.
        name: The part that a hint is for, in lower case.
    """
    if isinstance(files, StructType):
        return as_texts(files)
    if name == ELEMENT:
        return ArrayType(NullType())
    return ArrayType(StringType()) if isinstance(files, ArrayType) else StructType()


def _field_of(struct: StructType, name: str) -> StructField | None:
    return next((field for field in struct if field.name.lower() == name.lower()), None)


def hint_texts(hints: str) -> list[tuple[tuple[str, ...], str]]:
    """Hints as written: the parts of each column's name, and its type.

    Raises:
        ValueError: One has no type, or a name in which a part is missing.

    >>> hint_texts("id INT, a.b DECIMAL(10, 2), `x.y` MAP<STRING, INT>")
    [(('id',), 'INT'), (('a', 'b'), 'DECIMAL(10, 2)'), (('x.y',), 'MAP<STRING, INT>')]
    """
    return [_hint_text(text) for text in _at_commas(hints) if text.strip()]


def _at_commas(text: str) -> Iterator[str]:
    depth, quote, start = 0, "", 0
    for at, sign in enumerate(text):
        if sign in {quote, *("" if quote else _QUOTES)}:
            quote = "" if quote else sign
        elif not quote:
            depth += (sign in "(<") - (sign in ")>")
            if sign == "," and not depth:
                yield text[start:at]
                start = at + 1
    yield text[start:]


def _hint_text(text: str) -> tuple[tuple[str, ...], str]:
    name = _NAME.match(text.strip())
    if name is None or not name[2].strip():
        raise ValueError(f"`{text.strip()}` has no type")
    parts = (part[0] for part in _PART.finditer(name[1]))
    return tuple(p[1:-1].replace("``", "`") if p.startswith("`") else p for p in parts), name[2].strip()
