"""Relations in SQL text, found by position: names alone are replaced, the rest goes to Spark as written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from weir.model.names import join, quoted, unquoted

FILE_FORMATS = frozenset({"json", "csv", "parquet", "text", "orc", "delta", "avro", "binaryfile", "xml"})
_OPTIONS = re.compile(r"(\bSTREAM\s*\(?\s*[\w.`]+\s*\)?)(\s+WITH\s*\(([^)]*)\))", re.IGNORECASE)
_WATERMARK = re.compile(
    r"\bWATERMARK\s+[\w.`]+\s+DELAY\s+OF\s+INTERVAL\s+(?:'[^']*'|\d+)\s*\w*", re.IGNORECASE
)
_STREAM = re.compile(r"\bSTREAM\s*(\(?)\s*$", re.IGNORECASE)
# After `STREAM(t)` the parser does not tell an alias from what follows: a word that opens no clause is one.
_ALIAS = re.compile(
    r"\s+(?!(?:JOIN|INNER|LEFT|RIGHT|FULL|CROSS|SEMI|ANTI|NATURAL|ON|USING|WHERE|GROUP|HAVING|ORDER|LIMIT|"
    r"OFFSET|UNION|EXCEPT|INTERSECT|MINUS|LATERAL|QUALIFY|WINDOW|TABLESAMPLE|PIVOT|UNPIVOT|CLUSTER|"
    r"DISTRIBUTE|SORT|WATERMARK)\b)[A-Za-z_`]",
    re.IGNORECASE,
)
_SAMPLE = re.compile(r"\s+TABLESAMPLE\s*\([^()]*\)(?:\s*REPEATABLE\s*\(\d+\))?", re.IGNORECASE)
COMMAND = re.compile(
    r"\s*(SHOW|DESC|DESCRIBE|INSERT|MERGE|UPDATE|DELETE|DROP|ALTER|TRUNCATE|OPTIMIZE|VACUUM|USE|REFRESH|"
    r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:EXTERNAL\s+)?(?:TABLE|SCHEMA|DATABASE|VIEW))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Relation:
    """A table name in the text.

    Attributes:
        name: As written, LIVE. included.
        start: Position of its first character.
        end: Position after its last character.
        stream: It stands behind STREAM.
        alias: The name under which columns are qualified, when the text gives none.
        alias_at: Where that alias has to be written.
    """

    name: str
    start: int
    end: int
    stream: bool
    alias: str | None
    alias_at: int
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parsed:
    """The relations and file references of a statement, and its text without what was cut out."""

    text: str
    relations: tuple[Relation, ...]
    columns: tuple[tuple[int, int], ...]
    paths: tuple[tuple[int, int], ...]


class UnreadableSqlError(ValueError):
    """The parser does not know this statement."""


def parse(text: str) -> Parsed:
    """Find all tables that a query reads.

    Raises:
        UnreadableSqlError: Neither the statement nor its relations could be made out.
    """
    options: dict[int, dict[str, str]] = {}

    def cut_options(match: re.Match[str]) -> str:
        options[match.start()] = _options(match[3])
        return match[1] + " " * len(match[2])

    text = _OPTIONS.sub(cut_options, text)
    masked = _WATERMARK.sub(lambda m: " " * len(m[0]), text)
    try:
        tree = sqlglot.parse_one(masked, dialect="databricks")
    except (ParseError, TokenError) as error:
        raise UnreadableSqlError(str(error)) from error
    tables = [t for t in tree.find_all(exp.Table) if _readable(t)]
    relations = [_relation(t, text, options) for t in tables if not _is_cte(t) and not _is_path(t)]
    distinct = {r.start: r for r in relations}
    return Parsed(
        text,
        tuple(distinct[s] for s in sorted(distinct)),
        tuple(_qualifiers(tree)),
        tuple(sorted({_span(t.this) for t in tables if _is_path(t)})),
    )


def rewrite(parsed: Parsed, view_of: Callable[[Relation], str], path_of: Callable[[str], str]) -> str:
    """The text with relations replaced by temporary views and paths by local ones.

    Args:
        view_of: Gives the temporary view that stands for a relation.
        path_of: Gives the local path for a path behind a format's name.
    """
    edits: list[tuple[int, int, str]] = []
    for relation in parsed.relations:
        edits.append((relation.start, relation.end, view_of(relation)))
        if relation.alias:
            edits.append((relation.alias_at, relation.alias_at, f" AS {quoted(relation.alias)}"))
    edits.extend((start, end, "") for start, end in parsed.columns)
    for start, end in parsed.paths:
        path = unquoted(parsed.text[start:end])
        edits.append((start, end, quoted(path_of(path))))
    text = parsed.text
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _readable(table: exp.Table) -> bool:
    return all(isinstance(p, exp.Identifier) and "start" in p.meta for p in table.parts) and not (
        table.name.startswith("__tmp")
    )


def _relation(table: exp.Table, text: str, options: Mapping[int, dict[str, str]]) -> Relation:
    start, end = _span(table.parts[0])[0], _span(table.parts[-1])[1]
    behind = _STREAM.search(text[:start])
    alias_at = end
    if behind and behind[1]:
        alias_at = text.index(")", end) + 1
    elif sample := _SAMPLE.match(text, end):
        alias_at = sample.end()
    name = join(tuple(p.name for p in table.parts))
    aliased = table.alias or (behind and _ALIAS.match(text, alias_at))
    alias = None if aliased else table.parts[-1].name
    found = options.get(behind.start(), {}) if behind else {}
    return Relation(name, start, end, behind is not None, alias, alias_at, found)


def _span(part: exp.Expr) -> tuple[int, int]:
    return part.meta["start"], part.meta["end"] + 1


def _is_path(table: exp.Table) -> bool:
    return (
        len(table.parts) > 1
        and table.parts[-2].name.lower() in FILE_FORMATS
        and ("/" in table.name or ":" in table.name)
    )


def _is_cte(table: exp.Table) -> bool:
    """Is the name one of a WITH clause in whose scope it stands?"""
    if len(table.parts) > 1:
        return False
    name = table.name.lower()
    node: Any = table
    own: exp.Expr | None = None
    while node is not None:
        if isinstance(node, exp.CTE):
            own = node
        clause: Any = node.args.get("with_") or node.args.get("with")
        for cte in clause.expressions if isinstance(clause, exp.With) else []:
            if cte is own and not clause.args.get("recursive"):
                break
            if cte.alias.lower() == name:
                return True
        node = node.parent
    return False


def _qualifiers(tree: exp.Expr) -> Iterator[tuple[int, int]]:
    """The catalog and schema before a column's table: `s.t.c` becomes `t.c`."""
    for column in tree.find_all(exp.Column):
        table = column.args.get("table")
        first = column.args.get("catalog") or column.args.get("db")
        if first is not None and table is not None and "start" in first.meta and "start" in table.meta:
            yield first.meta["start"], table.meta["start"]


def _options(text: str) -> dict[str, str]:
    pairs = (p.split("=", 1) for p in text.split(",") if "=" in p)
    return {k.strip().strip("'\"`"): v.strip().strip("'\"") for k, v in pairs}
