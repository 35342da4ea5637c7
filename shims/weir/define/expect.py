"""The six `expect*` decorators (specification §2.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from weir.define.checks import rule, rules_from
from weir.define.handles import Handle, with_rules
from weir.model.definitions import Action
from weir.model.origin import here

Decorator = Callable[[Any], Handle]


def expect(name: str, inv: Any) -> Decorator:
    """Count the rows that break the rule, and keep them."""
    rules = (rule(name, inv, Action.WARN, here()),)
    return lambda function: with_rules(function, rules)


def expect_or_drop(name: str, inv: Any) -> Decorator:
    """Count the rows that break the rule, and drop them before the write."""
    rules = (rule(name, inv, Action.DROP, here()),)
    return lambda function: with_rules(function, rules)


def expect_or_fail(name: str, inv: Any) -> Decorator:
    """Stop the flow at the first row that breaks the rule; nothing of the batch is written."""
    rules = (rule(name, inv, Action.FAIL, here()),)
    return lambda function: with_rules(function, rules)


def expect_all(expectations: Mapping[str, Any]) -> Decorator:
    """`expect` for each entry of {name: condition}."""
    rules = rules_from(expectations, Action.WARN, here())
    return lambda function: with_rules(function, rules)


def expect_all_or_drop(expectations: Mapping[str, Any]) -> Decorator:
    """`expect_or_drop` for each entry of {name: condition}."""
    rules = rules_from(expectations, Action.DROP, here())
    return lambda function: with_rules(function, rules)


def expect_all_or_fail(expectations: Mapping[str, Any]) -> Decorator:
    """`expect_or_fail` for each entry of {name: condition}."""
    rules = rules_from(expectations, Action.FAIL, here())
    return lambda function: with_rules(function, rules)
