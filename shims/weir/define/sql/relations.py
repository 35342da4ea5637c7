"""FROM clauses: tables, queries and functions with their aliases, and how they are joined."""

from __future__ import annotations

from weir.define.sql.clauses import CONTINUES, RESERVED
from weir.define.sql.references import References, Relations
from weir.define.sql.scanner import TokenKind
from weir.define.sql.tree import Block, Content, RelationGroup, RowSource, Source, Subquery


class FromClauses(References):
    """Reads relations."""

    def relations(self) -> Relations:
        """Relations with commas between them."""
        sources, content = self.relation()
        while self.skip_sign(","):
            more, also = self.relation()
            sources, content = sources + more, content + also
        return sources, content

    def relation(self) -> Relations:
        """A relation with all that is joined to it."""
        lateral = self.skip("LATERAL")
        sources, content = self._primary(lateral=lateral)
        while True:
            if self.opens_join():
                more, also = self.join()
                sources, content = sources + more, content + also
            elif self.word() in {"PIVOT", "UNPIVOT"} and self.opens_relation_clause():
                sources, content = self.pivoted(sources, content)
            else:
                return sources, content

    def join(self) -> Relations:
        """What is joined, and on what."""
        while not self.skip("JOIN"):
            self.at += 1
        lateral = self.skip("LATERAL")
        sources, content = self._primary(lateral=lateral)
        if self.skip("USING"):
            self.past_brackets()
        elif self.skip("ON") or self.skip("APPROX", "NEAREST") or self.skip("EXACT", "NEAREST"):
            content += self.content(self.ends_condition)
        return sources, content

    def ends_condition(self) -> bool:
        """Does a join's condition end?"""
        return self.sign() == "," or self.opens_step() or self.opens_clause()

    def pivoted(self, sources: tuple[Source, ...], content: Content) -> Relations:
        """PIVOT or UNPIVOT: an alias hides the names before it."""
        self.at += 1
        while self.sign() != "(":
            self.take()
        content += self.bracketed()
        alias = self.alias()
        if alias is None:
            return sources, content
        return (RelationGroup(Block(sources, content), alias),), Content()

    def lateral_view(self) -> tuple[Source, Content]:
        """LATERAL VIEW [OUTER] function(...) name [AS] columns."""
        self.at += 2
        if self.token(1).is_name:
            self.skip("OUTER")
        self.path()
        content = self.bracketed()
        name = self.name()
        columns: list[str] = []
        if self.skip("AS") or (self.token().is_name and not self.opens_clause()):
            columns.append(self.name())
            while self.skip_sign(","):
                columns.append(self.name())
        return RowSource(self.aliased(name, tuple(columns) or None)), content

    def _primary(self, *, lateral: bool) -> Relations:
        if self.sign() == "(":
            return self._derived(lateral=lateral) if self.opens_query(1) else self._grouped()
        if self.sees("VALUES") and self._operand(1) and not self._is_alias(1):
            return self.values()
        if self.sees("STREAM") and self._streams():
            return self.streamed()
        if self.token().kind is TokenKind.PLACEHOLDER:  # a frame that Python's format puts here
            self.at += 1
            content = self.trailing()
            return (RowSource(self.alias()),), content
        return self.named()

    def _is_alias(self, ahead: int) -> bool:
        """Spark takes `FROM values v` for a table, as it takes any name with another behind it."""
        after = self.token(ahead + 1).text in {"", ",", ")", ";"}
        return self.token(ahead).is_name and (after or self.opens_clause(ahead + 1))

    def _streams(self) -> bool:
        bracket = self.sign(1) == "("
        return bracket or (self.token(1).is_name and not self.opens_clause(1) and self.word(1) != "AS")

    def _derived(self, *, lateral: bool) -> Relations:
        begin = self.at
        self.at += 1
        query = self.query()
        if not self.skip_sign(")"):  # rows of VALUES that are joined
            self.at = begin
            return self._grouped()
        content = self.trailing()
        return (Subquery(query, self.alias(), lateral),), content

    def _grouped(self) -> Relations:
        self.at += 1
        sources, content = self.relation()
        self.expect_sign(")")
        content += self.trailing()
        alias = self.alias()
        if alias is None:
            return sources, content
        return (RelationGroup(Block(sources, content), alias),), Content()

    def values(self) -> Relations:
        """VALUES with its rows: a name behind one is an alias."""
        self.at += 1
        content = self.content(self._ends_row)
        while self.skip_sign(","):
            content += self.content(self._ends_row)
        return (RowSource(self.alias()),), content

    def _ends_row(self) -> bool:
        if self.sign() == "," or self.sees("AS") or self.opens_step() or self.opens_clause():
            return True
        operand = self.token(-1).kind in {TokenKind.TEXT, TokenKind.NUMBER} or self.sign(-1) in {")", "]"}
        interval = self.word(-2) == "INTERVAL"
        goes_on = interval or self.word() in RESERVED | CONTINUES
        return self.token().is_name and operand and not goes_on
