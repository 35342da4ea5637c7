"""Which words open a clause where they stand, and which are names: Spark reserves hardly any."""

from __future__ import annotations

from weir.define.sql.literals import Constants
from weir.define.sql.scanner import TokenKind

SET_OPERATIONS = frozenset({"UNION", "EXCEPT", "INTERSECT", "MINUS"})
# Words that Spark takes for no alias.
RESERVED = SET_OPERATIONS | {
    "ANTI", "CROSS", "FULL", "INNER", "JOIN", "LATERAL", "LEFT", "NATURAL", "ON", "RIGHT", "SEMI", "USING",
}  # fmt: skip
_JOIN_WORDS = RESERVED - SET_OPERATIONS - {"JOIN", "LATERAL", "ON", "USING"} | {"OUTER"}
_BEFORE_BY = frozenset({"GROUP", "ORDER", "SORT", "CLUSTER", "DISTRIBUTE"})
_BEFORE_OPERAND = frozenset({"WHERE", "HAVING", "QUALIFY", "LIMIT", "OFFSET"})
_ORGANIZES = frozenset({"ORDER", "SORT", "CLUSTER", "DISTRIBUTE", "LIMIT", "OFFSET", "WINDOW"})
_PIPED = (RESERVED | _ORGANIZES) - {"LATERAL", "ON", "USING"} | {
    "AGGREGATE", "AS", "DROP", "EXTEND", "PIVOT", "SELECT", "SET", "TABLESAMPLE", "UNPIVOT", "WHERE",
}  # fmt: skip
_OPERAND_SIGNS = frozenset("(-+~:?!*")
_NO_OPERAND = frozenset(
    {"AND", "AS", "BETWEEN", "FROM", "ILIKE", "IN", "IS", "LIKE", "OR", "RLIKE", "SELECT"}
)
_QUERY_WORDS = frozenset({"SELECT", "FROM", "TABLE", "VALUES", "WITH"})
_OPERANDS = frozenset(
    {TokenKind.WORD, TokenKind.QUOTED, TokenKind.TEXT, TokenKind.NUMBER, TokenKind.PLACEHOLDER}
)
# Words within an expression, behind a name, a literal or a bracket.
CONTINUES = frozenset(
    [
        "AND", "BETWEEN", "COLLATE", "DIV", "ELSE", "END", "ESCAPE", "FILTER", "IGNORE", "ILIKE", "IN", "IS",
        "LIKE", "NOT", "OR", "OVER", "RESPECT", "RLIKE", "THEN", "WHEN", "WITHIN",
    ]
)  # fmt: skip
_GO_ON = _NO_OPERAND | CONTINUES | {"ASC", "DESC", "NULLS"}
# What an operand has to follow: a word that could open a clause is a column there.
_BEFORE_COLUMN = frozenset(
    [
        "AND", "BETWEEN", "BY", "CASE", "DISTINCT", "DIV", "ELSE", "HAVING", "ILIKE", "IN", "LIKE", "NOT",
        "ON", "OR", "QUALIFY", "RLIKE", "SELECT", "THEN", "WHEN", "WHERE",
    ]
)  # fmt: skip
_PREFIXES = frozenset({"CASE", "DISTINCT", "NOT"})
_TYPES = frozenset({"ARRAY", "MAP", "STRUCT"})
_ENDS = frozenset({")", "]", "?", ""})
_TIMES = frozenset({"VERSION", "SYSTEM_VERSION", "TIMESTAMP", "SYSTEM_TIME"})


