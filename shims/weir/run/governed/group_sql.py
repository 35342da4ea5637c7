"""SQL of a group's session: tables become governed views, also as they were at a version or a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlglot.errors import TokenError

from weir.define.tokens import is_name, tokens_of
from weir.run.code import sqltext
from weir.run.governed.fence import no_file, refused

ViewOf = Callable[[str, Mapping[str, str]], str]
TEMP_VIEW = re.compile(
    r"\s*CREATE\s+(?:OR\s+REPLACE\s+)?TEMP(?:ORARY)?\s+VIEW\s+(?:`([^`]+)`|(\w+))\s+AS\s+(?=\S)(.*)",
    re.IGNORECASE | re.DOTALL,
)
_TRAVEL = re.compile(
    r"\s+(?:FOR\s+)?(?:SYSTEM_)?(VERSION|TIMESTAMP|TIME)\s+AS\s+OF\s+(?:(\d+)|'([^']*)')", re.IGNORECASE
)
_OTHER_TRAVEL = re.compile(r"\s+(?:FOR\s+)?(?:SYSTEM_)?(?:VERSION|TIMESTAMP|TIME)\s+AS\s+OF\b", re.IGNORECASE)
_VERSION = re.compile(r"v(\d+)", re.IGNORECASE)


def rewritten(text: str, view_of: ViewOf) -> str:
    """The text with each table replaced by the view that stands for it.

    Args:
        view_of: Gives the view for a name and the options of its reader.

    Raises:
        WeirError: A path is read, or `view_of` refuses.
    """
    try:
        parsed = sqltext.parse(text)
    except sqltext.UnreadableSqlError:
        return text  # Spark tells better what is wrong with it; what it reads is checked all the same
    relations = tuple(_travelling(relation, parsed.text) for relation in parsed.relations)
    return sqltext.rewrite(
        replace(parsed, relations=relations), lambda r: view_of(r.name, r.options), _no_path
    )


def _no_path(path: str) -> str:
    raise no_file(path)


def _travelling(relation: sqltext.Relation, text: str) -> sqltext.Relation:
    clause = _TRAVEL.match(text, relation.end)
    if clause is None:
        if _OTHER_TRAVEL.match(text, relation.end):
            raise refused("A version that is no number, or a time that is no text,")
        return relation
    key = "versionAsOf" if clause[1].upper() == "VERSION" else "timestampAsOf"
    alias_at = clause.end() if relation.alias_at == relation.end else relation.alias_at
    return replace(relation, end=clause.end(), alias_at=alias_at, options={key: clause[2] or clause[3]})


def with_clauses(text: str) -> str:
    """`t@v1` as `t VERSION AS OF 1`."""
    try:
        tokens = tokens_of(text)
    except TokenError:
        return text
    for before, at, version in reversed(list(zip(tokens, tokens[1:], tokens[2:], strict=False))):
        number = _VERSION.fullmatch(version.text)
        joined = before.end + 1 == at.start and at.end + 1 == version.start
        if at.text == "@" and number and joined and is_name(before):
            text = f"{text[: at.start]} VERSION AS OF {number[1]}{text[version.end + 1 :]}"
    return text
