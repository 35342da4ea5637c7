"""What the panel of a dataset shows, read when it is opened."""

from __future__ import annotations

from pathlib import Path

from deltalake.exceptions import DeltaError

from weir.history.tables import first_rows
from weir.views.rows import plain
from weir.web.code import highlighted
from weir.web.html import Markup
from weir.web.pages.panel import TABS, panel
from weir.web.pages.shown import Panel
from weir.web.pages.view import View
from weir.web.panel import DatasetDetails, DatasetRun
from weir.web.state import DatasetState, UpdateState
from weir.web.world import World

ROWS, RUNS = 50, 30


def panel_of(world: World, view: View, update: UpdateState) -> Markup | None:
    """The panel of the dataset that the address names; None for none."""
    dataset = update.datasets.get(view.query.get("d", ""))
    if dataset is None:
        return None
    tab = view.query.get("tab", "overview")
    tab = tab if tab in TABS else "overview"
    details = details_of(world, update, dataset)
    version = view.query.get("version", "")
    columns, rows = (
        _rows(world, dataset, int(version) if version.isdigit() else None) if tab == "data" else ((), None)
    )
    source = world.project.keys.get(update.pipeline, update.pipeline)
    shown = Panel(
        update, dataset, details, source, tab, columns, rows, int(version) if version.isdigit() else None,
        _code(world, update, dataset) if tab == "code" else None,
    )  # fmt: skip
    return panel(view, shown)


def details_of(world: World, update: UpdateState, dataset: DatasetState) -> DatasetDetails:
    """What logs and the table tell of a dataset beside the update."""
    storage, name = world.project.storage, dataset.name
    state = storage.state(name) if dataset.kind not in {"view", "sink"} else None
    history = tuple(
        DatasetRun(u.summary, u.datasets[name])
        for u in world.last(update.pipeline, RUNS)
        if name in u.datasets
    )
    versions = {r.state.version: r.update.id for r in history if r.state.version is not None}
    return DatasetDetails(name, dataset.columns, dataset.comment, dict(state.properties) if state else {},
                          history=history, versions=versions)  # fmt: skip


def _rows(
    world: World, dataset: DatasetState, version: int | None
) -> tuple[list[str], list[dict[str, object]] | None]:
    if dataset.kind in {"view", "sink"}:
        return [], None
    try:
        content = first_rows(world.project.storage.table(dataset.name), ROWS, version)
    except (DeltaError, OSError):
        return [], None
    return (content.columns, [plain(r) for r in content.rows]) if content else ([], None)


def _code(world: World, update: UpdateState, dataset: DatasetState) -> Markup | None:
    """The lines of its definition, from a file that the update names and that lies in the project."""
    if dataset.origin is None:
        return None
    created = next((e for e in update.events if e.type == "create_update"), None)
    config = created.details.get("config", {}) if created else {}
    libraries = {str(lib.get("file", {}).get("path")) for lib in config.get("libraries", ())}
    path = Path(dataset.origin.file)
    below = path.resolve().is_relative_to(world.project.folder.resolve())
    if str(path) not in libraries and not below:
        return None
    return highlighted(path, dataset.origin.line)
