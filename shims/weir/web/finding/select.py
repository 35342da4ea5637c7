"""Which datasets a text in the box "Find" means.

`raw gold` wants both words in a name, `raw,gold` one of them, `-raw` not this one. `2+silver.events+1` adds
two steps of what it reads and one of what reads it, `+x` and `x+` all of them. A word with a colon asks for
something else: `state:failed`, `kind:view`, `schema:gold`, `file:users.py`, `rule:known`, `broken:10` (rows,
at least), `changed:` (defined otherwise than in the update before), `slow:30` (seconds, at least),
`column:email`. Words with blanks stand in double quotes or backquotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from weir.graph.walk import reached
from weir.model.names import by_ends, fold, meant
from weir.model.problems import Problem, WeirError, closest
from weir.web.finding.grouping import schema_of
from weir.web.states.state import DatasetState, UpdateState

_WORD = re.compile(r'(?:"[^"]*"|`[^`]*`|[^\s"`])+|["`]')
_PARTS = re.compile(r'(?:"[^"]*"|`[^`]*`|[^,])+')
_TERM = re.compile(r"(?P<no>-)?(?:(?P<up>\d*)\+)?(?P<core>.+?)(?:\+(?P<down>\d*))?", re.DOTALL)
_KEYED = re.compile(r"([a-z]+):(.*)", re.DOTALL)
_SLOW, _BROKEN = 10, 1


@dataclass(frozen=True, slots=True)
class Searched:
    """What is searched.

    Attributes:
        changed: Datasets that are defined otherwise than in the update before.
        now: Up to when flows that still run have taken their time.
    """

    update: UpdateState
    now: datetime
    changed: AbstractSet[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """All nodes of the graph."""
        return (*self.update.datasets, *self.update.outside)


def selected(searched: Searched, text: str) -> frozenset[str]:
    """The nodes of the graph that a text means; all for an empty one.

    Raises:
        WeirError: It has a key or a number that is none.
    """
    hits = frozenset(searched.names)
    for word in _WORD.findall(re.sub(r"\s*,\s*", ",", text)):
        terms = [_term(searched, part) for part in _PARTS.findall(word)]
        hits &= frozenset[str]().union(*terms) if terms else hits
    return hits


def _term(searched: Searched, text: str) -> frozenset[str]:
    term = _TERM.fullmatch(text)
    if term is None:
        return frozenset()
    around = term["up"] is not None or term["down"] is not None
    hits = set(_core(searched, term["core"], exactly=around))
    for steps, onward in ((term["up"], _above(searched)), (term["down"], searched.update.readers)):
        if steps is not None:
            hits |= {n for hit in tuple(hits) for n in _within(hit, onward, int(steps) if steps else None)}
    return frozenset(searched.names) - hits if term["no"] else frozenset(hits)


def _above(searched: Searched) -> Mapping[str, tuple[str, ...]]:
    return {name: dataset.inputs for name, dataset in searched.update.datasets.items()}


def _within(start: str, onward: Mapping[str, tuple[str, ...]], steps: int | None) -> tuple[str, ...]:
    return reached(start, lambda n: onward.get(n, ()), steps)


def _core(searched: Searched, text: str, *, exactly: bool) -> Iterator[str]:
    keyed = _KEYED.fullmatch(text)
    if keyed is None:
        yield from _named(searched.names, text, exactly=exactly)
        return
    key, value = keyed[1], _bare(keyed[2])
    question = _KEYS.get(key)
    if question is None:
        hint = closest(key, _KEYS) or f"known: {', '.join(f'{k}:' for k in _KEYS)}"
        raise WeirError(Problem("INVALID_SELECTOR", f"`{key}:` is no key of a search.", hint=hint))
    yield from (n for n in searched.names if question(searched, n, searched.update.datasets.get(n), value))


def _named(names: Iterable[str], text: str, *, exactly: bool) -> Iterable[str]:
    """The names that hold a word; where its neighbours are asked for, rather those that end with it."""
    if exactly and (ends := meant(text.replace('"', ""), by_ends(names))):
        return ends
    return [n for n in names if fold(_bare(text)) in fold(n.replace("`", ""))]


def _bare(text: str) -> str:
    return text.replace('"', "").replace("`", "")


Question = Callable[[Searched, str, DatasetState | None, str], bool]


def _number(value: str, otherwise: int) -> float:
    try:
        return float(value) if value else otherwise
    except ValueError:
        text = f"`{value}` is no number."
        raise WeirError(Problem("INVALID_SELECTOR", text, hint="write, for example, broken:10")) from None


def _is_state(_: Searched, __: str, dataset: DatasetState | None, value: str) -> bool:
    return dataset is not None and dataset.status.lower().startswith(value.lower())


def _is_kind(_: Searched, __: str, dataset: DatasetState | None, value: str) -> bool:
    kind = dataset.kind if dataset else "outside"
    return kind.startswith(value.lower().replace(" ", "_").replace("-", "_"))


def _in_schema(_: Searched, name: str, __: DatasetState | None, value: str) -> bool:
    schema = fold(_bare(schema_of(name)))
    return f".{schema}".endswith(f".{fold(value)}") if value else not schema


def _in_file(_: Searched, __: str, dataset: DatasetState | None, value: str) -> bool:
    flows = dataset.flows if dataset else ()
    places = [d.origin for d in (dataset, *flows) if d is not None and d.origin is not None]
    return any(value.lower() in f"{place.file}:{place.line}".lower() for place in places)


def _has_rule(_: Searched, __: str, dataset: DatasetState | None, value: str) -> bool:
    return dataset is not None and any(value.lower() in rule.name.lower() for rule in dataset.rules)


def _is_broken(_: Searched, __: str, dataset: DatasetState | None, value: str) -> bool:
    least = _number(value, _BROKEN)
    return dataset is not None and dataset.broken >= least


def _has_changed(searched: Searched, name: str, _: DatasetState | None, __: str) -> bool:
    return name in searched.changed


def _is_slow(searched: Searched, _: str, dataset: DatasetState | None, value: str) -> bool:
    least = _number(value, _SLOW)
    return dataset is not None and dataset.seconds(searched.now) >= least


def _has_column(_: Searched, __: str, dataset: DatasetState | None, value: str) -> bool:
    return dataset is not None and any(fold(value) in fold(c.name) for c in dataset.columns)


_KEYS: Mapping[str, Question] = {
    "state": _is_state,
    "kind": _is_kind,
    "schema": _in_schema,
    "file": _in_file,
    "rule": _has_rule,
    "broken": _is_broken,
    "changed": _has_changed,
    "slow": _is_slow,
    "column": _has_column,
}
