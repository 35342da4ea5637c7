"""What a name of several parts means where it stands: a table's column before a field (§8.2)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from weir.define.sql.scopes import Scope, VisibleRelation
from weir.define.sql.source import SqlText
from weir.define.sql.tree import Path


@dataclass(frozen=True)
class StandIn:
    """What stands for a table in the rewritten text.

    Attributes:
        name: Of the temporary view; None where the text stays as it is.
        table: The full name of the table that it is.
        columns_of: Gives the names of its columns; asked only where they decide.
        batch: It is no stream, whatever the text says.
    """

    name: str | None
    table: tuple[str, ...]
    columns_of: Callable[[], Collection[str]]
    batch: bool = False

    @cached_property
    def columns(self) -> frozenset[str]:
        """In lower case."""
        return frozenset(name.lower() for name in self.columns_of())


StandIns = Mapping[int, StandIn]
"""Position of a reference -> what stands for it."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The relation that a name is qualified by.

    Attributes:
        parts: How many parts of the name qualify.
        hidden: Its last name alone would not mean it: it is of a scope around, or shares that name.
        unsure: It may as well be a column of a relation whose columns only Spark knows.
    """

    visible: VisibleRelation
    parts: int
    hidden: bool
    unsure: bool


class Resolver:
    """Resolves names against what is known of the tables."""

    def __init__(self, source: SqlText, stand_ins: StandIns) -> None:
        self.source = source
        self.stand_ins = stand_ins

    def meaning(self, path: Path, scope: Scope) -> Meaning | None:
        """The relation that qualifies a name; None if none does.

        Raises:
            WeirError: Several do.
        """
        unsure, level = path.parts[0].lower() in scope.results, scope
        while True:
            here = self._here(path, level)
            if here is not None:
                meant, parts = here
                maybe = unsure or (parts == 1 and self._maybe(path, level, 1))
                shared = any(v not in meant and v.name == meant[0].name for v in level.visible)
                return Meaning(meant[0], parts, level is not scope or shared, maybe)
            if path.star or level.outer is None or any(self._has(v, path, 0) for v in level.visible):
                return None
            unsure |= self._maybe(path, level, 0) or self._maybe(path, level, 1)
            level = level.outer

    def _here(self, path: Path, scope: Scope) -> tuple[list[VisibleRelation], int] | None:
        """The relation of this scope that the name means; a star may mean several, if all are one table."""
        for parts in (3, 2, 1):
            relations = [
                v for v in scope.visible if self.qualifies(path, parts, v) and self._has(v, path, parts)
            ]
            if len(relations) > 1 and (len(path.parts) > parts or parts == 1):
                raise self.ambiguous(path, "several relations have it")
            if relations:
                return relations, parts
        return None

    def qualifies(self, path: Path, parts: int, visible: VisibleRelation) -> bool:
        """Do the first parts of a name stand for a relation, by its alias or by its full name?"""
        qualifier = tuple(part.lower() for part in path.parts[:parts])
        if parts == 1:
            return visible.name == qualifier[0]
        reference = visible.reference
        if reference is None or reference.alias is not None or not reference.qualifies:
            return False
        names = (self.stand_ins[reference.start].table, reference.parts)
        return any(tuple(p.lower() for p in name[-parts:]) == qualifier for name in names)

    def _has(self, visible: VisibleRelation, path: Path, parts: int) -> bool | None:
        """Has a relation the column that follows the qualifier? None where only Spark knows."""
        if path.star and len(path.parts) == parts:
            return True
        return len(path.parts) > parts and self._column(visible, path.parts[parts].lower())

    def _column(self, visible: VisibleRelation, name: str) -> bool | None:
        if visible.columns is not None:
            return name in visible.columns
        if visible.reference is not None:
            return name in self.stand_ins[visible.reference.start].columns
        if visible.words is None or name in visible.words:
            return None
        return None if any(self._column(v, name) is not False for v in visible.below) else False

    def _maybe(self, path: Path, scope: Scope, parts: int) -> bool:
        candidates = [v for v in scope.visible if parts == 0 or self.qualifies(path, parts, v)]
        return any(self._has(v, path, parts) is None for v in candidates)

    def ambiguous(self, path: Path, why: str) -> Exception:
        """A name that can't be told apart."""
        name = ".".join(path.parts) + (".*" if path.star else "")
        return self.source.problem(
            "AMBIGUOUS_REFERENCE", f"`{name}` is ambiguous: {why}", path.spans[0][0],
            "give the table an alias and qualify its columns by that",
        )  # fmt: skip
