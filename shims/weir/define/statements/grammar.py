"""The statements of a SQL source: what may stand there, in old and new spelling (specification §8.1)."""

from __future__ import annotations

from collections.abc import Iterable

from weir.define.sql.literals import Parameters
from weir.define.sql.source import SqlText
from weir.define.statements.changes import ChangeWords
from weir.define.statements.clauses import Clauses
from weir.define.statements.refusals import refused_creation, refused_statement
from weir.define.statements.values import (
    ChangeOptions,
    CreateDataset,
    CreateFlow,
    Elements,
    Kind,
    Nothing,
    Parts,
    SetValue,
    Statement,
    Use,
)
from weir.model.names import join
from weir.model.problems import WeirError

_DATASETS = {
    ("MATERIALIZED", "VIEW"): Kind.MATERIALIZED_VIEW,
    ("STREAMING", "TABLE"): Kind.STREAMING_TABLE,
    ("STREAMING", "LIVE", "TABLE"): Kind.STREAMING_TABLE,
    ("INCREMENTAL", "LIVE", "TABLE"): Kind.STREAMING_TABLE,
    ("LIVE", "TABLE"): Kind.MATERIALIZED_VIEW,
    ("STREAMING", "LIVE", "VIEW"): Kind.LIVE_VIEW,
    ("INCREMENTAL", "LIVE", "VIEW"): Kind.LIVE_VIEW,
    ("LIVE", "VIEW"): Kind.LIVE_VIEW,
    ("VIEW",): Kind.VIEW,
}
_MODIFIERS = ("PRIVATE", "TEMPORARY", "TEMP")
_TABLES = frozenset({Kind.STREAMING_TABLE, Kind.MATERIALIZED_VIEW})
_VIEWS_OF_SPARK = frozenset({Kind.TEMPORARY_VIEW, Kind.VIEW})  # before others' queries AS can be missing
_NO_RULES = (
    "only CREATE LIVE VIEW and tables take expectations: put the rule on the dataset that reads the view"
)
_REPLACED = "let a materialized view equal its query, or merge changes with AUTO CDC"
_CHANGES_OF_TABLE = "write CREATE STREAMING TABLE t; CREATE FLOW f AS AUTO CDC INTO t FROM ..."
_REPLACES = "OR REPLACE is taken for OR REFRESH; Databricks may refuse it in a pipeline"


def read(source: SqlText, parameters: Parameters) -> Statement:
    """The statement of a text, after substitution.

    Args:
        source: The text.
        parameters: Values of its named parameters, which may compose names.

    Raises:
        UnsupportedError: It is none of a pipeline's, or has a part that Weir has not.
        WeirError: It can't be read.
    """
    return _Statements(source, parameters).statement()


