"""Names in a bundle, and what BI tools are told of unusual ones."""

from __future__ import annotations

import pytest

from weir.bi.files import export_files
from weir.bi.values import Export, Warehouse, WarehouseTable
from weir.bundle.bundle import read_bundle
from weir.bundle.located_yaml import load_yaml
from weir.model.names import Namespace
from weir.model.problems import WeirError

BUNDLE = """\
bundle: {{name: odd}}
resources:
  pipelines:
    ventas:
      name: "[dev josé] ventas/.."
      catalog: {catalog}
      schema: {schema}
      libraries: [{{glob: {{include: src/**}}}}]
"""


def bundle(folder, catalog, schema):
    file = folder / "databricks.yml"
    file.write_text(BUNDLE.format(catalog=catalog, schema=schema))
    return read_bundle(file, None).pipelines["ventas"]


@pytest.mark.parametrize("schema", ["campañas", "mi esquema", "${workspace.current_user.id}"])
def test_a_schema_is_called_by_any_single_name(tmp_path, schema):
    found = bundle(tmp_path, "main", schema)
    assert (found.name, found.namespace) == ("[dev josé] ventas/..", Namespace("main", schema))


def test_what_no_workspace_takes_is_told_at_its_line(tmp_path):
    with pytest.raises(WeirError) as refused:
        bundle(tmp_path, "'../..'", "silver.gold")
    assert [(p.condition, p.message, p.origin.line) for p in refused.value.problems] == [
        ("INVALID_PARAMETER_VALUE", "`silver.gold` is a name of several parts.", 7),
        ("INVALID_PARAMETER_VALUE", "`../..` holds a slash or a control character.", 6),
    ]


def exported(*names):
    tables = tuple(WarehouseTable(*name, columns=()) for name in names)
    return [*export_files(Export("odd", "prod", Warehouse("host", "id"), tables))]


def test_tables_whose_plain_names_are_one_have_files_of_their_own():
    long, other = "ñ" * 255, "ñ" * 254 + "n"
    files = exported(
        ("main", "s", "mi tabla"), ("main", "s", "mi_tabla"), ("main", "t", "a.b"),
        ("main", "s t", "a"), ("main", "s_t", "a"), ("main", "s", long), ("main", "s", other),
    )  # fmt: skip
    assert len(set(files)) == len(files) == 2 + 7 + 7 + 4 + 4
    assert max(len(file.rpartition("/")[2].encode()) for file in files) <= 255
    assert {"tableau/a_b.tds", "powerbi/s.pbids", "powerbi/t.pbids"} <= {*files}


MERGES = """\
definitions:
  shared: &shared {catalog: c}
  other: &other {schema: s}
resources:
  pipelines:
    one: {<<: *shared, libraries: []}
    two:
      <<: [*shared, *other]
    three:
      <<: &inline
        catalog: c
    four:
      <<: [*shared, {schema: s}]
    five: {<<: *inline}
"""


def test_only_what_an_alias_names_is_merged(tmp_path):
    (tmp_path / "databricks.yml").write_text(MERGES)
    with pytest.raises(WeirError) as refused:
        load_yaml(tmp_path / "databricks.yml")
    assert [(p.condition, p.origin.line) for p in refused.value.problems] == [
        ("YAML_SYNTAX_ERROR", 10), ("YAML_SYNTAX_ERROR", 13),
    ]  # fmt: skip


def test_a_key_belongs_to_one_resource(tmp_path):
    file = tmp_path / "databricks.yml"
    file.write_text("resources:\n  schemas:\n    core: {name: core}\n  jobs:\n    core: {name: update}\n")
    with pytest.raises(WeirError) as refused:
        read_bundle(file, None)
    [problem] = refused.value.problems
    assert (problem.condition, problem.origin.line) == ("BUNDLE_DUPLICATE_KEY", 5)
    assert problem.message == "`core` is the key of a resource in `schemas` and of one in `jobs`."
