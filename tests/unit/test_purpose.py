"""Which files of a repository are sources of a pipeline."""

import pytest

from weir.bundle.sources import SourceArguments, defining_files, settings_for, settings_in
from weir.define.purpose import entries
from weir.model.problems import WeirError


@pytest.mark.parametrize(
    ("name", "text", "defines"),
    [
        ("a.py", "import dlt\n", True),
        ("a.py", "from pyspark import pipelines as dp\n", True),
        ("a.py", "import databricks.pipelines as dp\n", True),
        ("a.py", "pimport dlt\n@dlt.table\ndef a(): ...\n", True),
        ("a.py", "dlt.create_streaming_table('t')\n", True),
        ("a.py", "from pyspark import pipeline as dp\n", True),
        ("a.py", "@dp.materialized_view\ndef a(): ...\n", True),  # without its import
        ("a.py", "pipelines.create_auto_cdc_flow(target='t', source='s', keys=['id'])\n", True),
        ("a.py", "# import dlt\n", True),  # a pipeline that is commented out is worth a word
        ("a.py", "spark.range(5).write.saveAsTable('main.raw.t')  # for the dlt demo\n", False),
        ("a.py", "from databricks.sdk import WorkspaceClient\n", False),
        ("a.py", "# Databricks notebook source\n# MAGIC %run ./b\n", True),
        ("a.py", "# Databricks notebook source\n# MAGIC %sql\n# MAGIC CREATE LIVE TABLE t AS SELECT 1\n", True),
        ("a.sql", "SET x = 1;\nCREATE OR REFRESH STREAMING TABLE t;\n", True),
        ("a.sql", "APPLY CHANGES INTO t FROM STREAM(s) KEYS (id) SEQUENCE BY n\n", True),
        ("a.sql", "CREATE OR REFRESH LIVE TABLE ${target}.t AS SELECT * FROM t WHERE d > :since\n", True),
        ("a.sql", "CREATE OR REFRESH MATERIALISED VIEW t AS SELECT 1\n", True),  # wrong, and worth a word
        ("a.sql", "SELECT country, sum(amount) FROM main.shop.orders GROUP BY ALL\n", False),
        ("a.sql", "CREATE SCHEMA IF NOT EXISTS shop;\nCREATE TABLE shop.t (a INT);\nGRANT SELECT ON t TO x;\n", False),
        ("a.sql", "CREATE OR REPLACE TABLE t (a INT)); CREATE GROUP x; CREATE", False),
        ("a.sql", '{"name": "settings of a pipeline"}\n', False),
        ("a.sql", "CREATE VIEW 'unclosed\n", False),
        ("a.py", "\x00", False),
    ],
)  # fmt: skip
def test_a_source_says_something_about_datasets(tmp_path, name, text, defines):
    (tmp_path / "b.py").write_text("# Databricks notebook source\nimport dlt\n")
    (tmp_path / name).write_text(text)
    assert entries([tmp_path / name], (tmp_path,)) == ([tmp_path / name] if defines else [])


def test_a_folder_without_a_bundle_is_the_pipeline_of_the_files_that_define_datasets(tmp_path):
    shop = tmp_path / "shop"
    (shop / "sub").mkdir(parents=True)
    (shop / "sub/etl.py").write_text("import dlt\n")
    (shop / "dashboard.sql").write_text("SELECT 1\n")
    (settings,), problems = settings_in(shop, SourceArguments())
    assert (settings.name, settings.files, problems) == ("shop", (shop / "sub/etl.py",), ())
    (shop / "dashboard.sql").unlink()
    assert defining_files(shop) == (".",)


