"""Who may see what: masks and a row filter beside a table, SQL functions, grants on schemas."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from weir.model.names import TableName, fold, join, unquoted
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError, closest

PROPERTY = "weir.protection"
NEEDED = frozenset({"USE_SCHEMA", "SELECT"})


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A SQL function and what it is given: columns in backquotes, constants as SQL has them."""

    function: str
    arguments: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns among the arguments."""
        return tuple(unquoted(a) for a in self.arguments if a.startswith("`"))


@dataclass(frozen=True, slots=True)
class Protection:
    """What others than the owner see of a table.

    Attributes:
        masks: Column -> the function that gives what is shown, whose first argument is the column itself.
        row_filter: Says which rows are shown; None shows all.
        private: The table is not published: nobody but its pipeline reads it.
    """

    masks: Mapping[str, FunctionCall] = field(default_factory=dict[str, FunctionCall])
    row_filter: FunctionCall | None = None
    private: bool = False

    @property
    def calls(self) -> tuple[tuple[str, FunctionCall], ...]:
        """Every call with what it is, for people."""
        filters = [("The row filter", self.row_filter)] if self.row_filter else []
        return (*((f"The mask of `{c}`", call) for c, call in self.masks.items()), *filters)

    def renamed(self, name: Callable[[str], str]) -> Protection:
        """The same with other names of functions."""
        masks = {c: replace(m, function=name(m.function)) for c, m in self.masks.items()}
        rows = self.row_filter and replace(self.row_filter, function=name(self.row_filter.function))
        return replace(self, masks=masks, row_filter=rows)

    def to_text(self) -> str:
        """As a table's property holds it; empty where nothing is protected."""
        masks = {c: [m.function, *m.arguments] for c, m in self.masks.items()}
        rows = [self.row_filter.function, *self.row_filter.arguments] if self.row_filter else None
        parts = {"masks": masks, "rowFilter": rows, "private": self.private}
        return json.dumps({k: v for k, v in parts.items() if v}) if any(parts.values()) else ""


def protection_from(properties: Mapping[str, str]) -> Protection:
    """What the properties of a table say."""
    content = json.loads(properties.get(PROPERTY) or "{}")
    masks = {column: _call(parts) for column, parts in content.get("masks", {}).items()}
    rows = content.get("rowFilter")
    return Protection(masks, _call(rows) if rows else None, bool(content.get("private")))


def _call(parts: list[str]) -> FunctionCall:
    return FunctionCall(parts[0], tuple(parts[1:]))


@dataclass(frozen=True, slots=True)
class Function:
    """A SQL function of the bundle.

    Attributes:
        name: In full.
        parameters: How many.
        text: What follows its name in CREATE FUNCTION.
        catalog: Against which names in the text resolve.
    """

    name: str
    parameters: int
    text: str
    catalog: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Grant:
    """What a group may do with a catalog or a schema.

    Attributes:
        securable: `catalog` or `catalog.schema`, in small letters.
    """

    principal: str
    securable: str
    privileges: frozenset[str]


@dataclass(frozen=True, slots=True)
class Governance:
    """Grants and functions of a bundle for one target.

    Attributes:
        functions: Full name -> the function; None if no job of the bundle makes any.
        catalogs: The catalogs that the bundle makes, in small letters: of these it knows all grants.
    """

    grants: tuple[Grant, ...] = ()
    functions: Mapping[str, Function] | None = None
    catalogs: frozenset[str] = frozenset()

    def member_of(self, group: str) -> str:
        """The group's name.

        Raises:
            WeirError: Nothing is granted to such a group.
        """
        known = sorted({g.principal for g in self.grants})
        if group not in known:
            hint = closest(group, known) or f"available: {', '.join(known) or 'none'}"
            text = f"Nothing of the bundle is granted to `{group}`."
            raise WeirError(Problem("PRINCIPAL_DOES_NOT_EXIST", text, hint=hint))
        return group

    def lacks(self, group: str, table: str) -> frozenset[str]:
        """The privileges that a group would need to select from a table and has not (§1.3)."""
        name = TableName.parse(table)
        catalog = join((fold(name.catalog),))
        above = self._held(group, catalog)
        held = above | self._held(group, name.schema_name)
        missing = frozenset[str]() if "ALL_PRIVILEGES" in held else NEEDED - held
        refused = catalog in self.catalogs and not above & {"ALL_PRIVILEGES", "USE_CATALOG"}
        return missing | {"USE_CATALOG"} if refused else missing

    def _held(self, group: str, securable: str) -> frozenset[str]:
        given = (g.privileges for g in self.grants if (g.principal, g.securable) == (group, securable))
        return frozenset[str]().union(*given)


def problems_of(
    table: str, protection: Protection, functions: Mapping[str, Function] | None, origin: Origin
) -> Iterator[Problem]:
    """Calls of functions that the bundle does not define, or with another number of arguments."""
    if functions is None:
        return
    for what, call in protection.calls:
        known = functions.get(call.function)
        given = len(call.arguments)
        if known is None:
            yield Problem(
                "UNRESOLVED_ROUTINE",
                f"{what} of `{table}` calls `{call.function}`, which no SQL file of the bundle makes.",
                origin,
                closest(call.function, functions) or f"available: {', '.join(functions)}",
            )
        elif known.parameters != given:
            yield Problem(
                "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
                f"{what} of `{table}` gives `{call.function}` {given} arguments, not {known.parameters}.",
                origin,
                f"it is made at {known.origin}",
            )
