"""databricks.yml: targets, variables, keys read past, mistakes with their lines."""

from pathlib import Path

import pytest

from weir.bundle.bundle import read_bundle
from weir.bundle.sources import SourceArguments, settings_for
from weir.model.names import Namespace
from weir.model.problems import WeirError

BUNDLE = """\
bundle:
  name: shop
variables:
  catalog: {default: main}
  landing: {description: where files land}
resources:
  pipelines:
    sales:
      name: sales_${bundle.target}
      catalog: ${var.catalog}
      schema: bronze
      photon: true
      libraries:
        - glob: {include: src/**}
      configuration:
        landing: ${var.landing}/in
        flag: true
  jobs: {}
targets:
  dev:
    default: true
    variables: {landing: /tmp/dev}
  prod:
    variables: {landing: s3://lake, catalog: prod}
    resources: {pipelines: {sales: {schema: sales}}}
"""


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "src" / "deep").mkdir(parents=True)
    (tmp_path / "src" / "a.py").write_text("")
    (tmp_path / "src" / "deep" / "b.py").write_text("")
    (tmp_path / "databricks.yml").write_text(BUNDLE)
    return tmp_path


def problems(file: Path, text: str, target: str | None = None):
    file.write_text(text)
    with pytest.raises(WeirError) as found:
        read_bundle(file, target)
    return [(p.condition, p.origin.line if p.origin else None, p.hint) for p in found.value.problems]


def test_the_default_target_is_found_from_any_folder_below(shop):
    settings = settings_for(SourceArguments(), shop / "src" / "deep")
    assert settings.name == "sales_dev"
    assert settings.namespace == Namespace("main", "bronze")
    assert settings.files == (shop / "src/a.py", shop / "src/deep/b.py")
    assert settings.storage == shop / ".weir"
    assert settings.configuration == {"landing": "/tmp/dev/in", "flag": "true"}
    assert settings.notices == (
        "databricks.yml: ignored resources.jobs, resources.pipelines.*.photon (only for a workspace)",
    )


@pytest.mark.parity("same", "5.3", "`parameters` of a pipeline in a bundle, for SQL")
def test_parameters_are_entries_of_their_own(shop):
    file = shop / "databricks.yml"
    file.write_text(
        BUNDLE.replace("      configuration:", "      parameters: {landing: x}\n      configuration:")
    )
    settings = settings_for(SourceArguments(configuration={"parameters.day": "1"}), shop)
    assert settings.configuration == {
        "landing": "/tmp/dev/in",
        "flag": "true",
        "parameters.landing": "x",
        "parameters.day": "1",
    }


def test_another_target_and_the_command_line_win(shop):
    arguments = SourceArguments(("sales",), "mine", "prod", {"flag": "false"}, str(shop / "store"))
    settings = settings_for(arguments, shop)
    assert (settings.name, settings.namespace) == ("mine", Namespace("prod", "sales"))
    assert settings.configuration == {"landing": "s3://lake/in", "flag": "false"}
    assert settings.storage == shop / "store"


@pytest.mark.parity(
    "differs", "5.5", "Development or production",
    "production for a target with mode production, or as the pipeline or the command line says",
)  # fmt: skip
def test_production_and_continuous_come_from_target_pipeline_and_command_line(shop):
    def found(text, target, **arguments):
        (shop / "databricks.yml").write_text(text)
        settings = settings_for(SourceArguments((), target=target, **arguments), shop)
        return settings.development, settings.continuous

    production = BUNDLE.replace("  prod:\n", "  prod:\n    mode: production\n")
    both = production.replace("photon: true", "development: true\n      continuous: ${var.on}")
    both = both.replace("variables:\n", "variables:\n  on: {default: true}\n", 1)
    assert found(BUNDLE, "dev") == (True, False)
    assert found(production, "dev") == (True, False)
    assert found(production, "prod") == (False, False)
    assert found(both, "prod") == (True, True)
    assert found(both, "prod", development=False, continuous=False) == (False, False)
    wrong = BUNDLE.replace("photon: true", "continuous: often")
    assert problems(shop / "databricks.yml", wrong) == [("BUNDLE_INVALID_VALUE", 12, None)]


def test_mistakes_have_lines_and_come_together(tmp_path):
    broken = BUNDLE.replace("catalog: ${var.catalog}", "catalogue: ${var.catalogue}").replace(
        "landing: ${var.landing}/in", "landing: ${var.landin}/in"
    )
    assert problems(tmp_path / "databricks.yml", broken) == [
        ("BUNDLE_UNKNOWN_KEY", 10, "did you mean `catalog`?"),
        ("BUNDLE_VARIABLE_NOT_FOUND", 16, "did you mean `landing`?"),
    ]


def test_an_unknown_target_names_the_closest(tmp_path):
    assert problems(tmp_path / "databricks.yml", BUNDLE, "prd") == [
        ("BUNDLE_TARGET_NOT_FOUND", 20, "did you mean `prod`?")
    ]


