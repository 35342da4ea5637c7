"""What the panel of a dataset shows, read when it is opened."""

from __future__ import annotations

from pathlib import Path

from deltalake.exceptions import DeltaError

from weir.history.tables import first_rows
from weir.model.problems import WeirError
from weir.views.rows import plain
from weir.web.pages.differences import ask_first, differences
from weir.web.pages.panel import TABS, panel
from weir.web.pages.shown import Panel
from weir.web.pages.view import View, whole
from weir.web.reading.details import details_of
from weir.web.reading.diff import difference, row_count
from weir.web.reading.profile import ColumnProfile, profile
from weir.web.reading.world import World
from weir.web.states.panel import DatasetDetails
from weir.web.states.state import DatasetState, UpdateState
from weir.web.texts.code import highlighted
from weir.web.texts.html import Child, Markup, tag

ROWS = 50
LARGE = 2_000_000  # rows that are not compared before somebody wants it


def panel_of(world: World, view: View, update: UpdateState) -> Markup | None:
    """The panel of the dataset that the address names; None for none."""
    dataset = update.datasets.get(view.query.get("d", ""))
    if dataset is None:
        return None
    tab = view.query.get("tab", "overview")
    tab = tab if tab in TABS else "overview"
    details = details_of(world.project.storage, update.pipeline, dataset)
    version = whole(view.query.get("version", ""))
    columns, rows = _rows(world, dataset, version) if tab == "data" else ((), None)
    source = world.project.keys.get(update.pipeline, update.pipeline)
    shown = Panel(
        update, dataset, details, source, tab, columns, rows, version,
        _profile(world, view, dataset, version) if rows is not None else None,
        *(_code(world, update, dataset) if tab == "code" else (None, False)),
        _changes(world, view, dataset, details) if tab == "data" else None,
    )  # fmt: skip
    return panel(view, shown)


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


def _profile(
    world: World, view: View, dataset: DatasetState, version: int | None
) -> tuple[ColumnProfile, ...] | None:
    return profile(world.project.storage.table(dataset.name), version) if view.query.get("profile") else None


def _changes(world: World, view: View, dataset: DatasetState, details: DatasetDetails) -> Child:
    """What the update did to the rows of its table, or what is between two chosen versions.

    Nothing where the update left no version, or the first.
    """
    path, chosen = world.project.storage.table(dataset.name), whole(view.query.get("version", ""))
    newer, older = dataset.version if chosen is None else chosen, whole(view.query.get("against", ""))
    if older is None:
        older = max((v for v in details.versions if newer is not None and v < newer), default=None)
    if newer is None or older is None:
        return None
    try:
        rows = row_count(path, newer)
        if (rows is None or rows > LARGE) and not view.query.get("diff"):
            return ask_first(view, rows)
        return differences(view, difference(path, older, newer, dataset.keys))
    except WeirError as error:
        return tag("p", {"class": "dim"}, error.problems[0].message)


def _code(world: World, update: UpdateState, dataset: DatasetState) -> tuple[Markup | None, bool]:
    """The lines of its definition, from a file that the update names or that lies in the project.

    With them comes whether the file was written after the update.
    """
    if dataset.origin is None:
        return None, False
    created = next((e for e in update.events if e.type == "create_update"), None)
    config = created.details.get("config", {}) if created else {}
    libraries = {str(lib.get("file", {}).get("path")) for lib in config.get("libraries", ())}
    path = Path(dataset.origin.file)
    below = path.resolve().is_relative_to(world.project.folder.resolve())
    if str(path) not in libraries and not below:
        return None, False
    lines, begin = highlighted(path, dataset.origin.line), update.summary.started_at
    return lines, bool(lines and begin and path.stat().st_mtime > begin.timestamp())
