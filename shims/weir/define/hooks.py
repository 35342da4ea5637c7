"""`dlt.on_event_hook`: functions that are told what happens in an update (specification §6.7)."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from weir.define.checks import failure_limit
from weir.define.handles import check_callable
from weir.define.registry import current, wrong
from weir.model.definitions import Hook
from weir.model.origin import Origin, here

HookFunction = Callable[[dict[str, Any]], Any]


def on_event_hook(
    user_event_hook_fn: HookFunction | None = None, max_allowable_consecutive_failures: int | None = None
) -> Any:
    """Let a function be told every event of the pipeline's updates (§6.7).

    Args:
        user_event_hook_fn: The decorated function, when the decorator stands without parentheses.
        max_allowable_consecutive_failures: More failures in a row than this disable the hook until the
            next update; None never does.

    Raises:
        DefinitionError: An argument has the wrong type, or the function has not exactly one parameter.
    """
    origin = here()
    limit = failure_limit(max_allowable_consecutive_failures, origin)

    def decorate(function: HookFunction) -> HookFunction:
        check_callable(function, "on_event_hook", "max_allowable_consecutive_failures=1")
        name = getattr(function, "__name__", None) or type(function).__name__
        if not _takes_one(function):
            raise _not_one_parameter(name, origin)
        current().hooks.append(Hook(name, function, limit, origin))
        return function

    return decorate if user_event_hook_fn is None else decorate(user_event_hook_fn)


def _takes_one(function: HookFunction) -> bool:
    try:
        kinds = [p.kind for p in inspect.signature(function).parameters.values()]
    except ValueError:  # a builtin without a signature
        return False
    return kinds in ([inspect.Parameter.POSITIONAL_ONLY], [inspect.Parameter.POSITIONAL_OR_KEYWORD])


def _not_one_parameter(name: str, origin: Origin) -> Exception:
    return wrong(
        "EVENT_HOOK_PARAMETERS",
        f"The event hook `{name}` does not have exactly one parameter.",
        origin,
        f"write def {name}(event): the event is a dictionary",
    )