class _Statements(ChangeWords):
    def statement(self) -> Statement:
        """All of the text."""
        if self.sees("CREATE"):
            return self._created()
        if self.sees("APPLY", "CHANGES") or self.sees("AUTO", "CDC"):
            return self._applied(None, None)
        if self.sees("SET"):
            return self._set()
        if self.sees("USE"):
            self.at += 1
            return self._used()
        raise refused_statement(self)

    def _created(self) -> Statement:
        self.at += 1
        replaces = self.sees("OR", "REPLACE")
        if self.skip("OR") and not (self.skip("REFRESH") or self.skip("REPLACE")):
            raise self.expected("REFRESH")
        if self.skip("FLOW"):
            return self._flow()
        modifiers = self._modifiers()
        words = next((w for w in _DATASETS if self.sees(*w)), None)
        if words is None:
            raise refused_creation(self) or self._no_dataset()
        self.at += len(words)
        kind = _DATASETS[words]
        notices = [_REPLACES] if replaces and kind in _TABLES else []
        if kind is Kind.VIEW and modifiers:
            kind = Kind.TEMPORARY_VIEW
        return self._dataset(kind, Clauses(notices=notices), private=bool(modifiers) and kind in _TABLES)

    def _no_dataset(self) -> WeirError:
        """The first word that leads to no kind of dataset."""
        flow = [] if self.word(-1) in _MODIFIERS else [("FLOW",)]
        known: list[tuple[str, ...]] = [*_DATASETS, *flow]
        while more := [words[1:] for words in known if self.sees(words[0])]:
            self.at, known = self.at + 1, more
        return self.expected(*dict.fromkeys(words[0] for words in known))

    def _modifiers(self) -> bool:
        modified = False
        while any(self.skip(word) for word in _MODIFIERS):
            modified = True
        return modified

    def _dataset(self, kind: Kind, clauses: Clauses, *, private: bool) -> CreateDataset:
        name, table, start = self._created_name(), kind in _TABLES, self.position
        elements = None
        while not self.done:
            start = self.position
            if self.clause(clauses, table=table):
                continue
            if self.sees("AS") or self.opens_query() or self._fills():
                break
            if self.sign() != "(" or elements is not None:
                first = () if elements else ("a list of columns",)
                raise self.expected(*first, *self.phrases(table=table), "AS")
            elements = self._checked(kind, self.elements(), start)
        once = self._fills() and self.word(1) == "INSERT" and self.word(2) == "ONCE"
        content = self._content(kind)
        if elements and elements.columns and not isinstance(content, SqlText):
            what = f"The column `{elements.columns[0].name}` has no type, and no query gives it one"
            raise self.source.problem("PARSE_SYNTAX_ERROR", what, start, "write COLUMN TYPE")
        return CreateDataset(kind, name, private, elements or Elements(), clauses.arguments, content,
                             tuple(clauses.notices), once)  # fmt: skip

    def _checked(self, kind: Kind, elements: Elements, start: int) -> Elements:
        if kind in _TABLES:
            return elements
        if elements.schema is not None:
            hint = "a view's columns have names and comments"
            raise self.source.problem("PARSE_SYNTAX_ERROR", "A column of a view has a type", start, hint)
        if elements.constraints and kind is not Kind.LIVE_VIEW:
            raise self.source.refused("CONSTRAINT ... EXPECT on this kind of view", _NO_RULES, start)
        return elements

    def _fills(self) -> bool:
        return self.sees("FLOW") and self.word(1) in {"AUTO", "INSERT", "REPLACE"}

    def _content(self, kind: Kind) -> SqlText | ChangeOptions | None:
        if self.done and kind is Kind.STREAMING_TABLE:
            return None
        if self._fills():
            return self._flow_of_table()
        if not self.skip("AS") and kind in _VIEWS_OF_SPARK:
            raise self.expected("AS")
        if self.sees("AUTO", "CDC") or self.sees("APPLY", "CHANGES"):
            what = "AUTO CDC is no query, and AS stands before one"
            raise self.source.problem("PARSE_SYNTAX_ERROR", what, self.position, _CHANGES_OF_TABLE)
        return self.query_here()

    def _created_name(self) -> Parts:
        """The name behind CREATE and its kind; AS there opens what the name should stand before."""
        self.skip("IF", "NOT", "EXISTS")
        if self.sees("AS"):
            raise self.expected("a name")
        return self.parts()

    def _flow_of_table(self) -> SqlText | ChangeOptions:
        """FLOW AUTO CDC FROM ..., FLOW INSERT [ONCE] BY NAME query."""
        start = self.take().start
        if self.sees("REPLACE"):
            raise self.source.refused("A flow with REPLACE", _REPLACED, start)
        if self.skip("INSERT"):
            self.skip("ONCE")
            self.expect("BY", "NAME")
            return self.query_here()
        self.expect("AUTO", "CDC")
        once = self.skip("ONCE")
        return self.changes(once=once)

    def _flow(self) -> CreateFlow:
        name = join(self._created_name())
        comment = self.literal() if self.skip("COMMENT") else None
        self.expect("AS")
        if self.sees("INSERT"):
            return self._insert(name, comment)
        if self.sees("AUTO", "CDC") or self.sees("APPLY", "CHANGES"):
            return self._applied(name, comment)
        raise self.expected("INSERT INTO", "AUTO CDC INTO", "APPLY CHANGES INTO")

    def _insert(self, name: str, comment: str | None) -> CreateFlow:
        start = self.position
        self.at += 1
        once = self.skip("ONCE")
        if self.sees("OVERWRITE"):
            instead = "append to a streaming table, or let a materialized view equal its query"
            raise self.source.refused("A flow with INSERT OVERWRITE", instead, start)
        self.expect("INTO")
        once |= self.skip("ONCE")
        self.skip("TABLE")
        target = self.parts()
        if self.sees("REPLACE") and self.word(1) in {"WHERE", "USING", "ON"}:
            raise self.source.refused("A flow with REPLACE", _REPLACED, self.position)
        by_name = self._by_name()
        columns = self.names() if self.sign() == "(" and not self.opens_query() else ()
        by_name |= self._by_name()
        if not self.opens_query() and not by_name:
            raise self.expected("BY NAME", "SELECT")
        return CreateFlow(target, self.query_here(), name, comment, once, columns, by_name)

    def _by_name(self) -> bool:
        if not self.skip("BY"):
            return False
        self.expect("NAME")
        return True

    def _applied(self, name: str | None, comment: str | None) -> CreateFlow:
        if not self.skip("AUTO", "CDC"):
            self.expect("APPLY", "CHANGES")
        once = self.skip("ONCE")
        self.expect("INTO")
        once |= self.skip("ONCE")
        self.skip("TABLE")
        target = self.parts()
        return CreateFlow(target, self.changes(once=once), name, comment, once)

    def _set(self) -> Statement:
        """SET key = value: the value is all that stands behind the sign, as it is written (§5.3)."""
        start = self.take().start
        if self.sees("CATALOG") and self.token(1).is_name:
            return self._used()
        if self.sees("TIME", "ZONE"):
            return self._time_zone(start)
        if self.word() in {"VAR", "VARIABLE"} and self.token(1).is_name:
            instead = "write SET key = value, and ${key} where the value is wanted"
            raise self.source.refused("A session variable", instead, start)
        key = self._key_of_set()
        if not self.skip_sign("="):
            self.finish("`=`")
            return Nothing()
        value = self._value_of_set()
        pipelines = key.lower().startswith("pipelines.")
        quotes = "\"'`" if pipelines else "`"
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in quotes
        return SetValue(key, value[1:-1] if quoted else value)

    def _key_of_set(self) -> str:
        """Words and signs without blanks between them."""
        key = ""
        while not self.done and self.sign() != "=" and (not key or self.position == self.behind):
            key += self.take().name
        if not key:
            raise self.expected("a key")
        return key

    def _value_of_set(self) -> str:
        """All that is left, which is no statement in a line of its own."""
        begin = self.behind
        while not self.done:
            if self.begins_line() and self.begins_statement():
                raise self.expected("`;`")
            self.at += 1
        return self.source.text[begin : self.behind].strip()

    def _time_zone(self, start: int) -> SetValue:
        self.at += 2
        if self.done or self.sees("INTERVAL") or self.sees("LOCAL"):
            instead = "write SET TIME ZONE 'Europe/Madrid'"
            raise self.source.refused("A time zone that is not a text", instead, start)
        zone = self.literal()
        self.finish()
        return SetValue("spark.sql.session.timeZone", zone)

    def _used(self) -> Use:
        if self.skip("CATALOG"):
            # Databricks: another catalog begins with its schema `default`.
            used = Use(self._name_or_text(), "default")
        elif self.skip("SCHEMA") or self.skip("DATABASE") or self.skip("NAMESPACE"):
            used = _schema(self.parts())
        else:
            used = _schema(self.parts())
        self.finish()
        return used

    def _name_or_text(self) -> str:
        return self.parts()[0] if self.token().is_name else self.literal()


def _schema(parts: Iterable[str]) -> Use:
    *catalog, schema = parts
    return Use(catalog[0] if catalog else None, schema)
