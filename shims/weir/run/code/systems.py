"""Sources of other systems, such as databases: the name of the table that stands for one here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from weir.model.names import BadNameError, TableName, for_shell
from weir.model.origin import here
from weir.model.problems import Problem, WeirError
from weir.model.texts import one_line

# The ends of options' names, as connectors have them.
_TABLES = ("dbtable", "table", "tablename", "collection", "container", "sfobject", "object", "resource")
_SPACES = ("sfdatabase", "database", "databasename", "sfschema", "keyspace", "dataset")
_QUERIES = ("query", "soql")
# What Spark and its drivers say of what is not installed.
_ABSENT = ("DATA_SOURCE_NOT_FOUND", "No suitable driver", "ClassNotFoundException")
LONGEST = 60  # characters of a query in a problem


def stand_in_name(source: str, options: Mapping[str, Any]) -> str | None:
    """The full name of the table that stands for what options read; None if they do not name it.

    Args:
        source: The format.
        options: As they were written, with the path. What only says where a server is does not count.

    >>> stand_in_name("jdbc", {"url": "jdbc:mysql://h/shop", "dbtable": "sales.orders"})
    'jdbc.sales.orders'
    >>> stand_in_name("mongodb", {"spark.mongodb.database": "shop", "spark.mongodb.collection": "users"})
    'mongodb.shop.users'
    """
    given = _ends(options)
    system = source.rpartition(".")[2]
    query = query_in(options)
    if query is not None:
        digest = sha256(" ".join(query.split()).encode()).hexdigest()
        return _name(system, "query", digest[:12])
    table = _first(_TABLES, given) or given.get("path")
    if table is None:
        return None
    spaces = [given[key] for key in _SPACES if key in given]
    *outer, last = [part for text in (*spaces, table) for part in _parts(text)] or [""]
    return _name(system, ".".join(outer) or "default", last)


def query_in(options: Mapping[str, Any]) -> str | None:
    """The query that options have in place of a table."""
    given = _ends(options)
    table = _first(_TABLES, given) or ""
    return _first(_QUERIES, given) or (table if "(" in table else None)


def _ends(options: Mapping[str, Any]) -> dict[str, str]:
    return {key.lower().rpartition(".")[2]: str(value) for key, value in options.items() if value is not None}


def _first(keys: tuple[str, ...], given: Mapping[str, str]) -> str | None:
    return next((given[key] for key in keys if given.get(key)), None)


def _parts(text: str) -> list[str]:
    """The parts of a table's name or of a path; a path may end in a table, behind a #."""
    text = text.rpartition("#")[2]
    parts = re.split(r"[/\\:]+" if re.search(r"[/\\]", text) else r"\.", text)
    return [part for part in (p.strip(' `"[]') for p in parts) if part]


def _name(*parts: str) -> str | None:
    try:
        return str(TableName.of(parts))
    except BadNameError:
        return None


def frame_of_system(
    source: str, options: Mapping[str, Any], name: str | None, read: Callable[[], Any]
) -> Any:
    """What a reader gives that Spark itself lacks: what is installed beside it, else a problem.

    Args:
        name: Of the table that may stand for it.

    Raises:
        WeirError: It is not installed.
        Exception: Whatever the reader raises.
    """
    try:
        frame = read()
        _ = frame.schema  # over Connect nothing is looked for before
    except Exception as error:
        if not any(word in str(error) for word in _ABSENT):
            raise
        raise WeirError(not_here(source, options, name)) from error
    return frame


def not_here(source: str, options: Mapping[str, Any], name: str | None) -> Problem:
    """A source that this machine can't read, and the flag that gives a table in its place."""
    query = query_in(options)
    what = "" if query is None else f" with the query `{one_line(' '.join(query.split()), LONGEST)}`"
    message = f"The source `{source}`{what} is not on this machine."
    flag = f"pass --table {'NAME' if name is None else for_shell(name)}=FOLDER"
    hint = flag if name else f"read it as a table, spark.read.table(name), and {flag}"
    return Problem("DATA_SOURCE_NOT_FOUND", message, here(), hint)
