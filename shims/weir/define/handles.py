"""What a decorator of `dlt` returns: the query function, still callable, with what was said of it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from weir.define.registry import current, wrong
from weir.model.definitions import Dataset, Expectation
from weir.model.origin import Origin, here
from weir.model.problems import DefinitionError


class Handle:
    """A query function with its rules, and with its dataset once a table decorator saw it.

    Decorators stack in either order, and other decorators may stand between them: the state travels in
    `__wrapped__` (specification §1.2).
    """

    def __init__(self, function: Callable[[], Any], rules: tuple[Expectation, ...] = ()) -> None:
        functools.update_wrapper(self, function, updated=())
        self.function = function
        self.rules = rules
        self.dataset: Dataset | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the query function as if nothing stood before it."""
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<dlt definition {getattr(self, '__name__', 'of a query')}>"

    __name__: str


class FlowHandle(Handle):
    """The function of a flow into a table or sink that is defined elsewhere."""


def pending_rules(function: Any) -> tuple[Expectation, ...]:
    """The rules of all handles below a function, outermost first."""
    rules: tuple[Expectation, ...] = ()
    while function is not None:
        if isinstance(function, Handle) and function.dataset is None:
            rules += function.rules
        function = getattr(function, "__wrapped__", None)
    return rules


def with_rules(function: Any, rules: tuple[Expectation, ...]) -> Handle:
    """Attach rules to a raw function, or to a dataset that a handle stands for."""
    if isinstance(function, FlowHandle):
        raise _rules_for_nothing("A flow", here())
    if isinstance(function, Handle) and function.dataset is not None:
        function.dataset = current().add_expectations(function.dataset, rules)
        return function
    return Handle(check_callable(function, "expect"), rules)


def without_rules(function: Any, what: str, origin: Origin) -> None:
    """Refuse rules where they would hold for nothing (specification §2.5).

    Raises:
        DefinitionError: The function carries some.
    """
    if pending_rules(function):
        raise _rules_for_nothing(what, origin)


def _rules_for_nothing(what: str, origin: Origin) -> DefinitionError:
    return wrong("EXPECTATIONS_ON_FLOW", f"{what} can't have expectations.", origin,
                 "put them on its target, create_streaming_table(expect_all=...), or on a dataset "
                 "that it reads; a sink takes none")  # fmt: skip


def check_callable(function: Any, decorator: str, option: str = "name='table_a'") -> Any:
    """Refuse what is no function, showing the two right ways to write a decorator (§1.2)."""
    if callable(function):
        return function
    raise wrong(
        "DECORATOR_ARGUMENT_NOT_CALLABLE",
        f"The first positional argument passed to @{decorator} must be callable.",
        here(),
        f"either add @{decorator} with no parameters to your query function, or pass options to "
        f"@{decorator} using keyword arguments (e.g. @{decorator}({option}))",
    )
