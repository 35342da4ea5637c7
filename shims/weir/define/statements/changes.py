"""The clauses of AUTO CDC and APPLY CHANGES, in any order (specification §3.2, §8.1)."""

from __future__ import annotations

from collections.abc import Callable

from weir.define.sql.scanner import TokenKind
from weir.define.sql.source import SqlText
from weir.define.statements.clauses import ClauseWords
from weir.define.statements.values import ChangeOptions, Parts
from weir.model.names import join

_CLAUSES = (
    "KEYS", "WHERE", "IGNORE NULL UPDATES", "APPLY AS DELETE WHEN", "APPLY AS TRUNCATE WHEN", "SEQUENCE BY",
    "SYSTEM SEQUENCE BY", "COLUMNS TO UPDATE", "COLUMNS", "STORED AS", "TRACK HISTORY ON",
)  # fmt: skip
_SNAPSHOTS = "compare snapshots in Python, dlt.create_auto_cdc_from_snapshot_flow: SQL has no word for it"
_OPERATORS = frozenset({"AND", "BETWEEN", "ELSE", "IN", "IS", "LIKE", "NOT", "OR", "THEN", "WHEN"})


class ChangeWords(ClauseWords):
    """Reads FROM and what stands behind it."""

    def changes(self, *, once: bool = False) -> ChangeOptions:
        """FROM source KEYS (...) and the other clauses, up to the end."""
        self.expect("FROM")
        if self.sees("SNAPSHOT") and self.token(1).is_name and not self._opens(1):
            raise self.source.refused("AUTO CDC FROM SNAPSHOT in SQL", _SNAPSHOTS, self.position)
        source = self._source()
        arguments: dict[str, object] = {}
        while not self.done:
            phrase = self._phrase()
            if phrase is None:
                raise self.expected(*_CLAUSES)
            start = self.position
            self.at += len(phrase.split())
            for key, value in self._read(phrase).items():
                if key in arguments:
                    raise self.source.problem("DUPLICATE_CLAUSES", f"The clause {phrase} stands there twice",
                                              start, "keep one of the two")  # fmt: skip
                arguments[key] = value
        return ChangeOptions(source, arguments, once)

    def _source(self) -> Parts | SqlText:
        """A table that is streamed, by its name; any other relation as it is written."""
        begin, start = self.at, self.position
        if self.sees("KEYS") and self.sign(1) == "(":
            raise self.expected("STREAM(table)", "a query in brackets")
        bracket = self.sign(1) == "("
        if self.sees("STREAM") and self.token(2 if bracket else 1).is_name and not self._opens(1):
            self.at += 2 if bracket else 1
            parts = self.parts()
            whole = not bracket or self.skip_sign(")")
            if whole and (self.done or self._opens(0)):
                return parts
            self.at = begin
        while not self.done and (self.at == begin or not self._opens(0)):
            self._past()
        if self.at == begin:
            raise self.expected("STREAM(table)", "a query in brackets")
        return self.source.piece(start, self.behind)

    def _past(self) -> None:
        if self.at in self.pairs:
            self.past_brackets()
        else:
            self.at += 1

    def _opens(self, ahead: int) -> str | None:
        """The clause that ends an expression or a name there; none does behind an operator."""
        self.at += ahead
        behind_operator = self.word(-1) in _OPERATORS or (self.sign(-1) not in {"", ")", "]"})
        phrase = self._phrase()
        self.at -= ahead
        return None if behind_operator else phrase

    def _phrase(self) -> str | None:
        """The clause whose words come next; what stands before them may be the `*` of another one."""
        return next((p for p in _CLAUSES if self.sees(*p.split())), None)

    def _read(self, phrase: str) -> dict[str, object]:
        """The arguments of `create_auto_cdc_flow` that a clause gives."""
        readers: dict[str, Callable[[], dict[str, object]]] = {
            "KEYS": lambda: {"keys": self._listed()},
            "WHERE": lambda: {"where": self._up_to_clause()},
            "APPLY AS DELETE WHEN": lambda: {"apply_as_deletes": self._up_to_clause()},
            "APPLY AS TRUNCATE WHEN": lambda: {"apply_as_truncates": self._up_to_clause()},
            "SEQUENCE BY": lambda: {"sequence_by": self._sequence()},
            "SYSTEM SEQUENCE BY": lambda: {"system_sequence_by": self._sequence()},
            "COLUMNS TO UPDATE": lambda: {"columns_to_update": join(self.parts())},
            "COLUMNS": lambda: self._choice("column_list", "except_column_list"),
            "TRACK HISTORY ON": lambda: self._choice(
                "track_history_column_list", "track_history_except_column_list"
            ),
            "IGNORE NULL UPDATES": self._ignored,
            "STORED AS": self._stored,
        }
        return readers[phrase]()

    def _ignored(self) -> dict[str, object]:
        if not self.skip("ON"):
            return {"ignore_null_updates": True}
        only, but = "ignore_null_updates_column_list", "ignore_null_updates_except_column_list"
        return self._choice(only, but) or {"ignore_null_updates": True}

    def _stored(self) -> dict[str, object]:
        if self.skip("BITEMPORAL"):
            return {"stored_as_scd_type": "bitemporal"}
        if not self.skip("SCD"):
            raise self.expected("SCD TYPE 1", "SCD TYPE 2", "BITEMPORAL")
        self.expect("TYPE")
        if self.token().kind is TokenKind.TEXT:
            return {"stored_as_scd_type": self.literal()}
        if self.token().kind is not TokenKind.NUMBER:
            raise self.expected("1", "2")
        return {"stored_as_scd_type": self.take().text}

    def _choice(self, only: str, but: str) -> dict[str, object]:
        """These columns, `* EXCEPT (...)`, or all."""
        if not self.skip_sign("*"):
            return {only: self._listed()}
        return {but: self._listed()} if self.skip("EXCEPT") else {}

    def _listed(self) -> list[str]:
        """Columns with commas between them, in brackets or not."""
        if self.sign() == "(":
            end = self.pairs[self.at]
            self.at += 1
            columns = [self._item(end)]
            while self.skip_sign(","):
                columns.append(self._item(end))
            self.expect_sign(")")
            return columns
        columns = [join(self.parts())]
        while self.skip_sign(","):
            columns.append(join(self.parts()))
        return columns

    def _item(self, end: int) -> str:
        """A column; an expression is refused where its meaning is known."""
        begin = self.at
        if self.token().is_name:
            parts = self.parts()
            if self.at == end or self.sign() == ",":
                return join(parts)
        while self.at < end and self.sign() != ",":
            self._past()
        if self.at == begin:
            raise self.expected("a column")
        return self.plain(begin, self.at)

    def _sequence(self) -> str:
        """An expression; several columns in brackets are a struct."""
        begin = self.at
        text = self._up_to_clause()
        whole = self.tokens[begin].text == "(" and self.pairs[begin] == self.at - 1
        return f"struct{text}" if whole and self._has_comma(begin) else text

    def _has_comma(self, begin: int) -> bool:
        self.at, end = begin + 1, self.at
        while self.at < end - 1 and self.sign() != ",":
            self._past()
        found = self.sign() == ","
        self.at = end
        return found

    def _up_to_clause(self) -> str:
        """All up to the next clause, as one line."""
        begin = self.at
        if self.done or self._is_clause():
            raise self.expected("an expression")
        while not self.done and (self.at == begin or self._opens(0) is None):
            self._past()
        return self.plain(begin, self.at)

    def _is_clause(self) -> bool:
        """A clause of several words begins, or one that no expression looks like."""
        phrase = self._phrase() or ""
        listed = phrase == "COLUMNS" and (self.sign(1) == "*" or self.token(1).is_name)
        return " " in phrase or listed or (phrase == "KEYS" and self.sign(1) == "(")