def test_broken_yaml_has_its_line(tmp_path):
    found = problems(tmp_path / "databricks.yml", "bundle:\n  name: x\n name: y\n")
    assert [(c, line) for c, line, _ in found] == [("YAML_SYNTAX_ERROR", 3)]


def test_a_bare_file_is_a_pipeline_of_its_name(tmp_path):
    (tmp_path / "p.py").write_text("")
    settings = settings_for(SourceArguments(("p.py",)), tmp_path)
    assert (settings.name, settings.namespace, settings.storage) == (
        "p.py",
        Namespace("main", "default"),
        tmp_path / ".weir",
    )


@pytest.mark.parametrize(
    ("sources", "condition"),
    [
        ((), "PIPELINE_SOURCES_NOT_FOUND"),
        (("nowhere.py",), "PATH_NOT_FOUND"),
        ((".",), "PIPELINE_SOURCES_NOT_FOUND"),
    ],
)
def test_nothing_to_run_is_said(tmp_path, sources, condition):
    with pytest.raises(WeirError) as found:
        settings_for(SourceArguments(sources), tmp_path)
    assert [p.condition for p in found.value.problems] == [condition]


@pytest.mark.parity(
    "refused", "5.3", "Pipelines with an ingestion_definition", "--table for the tables that they write"
)
def test_a_managed_pipeline_is_refused_and_others_of_its_bundle_run(shop):
    managed = "    from_crm:\n      ingestion_definition: {connection_name: crm}\n  jobs: {}"
    (shop / "databricks.yml").write_text(BUNDLE.replace("  jobs: {}", managed))
    assert settings_for(SourceArguments(("sales",)), shop).name == "sales_dev"
    with pytest.raises(WeirError) as found:
        settings_for(SourceArguments(("from_crm",)), shop)
    assert [(p.message, p.origin.line, p.hint) for p in found.value.problems] == [
        (
            "The ingestion_definition of the pipeline `from_crm` is not supported here.",
            19,
            "give its tables: --table NAME=FOLDER",
        )
    ]


def test_a_library_of_another_kind_is_told_and_a_misspelt_one_is_a_mistake(shop):
    libraries = "        - glob: {include: src/**}\n        - whl: ./dist/shop.whl"
    (shop / "databricks.yml").write_text(BUNDLE.replace("        - glob: {include: src/**}", libraries))
    assert settings_for(SourceArguments(), shop).notices == (
        "databricks.yml: ignored resources.jobs, resources.pipelines.*.libraries.whl,"
        " resources.pipelines.*.photon (only for a workspace)",
    )
    wrong = problems(shop / "databricks.yml", BUNDLE.replace("- glob:", "- globs:"))
    assert wrong == [("BUNDLE_UNKNOWN_KEY", 14, "did you mean `glob`?")]


def test_packages_of_a_pipeline_are_told_with_their_line(shop):
    packages = 'environment: {dependencies: [no-such-thing>=0.5, ./dist/shop.whl, "-r more.txt", pytest>=1, "or_this[all]"]}'
    (shop / "databricks.yml").write_text(BUNDLE.replace("photon: true", packages))
    line = next(n for n, text in enumerate(BUNDLE.splitlines(), 1) if "photon: true" in text)
    assert settings_for(SourceArguments(), shop).notices == (
        "databricks.yml: ignored resources.jobs (only for a workspace)",
        f"databricks.yml:{line}: not installed: no-such-thing>=0.5, or_this[all]; "
        "install what the sources import beside Weir",
    )


VALUES = """
bundle: {name: shop}
variables:
  catalog: {default: "dev_${workspace.current_user.short_name}"}
  landing: {default: "/Volumes/${var.catalog}/landing"}
  circle: {default: "${var.circle}"}
  warehouse: {lookup: {warehouse: shop}}
resources:
  schemas:
    raw: {name: "bronze_${bundle.name}"}
targets: {dev: {}}
"""


@pytest.mark.parity(
    "same", "5.3", "Variables name variables and resources, are looked up, or given as BUNDLE_VAR_*"
)
@pytest.mark.parity(
    "differs",
    "5.3",
    "${workspace.current_user.short_name}",
    "is the name of the user of this machine; other facts of a workspace stay as they are written",
)
def test_variables_are_filled_in_with_what_is_known_without_a_workspace(tmp_path, monkeypatch):
    (tmp_path / "databricks.yml").write_text(VALUES)
    monkeypatch.setenv("LOGNAME", "jane.doe")
    bundle = read_bundle(tmp_path / "databricks.yml", "dev")
    assert bundle.variables == {
        "catalog": "dev_jane_doe",
        "landing": "/Volumes/dev_jane_doe/landing",
        "circle": "${var.circle}",
        "warehouse": "${var.warehouse}",
    }
    assert bundle.values["resources.schemas.raw.name"] == "bronze_shop"
    monkeypatch.setenv("BUNDLE_VAR_warehouse", "0a1b")
    assert read_bundle(tmp_path / "databricks.yml", "dev").variables["warehouse"] == "0a1b"
