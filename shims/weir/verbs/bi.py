"""`weir bi export`: what BI tools need to read the tables of a target. No Spark, only delta-rs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from weir.bi.files import export_files, jdbc_urls
from weir.bi.values import MEASURES, Export, Tableau, Warehouse, WarehouseTable, columns_of, measures_of
from weir.bundle.bundle import Bundle, BundlePipeline, default_storage, read_bundle, required_bundle
from weir.model.names import split
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError, closest
from weir.run.lake.existing import PIPELINE, is_inactive
from weir.run.lake.storage import Storage, TableState
from weir.ui.output import print_json
from weir.ui.screen import console

TOLD = ("quality", "gold")  # as Databricks' own examples mark such tables
WAREHOUSE = "warehouse_id"


def run_bi_export(
    pipeline: str | None, target: str | None, out: str | None, storage: str | None, as_json: bool
) -> int:
    """Write the files; they hold no credentials."""
    bundle, place = required_bundle(Path.cwd(), target), Storage(default_storage(storage))
    chosen = _pipelines(bundle, pipeline)
    warehouse = _warehouse(bundle)
    tables, server = _tables(bundle, chosen, place), _tableau(bundle)
    export = Export(pipeline or bundle.name, bundle.target, warehouse, tables, server)
    folder = Path(out).resolve() if out else place.root / "bi" / bundle.target
    files = export_files(export)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    _tell(export, folder, files, as_json=as_json)
    return 0


def _tell(export: Export, folder: Path, files: Mapping[str, str], *, as_json: bool) -> None:
    urls = jdbc_urls(export)
    if as_json:
        summary = {"target": export.target, "folder": str(folder), "files": list(files), "jdbc": list(urls)}
        print_json(summary)
        return
    for line in (*(f"{folder / name}" for name in files), *urls):
        console().say(line)


def _pipelines(bundle: Bundle, wanted: str | None) -> Mapping[str, BundlePipeline]:
    if wanted is None:
        return bundle.pipelines
    if wanted not in bundle.pipelines:
        known = ", ".join(bundle.pipelines) or "none"
        raise WeirError(
            Problem(
                "PIPELINE_NOT_FOUND",
                f"The bundle has no pipeline `{wanted}`.",
                Origin(str(bundle.file), 1),
                closest(wanted, bundle.pipelines) or f"available: {known}",
            )
        )
    return {wanted: bundle.pipelines[wanted]}


def _warehouse(bundle: Bundle) -> Warehouse:
    """Where the target's tables are read; all that is missing at once."""
    host, warehouse = bundle.host or os.environ.get("DATABRICKS_HOST"), bundle.variables.get(WAREHOUSE)
    if warehouse and "${" in warehouse:  # only a workspace can look it up
        warehouse = None
    under, origin = f"targets.{bundle.target}", Origin(str(bundle.file), 1)
    missing = {
        "WORKSPACE_HOST_NOT_FOUND": (
            host,
            "`workspace.host`",
            f"set {under}.workspace.host, or DATABRICKS_HOST in the environment",
        ),
        "BUNDLE_VARIABLE_NOT_FOUND": (
            warehouse,
            f"value for the variable `{WAREHOUSE}`, the SQL warehouse",
            f"set {under}.variables.{WAREHOUSE}, or BUNDLE_VAR_{WAREHOUSE} in the environment",
        ),
    }
    problems = [
        Problem(
            condition, f"The target `{bundle.target}` has no {what}.", origin, f"{hint}; or name a --target"
        )
        for condition, (value, what, hint) in missing.items()
        if not value
    ]
    if not (host and warehouse):
        raise WeirError(*problems)
    return Warehouse(urlsplit(host if "://" in host else f"//{host}").netloc, warehouse)


def _tableau(bundle: Bundle) -> Tableau | None:
    """Where data sources of Tableau are published, if the bundle's variables say it."""
    server, site, project = (
        bundle.variables.get(f"tableau_{name}") for name in ("server", "site", "project")
    )
    return Tableau(server, site or "", project or "default") if server else None


def _tables(
    bundle: Bundle, pipelines: Mapping[str, BundlePipeline], place: Storage
) -> tuple[WarehouseTable, ...]:
    """The tables that are told, as the target names them.

    What was run here as the default target stands for the target's, unless that was run here, too.
    """
    homes = _homes(bundle, pipelines)
    owners, own = {owner for owner, _ in homes}, set(homes.values())
    tables = {}
    for name, state in sorted(_exported(place), key=lambda told: split(told[0])[0] in own):
        owner, (catalog, schema, table) = state.properties[PIPELINE], split(name)
        if owner in owners:
            home = homes.get((owner, catalog), catalog)
            declared = measures_of(name, state.properties.get(MEASURES, ""), state.schema_json)
            columns = tuple(columns_of(state.schema_json, declared))
            tables[home, schema, table] = WarehouseTable(home, schema, table, columns, state.comment)
    if not tables:
        raise _nothing_told(pipelines, place)
    return tuple(tables[key] for key in sorted(tables))


def _homes(bundle: Bundle, pipelines: Mapping[str, BundlePipeline]) -> dict[tuple[str, str], str]:
    """Name of a pipeline and its catalog, here or at the target -> its catalog at the target."""
    try:
        here = read_bundle(bundle.file, None).pipelines
    except WeirError:  # it can't be read without a target
        here = {}
    return {
        (pipeline.name, pipeline.namespace.catalog): there.namespace.catalog
        for key, there in pipelines.items()
        for pipeline in (here.get(key, there), there)
    }


def _exported(place: Storage) -> Iterator[tuple[str, TableState]]:
    key, value = TOLD
    for name in place.tables():
        state = place.state(name)
        if state is None or is_inactive(state) or PIPELINE not in state.properties:
            continue
        if state.properties.get(key) == value:
            yield name, state


def _nothing_told(pipelines: Mapping[str, BundlePipeline], place: Storage) -> WeirError:
    key, value = TOLD
    listed = ", ".join(pipelines)
    return WeirError(
        Problem(
            "TABLE_OR_VIEW_NOT_FOUND",
            f"{place.root} holds no table of {listed} with the property {key} = {value}.",
            hint=f"run weir run first; an exported table has table_properties={{'{key}': '{value}'}}",
        )
    )
