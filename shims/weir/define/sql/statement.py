"""A statement of user code: a query, or a temporary view over one; the rest is refused."""

from __future__ import annotations

from dataclasses import dataclass

from weir.define.sql.literals import Parameters
from weir.define.sql.queries import WRITES, Queries
from weir.define.sql.resolution import StandIns
from weir.define.sql.rewriting import PathOf, names_metadata, rewritten
from weir.define.sql.scopes import BoundQuery, bind
from weir.define.sql.source import SqlText
from weir.define.sql.tree import Reference
from weir.model.names import join

_CONFIGURES = "give it as spark_conf of the dataset, or in the pipeline's configuration"
_NAMES = "write the full names of tables, or set catalog and schema of the pipeline"
_IN_PYTHON = "compose the text in Python and give spark.sql one query"
_IN_CODE = "register the function in Python, spark.udf.register, or write its expression in the query"
_LOOKS = "look at a frame's schema or plan in Python, or at a table with weir show"
_INSTEAD = {
    **dict.fromkeys(["SET", "RESET"], _CONFIGURES),
    "USE": _NAMES,
    **dict.fromkeys(["MAP", "REDUCE"], "write SELECT TRANSFORM (...) USING '...'"),
    **dict.fromkeys(["BEGIN", "CALL", "DECLARE", "EXECUTE", "OPEN", "FETCH", "CLOSE"], _IN_PYTHON),
    **dict.fromkeys(["SHOW", "DESC", "DESCRIBE", "EXPLAIN", "LIST", "HELP"], _LOOKS),
    **dict.fromkeys(
        [
            "ADD", "ALTER", "ANALYZE", "APPLY", "AUTO", "CACHE", "CLEAR", "COMMENT", "COMMIT",
            "CONVERT", "COPY", "CREATE", "DELETE", "DENY", "DFS", "DROP", "EXPORT", "FSCK", "GENERATE",
            "GRANT", "IMPORT", "INSERT", "LOAD", "LOCK", "MERGE", "MSCK", "OPTIMIZE", "REFRESH",
            "REORG", "REPAIR", "REPLACE", "RESTORE", "REVOKE", "ROLLBACK", "START", "SYNC", "TRUNCATE",
            "UNCACHE", "UNDROP", "UNLOCK", "UNSET", "UPDATE", "UPSERT", "VACUUM",
        ],
        WRITES,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that may run.

    Attributes:
        view: The name of the temporary view that it makes.
    """

    source: SqlText
    bound: BoundQuery
    view: str | None = None

    @property
    def references(self) -> tuple[Reference, ...]:
        """What it reads by name."""
        return self.bound.references

    @property
    def names_metadata(self) -> bool:
        """Does it name the hidden column of files?"""
        return names_metadata(self.source)

    def over(self, stand_ins: StandIns, path_of: PathOf) -> str:
        """Its text over views instead of tables.

        Args:
            stand_ins: What stands for each reference, by its position.
            path_of: Gives the local path for a path behind the name of a format.

        Raises:
            WeirError: A name can't be told apart.
        """
        return rewritten(self.source, self.bound, stand_ins, path_of)


def read(source: SqlText, parameters: Parameters) -> Statement:
    """The statement of a text.

    Args:
        source: The text, after substitution.
        parameters: Values of its named parameters.

    Raises:
        UnsupportedError: It is no query, or has a part that Weir has not.
        WeirError: It can't be read.
    """
    try:
        return _Statements(source, parameters).statement()
    except RecursionError:
        raise source.refused("A query that nests so deeply", "make views of its parts", 0) from None


class _Statements(Queries):
    def statement(self) -> Statement:
        """All of the text."""
        statement = self._created() if self.sees("CREATE") else self._queried()
        while self.skip_sign(";"):
            pass
        if not self.done:
            raise self.error()
        return statement

    def _queried(self, view: str | None = None) -> Statement:
        if self.sign() != "(" and not self.opens_query():
            raise self._refused(self.word())
        return Statement(self.source, bind((self.query(),)), view)

    def _refused(self, words: str) -> Exception:
        instead = _INSTEAD.get(self.word())
        if instead is None:
            return self.error()
        return self.source.refused(f"{words} in spark.sql", instead, self.position)

    def _created(self) -> Statement:
        begin = self.at
        self.at += 1
        self.skip("OR", "REPLACE")
        if self.sees("GLOBAL"):
            instead = "make a view of the pipeline, @dlt.view, or of the function, CREATE TEMP VIEW"
            raise self.source.refused("A global temporary view", instead, self.position)
        temporary = self.skip("TEMP") or self.skip("TEMPORARY")
        object_type = self.word()
        if temporary and object_type == "VIEW":
            return self._created_view()
        if object_type == "FUNCTION":
            raise self.source.refused("CREATE FUNCTION in spark.sql", _IN_CODE, self.position)
        self.at = begin
        raise self._refused(f"CREATE {object_type}")

    def _created_view(self) -> Statement:
        self.at += 1
        self.skip("IF", "NOT", "EXISTS")
        name = join(self.path().parts)
        while not (self.sees("AS") and self.opens_query(1)):
            if self.sees("USING"):
                raise self.source.refused(
                    "CREATE TEMPORARY VIEW ... USING",
                    "read the files in Python, or define a view",
                    self.position,
                )
            if self.at in self.pairs:
                self.past_brackets()
            else:
                self.take()
        self.at += 1
        return self._queried(name)
