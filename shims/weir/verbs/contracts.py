"""`weir contracts check`: each contract beside its last release, its table and its readers. No JVM."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from weir.bundle.bundle import default_storage, find_bundle
from weir.bundle.contracts import Contracts, normal, read_contracts, readers
from weir.bundle.sources import SourceArguments, all_settings
from weir.model.contract import Contract, ContractReader, breaks, least_version, shown
from weir.model.names import by_ends, meant
from weir.model.origin import shorten
from weir.model.problems import Problem
from weir.run.frames.schemas import from_json
from weir.run.lake.storage import Storage
from weir.ui.output import print_json, report
from weir.ui.screen import console
from weir.ui.tables import rows_table


def run_check(folder: str, storage: str | None, as_json: bool) -> int:
    """The verb; 2 if a contract is broken, or breaks somebody."""
    bundle = find_bundle(Path.cwd())
    base = bundle.parent if bundle else Path.cwd()
    contracts = read_contracts(base / folder)
    settings = all_settings(SourceArguments(), base) if bundle else ()
    who = readers(settings, frozenset(c.table for c in contracts.current))
    place = Storage(default_storage(storage))
    there = place.tables()
    tables = {c.table: _stored(c, there) for c in contracts.current}
    problems = [
        p
        for c in contracts.current
        for p in (*_problems(c, contracts, who), *_as_it_is(c, tables[c.table], place))
    ]
    rows = [_row(c, contracts, who, tables[c.table]) for c in contracts.current]
    if as_json:
        print_json({"contracts": rows, "problems": [p.to_json() for p in problems]})
        return 2 if problems else 0
    console().print(rows_table(["contract", "version", "released", "readers", "table"], map(_shown, rows)))
    return report(problems, as_json=False) if problems else 0


def _row(
    contract: Contract, contracts: Contracts, who: tuple[ContractReader, ...], table: str | None
) -> dict[str, Any]:
    last = contracts.last_release(contract.table)
    return {
        "contract": contract.table,
        "version": shown(contract.version),
        "released": shown(last.version) if last else None,
        "readers": sorted({r.pipeline for r in who if r.table == contract.table}),
        "table": table,
    }


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    empty = {"released": row["released"] or "not yet", "table": row["table"] or "not made yet"}
    return {**row, **empty, "readers": ", ".join(row["readers"])}


def _problems(contract: Contract, contracts: Contracts, who: tuple[ContractReader, ...]) -> Iterator[Problem]:
    mine = tuple(r for r in who if r.table == contract.table)
    last = contracts.last_release(contract.table)
    if last is not None:
        yield from _since(last, contract, mine)
    for reader in mine:
        yield from _read(reader, contract, contracts)


def _since(last: Contract, now: Contract, mine: tuple[ContractReader, ...]) -> Iterator[Problem]:
    """Does the version say what has changed since the last release?"""
    least, broken = least_version(last, now), breaks(last, now)
    if now.version >= least:
        return
    if broken:
        listed = "; ".join(f"{r.pipeline} (at {r.origin})" for r in mine) or "nobody in this bundle"
        yield Problem(
            "CONTRACT_BREAKING_CHANGE",
            f"{now.name} breaks {shown(last.version)}: {', '.join(broken)}. It breaks: {listed}.",
            now.origin,
            f"keep the promise, or make it version {shown(least)} and move its readers",
        )
    else:
        yield Problem(
            "CONTRACT_VERSION_NOT_RAISED",
            f"{now.name} is not what was released as {shown(last.version)}.",
            now.origin,
            f"make it version {shown(least)}",
        )


def _read(reader: ContractReader, now: Contract, contracts: Contracts) -> Iterator[Problem]:
    """Was what a reader reads ever promised, and is it still?"""
    known = {now.version: now, **contracts.released.get(now.table, {})}
    wanted = known.get(reader.version)
    if wanted is None:
        there = ", ".join(shown(v) for v in sorted(known))
        yield Problem(
            "CONTRACT_VERSION_NOT_FOUND",
            f"{reader.pipeline} reads `{now.table}` {shown(reader.version)}, which was never released.",
            reader.origin,
            f"available: {there}",
        )
    elif reader.version[0] != now.version[0]:
        broken = ", ".join(breaks(wanted, now)) or "nothing that is known, but it is a new major version"
        yield Problem(
            "CONTRACT_READER_BROKEN",
            f"{reader.pipeline} reads `{now.table}` {shown(reader.version)}, which {shown(now.version)} "
            f"breaks: {broken}.",
            reader.origin,
            f"adapt the reader and let it name {shown(now.version)}",
        )


def _stored(contract: Contract, tables: Iterable[str]) -> str | None:
    """The full name of the table in the storage."""
    return next(iter(meant(contract.table, by_ends(tables))), None)


def _as_it_is(contract: Contract, name: str | None, place: Storage) -> Iterator[Problem]:
    state = place.state(name) if name else None
    if state is None:
        return
    there = {f.name: normal(f.dataType.simpleString()) for f in from_json(state.schema_json).fields}
    promised = {c.name: c.type for c in contract.columns}
    differences = [
        *(f"`{n}` is not there" for n in promised if n not in there),
        *(f"`{n}` is {there[n]} and not {t}" for n, t in promised.items() if there.get(n, t) != t),
        *(f"`{n}` is not promised" for n in there if n not in promised),
    ]
    if differences:
        yield Problem(
            "CONTRACT_TABLE_DIFFERS",
            f"The table `{name}` is not what {contract.name} promises: {', '.join(differences)}.",
            contract.origin,
            f"let its pipeline take the schema from {shorten(contract.origin.file)}",
        )
