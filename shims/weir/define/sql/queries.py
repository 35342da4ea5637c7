"""Queries: common table expressions, SELECT, set operations, and what stands behind `|>`."""

from __future__ import annotations

from weir.define.sql.literals import Parameters
from weir.define.sql.relations import FromClauses
from weir.define.sql.source import SqlText
from weir.define.sql.tree import Block, Content, Cte, PipeStep, Query, Source

_CHANGES_DATA = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
WRITES = "return a query; datasets write its rows"


class Queries(FromClauses):
    """Reads queries."""

    def __init__(self, source: SqlText, parameters: Parameters) -> None:
        super().__init__(source)
        self.parameters = parameters

    def query(self) -> Query:
        """A query with all that belongs to it."""
        recursive, ctes = self._ctes()
        if self.word() in _CHANGES_DATA:
            raise self._writes()
        first, order = self._arm(), Content()
        more, steps = list[Block | Query](), list[PipeStep]()
        while True:
            if self.opens_set_operation():
                self.at += 2 if self.word(1) in {"ALL", "DISTINCT"} else 1
                more.append(self._arm())
            elif self.opens_step():
                self.at += 1
                if not self.opens_set_operation():
                    steps.append(self._step())
            elif self.opens_order():
                order += self.content(self._ends)
            else:
                return Query(ctes, recursive, (first, *more), order, tuple(steps))

    def _writes(self) -> Exception:
        place = "a query" if self.source.of_file else "spark.sql"
        return self.source.refused(f"{self.word()} in {place}", WRITES, self.position)

    def _ctes(self) -> tuple[bool, tuple[Cte, ...]]:
        if not self.skip("WITH"):
            return False, ()
        recursive = self.sees("RECURSIVE") and self.token(1).is_name and self.word(1) != "AS"
        self.at += recursive
        ctes = [self._cte()]
        while self.skip_sign(","):
            ctes.append(self._cte())
        return recursive, tuple(ctes)

    def _cte(self) -> Cte:
        path = self.path()
        if len(path.parts) != 1:
            raise self.error()
        columns = self.names() if self.sign() == "(" and not self.opens_query(1) else None
        if self.skip("MAX", "RECURSION", "LEVEL"):
            self.at += 1
        self.skip("AS")
        self.expect_sign("(")
        query = self.query()
        self.expect_sign(")")
        return Cte(path.parts[0], columns, query)

    def _arm(self) -> Block | Query:
        if self.skip_sign("("):
            query = self.query()
            self.expect_sign(")")
            return query
        if self.sees("SELECT"):
            return self._select()
        if self.sees("FROM"):
            self.at += 1
            return self._rest(*self.relations(), None)
        if self.sees("TABLE"):
            return Block((self.table_query(),), Content(), Content(star=True))
        if self.sees("VALUES"):
            sources, content = self.values()
            return Block(sources, content, Content(star=True))
        raise self.error()

    def _select(self) -> Block:
        self.at += 1
        selected = self.content(lambda: self.opens_from() or self._ends() or self.opens_order())
        if not self.skip("FROM"):
            return Block((), Content(), selected)
        sources, content = self.relations()
        return self._rest(sources, content, selected)

    def _rest(self, sources: tuple[Source, ...], content: Content, selected: Content | None) -> Block:
        """What stands behind the relations; where FROM came first, SELECT is in it, or all is selected."""
        begin = self.at
        while True:
            content += self.content(lambda: self._ends() or self.opens_order() or self._other())
            if self.sees("LATERAL", "VIEW"):
                view, also = self.lateral_view()
                sources, content = (*sources, view), content + also
            elif self.sees("INSERT"):
                raise self._writes()
            else:
                break
        if selected is None:
            star = content.star or begin == self.at
            selected = Content(words=content.words, aliases=content.aliases, star=star)
        return Block(sources, content, selected)

    def _other(self) -> bool:
        return self.sees("LATERAL", "VIEW") or (self.sees("INSERT") and self.opens_clause())

    def _ends(self) -> bool:
        return self.opens_step() or self.opens_set_operation()

    def _step(self) -> PipeStep:
        if self.skip("AS"):
            return PipeStep(Block(), self.aliased(self.name()))
        if self.opens_join():
            sources, content = self.join()
            return PipeStep(Block(sources, content))
        if self.word() in {"PIVOT", "UNPIVOT"}:
            content = self.content(self._ends)
            return PipeStep(Block((), content))
        return PipeStep(Block((), Content(), self.content(self._ends)))
