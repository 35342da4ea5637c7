"""Bundles whose pipelines are made elsewhere, whose values come from elsewhere, and whose files lie elsewhere."""

from __future__ import annotations

import pytest

from weir.bundle.bundle import read_bundle
from weir.bundle.sources import SourceArguments, all_settings, settings_for, settings_in
from weir.model.names import Namespace
from weir.model.problems import WeirError

PYTHON = """\
bundle: {name: shop}
python:
  resources: ["resources:load"]
resources:
  jobs: {daily: {name: daily}}
targets: {dev: {default: true}}
"""


@pytest.mark.parametrize("open_all", [settings_for, all_settings])
def test_a_bundle_without_a_pipeline_says_so(tmp_path, open_all):
    (tmp_path / "databricks.yml").write_text(PYTHON)
    with pytest.raises(WeirError) as refused:
        open_all(SourceArguments(), tmp_path)
    [problem] = refused.value.problems
    assert (problem.condition, problem.hint) == (
        "PIPELINE_SOURCES_NOT_FOUND",
        "add one under resources.pipelines, or name files or folders with sources: weir run FOLDER",
    )
    assert problem.message == "The bundle has no pipeline for the target `dev`."
    assert settings_in(tmp_path, SourceArguments()) == ((), (problem,))


@pytest.mark.parametrize("text", [PYTHON, PYTHON.replace("python:\n", "experimental:\n python:\n")])
def test_what_python_makes_of_a_bundle_is_told_as_unseen(tmp_path, text):
    (tmp_path / "databricks.yml").write_text(text)
    line = 1 + text[: text.index("resources:")].count("\n")
    notice = f"databricks.yml:{line}: not called: resources:load; what Python makes of the bundle is not seen"
    assert read_bundle(tmp_path / "databricks.yml", None).notices[-1] == notice


VALUES = """\
bundle: {name: shop}
variables: {catalog: {description: which}, schema: {default: s}}
resources:
  pipelines:
    etl:
      name: etl
      catalog: ${var.catalog}
      schema: ${var.schema}
      root_path: ${workspace.file_path}/src
      libraries: [{glob: {include: "${workspace.file_path}/src/**"}}, {file: {path: "${workspace.root_path}/files/one.py"}}]
      configuration: {bundle.sourcePath: "${workspace.file_path}/src"}
targets: {dev: {default: true}}
"""


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src/etl.py").write_text("import dlt\n")
    (tmp_path / "one.py").write_text("import dlt\n")
    (tmp_path / "databricks.yml").write_text(VALUES)
    return tmp_path


def test_a_variable_without_a_value_says_how_to_give_one(shop):
    with pytest.raises(WeirError) as refused:
        settings_for(SourceArguments(), shop)
    assert [(p.message, p.origin.line, p.hint) for p in refused.value.problems] == [
        ("The variable `var.catalog` has no value.", 7,
         "give it one: export BUNDLE_VAR_catalog=..., or a `default` under `variables`"),
    ]  # fmt: skip


@pytest.mark.parity("same", "5.3", "Values of variables in .databricks/bundle/TARGET/variable-overrides.json")
@pytest.mark.parity(
    "differs", "5.3", "${workspace.file_path}", "is the folder of the bundle, which a workspace has there"
)
def test_values_of_this_machine_and_files_of_a_workspace(shop, monkeypatch):
    overrides = shop / ".databricks/bundle/dev/variable-overrides.json"
    overrides.parent.mkdir(parents=True)
    overrides.write_text('{"catalog": "mine", "schema": "other"}')
    monkeypatch.setenv("BUNDLE_VAR_schema", "first")
    settings = settings_for(SourceArguments(), shop)
    assert settings.namespace == Namespace("mine", "first")
    assert settings.files == (shop / "src/etl.py", shop / "one.py")
    assert settings.configuration == {"bundle.sourcePath": f"{shop}/src"}
    there = read_bundle(shop / "databricks.yml", "dev", {"workspace.file_path": "/W"})
    assert there.pipelines["etl"].configuration == {"bundle.sourcePath": "/W/src"}


def test_a_resource_refers_to_the_texts_of_others(tmp_path):
    (tmp_path / "databricks.yml").write_text(
        "bundle: {name: b}\nvariables: {lake: {default: main}}\nresources:\n"
        "  schemas: {silver: {name: silver, catalog_name: '${var.lake}_dev', grants: []}}\n"
        "  pipelines:\n    etl:\n      catalog: ${resources.schemas.silver.catalog_name}\n"
        "      schema: ${resources.schemas.silver.name}\n      libraries: [{file: {path: a.py}}]\n"
        "      configuration: {id: '${resources.schemas.silver.id}'}\n"
    )
    pipeline = read_bundle(tmp_path / "databricks.yml", None).pipelines["etl"]
    assert pipeline.namespace == Namespace("main_dev", "silver")
    assert pipeline.configuration == {"id": "${resources.schemas.silver.id}"}
