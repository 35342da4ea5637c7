"""Statements that the sources of a pipeline may not have, each refused by its name."""

from __future__ import annotations

from weir.define.statements.words import Words
from weir.model.problems import WeirError

DEFINITIONS = ("CREATE", "APPLY CHANGES INTO", "SET", "USE")
_DATASET = "write CREATE OR REFRESH MATERIALIZED VIEW, or STREAMING TABLE where the query streams"
_FUNCTION = "register the function in a Python source, spark.udf.register, or write its expression"
_CHANGES = "let a dataset's query, or a flow into it, give the rows"
_LOOK = "leave it out: look at a table with weir show, at a query with weir validate"
_VALUE = "write SET key = value, and ${key} where the value is wanted"
_ELSEWHERE = "leave it out: a pipeline defines datasets and changes nothing else"
_STATEMENTS = {
    **dict.fromkeys(["SELECT", "WITH", "FROM", "VALUES", "TABLE", "("], f"make it a dataset: {_DATASET}"),
    **dict.fromkeys(["SHOW", "DESC", "DESCRIBE", "EXPLAIN", "LIST", "HELP"], _LOOK),
    **dict.fromkeys(["INSERT", "MERGE", "UPDATE", "DELETE", "TRUNCATE", "COPY", "LOAD", "UPSERT"], _CHANGES),
    **dict.fromkeys(["DECLARE", "BEGIN", "EXECUTE", "CALL"], _VALUE),
    **dict.fromkeys(
        [
            "ALTER", "ANALYZE", "CACHE", "CLEAR", "COMMENT", "COMMIT", "CONVERT", "DENY", "DROP", "FSCK",
            "GENERATE", "GRANT", "MSCK", "OPTIMIZE", "REFRESH", "REORG", "REPAIR", "REPLACE", "RESET",
            "RESTORE", "REVOKE", "ROLLBACK", "SYNC", "UNCACHE", "UNDROP", "VACUUM",
        ],
        _ELSEWHERE,
    ),
}  # fmt: skip
_CREATED = {
    **dict.fromkeys(["TABLE", "EXTERNAL", "TRANSIENT"], _DATASET),
    **dict.fromkeys(["FUNCTION", "AGGREGATE", "PROCEDURE"], _FUNCTION),
    "GLOBAL": "write CREATE TEMPORARY VIEW: it is the whole pipeline's",
    **dict.fromkeys(
        [
            "BLOOMFILTER", "CATALOG", "CONNECTION", "DATABASE", "FOREIGN", "INDEX", "LOCATION", "RECIPIENT",
            "ROLE", "SCHEMA", "SHARE", "STORAGE", "USER", "VOLUME", "WIDGET",
        ],
        _ELSEWHERE,
    ),
}  # fmt: skip


def refused_statement(words: Words) -> WeirError:
    """What is to be said of a statement that defines nothing."""
    first = words.word() or words.sign()
    instead = _STATEMENTS.get(first)
    if instead is None:
        return words.expected(*DEFINITIONS)
    what = "A query outside of a dataset" if instead.startswith("make") else f"{first} in a source of SQL"
    return words.source.refused(what, instead, words.position)


def refused_creation(words: Words) -> WeirError | None:
    """What is to be said of CREATE for something that is no dataset; None if nobody knows the word."""
    instead = _CREATED.get(words.word())
    if instead is None:
        return None
    return words.source.refused(f"CREATE {words.word()} in a source of SQL", instead, words.tokens[0].start)