class Clauses(Constants):
    """Tells what the next words are."""

    def opens_clause(self, ahead: int = 0) -> bool:
        """Does a clause begin that ends the relations or a join's condition?"""
        word = self.word(ahead)
        if word in _BEFORE_BY:
            return self.word(ahead + 1) == "BY"
        if word in _BEFORE_OPERAND:
            return self._operand(ahead + 1) and not self._is_column(ahead)
        if word == "WINDOW":
            names = self.token(ahead + 1).is_name and self.word(ahead + 2) == "AS"
            return names and not self._is_column(ahead)
        if word == "SELECT":
            return self._operand(ahead + 1) or self.token(ahead + 1).kind is TokenKind.HINT
        if word == "INSERT":
            return self.word(ahead + 1) in {"INTO", "OVERWRITE", "WITH"}
        return self.opens_relation_clause(ahead) or self.opens_set_operation(ahead)

    def opens_relation_clause(self, ahead: int = 0) -> bool:
        """Does a join begin, or a clause that belongs to a relation?"""
        word, following = self.word(ahead), self.word(ahead + 1)
        if word in {"PIVOT", "TABLESAMPLE"}:
            return self.sign(ahead + 1) == "(" or following in {"SYSTEM", "BERNOULLI"}
        if word == "UNPIVOT":
            return self.sign(ahead + 1) == "(" or following in {"INCLUDE", "EXCLUDE"}
        if word in {"APPROX", "EXACT"}:
            return following == "NEAREST"
        return self.opens_join(ahead) or word in {"LATERAL", "ON", "USING"} or self.opens_watermark(ahead)

    def opens_watermark(self, ahead: int = 0) -> bool:
        """Does WATERMARK ... DELAY OF begin?"""
        if self.word(ahead) != "WATERMARK":
            return False
        index = self.at + ahead + 1
        while index < len(self.tokens) and self.tokens[index].text not in {",", ")", ";"}:
            if self.tokens[index].text.upper() == "DELAY" and index > self.at + ahead + 1:
                return True
            index = self.pairs.get(index, index) + 1
        return False

    def opens_travel(self) -> bool:
        """Does [FOR] VERSION or TIMESTAMP AS OF begin?"""
        ahead = 1 if self.sees("FOR") else 0
        as_of = (self.word(ahead + 1), self.word(ahead + 2)) == ("AS", "OF")
        return as_of and self.word(ahead) in _TIMES

    def opens_join(self, ahead: int = 0) -> bool:
        """Does a join begin, with or without its kind?"""
        while self.word(ahead) in _JOIN_WORDS:
            ahead += 1
        return self.word(ahead) == "JOIN"

    def opens_set_operation(self, ahead: int = 0) -> bool:
        """Does UNION, EXCEPT, INTERSECT or MINUS begin, with a query to follow?"""
        if self.word(ahead) not in SET_OPERATIONS:
            return False
        excludes = self.word(ahead) == "EXCEPT" and self.sign(ahead - 1) == "*"
        ahead += 2 if self.word(ahead + 1) in {"ALL", "DISTINCT"} else 1
        if self.sign(ahead) == "(":
            return not excludes or self.opens_query(ahead + 1)
        return self.opens_query(ahead)

    def opens_order(self, ahead: int = 0) -> bool:
        """Does ORDER BY or another clause begin that belongs to a whole set operation?"""
        return self.word(ahead) in _ORGANIZES and self.opens_clause(ahead)

    def opens_step(self, ahead: int = 0) -> bool:
        """Does `|>` come next, or `|` with what can only be a step?"""
        sign = self.sign(ahead)
        return sign == "|>" or (sign == "|" and self.word(ahead + 1) in _PIPED)

    def opens_from(self) -> bool:
        """Is FROM no part of IS DISTINCT FROM, and no column or alias?"""
        if not self.sees("FROM") or (self.word(-1) == "DISTINCT" and self.word(-2) in {"IS", "NOT"}):
            return False
        if self.word(1) == "FROM" and (self.token(2).is_name or self.sign(2) == "("):
            return False
        if not self.word(-1):
            return not self._is_column(0)
        relation = self._names(1) or self.sign(1) == "(" or self.token(1).kind is TokenKind.PLACEHOLDER
        return relation or not (self.word(-1) == "AS" or self._is_column(0))

    def _is_column(self, ahead: int) -> bool:
        """Has an operand to stand here: is a word that opens a clause elsewhere the name of a column?"""
        before, earlier = self.token(ahead - 1), self.word(ahead - 2)
        if before.kind is TokenKind.WORD:
            named = self.sign(ahead - 2) in {".", ","} or earlier in {"SELECT", "AS"}
            return self.word(ahead - 1) in (_PREFIXES if named else _BEFORE_COLUMN)
        if before.kind is not TokenKind.SIGN or before.text in _ENDS:
            return before.kind is TokenKind.HINT_END
        if before.text == "*":
            all_columns = earlier in {"SELECT", "DISTINCT", "ALL"} or self.sign(ahead - 2) in {".", ","}
            return not all_columns and self.token(ahead - 2).kind is not TokenKind.HINT_END
        return not self._closes_type(ahead - 1)

    def _closes_type(self, ahead: int) -> bool:
        """Is it the end of `ARRAY<...>`, `MAP<...>` or `STRUCT<...>`?"""
        depth = 0
        while self.token(ahead).text and (depth or self.sign(ahead) == ">"):
            depth += {">": 1, "<": -1}.get(self.sign(ahead), 0)
            if depth == 0:
                return self.word(ahead - 1) in _TYPES
            ahead -= 1
        return False

    def opens_query(self, ahead: int = 0) -> bool:
        """Does a query begin?"""
        word = self.word(ahead)
        if word not in _QUERY_WORDS:
            return self.sign(ahead) == "(" and self._opens_query_in_brackets(ahead)
        if word == "SELECT":
            return self.sign(ahead + 1) not in {")", ",", "."}
        if word == "VALUES":
            return self._operand(ahead + 1)
        if word == "FROM":
            return self.word(ahead - 2) != "TRIM" and (self._names(ahead + 1) or self.sign(ahead + 1) == "(")
        if word == "WITH":
            goes_on = self.word(ahead + 1) in _GO_ON and self.word(ahead + 2) != "AS"
            return self.token(ahead + 1).is_name and not goes_on
        return self._names(ahead + 1)

    def _names(self, ahead: int) -> bool:
        """Is it a name, and no word that goes on with an expression?"""
        return self.token(ahead).is_name and self.word(ahead) not in _GO_ON

    def _opens_query_in_brackets(self, ahead: int) -> bool:
        """`((SELECT ...) UNION ...` begins a query, `((SELECT ...) + 1` an expression."""
        first = ahead
        while self.sign(first) == "(":
            first += 1
        return self.opens_query(first) and all(self._queries_on(at) for at in range(ahead, first))

    def _queries_on(self, ahead: int) -> bool:
        after = self.pairs[self.at + ahead] - self.at + 1
        ends = self.token(after).text in {"", ")", ";"} or self.opens_step(after)
        return ends or self.opens_order(after) or self.opens_set_operation(after)

    def _operand(self, ahead: int) -> bool:
        """Can an expression begin?"""
        token = self.token(ahead)
        if token.kind is TokenKind.SIGN:
            return token.text in _OPERAND_SIGNS
        if self.sign(ahead + 1) == "." and self.token(ahead).is_name:
            return True
        if self.word(ahead) == "FROM":  # a column, where no relation follows
            return not self._names(ahead + 1) and self.sign(ahead + 1) != "("
        if self.word(ahead) in _NO_OPERAND or (self.word(ahead) and self.opens_clause(ahead)):
            return False
        return token.kind in _OPERANDS
