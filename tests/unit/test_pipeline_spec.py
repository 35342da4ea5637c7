"""`spark-pipeline.yml`, the file of open-source pipelines: what it says, and what is wrong with it."""

from __future__ import annotations

import pytest

from weir.bundle.sources import SourceArguments, settings_for
from weir.model.names import Namespace
from weir.model.problems import WeirError
from weir.testing import write_sources

SPEC = """\
name: shop
storage: file:///tmp/shop
catalog: main
database: sales
configuration:
  landing: /Volumes/main/raw
  spark.sql.shuffle.partitions: "4"
libraries:
  - glob: {include: transformations/**}
  - glob: {include: extra/one.py}
"""
FILES = {
    "shop/transformations/a.py": "",
    "shop/transformations/deep/b.sql": "",
    "shop/transformations/notes.md": "",
    "shop/extra/one.py": "",
    "shop/extra/two.py": "",
}


def found(sources, folder, spec=SPEC, name="spark-pipeline.yml"):
    root = write_sources(folder, {**FILES, f"shop/{name}": spec})
    return settings_for(SourceArguments(sources), root)


@pytest.mark.parity("same", "1.4", "spark-pipeline.yml: name, catalog, database, configuration, libraries")
@pytest.mark.parametrize("sources", [("shop",), ("shop/spark-pipeline.yml",)])
def test_a_folder_with_the_file_is_the_pipeline_that_it_describes(tmp_path, sources):
    settings = found(sources, tmp_path)
    assert (settings.name, settings.namespace) == ("shop", Namespace("main", "sales"))
    base = tmp_path / "shop"
    names = ["transformations/a.py", "transformations/deep/b.sql", "extra/one.py"]
    assert settings.files == tuple(base / name for name in names)
    assert {base, base / "extra"} < set(settings.roots)
    assert settings.configuration == {"landing": "/Volumes/main/raw", "spark.sql.shuffle.partitions": "4"}
    assert settings.storage == base / ".weir"
    assert settings.notices == (
        "spark-pipeline.yml: ignored storage (tables and checkpoints lie where --storage says)",
    )


def test_without_a_source_the_nearest_file_above_counts_unless_there_is_a_bundle(tmp_path):
    spec = SPEC.replace("database", "schema").replace("catalog: main\n", "")
    found(("shop",), tmp_path, spec, "spark-pipeline.yaml")
    below = tmp_path / "shop/transformations/deep"
    settings = settings_for(SourceArguments(configuration={"landing": "x"}), below)
    assert (settings.namespace, settings.configuration["landing"]) == (Namespace("main", "sales"), "x")
    (tmp_path / "databricks.yml").write_text("bundle: {name: other}\n")
    with pytest.raises(WeirError, match="The bundle has no pipeline"):
        settings_for(SourceArguments(), below)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("catalog: main", "catalogue: main", ("PIPELINE_SPEC_UNEXPECTED_FIELD", 3, "did you mean `catalog`?")),
        ("name: shop\n", "", ("PIPELINE_SPEC_MISSING_REQUIRED_FIELD", 1, "add name: ...")),
        ('"4"', "4", ("PIPELINE_SPEC_DICT_VALUE_NOT_STRING", 7, "put it into quotes")),
        (
            "transformations/**",
            "transformations/**/*.py",
            ("PIPELINE_SPEC_INVALID_GLOB_PATTERN", 9, "only file paths, or folder paths ending with /** are allowed"),
        ),
        ("glob: {include: extra/one.py}", "file: {path: x.py}", ("PIPELINE_SPEC_MISSING_REQUIRED_FIELD", 10, "add the pattern")),
        (
            "extra/one.py",
            "extra/none.py",
            ("PIPELINE_SOURCES_NOT_FOUND", 10, "name a file or a folder with pipeline sources: weir run pipelines/"),
        ),
    ],
)  # fmt: skip
def test_mistakes_have_their_line(tmp_path, old, new, told):
    with pytest.raises(WeirError) as raised:
        found(("shop",), tmp_path, SPEC.replace(old, new))
    assert [(p.condition, p.origin.line, p.hint) for p in raised.value.problems] == [told]


def test_two_files_contradict_each_other(tmp_path):
    found(("shop",), tmp_path)
    with pytest.raises(WeirError) as raised:
        found(("shop",), tmp_path, SPEC, "spark-pipeline.yaml")
    assert [p.condition for p in raised.value.problems] == ["MULTIPLE_PIPELINE_SPEC_FILES_FOUND"]
