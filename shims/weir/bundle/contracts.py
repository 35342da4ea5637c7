"""Reads contracts (Open Data Contract Standard), what was released of them, and who reads the tables."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from weir.bundle.located_yaml import LocatedValue, load_yaml
from weir.define.mentions import executed, tree_of
from weir.model.contract import Contract, ContractColumn, ContractReader, ContractVersion, numbers
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError, missing_extra
from weir.model.settings import Settings

try:
    from open_data_contract_standard.model import DataQuality, OpenDataContractStandard, SchemaProperty
    from pydantic import ValidationError
except ImportError as error:
    raise missing_extra("`weir contracts`", "contracts") from error

RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Contracts:
    """A folder of contracts: one file a table, and below `released/TABLE` one file a version."""

    current: tuple[Contract, ...]
    released: Mapping[str, Mapping[ContractVersion, Contract]]

    def last_release(self, table: str) -> Contract | None:
        """The newest version that readers may have seen; None before the first."""
        versions = self.released.get(table, {})
        return versions[max(versions)] if versions else None


def read_contracts(folder: Path) -> Contracts:
    """Read all contracts of a folder.

    Raises:
        WeirError: There are none, or some can't be read; all problems together.
    """
    files = sorted(folder.glob("*.yaml"))
    if not files:
        where = Origin(str(folder), 1)
        raise WeirError(Problem("CONTRACT_NOT_FOUND", f"No contract lies in `{folder.name}`.", where,
                                "a contract is a file TABLE.yaml there"))  # fmt: skip
    problems: list[Problem] = []
    current = [contract for file in files if (contract := _read(file, problems))]
    released: dict[str, dict[ContractVersion, Contract]] = {}
    for file in sorted(folder.glob(f"{RELEASED}/*/*.yaml")):
        if contract := _read(file, problems):
            released.setdefault(contract.table, {})[contract.version] = contract
    if problems:
        raise WeirError(*problems)
    return Contracts(tuple(current), released)


def readers(settings: tuple[Settings, ...], tables: frozenset[str]) -> tuple[ContractReader, ...]:
    """Calls in the pipelines' sources that name a table under contract and a version of it.

    `reads("core.regiones", "1.0.0")` is found so, whatever the function's name.
    """
    return tuple(r for one in settings for file in one.files for r in _readers(one.name, file, tables))


def _readers(pipeline: str, file: Path, tables: frozenset[str]) -> Iterator[ContractReader]:
    for cell in executed(file, ()):
        for node in ast.walk(tree_of(cell)):
            match node:
                case ast.Call(args=[ast.Constant(value=str(table)), ast.Constant(value=str(text)), *_]):
                    version = numbers(text)
                    if table in tables and version:
                        place = replace(cell.origin, line=cell.origin.line + node.lineno - 1)
                        yield ContractReader(pipeline, table, version, place)
                case _:
                    continue


def _read(file: Path, problems: list[Problem]) -> Contract | None:
    located = LocatedValue.empty(file)
    try:
        located = load_yaml(file)
        model = OpenDataContractStandard.from_string(file.read_text(encoding="utf-8"))
        return _contract(model, located)
    except WeirError as error:
        problems.extend(error.problems)
    except ValidationError as error:
        problems.append(_invalid(error, located))
    except TypeError:
        problems.append(_wrong(located, "it is not a mapping"))
    return None


def _invalid(error: ValidationError, located: LocatedValue) -> Problem:
    """What does not fit the standard; YAML reads a text without quotes as a number where it is one."""
    first = error.errors()[0]
    place, given = ".".join(map(str, first["loc"])), first["input"]
    message = first["msg"]
    if first["type"] == "string_type" and isinstance(given, (int, float)):
        message = f'{given} is a number here; it needs quotes, as in {first["loc"][-1]}: "{given}"'
    return _wrong(located.get(str(first["loc"][0])), f"{place}: {message}")


def _contract(model: OpenDataContractStandard, located: LocatedValue) -> Contract:
    version = numbers(model.version or "")
    tables = model.schema_ or []
    if version is None:
        raise WeirError(_wrong(located.get("version"), f"`{model.version}` is not a version like 1.0.0"))
    if len(tables) != 1 or not tables[0].physicalName:
        raise WeirError(_wrong(located.get("schema"), "it describes not one table with a physicalName"))
    columns = tables[0].properties or []
    nameless = [c for c in columns if not (c.name and c.physicalType)]
    if nameless or not columns:
        what = f"`{nameless[0].name}` has no physicalType" if nameless else "it has no columns"
        raise WeirError(_wrong(located.get("schema"), what))
    quality = [q for c in columns for q in c.quality or ()] + list(tables[0].quality or ())
    return Contract(
        tables[0].physicalName,
        version,
        tuple(map(_column, columns)),
        tuple(str(c.name) for c in sorted(columns, key=lambda c: c.primaryKeyPosition or 0) if c.primaryKey),
        {str(q.name): _condition(q) for q in quality if q.severity != "warn"},
        model.model_copy(update={"version": None}).to_yaml(),
        located.get("version").origin,
    )


def _column(column: SchemaProperty) -> ContractColumn:
    values = frozenset(str(one.value) for one in column.enum or ())
    return ContractColumn(str(column.name), normal(column.physicalType or ""), bool(column.required), values)


def _condition(quality: DataQuality) -> str:
    return str(quality.implementation or quality.model_dump_json(exclude_none=True))


def normal(type_: str) -> str:
    """A type of DDL in one of its spellings."""
    return "".join(type_.upper().split())


def _wrong(where: LocatedValue, what: str) -> Problem:
    return Problem(
        "CONTRACT_NOT_READABLE",
        f"This is not a contract of the Open Data Contract Standard: {what}.",
        where.origin,
        "see https://bitol-io.github.io/open-data-contract-standard",
    )
