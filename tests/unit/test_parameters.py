"""What the parameters of definitions mean, and what of them is refused (specification §1.2, §1.3)."""

from __future__ import annotations

import warnings

import pytest

import dlt
from weir.define.registry import Registry, collecting, freeze
from weir.model.definitions import DatasetKind
from weir.model.names import Namespace
from weir.model.problems import DefinitionError, UnsupportedError


def query():
    return None


def defined(*definitions):
    registry = Registry()
    with collecting(registry):
        for define in definitions:
            define()
    pipeline, problems = freeze(registry, "p", Namespace(), {})
    assert problems == ()
    return pipeline


def one(define):
    (dataset,) = defined(define).datasets.values()
    return dataset


@pytest.mark.parametrize(
    ("given", "full"),
    [("t", "main.default.t"), ("s.t", "main.s.t"), ("c.s.t", "c.s.t"), ("LIVE.t", "main.default.t"),
     ("My T", None), ("`My T`", "main.default.`my t`"), (None, "main.default.query")],
)  # fmt: skip
@pytest.mark.parity("same", "1.3", "name: one to three parts; the function's name where it is absent")
def test_names_of_one_to_three_parts(given, full):
    registry = Registry()
    with collecting(registry):
        dlt.table(query, name=given)
    pipeline, problems = freeze(registry, "p", Namespace(), {})
    assert list(pipeline.datasets) == ([full] if full else [])
    assert [p.condition for p in problems] == ([] if full else ["INVALID_IDENTIFIER"])


@pytest.mark.parity(
    "same", "1.3", "An unknown property pipelines.* warns and is left out, one that lacks the prefix warns"
)
@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("pipelines.reset.alowed", "; did you mean `pipelines.reset.allowed`?"),
        ("pipelines.autoOptimize.useV2", ""),
        ("pipelines.enableTrackHistory", ""),
        ("Pipelines.Metastore.TableName", "; the table is published under its own name"),
    ],
)
def test_an_unknown_property_of_the_engine_has_no_effect(key, hint):
    with pytest.warns(UserWarning, match="has no effect") as told:
        made = one(lambda: dlt.table(query, table_properties={key: "x", "quality": "gold"}))
    (warning,) = told
    assert made.table_properties == {"quality": "gold"}
    assert (str(warning.message), warning.filename, warning.lineno) == (
        f"Unknown pipelines table property '{key}' has no effect{hint}",
        __file__,
        made.origin.line,
    )


@pytest.mark.parity(
    "differs",
    "1.3",
    "delta.isolationLevel = WriteSerializable, delta.parquet.compression.codec, catalog-managed commits, "
    "delta.universalFormat.enabledFormats",
    "left out with a warning: only Databricks has them, and no row depends on them",
)
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("delta.isolationLevel", "WriteSerializable"),
        ("delta.parquet.compression.codec", "ZSTD"),
        ("delta.feature.catalogManaged", "supported"),
        ("delta.feature.catalogOwned-preview", "supported"),
        ("delta.universalFormat.enabledFormats", "iceberg"),
    ],
)
def test_a_property_that_only_databricks_has_has_no_effect(key, value):
    with pytest.warns(UserWarning, match="has no effect here") as told:
        made = one(lambda: dlt.table(query, table_properties={key: value, "delta.isolationLevels": "x"}))
    (warning,) = told
    assert made.table_properties == {"delta.isolationLevels": "x"}
    assert (str(warning.message), warning.lineno) == (
        f"the table property '{key}' has no effect here: only on Databricks can it be '{value}'",
        made.origin.line,
    )


def test_an_isolation_level_that_delta_has_is_kept():
    made = one(lambda: dlt.table(query, table_properties={"delta.isolationLevel": "Serializable"}))
    assert made.table_properties == {"delta.isolationLevel": "Serializable"}


def test_properties_of_the_engine_are_known_by_name():
    with pytest.warns(
        UserWarning, match=r"'Reset.Allowed' has no effect; did you mean 'pipelines.reset.allowed'\?"
    ):
        dlt.create_streaming_table("t", table_properties={"Reset.Allowed": "false"})
    given = {"PIPELINES.RESET.ALLOWED": False, "delta.appendOnly": "true", "quality": "silver"}
    assert one(lambda: dlt.table(query, table_properties=given)).table_properties == {
        "pipelines.reset.allowed": "false",
        "delta.appendOnly": "true",
        "quality": "silver",
    }


