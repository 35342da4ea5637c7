"""Random queries over tables whose schemas, names, columns and fields are called alike, to resolve names by.

Every leaf of every table holds another number, so a name that is taken for another gives other rows.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

Shape = dict[str, "Shape | None"]  # name -> fields, or None for a number
CATALOG = "spark_catalog"
TABLES = (("raw", "orders"), ("raw", "customer"), ("silver", "orders"), ("default", "t"))
NAMES = ("raw", "orders", "customer", "silver", "t", CATALOG, "x")
ROWS = 2


def shapes(rng: Random) -> dict[tuple[str, str], Shape]:
    """A schema for each table; all have `id`."""
    return {table: {"id": None, **_fields(rng, 3)} for table in TABLES}


def _fields(rng: Random, depth: int) -> Shape:
    names = rng.sample(NAMES, rng.randint(1, 3))
    return {name: _fields(rng, depth - 1) if depth and rng.random() < 0.6 else None for name in names}


def type_of(shape: Shape | None) -> str:
    """As DDL has it."""
    if shape is None:
        return "INT"
    return f"STRUCT<{', '.join(f'`{name}`: {type_of(inner)}' for name, inner in shape.items())}>"


def value_of(shape: Shape | None, numbers: itertools.count[int]) -> object:
    """A value in which all numbers are new."""
    if shape is None:
        return next(numbers)
    return tuple(value_of(inner, numbers) for inner in shape.values())


@dataclass(frozen=True)
class Seen:
    """A relation in scope: the qualifiers by which it may be called, and its columns."""

    qualifiers: tuple[str, ...]
    columns: Shape


@dataclass
class Queries:
    """Makes queries.

    Attributes:
        tables: The schema of each table.
        ctes: What common table expressions in scope have.
    """

    rng: Random
    tables: Mapping[tuple[str, str], Shape]
    ctes: dict[str, Shape] = field(default_factory=dict)

    def query(self) -> str:
        """A query, perhaps with a common table expression that shadows a table."""
        if self.rng.random() < 0.3:
            name = self.rng.choice(("t", "orders", "q"))
            inner, columns = self.select((), depth=0)
            self.ctes = {name: columns}
            text, _ = self.select((), depth=1)
            self.ctes = {}
            return f"WITH {name} AS ({inner}) {text}"
        return self.select((), depth=2)[0]

    def select(self, outer: tuple[Seen, ...], depth: int) -> tuple[str, Shape]:
        """A SELECT and the columns that it gives."""
        sources = [self.source(depth) for _ in range(self.rng.choice((1, 1, 2)))]
        scope = tuple(seen for _, seen in sources)
        items, columns = self.items(scope, outer)
        where = f" WHERE {self.condition(scope, outer, depth)}" if self.rng.random() < 0.6 else ""
        order = f" ORDER BY {self.path(scope, ())[0]}" if self.rng.random() < 0.2 else ""
        hint = f"/*+ BROADCAST({self.rng.choice(scope[0].qualifiers)}) */ " if self.rng.random() < 0.2 else ""
        joined = self.joined([text for text, _ in sources], scope)
        return f"SELECT {hint}{items} FROM {joined}{where}{order}", columns

    def joined(self, texts: list[str], scope: tuple[Seen, ...]) -> str:
        """Sources with commas or joins between them."""
        if self.rng.random() < 0.5:
            return ", ".join(texts)
        return (
            f" LEFT JOIN {texts[1]} ON {self.comparison(scope, ())}".join([*texts[:1], ""])
            if texts[1:]
            else texts[0]
        )

    def source(self, depth: int) -> tuple[str, Seen]:
        """A table by one of its names, a common table expression or a query."""
        kind = self.rng.random()
        if kind < 0.2 and self.ctes:
            name, columns = next(iter(self.ctes.items()))
            return name, Seen((name,), columns)
        if kind < 0.35 and depth:
            text, columns = self.select((), 0)
            alias = self.rng.choice(NAMES)
            return f"({text}) AS {alias}", Seen((alias,), columns)
        (schema, table), columns = self.rng.choice(list(self.tables.items()))
        names = [f"{schema}.{table}", f"{CATALOG}.{schema}.{table}"]
        if self.rng.random() < 0.3:
            alias = self.rng.choice(NAMES)
            return f"{self.rng.choice(names)} {alias}", Seen((alias,), columns)
        return self.rng.choice(names), Seen((table, *names), columns)

    def items(self, scope: tuple[Seen, ...], outer: tuple[Seen, ...]) -> tuple[str, Shape]:
        """What is selected, and its columns: stars, columns, fields."""
        if self.rng.random() < 0.2:
            seen = self.rng.choice(scope)
            return f"{self.rng.choice(seen.qualifiers)}.*", seen.columns
        found = [self.path(scope, outer) for _ in range(self.rng.randint(1, 3))]
        aliases = [f" AS {self.rng.choice(NAMES)}" if self.rng.random() < 0.3 else "" for _ in found]
        names = [
            (alias.removeprefix(" AS ") or last) for (_, last, _), alias in zip(found, aliases, strict=True)
        ]
        text = ", ".join(path + alias for (path, _, _), alias in zip(found, aliases, strict=True))
        return text, {name: shape for name, (_, _, shape) in zip(names, found, strict=True)}

    def path(
        self, scope: tuple[Seen, ...], outer: tuple[Seen, ...], *, leaf: bool = False
    ) -> tuple[str, str, Shape | None]:
        """A column or a field of it behind a qualifier, its last part, and what it holds."""
        seen = self.rng.choice(outer if outer and self.rng.random() < 0.5 else scope)
        parts: list[str] = []
        shape: Shape | None = seen.columns
        while shape and (not parts or leaf or self.rng.random() < 0.8):
            name, shape = self.rng.choice(list(shape.items()))
            parts.append(name)
        qualifier = self.rng.choice(("", *seen.qualifiers, *seen.qualifiers))
        return (
            ".".join(self.written(p) for p in (*filter(None, qualifier.split(".")), *parts)),
            parts[-1],
            shape,
        )

    def written(self, part: str) -> str:
        """In another case or in backquotes, now and then."""
        return self.rng.choice((part,) * 6 + (part.upper(), f"`{part}`"))

    def comparison(self, scope: tuple[Seen, ...], outer: tuple[Seen, ...]) -> str:
        """Two numbers, or a number and one that splits them."""
        left = self.path(scope, outer, leaf=True)[0]
        right = (
            self.path(scope, outer, leaf=True)[0] if self.rng.random() < 0.4 else str(self.rng.randint(0, 60))
        )
        return f"{left} {self.rng.choice(('<', '>', '<>'))} {right}"

    def condition(self, scope: tuple[Seen, ...], outer: tuple[Seen, ...], depth: int) -> str:
        """A comparison, or a query that sees the one around."""
        if depth == 0 or self.rng.random() < 0.5:
            return self.comparison(scope, outer)
        sources = [self.source(0)]
        inner = tuple(seen for _, seen in sources)
        where = self.comparison(inner, scope)
        if self.rng.random() < 0.5:
            return f"EXISTS (SELECT 1 FROM {sources[0][0]} WHERE {where})"
        number = self.path(inner, (), leaf=True)[0]
        return f"{self.path(scope, (), leaf=True)[0]} >= (SELECT min({number}) FROM {sources[0][0]} WHERE {where})"
