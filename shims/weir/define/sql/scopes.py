"""Which names of a query are relations to read, and what each name of several parts sees in its scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from weir.define.sql.tree import (
    Alias,
    Block,
    Content,
    Cte,
    FilePath,
    Path,
    Query,
    Reference,
    RelationGroup,
    Source,
    Star,
    Subquery,
)


@dataclass(frozen=True, slots=True)
class VisibleRelation:
    """A relation as names in its scope see it.

    Attributes:
        name: By which columns are qualified, in lower case.
        reference: It is this table or view, not a common table expression.
        columns: The names of its columns, where an alias lists them.
        words: Names that its columns may have; None for any.
        below: Relations whose columns may be among its own.
    """

    name: str | None
    reference: Reference | None = None
    columns: frozenset[str] | None = None
    words: frozenset[str] | None = frozenset()
    below: tuple[VisibleRelation, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """The relations that a name sees.

    Attributes:
        outer: The scope around.
        results: Columns that the query makes: ORDER BY sees them before those of relations.
    """

    visible: tuple[VisibleRelation, ...]
    outer: Scope | None = None
    results: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BoundQuery:
    """A query with its names bound.

    Attributes:
        references: What it reads by name, in the order of the text.
        files: What it reads by path.
        paths: Its names of several parts, each with its scope.
        stars: What selects all columns, each with its scope.
    """

    references: tuple[Reference, ...]
    files: tuple[FilePath, ...]
    paths: tuple[tuple[Path, Scope], ...]
    stars: tuple[tuple[Star, Scope], ...] = ()


Ctes = Mapping[str, VisibleRelation]


def bind(queries: tuple[Query, ...]) -> BoundQuery:
    """The names of queries that stand beside each other."""
    binder = _Binder()
    for query in queries:
        binder.query(query, None, {})
    references = sorted(binder.references.values(), key=lambda r: r.start)
    return BoundQuery(tuple(references), tuple(binder.files), tuple(binder.paths), tuple(binder.stars))


@dataclass
class _Binder:
    references: dict[int, Reference] = field(default_factory=dict[int, Reference])
    files: list[FilePath] = field(default_factory=list[FilePath])
    paths: list[tuple[Path, Scope]] = field(default_factory=list[tuple[Path, Scope]])
    stars: list[tuple[Star, Scope]] = field(default_factory=list[tuple[Star, Scope]])

    def query(self, query: Query, outer: Scope | None, ctes: Ctes) -> Scope:
        """Bind a query; gives the scope of what orders it."""
        for cte in query.ctes:
            after = {**ctes, cte.name.lower(): _of_cte(cte, ctes)}
            self.query(cte.query, outer, after if query.recursive else ctes)
            ctes = after
        scopes = [self._arm(arm, outer, ctes) for arm in query.arms]
        scope = scopes[0]
        self._content(query.order, replace(scope, results=_results(query)), ctes)
        for step in query.steps:
            if step.alias is not None:
                scope = Scope((_named(VisibleRelation(None, words=None), step.alias),), outer)
            scope = self._block(step.block, outer, ctes, scope.visible)
        return scope

    def _arm(self, arm: Block | Query, outer: Scope | None, ctes: Ctes) -> Scope:
        return self.query(arm, outer, ctes) if isinstance(arm, Query) else self._block(arm, outer, ctes)

    def _block(
        self, block: Block, outer: Scope | None, ctes: Ctes, before: tuple[VisibleRelation, ...] = ()
    ) -> Scope:
        scope = Scope((*before, *_visible(block, ctes)), outer)
        for source in block.sources:
            self._source(source, scope, ctes)
        self._content(block.content, scope, ctes)
        self._content(block.selected, scope, ctes)
        return scope

    def _source(self, source: Source, scope: Scope, ctes: Ctes) -> None:
        if isinstance(source, Reference):
            self._reference(source, ctes)
        elif isinstance(source, FilePath):
            self.files.append(source)
        elif isinstance(source, Subquery):
            self.query(source.query, scope if source.lateral else scope.outer, ctes)
        elif isinstance(source, RelationGroup):
            self._block(source.block, scope.outer, ctes)

    def _content(self, content: Content, scope: Scope, ctes: Ctes) -> None:
        self.paths.extend((path, scope) for path in content.paths)
        self.stars.extend((star, scope) for star in content.stars)
        for query in content.queries:
            self.query(query, scope, ctes)
        for table in content.tables:
            self._reference(table, ctes)

    def _reference(self, reference: Reference, ctes: Ctes) -> None:
        if _cte(reference, ctes) is None:
            self.references[reference.start] = reference


def _cte(reference: Reference, ctes: Ctes) -> VisibleRelation | None:
    known = not (reference.files or reference.queue) and len(reference.parts) == 1
    return ctes.get(reference.parts[0].lower()) if known else None


def _visible(block: Block, ctes: Ctes) -> tuple[VisibleRelation, ...]:
    return tuple(_see(source, ctes) for source in block.sources)


def _see(source: Source, ctes: Ctes) -> VisibleRelation:
    if isinstance(source, Reference):
        last = source.parts[-1].lower() if source.qualifies else None
        known = _cte(source, ctes) or VisibleRelation(last, source)
        return _named(replace(known, name=last), source.alias)
    if isinstance(source, Subquery):
        return _named(_of_query(source.query, ctes), source.alias)
    if isinstance(source, RelationGroup):
        return _named(VisibleRelation(None, below=_visible(source.block, ctes)), source.alias)
    return _named(VisibleRelation(None, words=None), source.alias)


def _named(visible: VisibleRelation, alias: Alias | None) -> VisibleRelation:
    if alias is None:
        return visible
    columns = visible.columns if alias.columns is None else _lower(alias.columns)
    return replace(visible, name=alias.name.lower(), columns=columns)


def _of_cte(cte: Cte, ctes: Ctes) -> VisibleRelation:
    columns = None if cte.columns is None else _lower(cte.columns)
    return replace(_of_query(cte.query, ctes), name=cte.name.lower(), columns=columns)


def _of_query(query: Query, ctes: Ctes) -> VisibleRelation:
    """What the columns of a query may be called: its first arm names them."""
    for cte in query.ctes:
        ctes = {**ctes, cte.name.lower(): _of_cte(cte, ctes)}
    arm = query.arms[0]
    if isinstance(arm, Query):
        relation = _of_query(arm, ctes)
    else:
        below = _visible(arm, ctes) if arm.selected.star or query.steps else ()
        relation = VisibleRelation(None, words=arm.selected.words, below=below)
    for step in query.steps:
        content = step.block.content + step.block.selected
        words = None if relation.words is None else relation.words | content.words
        relation = replace(relation, words=words, below=(*relation.below, *_visible(step.block, ctes)))
    return relation


def _results(query: Query) -> frozenset[str]:
    arm = query.arms[0]
    return _results(arm) if isinstance(arm, Query) else arm.selected.aliases


def _lower(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)
