"""A hash of what a definition says, wherever it stands: equal ones are equal in every process of a Python."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import fields
from types import CodeType, FunctionType
from typing import Any

from weir.define.read import QueryFunction
from weir.model.definitions import Dataset, Flow, Sink
from weir.model.texts import fingerprint

_PLACES = frozenset({"origin", "expectations", "function", "handler"})  # told apart, or no text
_PLAIN = (str, bytes, int, float, bool, type(None))
_SETS = frozenset({frozenset})
LENGTH = 16  # digits of a hash


def dataset_hash(dataset: Dataset) -> str:
    """What a dataset is declared as, rules included; what its flows do has hashes of its own."""
    rules = (part for e in dataset.expectations for part in (e.name, e.text, str(e.action)))
    handler = _function(dataset.handler) if isinstance(dataset, Sink) else ()
    return fingerprint((str(dataset.kind), *_entries(dataset), *rules, *handler))[:LENGTH]


def flow_hash(flow: Flow) -> str:
    """What a flow is declared as, the code of its function included."""
    return fingerprint((type(flow).__name__, *_entries(flow), *_function(flow.function)))[:LENGTH]


def _entries(definition: Dataset | Flow) -> Iterator[str]:
    for f in fields(definition):
        if f.name not in _PLACES:
            yield f"{f.name}={getattr(definition, f.name)}"


def _function(function: Any) -> Iterator[str]:
    """A query's text, or the code of a function with the plain values that it sees."""
    inner = inspect.unwrap(function)
    if isinstance(inner, QueryFunction):
        query = inner.query
        yield from (
            query.source.text,
            *(str(c) for c in query.columns),
            str(sorted(query.parameters.items())),
        )
        yield f"{query.into} {query.catalog} {query.schema}"
    elif isinstance(inner, FunctionType):
        yield from _code(inner.__code__)
        yield from (f"{name}={value!r}" for name, value in _seen(inner) if isinstance(value, _PLAIN))


def _code(code: CodeType) -> Iterator[str]:
    yield code.co_code.hex()
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code(constant)
        else:
            yield _constant(constant)


def _constant(value: Any) -> str:
    """The order of a set is another in each process."""
    return str(sorted(map(repr, value))) if type(value) in _SETS else repr(value)


def _seen(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """What a function sees besides its own names, nearest last."""
    names = function.__code__.co_names
    yield from ((name, function.__globals__[name]) for name in names if name in function.__globals__)
    yield from (function.__kwdefaults__ or {}).items()
    yield from (("", value) for value in function.__defaults__ or ())
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:
            continue  # it has no value yet
