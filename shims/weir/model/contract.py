"""What a table promises to its readers, and what a new version of the promise breaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from weir.model.origin import Origin

ContractVersion = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class ContractColumn:
    """A column that is promised.

    Attributes:
        type: As in DDL, in capitals and without spaces.
        required: It is never NULL.
        values: All that it may hold; empty for no such promise.
    """

    name: str
    type: str
    required: bool = False
    values: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Contract:
    """One version of the promise.

    Attributes:
        table: The table's name without its catalog.
        key: Columns of the primary key.
        rules: Name -> condition that every row satisfies; one that only warns promises nothing.
        content: All of the contract as text, but its version: equal texts are one promise.
        origin: Where its version stands.
    """

    table: str
    version: ContractVersion
    columns: tuple[ContractColumn, ...]
    key: tuple[str, ...]
    rules: Mapping[str, str]
    content: str
    origin: Origin

    @property
    def name(self) -> str:
        """Table and version, as people write them."""
        return f"`{self.table}` {shown(self.version)}"


@dataclass(frozen=True, slots=True)
class ContractReader:
    """A place in a pipeline's sources that reads a table as a version of its contract promises it."""

    pipeline: str
    table: str
    version: ContractVersion
    origin: Origin


def shown(version: ContractVersion) -> str:
    """1.2.0."""
    return ".".join(map(str, version))


def numbers(text: str) -> ContractVersion | None:
    """The parts of a version; None if it is none."""
    parts = text.split(".")
    if len(parts) != 3 or not all(p.isdecimal() for p in parts):  # noqa: PLR2004 - major, minor, patch
        return None
    major, minor, patch = map(int, parts)
    return major, minor, patch


def breaks(old: Contract, new: Contract) -> tuple[str, ...]:
    """What readers of the old version may rely on and the new one no longer promises."""
    return tuple(_broken(old, new))


def least_version(old: Contract, new: Contract) -> ContractVersion:
    """The smallest version that may follow: a major one where something breaks, else a minor or a patch."""
    major, minor, patch = old.version
    if breaks(old, new):
        return major + 1, 0, 0
    grown = {c.name for c in new.columns} - {c.name for c in old.columns} or set(new.rules) - set(old.rules)
    if grown or breaks(new, old):
        return major, minor + 1, 0
    return (major, minor, patch + 1) if new.content != old.content else old.version


def _broken(old: Contract, new: Contract) -> Iterator[str]:
    columns = {c.name: c for c in new.columns}
    for column in old.columns:
        now = columns.get(column.name)
        if now is None:
            yield f"`{column.name}` is gone"
        else:
            yield from _changed(column, now)
    if old.key != new.key:
        yield f"the primary key was ({', '.join(old.key)}) and is ({', '.join(new.key)})"
    for name, condition in old.rules.items():
        if name not in new.rules:
            yield f"the rule `{name}` is gone"
        elif new.rules[name] != condition:
            yield f"the rule `{name}` was `{condition}` and is `{new.rules[name]}`"


def _changed(old: ContractColumn, new: ContractColumn) -> Iterator[str]:
    if old.type != new.type:
        yield f"`{old.name}` was {old.type} and is {new.type}"
    if old.required and not new.required:
        yield f"`{old.name}` may be NULL"
    added = ", ".join(sorted(new.values - old.values))
    if old.values and not new.values:
        yield f"`{old.name}` may hold anything"
    elif old.values and added:
        yield f"`{old.name}` may also be {added}"
