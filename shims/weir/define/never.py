"""Conditions that hold for no row, whatever it is: a comparison with NULL (§2.2)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from weir.define.sql.scanner import Token, TokenKind, UnreadableError, scan
from weir.model.definitions import ChangesFlow, Pipeline

COMPARISONS = frozenset("=<>!")


def never_true(pipeline: Pipeline) -> Iterator[str]:
    """A sentence for each rule, and each condition of changes, that compares with NULL."""
    instead = "compares with NULL: write IS NULL or IS NOT NULL"
    for dataset in pipeline.datasets.values():
        for rule in dataset.expectations:
            if _compares_with_null(rule.condition):
                yield f"{rule.origin}: the rule `{rule.name}` {instead}"
    for flow in pipeline.flows:
        changes = flow.changes if isinstance(flow, ChangesFlow) else None
        conditions = (changes.where, changes.deletes, changes.truncates) if changes else ()
        if any(_compares_with_null(condition) for condition in conditions):
            yield f"{flow.origin}: a condition of `{flow.name}` {instead}"


def _compares_with_null(condition: object) -> bool:
    try:
        tokens = scan(condition) if isinstance(condition, str) else ()
    except UnreadableError:  # `weir validate` tells
        return False
    return any(_compares(a) and _is_null(b) for two in pairwise(tokens) for a, b in (two, two[::-1]))


def _is_null(token: Token) -> bool:
    return token.kind is TokenKind.WORD and token.text.upper() == "NULL"


def _compares(token: Token) -> bool:
    return token.kind is TokenKind.SIGN and token.text in COMPARISONS
