"""`dbutils` and other names of a notebook, where there is no workspace."""

from __future__ import annotations

import sys

import pytest

from weir.model.problems import UnsupportedError, WeirError
from weir.model.settings import Outside
from weir.run.code.globals import source_globals
from weir.run.code.modules import pipelines_modules
from weir.run.code.utilities import DatabricksUtilities

CONTEXT = source_globals(None, Outside())["sc"]


def problem(call):
    with pytest.raises(WeirError) as found:
        call()
    (one,) = found.value.problems
    return one.condition, one.message, one.hint


@pytest.mark.parity(
    "differs", "5.3", "dbutils.widgets", "a value comes from the pipeline's configuration, else the default"
)
def test_a_widget_has_the_value_of_the_configuration_or_its_default():
    widgets = DatabricksUtilities({"env": "prod", "undefined": "x"}.get).widgets
    widgets.text("env", "dev", "Environment")
    widgets.text("empty")
    widgets.dropdown("size", defaultValue="s", choices=["s", "m"])
    widgets.combobox("kind", "a", ["a"], label="Kind")
    widgets.multiselect("days", "1", ["1", "2"])
    assert widgets.getAll() == {"env": "prod", "empty": "", "size": "s", "kind": "a", "days": "1"}
    assert (widgets.get("undefined"), widgets.getArgument("other", "y")) == ("x", "y")
    widgets.remove("size")
    assert problem(lambda: widgets.get("size")) == (
        "INPUT_WIDGET_NOT_DEFINED",
        "No input widget named size is defined.",
        "pass --conf size=VALUE",
    )
    assert problem(lambda: widgets.get("knd"))[2] == "did you mean `kind`?"
    widgets.removeAll()
    assert widgets.getAll() == {}


@pytest.mark.parity("same", "1.1", "dbutils.fs reads: ls, head, mkdirs of a folder that is there")
def test_files_are_listed_under_the_paths_of_the_sources(tmp_path):
    (tmp_path / "in/deep").mkdir(parents=True)
    (tmp_path / "in/b.json").write_text('{"a": 1}')
    (tmp_path / "in/a.csv").write_text("")
    fs = DatabricksUtilities(local_path=Outside(prefixes={"/mnt/raw": str(tmp_path)}).local_path).fs
    listed = fs.ls("/mnt/raw/in/")
    assert [(f.path, f.name, f.size, f.isDir()) for f in listed] == [
        ("dbfs:/mnt/raw/in/a.csv", "a.csv", 0, False),
        ("dbfs:/mnt/raw/in/b.json", "b.json", 8, False),
        ("dbfs:/mnt/raw/in/deep/", "deep/", 0, True),
    ]
    assert listed[1].modificationTime == int((tmp_path / "in/b.json").stat().st_mtime * 1000)
    assert fs.ls(listed[1].path) == [listed[1]]
    assert (fs.head("/dbfs/mnt/raw/in/b.json"), fs.head(listed[1].path, 4)) == ('{"a": 1}', '{"a"')
    assert fs.mkdirs("/mnt/raw/in") is True
    assert problem(lambda: fs.ls("/mnt/raw/other")) == (
        "PATH_NOT_FOUND",
        "`/mnt/raw/other` is not on this machine.",
        "pass --map /mnt/raw=FOLDER",
    )


@pytest.mark.parity(
    "refused", "1.1", "dbutils.fs that writes, dbutils.notebook, dbutils.jobs, sc", "see the hint of each"
)
@pytest.mark.parametrize(
    ("use", "what"),
    [
        (lambda d: d.fs.rm("/mnt/x", True), "dbutils.fs.rm"),
        (lambda d: d.fs.cp("a", "b"), "dbutils.fs.cp"),
        (lambda d: d.fs.put("a", "b"), "dbutils.fs.put"),
        (lambda d: d.fs.mount("a", "b"), "dbutils.fs.mount"),
        (lambda d: d.fs.mkdirs("/mnt/x"), "dbutils.fs.mkdirs of a new folder, `/mnt/x`,"),
        (lambda d: d.notebook.run("./x", 60), "dbutils.notebook.run"),
        (lambda d: d.notebook.exit("done"), "dbutils.notebook.exit"),
        (lambda d: d.notebook.entry_point, "dbutils.notebook.entry_point"),
        (lambda d: d.jobs.taskValues.get("a", "b"), "dbutils.jobs.taskValues"),
        (lambda d: d.secrets.listScopes(), "dbutils.secrets.listScopes"),
        (lambda d: d.library.installPyPI("x"), "dbutils.library.installPyPI"),
        (lambda d: d.data.summarize(None), "dbutils.data"),
        (lambda _: CONTEXT.parallelize([1]), "sc.parallelize"),
        (lambda _: CONTEXT._jvm.java.lang.System.exit(1), "sc._jvm.java"),  # noqa: SLF001
    ],
)
def test_what_is_not_there_is_refused_by_its_name(use, what):
    with pytest.raises(UnsupportedError) as found:
        use(DatabricksUtilities())
    (one,) = found.value.problems
    assert (one.message, one.origin.file) == (f"{what} is not supported here.", __file__)
    assert one.hint


def test_a_restart_after_pip_is_passed_over_and_python_may_look_at_the_object():
    utilities = DatabricksUtilities()
    utilities.library.restartPython()
    assert not hasattr(utilities, "__wrapped__")
    assert not hasattr(utilities.secrets, "__len__")


@pytest.mark.parity(
    "same", "1.1", "pyspark.dbutils, databricks.sdk.runtime and databricks.pipelines are importable"
)
def test_helper_modules_import_what_sources_have_as_globals():
    utilities, found = DatabricksUtilities(), {}
    with pipelines_modules({"spark": "session", "dbutils": utilities}):
        exec(  # noqa: S102
            "from databricks.sdk.runtime import *\n"
            "from pyspark.dbutils import DBUtils\n"
            "import databricks.sdk.runtime as runtime\n"
            "import databricks.pipelines\n"
            "whole = databricks.sdk.runtime\n"
            "from databricks import pipelines\n"
            "from pyspark import pipelines as dp\n"
            "import databricks.bundles\n"  # one that is installed
            "same = databricks.pipelines is pipelines is dp\n",
            found,
        )
        made = found["DBUtils"](found["spark"])
    assert (found["spark"], found["dbutils"], made, found["same"]) == ("session", utilities, utilities, True)
    assert (found["runtime"].dbutils, found["whole"].spark) == (utilities, "session")
    assert [
        n for n in ("databricks.pipelines", "databricks.sdk.runtime", "pyspark.dbutils") if n in sys.modules
    ] == []