@pytest.mark.parity("same", "1.3", "A property of the engine whose value can't be read is refused")
@pytest.mark.parametrize("key", ["pipelines.reset.allowed", "pipelines.autoOptimize.managed"])
@pytest.mark.parametrize("value", ["no", "0", ""])
def test_a_property_that_is_true_or_false_has_no_other_value(key, value):
    with pytest.raises(DefinitionError) as refused:
        dlt.table(query, table_properties={key: value})
    (problem,) = refused.value.problems
    assert (problem.condition, problem.message, problem.hint, problem.origin.file) == (
        "INVALID_PIPELINE_SETTING",
        f"{key} = {value!r} is not a valid value.",
        "write true or false",
        __file__,
    )


@pytest.mark.parity("same", "1.3", "spark_conf of create_streaming_table holds for every flow into it")
def test_the_configuration_of_a_table_is_that_of_its_flows():
    def flow():
        dlt.append_flow(target="t", name="f", spark_conf={"b": 3})(query)

    (found,) = defined(lambda: dlt.create_streaming_table("t", spark_conf={"a": True, "b": 2}), flow).flows
    assert found.spark_conf == {"a": "true", "b": "3"}
    with pytest.raises(DefinitionError, match="NOT_EXPECTED_TYPE"):
        dlt.create_streaming_table("t", spark_conf=["a"])
    with pytest.raises(DefinitionError, match="NOT_EXPECTED_TYPE"):
        dlt.create_streaming_table(3)


@pytest.mark.parity("same", "1.3", "path: ignored with a deprecation, as in Unity Catalog")
@pytest.mark.parametrize(
    "define",
    [
        lambda: dlt.table(query, path="/somewhere"),
        lambda: dlt.materialized_view(query, path="/somewhere"),
        lambda: dlt.create_streaming_table("query", path="/somewhere"),
    ],
)
def test_a_path_is_ignored_with_a_warning(define):
    with pytest.warns(UserWarning, match="`path` is ignored, as in Unity Catalog pipelines"):
        assert one(define).name == "main.default.query"


@pytest.mark.parity("same", "1.3", "temporary, the old name of private, on tables")
@pytest.mark.parametrize("word", ["temporary", "private"])
def test_both_words_for_a_private_table(word):
    assert one(lambda: dlt.table(query, **{word: True})).private
    assert one(lambda: dlt.materialized_view(query, **{word: True})).private
    assert not one(lambda: dlt.table(query)).private


@pytest.mark.parity(
    "differs", "1.3", "refresh_policy", "auto, incremental and full are accepted: each refresh is in full"
)
@pytest.mark.parity("refused", "1.3", "refresh_policy='incremental_strict'", "leave it out")
def test_a_refresh_is_always_in_full():
    for policy in (None, "auto", "incremental", "full"):
        made = one(lambda policy=policy: dlt.materialized_view(query, refresh_policy=policy))
        assert made.kind is DatasetKind.MATERIALIZED_VIEW
    with pytest.raises(UnsupportedError, match="refresh_policy='incremental_strict' is not supported here"):
        dlt.materialized_view(query, refresh_policy="incremental_strict")
    with pytest.raises(DefinitionError, match="NOT_EXPECTED_TYPE"):
        dlt.materialized_view(query, refresh_policy="daily")


@pytest.mark.parity(
    "differs", "1.3", "cluster_by_auto", "accepted: no keys are chosen, those of cluster_by count"
)
@pytest.mark.parity("same", "1.3", "partition_cols and cluster_by exclude each other")
def test_layouts():
    made = one(lambda: dlt.table(query, cluster_by=["a"], cluster_by_auto=True))
    assert (made.cluster_by, made.partition_cols) == ((("a",),), ())
    for define in (dlt.table, dlt.materialized_view):
        assert one(lambda define=define: define(query, cluster_by_auto=True)).cluster_by == ()
        with pytest.raises(DefinitionError, match="SPECIFY_CLUSTER_BY_WITH_PARTITIONED_BY_IS_NOT_ALLOWED"):
            define(query, partition_cols=["a"], cluster_by=["b"])


@pytest.mark.parity(
    "same", "1.2", "create_table, create_view, create_target_table, create_streaming_live_table: deprecated"
)
@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("create_table", "table", DatasetKind.TABLE),
        ("create_view", "view", DatasetKind.VIEW),
        ("create_target_table", "create_streaming_table", DatasetKind.STREAMING_TABLE),
        ("create_streaming_live_table", "create_streaming_table", DatasetKind.STREAMING_TABLE),
    ],
)
def test_old_names_call_the_new_ones(old, new, kind):
    text = f"Function {old} has been deprecated. Please use {new} instead."
    streaming = kind is DatasetKind.STREAMING_TABLE
    arguments = ("t",) if streaming else (query,)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        made = one(lambda: getattr(dlt, old)(*arguments, comment="c"))
    assert ([str(w.message) for w in told], made.kind, made.comment) == ([text], kind, "c")
