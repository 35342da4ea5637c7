"""The tables as the sources define them, read without Spark: what decides whether their rows can stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.values import Json, Resource
from weir.bundle.bundle import Bundle
from weir.bundle.sources import SourceArguments, settings_of_all
from weir.define.load import importable, load_sources
from weir.define.registry import freeze
from weir.model.definitions import ChangesFlow, Pipeline, SnapshotFlow, Table
from weir.model.governance import FunctionCall
from weir.model.problems import Problem, WeirError
from weir.model.settings import Settings
from weir.run.code.widgets import Widgets


@dataclass(frozen=True, slots=True)
class Definitions:
    """The tables of all pipelines.

    Attributes:
        tables: Full name -> what decides whether its rows can stay.
        masks: The masks and row filters of columns.
        unread: Pipelines whose sources need more than is here, with why.
    """

    tables: Mapping[str, Json]
    masks: tuple[Resource, ...]
    unread: Mapping[str, Problem]


class _Conf:
    """`spark.conf` of a pipeline that is only read."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def get(self, key: str, default: str | None = None) -> str | None:
        """A value of the configuration."""
        return self._values.get(key, default)


@dataclass(frozen=True, slots=True)
class _Session:
    """`spark` of a pipeline that is only read."""

    conf: _Conf


class _Secrets:
    """`dbutils.secrets` of a pipeline that is only read: who deploys need not read them."""

    def get(self, scope: str, key: str) -> str:
        """A text that is no secret."""
        return f"{scope}/{key}"


class _Utilities:
    """`dbutils` of a pipeline that is only read."""

    secrets = _Secrets()

    def __init__(self, configuration: Mapping[str, str]) -> None:
        self.widgets = Widgets(configuration.get)


def definitions_of(bundle: Bundle) -> Definitions:
    """Load the sources of every pipeline.

    Raises:
        WeirError: A source is missing.
    """
    tables, masks, unread = dict[str, Json](), list[Resource](), dict[str, Problem]()
    all_settings, problems = settings_of_all(bundle, SourceArguments())
    if problems:
        raise WeirError(*problems)
    for settings in all_settings:
        pipeline, wrong = _loaded(settings)
        if wrong:
            unread[pipeline.name] = wrong[0]
        for table in () if wrong else pipeline.datasets.values():
            if isinstance(table, Table) and not table.private:
                tables[table.name] = _definition(pipeline, table)
                masks.extend(_masks(table))
    return Definitions(tables, tuple(masks), unread)


def _loaded(settings: Settings) -> tuple[Pipeline, tuple[Problem, ...]]:
    configuration = settings.configuration
    names: dict[str, Any] = {"spark": _Session(_Conf(configuration)), "dbutils": _Utilities(configuration)}
    with importable(settings.roots):
        registry = load_sources(settings.files, names, settings.roots)
    return freeze(registry, settings.name, settings.namespace, configuration, settings.functions)


def _definition(pipeline: Pipeline, table: Table) -> Json:
    flows = [flow for flow in pipeline.flows if flow.target == table.name]
    changes = [flow.changes for flow in flows if isinstance(flow, (ChangesFlow, SnapshotFlow))]
    return {
        "kind": str(table.kind),
        "pipeline": pipeline.name,
        "quality": table.table_properties.get("quality", ""),
        "partition_by": list(table.partition_cols),
        "keys": sorted({key for change in changes for key in change.keys}),
        "scd_type": max((change.scd_type for change in changes), default=None),
        "flows": sorted(flow.name for flow in flows),
        "dropped_with_definition": pipeline.configuration.get("pipelines.dropInactiveTables") == "true",
    }


def _masks(table: Table) -> Iterator[Resource]:
    for column, call in table.protection.masks.items():
        yield _mask(f"{table.name}.{column}", table, call, call.columns[1:])
    if table.protection.row_filter:
        yield _mask(table.name, table, table.protection.row_filter, table.protection.row_filter.columns)


def _mask(name: str, table: Table, call: FunctionCall, using: tuple[str, ...]) -> Resource:
    key = name.partition(".")[2]
    return Resource("masks", key, name, {"function": call.function, "using": list(using)}, table.origin)
