"""The text of a query over views instead of tables: their names go, and what qualifies columns by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from weir.define.sql.resolution import Meaning, Resolver, StandIns
from weir.define.sql.scanner import scan
from weir.define.sql.scopes import BoundQuery, Scope
from weir.define.sql.source import SqlText
from weir.define.sql.tree import Edit, Path, Reference, Star
from weir.model.names import quoted

METADATA = "_metadata"
PathOf = Callable[[str], str]


def rewritten(source: SqlText, bound: BoundQuery, stand_ins: StandIns, path_of: PathOf) -> str:
    """The text over views.

    Args:
        stand_ins: What stands for each reference.
        path_of: Gives the local path for a path behind the name of a format.

    Raises:
        WeirError: A name can't be told apart.
    """
    names = _Names(source, bound, stand_ins)
    edits = [*names.edits()]
    for reference in bound.references:
        edits.extend(_reference_edits(reference, stand_ins, names.unique))
    if names_metadata(source):
        edits.extend(edit for star, scope in bound.stars for edit in _hidden(star, scope))
    edits.extend(Edit(f.start, f.end, quoted(path_of(f.path))) for f in bound.files)
    text = source.text
    for edit in sorted(edits, key=lambda e: (e.start, e.end), reverse=True):
        lines = "\n" * text.count("\n", edit.start, edit.end)  # what follows keeps its line
        text = text[: edit.start] + edit.text + lines + text[edit.end :]
    return text


def names_metadata(source: SqlText) -> bool:
    """Does a text name the column that files have besides those that `*` gives?"""
    return any(token.is_name and token.name.lower() == METADATA for token in scan(source.text))


def _hidden(star: Star, scope: Scope) -> Iterator[Edit]:
    """A view of files shows `_metadata`: all columns are those without it."""
    alias = star.qualifier[-1].lower() if star.qualifier else None
    shown = (v for v in scope.visible if alias is None or v.name == alias)
    if not any(v.reference is not None and v.reference.files for v in shown):
        return
    if star.left_out is None:
        yield Edit(star.end, star.end, f" EXCEPT ({METADATA})")
    else:
        yield Edit(star.left_out, star.left_out, f"{METADATA}, ")


def _reference_edits(reference: Reference, stand_ins: StandIns, unique: set[int]) -> Iterator[Edit]:
    name = stand_ins[reference.start].name
    if name is None:
        return
    yield Edit(reference.start, reference.end, name)
    yield from reference.edits
    if stand_ins[reference.start].batch:
        yield from reference.unstreamed
    aliased = reference.alias is not None or reference.start in unique
    if reference.qualifies and reference.alias_at is not None and not aliased:
        yield Edit(reference.alias_at, reference.alias_at, f" AS {quoted(reference.parts[-1])}")


class _Names:
    """Names of several parts, as they have to be written once views stand for tables.

    A view has the last name of its table as its alias, and longer qualifiers shrink to it. Where that would
    mean another relation, the view goes by its own name, which nobody else has.
    """

    def __init__(self, source: SqlText, bound: BoundQuery, stand_ins: StandIns) -> None:
        self.source = source
        self.stand_ins = stand_ins
        self.resolver = Resolver(source, stand_ins)
        self.paths = [(path, scope) for path, scope in bound.paths if self._is_qualified(path, scope)]
        self.all = bound.paths
        meanings = (self.resolver.meaning(path, scope) for path, scope in self.paths)
        self.unique = {self._start(m) for m in meanings if m is not None and m.hidden and m.parts > 1}

    def edits(self) -> Iterator[Edit]:
        """What becomes of names."""
        for path, scope in self.all if self.unique else self.paths:
            relation = self._relation(path, scope) if path.hint else None
            meaning = relation or self.resolver.meaning(path, scope)
            if meaning is not None:
                yield from self._edit(path, meaning)

    def _relation(self, path: Path, scope: Scope) -> Meaning | None:
        """The relation that a hint names."""
        count = len(path.parts)
        named = (v for v in scope.visible if self.resolver.qualifies(path, count, v))
        return next((Meaning(v, count, hidden=False, unsure=False) for v in named), None)

    def _is_qualified(self, path: Path, scope: Scope | None) -> bool:
        """Can it be qualified by more than an alias?"""
        while scope is not None:
            for visible in scope.visible:
                if any(self.resolver.qualifies(path, parts, visible) for parts in (2, 3)):
                    return True
            scope = scope.outer
        return False

    def _start(self, meaning: Meaning) -> int:
        reference = meaning.visible.reference
        return -1 if reference is None else reference.start

    def _edit(self, path: Path, meaning: Meaning) -> Iterator[Edit]:
        start, count = self._start(meaning), meaning.parts
        unique = start in self.unique
        if not unique and count == 1:
            return
        if meaning.unsure:
            raise self.resolver.ambiguous(path, "a column may be called like the table's schema or name")
        view = self.stand_ins[start].name
        if view is None:
            return
        if path.composed:
            rest = (view if unique else quoted(path.parts[count - 1]), *map(quoted, path.parts[count:]))
            yield Edit(*path.spans[0], ".".join(rest) + (".*" if path.star else ""))
        elif unique:
            yield Edit(path.spans[0][0], path.spans[count - 1][1], view)
        else:
            yield Edit(path.spans[0][0], path.spans[count - 1][0])
