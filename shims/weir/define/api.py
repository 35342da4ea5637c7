"""The functions of `dlt` that define tables, views and flows (specification §1.2 - §1.4)."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from weir.define.checks import (
    column_names,
    column_paths,
    flag,
    optional_name,
    optional_text,
    refresh_rule,
    rules_from,
    schema_of_table,
    string_map,
    text,
)
from weir.define.handles import FlowHandle, Handle, check_callable, pending_rules, without_rules
from weir.define.properties import known_properties
from weir.define.protection import declared_protection
from weir.define.registry import current, warn, wrong
from weir.model.definitions import (
    Action,
    Dataset,
    Expectation,
    MaterializedView,
    OnceFlow,
    QueryFlow,
    StreamingTable,
    Table,
    View,
)
from weir.model.origin import Origin, here
from weir.model.problems import unsupported

QueryFunction = Callable[..., Any]
T = TypeVar("T", bound=Table)


def table(
    query_function: QueryFunction | None = None,
    name: str | None = None,
    comment: str | None = None,
    spark_conf: Mapping[str, str] | None = None,
    table_properties: Mapping[str, str] | None = None,
    partition_cols: list[str] | None = None,
    path: str | None = None,
    schema: Any = None,
    temporary: bool = False,
    cluster_by: list[str] | None = None,
    row_filter: str | None = None,
    *,
    private: bool = False,
    cluster_by_auto: bool = False,
    format: str | None = None,
) -> Any:
    """Define a table: a streaming one if the query streams, else a materialized view (§1.3).

    Args:
        query_function: The decorated function, when the decorator stands without parentheses.
        name: One to three parts; the function's name by default.
        schema: A StructType or DDL text, with generated columns and masks if wanted.
        row_filter: `ROW FILTER catalog.schema.function ON (column, ...)`.
        temporary: The old name of `private`: kept in the pipeline, not published.

    Raises:
        DefinitionError: An argument has the wrong type.
    """
    return _table(
        "table", Table, query_function, name, comment, spark_conf, table_properties,
        partition_cols, path, schema, cluster_by, row_filter, _private(private, temporary, cluster_by_auto),
        format,
    )  # fmt: skip


def materialized_view(
    query_function: QueryFunction | None = None,
    name: str | None = None,
    comment: str | None = None,
    spark_conf: Mapping[str, str] | None = None,
    table_properties: Mapping[str, str] | None = None,
    partition_cols: list[str] | None = None,
    path: str | None = None,
    schema: Any = None,
    temporary: bool = False,
    cluster_by: list[str] | None = None,
    row_filter: str | None = None,
    *,
    private: bool = False,
    cluster_by_auto: bool = False,
    format: str | None = None,
    refresh_policy: str | None = None,
) -> Any:
    """Define a table that equals its batch query at every refresh (§1.3, §4.1).

    Raises:
        DefinitionError: An argument has the wrong type.
        UnsupportedError: It must never be computed in full.
    """
    refresh_rule(refresh_policy, here())
    return _table(
        "materialized_view", MaterializedView, query_function, name, comment, spark_conf,
        table_properties, partition_cols, path, schema, cluster_by, row_filter,
        _private(private, temporary, cluster_by_auto), format,
    )  # fmt: skip


def view(
    query_function: QueryFunction | None = None,
    name: str | None = None,
    comment: str | None = None,
    spark_conf: Mapping[str, str] | None = None,
) -> Any:
    """Define a temporary view: computed anew for every flow that reads it (§4.1).

    Raises:
        DefinitionError: An argument has the wrong type.
    """
    origin = here()

    def decorate(function: QueryFunction) -> Handle:
        called = optional_name(name, function, origin)
        described = optional_text(comment, "comment", origin)
        dataset = View(called, origin, described, pending_rules(function))
        return _define(function, dataset, string_map(spark_conf, "spark_conf", origin))

    return _bare_or_called(query_function, "view", decorate)


def create_streaming_table(
    name: str,
    comment: str | None = None,
    spark_conf: Mapping[str, str] | None = None,
    table_properties: Mapping[str, str] | None = None,
    partition_cols: list[str] | None = None,
    path: str | None = None,
    schema: Any = None,
    expect_all: Mapping[str, Any] | None = None,
    expect_all_or_drop: Mapping[str, Any] | None = None,
    expect_all_or_fail: Mapping[str, Any] | None = None,
    cluster_by: list[str] | None = None,
    row_filter: str | None = None,
    *,
    cluster_by_auto: bool = False,
    format: str | None = None,
) -> None:
    """Declare a streaming table that flows write into (§1.3, §2.5).

    Raises:
        DefinitionError: An argument has the wrong type.
    """
    origin = here()
    rules = (
        rules_from(expect_all, Action.WARN, origin)
        + rules_from(expect_all_or_drop, Action.DROP, origin)
        + rules_from(expect_all_or_fail, Action.FAIL, origin)
    )
    declare_streaming_table(
        name, rules, comment=comment, spark_conf=spark_conf, table_properties=table_properties,
        partition_cols=partition_cols, path=path, schema=schema, cluster_by=cluster_by,
        row_filter=row_filter, cluster_by_auto=cluster_by_auto, format=format,
    )  # fmt: skip


def declare_streaming_table(
    name: str, rules: tuple[Expectation, ...], *, private: bool = False, comment: str | None = None,
    spark_conf: Mapping[str, str] | None = None, table_properties: Mapping[str, str] | None = None,
    partition_cols: list[str] | None = None, path: str | None = None, schema: Any = None,
    cluster_by: list[str] | None = None, row_filter: str | None = None, cluster_by_auto: bool = False,
    format: str | None = None,
) -> None:  # fmt: skip
    """Declare a streaming table whose rules have places of their own; SQL knows private ones too (§8.1).

    Raises:
        DefinitionError: An argument has the wrong type.
    """
    origin = here()
    _refuse(path, format, origin)
    flag(cluster_by_auto, "cluster_by_auto", origin)
    name = text(name, "name", origin)
    conf = string_map(spark_conf, "spark_conf", origin)
    dataset = _dataset(
        StreamingTable, name, origin, comment, schema, table_properties, partition_cols,
        cluster_by, private=private, rules=rules,
    )  # fmt: skip
    protection = declared_protection(schema, row_filter, origin, private=private)
    current().datasets.append(replace(dataset, spark_conf=conf, protection=protection))


def append_flow(
    name: str | None = None,
    target: str | None = None,
    comment: str | None = None,
    spark_conf: Mapping[str, str] | None = None,
    once: bool = False,
) -> Callable[[QueryFunction], Handle]:
    """Define a flow that appends to a streaming table; `once` reads a batch a single time (§4.7).

    Raises:
        DefinitionError: The target is missing, or the function carries expectations (§2.5).
    """
    origin = here()

    def decorate(function: QueryFunction) -> Handle:
        check_callable(function, "append_flow")
        if target is None:
            raise wrong("PIPELINE_FLOW_WITHOUT_TARGET", "append_flow has no target.", origin,
                        "write @dlt.append_flow(target='the_table')")  # fmt: skip
        without_rules(function, "An append flow", origin)
        flow = (OnceFlow if flag(once, "once", origin) else QueryFlow)(
            optional_name(name, function, origin), text(target, "target", origin), function, origin,
            string_map(spark_conf, "spark_conf", origin), optional_text(comment, "comment", origin),
        )  # fmt: skip
        current().flows.append(flow)
        return FlowHandle(function)

    return decorate


def _table(
    decorator: str, kind: type[Table], function: QueryFunction | None, name: str | None, comment: str | None,
    spark_conf: Mapping[str, str] | None, properties: Mapping[str, str] | None,
    partition_cols: list[str] | None, path: str | None, schema: Any,
    cluster_by: list[str] | None, row_filter: str | None, private: bool, table_format: str | None,
) -> Any:  # fmt: skip
    origin = here()
    _refuse(path, table_format, origin)
    protection = declared_protection(schema, row_filter, origin, private=private)

    def decorate(function: QueryFunction) -> Handle:
        dataset = _dataset(
            kind, optional_name(name, function, origin), origin, comment, schema, properties,
            partition_cols, cluster_by, private=private, rules=pending_rules(function),
        )  # fmt: skip
        dataset = replace(dataset, protection=protection)
        return _define(function, dataset, string_map(spark_conf, "spark_conf", origin))

    return _bare_or_called(function, decorator, decorate)


def _dataset(
    kind: type[T], name: str, origin: Origin, comment: str | None, schema: Any,
    properties: Mapping[str, str] | None, partition_cols: list[str] | None,
    cluster_by: list[str] | None, *, private: bool, rules: tuple[Expectation, ...],
) -> T:  # fmt: skip
    partitions = column_names(partition_cols, "partition_cols", origin)
    clusters = column_paths(cluster_by, "cluster_by", origin)
    if partitions and clusters:
        raise wrong(
            "SPECIFY_CLUSTER_BY_WITH_PARTITIONED_BY_IS_NOT_ALLOWED",
            f"`{name}` has both partition_cols and cluster_by.",
            origin,
            "keep one of them",
        )
    own_properties = known_properties(string_map(properties, "table_properties", origin), origin)
    described, columns = optional_text(comment, "comment", origin), schema_of_table(schema, origin)
    return kind(name, origin, described, rules, columns, own_properties, partitions, clusters, private)


def _define(function: QueryFunction, dataset: Dataset, spark_conf: Mapping[str, str]) -> Handle:
    registry = current()
    registry.datasets.append(dataset)
    registry.flows.append(QueryFlow(dataset.name, dataset.name, function, dataset.origin, spark_conf))
    handle = Handle(function)
    handle.dataset = dataset
    return handle


def _private(private: bool, temporary: bool, cluster_by_auto: bool) -> bool:
    origin = here()
    flag(cluster_by_auto, "cluster_by_auto", origin)
    return flag(private, "private", origin) or flag(temporary, "temporary", origin)


def _bare_or_called(
    function: QueryFunction | None, decorator: str, decorate: Callable[[QueryFunction], Handle]
) -> Any:
    def checked(function: QueryFunction) -> Handle:
        return decorate(check_callable(function, decorator))

    return checked if function is None else checked(function)


def _refuse(path: str | None, table_format: str | None, origin: Origin) -> None:
    if optional_text(table_format, "format", origin) not in {None, "delta"}:
        raise unsupported(f"format={table_format!r}", "leave it out: tables are Delta", origin)
    if optional_text(path, "path", origin) is not None:
        sentence = "`path` is ignored, as in Unity Catalog pipelines"
        current().deprecations.setdefault("UNUSED_EXPLICIT_PATH_ON_UC_MANAGED_TABLE", sentence)
        warn(sentence, origin)


def deprecated(old: str, new: Callable[..., Any]) -> Callable[..., Any]:
    """An old name that warns and calls through (§1.2)."""
    sentence = f"Function {old} has been deprecated. Please use {new.__name__} instead."

    def call(*args: Any, **kwargs: Any) -> Any:
        current().deprecations.setdefault(f"PYTHON_{old.upper()}", sentence)
        warnings.warn(sentence, DeprecationWarning, stacklevel=2)
        return new(*args, **kwargs)

    call.__name__ = old
    call.__doc__ = f"The old name of `{new.__name__}` (specification §1.2)."
    call.__wrapped__ = new  # pyright: ignore[reportFunctionMemberAccess] - inspect.signature follows it
    return call


create_table = deprecated("create_table", table)
create_view = deprecated("create_view", view)
create_target_table = deprecated("create_target_table", create_streaming_table)
create_streaming_live_table = deprecated("create_streaming_live_table", create_streaming_table)
