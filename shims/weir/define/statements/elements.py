"""The columns and constraints between the brackets behind a dataset's name (specification §8.1)."""

from __future__ import annotations

from weir.define.query import NamedColumn
from weir.define.sql.scanner import TokenKind
from weir.define.statements.values import Constraint, Elements
from weir.define.statements.words import Words
from weir.model.definitions import Action
from weir.model.origin import Origin

_KEYS = (("PRIMARY", "KEY"), ("FOREIGN", "KEY"), ("CHECK",), ("UNIQUE",))
_OF_TABLE = ("EXPECT (condition)", "PRIMARY KEY", "FOREIGN KEY")
_BEHIND_CONDITION = ("ON VIOLATION DROP ROW", "ON VIOLATION FAIL UPDATE", "`,`", "`)`")
_WITH_LENGTH = frozenset({"CHAR", "CHARACTER", "DEC", "DECIMAL", "NUMERIC", "VARCHAR"})
_NO_TYPE = frozenset({"COMMENT", "NOT", "CONSTRAINT"})


class ElementWords(Words):
    """Reads columns and constraints."""

    def elements(self) -> Elements:
        """All of them."""
        self.expect_sign("(")
        typed, named, constraints = list[str](), list[NamedColumn](), list[Constraint]()
        first, has_types = self.position, False
        while self.sign() != ")":
            begin = self.at
            element = self._one()
            if isinstance(element, Constraint):
                constraints.append(element)
            elif isinstance(element, NamedColumn):
                named.append(element)
            else:
                has_types |= not self._is_key(begin)
                typed.append(element)
            if not self.skip_sign(","):
                break
        self.expect_end_of_elements()
        if has_types and named:
            what = f"The column `{named[0].name}` has no type, while others have one"
            raise self.source.problem("PARSE_SYNTAX_ERROR", what, first, "give all columns a type, or none")
        # Keys inform: without columns that they could be of, nothing is lost with them.
        schema = ", ".join(typed) if has_types else None
        return Elements(schema, tuple(named), tuple(constraints))

    def expect_end_of_elements(self) -> None:
        """Behind an element, a comma or the closing bracket."""
        if not self.skip_sign(")"):
            raise self.expected("`,`", "`)`")

    def _is_key(self, begin: int) -> bool:
        """Is the element there a key of the table, not a column?"""
        at, self.at = self.at, begin
        self.at += 2 * self.sees("CONSTRAINT")
        is_key = any(self.sees(*words) for words in _KEYS)
        self.at = at
        return is_key

    def _one(self) -> str | NamedColumn | Constraint:
        if self.sees("CONSTRAINT") and self.token(1).is_name and self._is_constraint():
            return self._constraint()
        if any(self.sees(*words) and self.sign(len(words)) == "(" for words in _KEYS):
            return self._up_to_comma(self.at)
        if not self.token().is_name:
            raise self.expected("a column", "CONSTRAINT")
        return self._column()

    def _is_constraint(self) -> bool:
        """`CONSTRAINT name EXPECT (...)`, not a column of that name with its type."""
        behind = self.sign(2) or self.word(2)
        has_length = self.word(1) in _WITH_LENGTH and behind == "("
        return not has_length and behind not in {",", ")", "<"} and behind not in _NO_TYPE

    def _constraint(self) -> str | Constraint:
        begin, origin = self.at, self._origin()
        self.at += 1
        name = self.name()
        if any(self.sees(*words) for words in _KEYS):
            return self._up_to_comma(begin)
        if not self.skip("EXPECT"):
            raise self.expected(*_OF_TABLE)
        condition = self.bracket_content()
        if not condition:
            raise self.source.problem("PARSE_SYNTAX_ERROR", f"The rule `{name}` has no condition",
                                      self.behind, "write EXPECT (condition)")  # fmt: skip
        return Constraint(name, condition, self._action(), origin)

    def _action(self) -> Action:
        if not self.skip("ON"):
            if self.sign() not in {",", ")"}:
                raise self.expected(*_BEHIND_CONDITION)
            return Action.WARN
        self.expect("VIOLATION")
        if self.skip("DROP"):
            self.expect("ROW")
            return Action.DROP
        if self.skip("FAIL"):
            self.expect("UPDATE")
            return Action.FAIL
        raise self.expected("DROP ROW", "FAIL UPDATE")

    def _origin(self) -> Origin:
        return self.source.origin_of(self.position) or Origin("", 0)

    def _column(self) -> str | NamedColumn:
        begin = self.at
        name = self.name()
        if self.sign() in {",", ")"}:
            return NamedColumn(name)
        if self.sees("COMMENT") and self.token(1).kind is TokenKind.TEXT:
            self.at += 1
            return NamedColumn(name, self.literal())
        return self._up_to_comma(begin)

    def _up_to_comma(self, begin: int) -> str:
        """All of an element up to its comma, as one line."""
        angles = 0
        while not self.done and (angles or self.sign() not in {",", ")"}):
            if self.sees("CONSTRAINT") and self.word(2) == "EXPECT":
                raise self.expected("`,`")
            if self.sees("EXPECT") and self.sign(1) == "(":
                self.at = begin
                raise self.expected("CONSTRAINT name EXPECT (condition)")
            if self.at in self.pairs:
                self.past_brackets()
                continue
            angles += {"<": 1, ">": -1}.get(self.sign(), 0)
            self.at += 1
        return self.plain(begin, self.at)