def test_who_calls_what_defines_datasets_is_a_source_and_a_module_of_functions_is_none(tmp_path):
    texts = {
        "entry.py": "# Databricks notebook source\nfrom framework.control import run\nrun(spark)\n",
        "framework/__init__.py": "",
        "framework/control.py": "from framework.build import made\ndef run(spark):\n    made('t')\n",
        "framework/build.py": "import dlt\ndef made(n):\n    @dlt.table(name=n)\n    def q(): ...\n",
        "more/plain.py": "import dlt\nfrom more.helper import clean\n@dlt.table\ndef t(): return clean()\n",
        "more/helper.py": "import dlt\n@udf\ndef clean(): return dlt.read('x')\n",
        "more/alone.py": "import dlt\ndef nobody_calls():\n    @dlt.table\n    def t(): ...\n",
        "tests/test_build.py": "from framework.build import made\ndef test_it(): made('t')\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert defining_files(tmp_path) == ("entry.py", "more/alone.py", "more/plain.py")


def test_packages_beside_a_weir_toml_can_be_imported(tmp_path):
    (tmp_path / ".git").mkdir()
    shop = tmp_path / "shop"
    (shop / "transformations").mkdir(parents=True)
    (shop / "transformations/t.py").write_text("import dlt\n")
    (shop / "weir.toml").write_text("")
    settings = settings_for(SourceArguments(sources=("transformations/t.py",)), shop)
    assert settings.roots == (shop / "transformations", shop, tmp_path)


def test_a_folder_without_any_says_so(tmp_path):
    (tmp_path / "dashboard.sql").write_text("SELECT 1\n")
    with pytest.raises(WeirError, match=r"no \.py, \.sql or \.ipynb file below .* defines a dataset"):
        settings_in(tmp_path, SourceArguments())


def test_of_a_bundle_each_pipeline_counts_and_one_that_is_refused_hides_no_other(tmp_path):
    (tmp_path / "etl.py").write_text("import dlt\n")
    (tmp_path / "databricks.yml").write_text(
        "bundle: {name: b}\nresources:\n  pipelines:\n    a: {name: a, libraries: [{file: {path: etl.py}}]}\n"
        "    b: {name: b, ingestion_definition: {}}\n"
    )
    settings, problems = settings_in(tmp_path, SourceArguments())
    assert [s.name for s in settings] == ["a"]
    assert [p.condition for p in problems] == ["Unsupported"]


def test_a_job_whose_sql_makes_no_function_stops_no_pipeline(tmp_path):
    (tmp_path / "etl.py").write_text("import dlt\n")
    (tmp_path / "job.sql").write_text("USE SCHEMA s;\nDROP TABLE t;\n")
    (tmp_path / "databricks.yml").write_text(
        "bundle: {name: b}\nresources:\n  pipelines:\n    a: {name: a, libraries: [{file: {path: etl.py}}]}\n"
        "  jobs:\n    j: {name: j, tasks: [{task_key: t, sql_task: {file: {path: job.sql}}}]}\n"
    )
    (settings,), problems = settings_in(tmp_path, SourceArguments())
    notice = f"functions of masks and row filters are not checked: {tmp_path}/job.sql:1 makes none"
    assert (settings.functions, settings.notices[1:], problems) == (None, (notice,), ())


def test_a_folder_that_is_named_is_the_same_pipeline(tmp_path):
    shop = tmp_path / "shop"
    (shop / "sub").mkdir(parents=True)
    (shop / "sub/etl.py").write_text("import dlt\n")
    (shop / "sub/functions.py").write_text("spark.udf.register('f', str)\n")
    (shop / "dashboard.sql").write_text("SELECT 1\n")
    (found,), _ = settings_in(shop, SourceArguments())
    named = settings_for(SourceArguments(("shop",)), tmp_path)
    assert named.files == found.files == (shop / "sub/etl.py", shop / "sub/functions.py")
    assert named.notices == ("shop: passed over, since they define no dataset: dashboard.sql",)
    assert set(found.roots) == set(named.roots)
    both = settings_for(SourceArguments(("shop/sub", "shop/dashboard.sql")), tmp_path)
    assert len(both.files) == 3


def test_a_folder_without_any_is_taken_as_it_is(tmp_path):
    (tmp_path / "made.py").write_text("from frames import go\ngo()\n")
    assert settings_for(SourceArguments((".",)), tmp_path).files == (tmp_path / "made.py",)


def test_a_folder_with_a_bundle_is_its_pipeline(tmp_path):
    (tmp_path / "b/src").mkdir(parents=True)
    (tmp_path / "b/etl.py").write_text("import dlt\n")
    (tmp_path / "b/src/other.py").write_text("import dlt\n")
    bundle = (
        "bundle: {name: b}\nresources:\n  pipelines:\n    a: {name: a, libraries: [{file: {path: etl.py}}]}\n"
    )
    (tmp_path / "b/databricks.yml").write_text(bundle)
    settings = settings_for(SourceArguments(("b",)), tmp_path)
    assert (settings.name, settings.files) == ("a", (tmp_path / "b/etl.py",))
    assert settings_in(tmp_path / "b", SourceArguments())[0] == (settings,)
