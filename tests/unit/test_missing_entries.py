"""Entries of the configuration, widgets and secrets that are missing are told all at once, each with its line."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from weir.define.load import load_sources
from weir.run.code.utilities import DatabricksUtilities

SOURCE = """\
import dlt
catalog = spark.conf.get("catalog", "main")
landing = spark.conf.get("landing")
dbutils.widgets.text("env", "dev")
env = dbutils.widgets.get("env")
region = dbutils.widgets.get("region")
token = dbutils.secrets.get(key="token", scope="crm")
names = [spark.conf.get(f"name.{n}") for n in range(2)]

@dlt.table
def orders():
    return spark.read.json(f"{landing}/{spark.conf.get('landing')}/{spark.conf.get(key='format')}")

known = spark.conf.get("known")
rules = {}.get("rules")
"""


# The configuration of a session, whose lines are none of the user's.
SESSION = """
class Entries:
    def get(self, key, *default):
        if key == "known" or default:
            return key
        raise LookupError(f'[SQL_CONF_NOT_FOUND] The SQL config "{key}" cannot be found. Please verify.')
"""


def names():
    """The globals of a source."""
    of_session = {}
    exec(compile(SESSION, "<session>", "exec"), of_session)  # noqa: S102
    return {"spark": SimpleNamespace(conf=of_session["Entries"]()), "dbutils": DatabricksUtilities()}


@pytest.mark.parity(
    "differs",
    "5.3",
    "spark.conf.get of a missing entry",
    "all that the source names are told, each with its flag",
)
def test_all_missing_entries_are_told_at_once(tmp_path):
    (tmp_path / "p.py").write_text(SOURCE)
    problems = load_sources((tmp_path / "p.py",), names()).problems
    assert [(p.hint, p.origin.line) for p in problems] == [
        ("pass --conf landing=VALUE", 3),
        ("pass --conf region=VALUE", 6),
        ("set the environment variable CRM_TOKEN", 7),
        ("pass --conf format=VALUE", 12),
    ]


def test_another_mistake_stays_alone(tmp_path):
    (tmp_path / "p.py").write_text("1 / 0\nspark.conf.get('landing')\n")
    (problem,) = load_sources((tmp_path / "p.py",), names()).problems
    assert (problem.message, problem.hint) == ("ZeroDivisionError: division by zero", None)


READS = """\
import dlt
rules = open("/dbfs/mnt/rules/all.json")
orders = spark.read.csv("/mnt/orders/*.csv")
names = [row for row in spark.table("ref.names")]
for file in dbutils.fs.ls("/Volumes/main/raw/in"):
    pass
other = spark.read.format("json").load("/data/orders")
here = spark.read.text("/")

@dlt.table
def later():
    return spark.readStream.format("cloudFiles").load("s3://lake/in").join(spark.table("later.table"))
"""


def of_session(exceptions):
    """A session that does not know a table, and does not find a path that is no workspace's."""
    fake = {}
    exec(compile(exceptions, "<session>", "exec"), fake)  # noqa: S102
    return fake["Session"]()


LOST = """
from weir.model.problems import Problem, WeirError
class Session:
    read = property(lambda self: self)
    def csv(self, path):
        raise RuntimeError(f"[PATH_NOT_FOUND] Path does not exist: file:{path}. SQLSTATE: 42K03")
    def table(self, name):
        raise WeirError(Problem("TABLE_OR_VIEW_NOT_FOUND", f"`{name}` is no table.", None, "pass --table"))
"""


@pytest.mark.parity(
    "differs", "1.5", "A file or table that is missing while a source is defined",
    "all that the source names are told, each with its flag",
)  # fmt: skip
def test_what_is_read_at_definition_and_missing_is_told_at_once(tmp_path):
    (tmp_path / "p.py").write_text(READS)
    given = {"spark": of_session(LOST), "dbutils": DatabricksUtilities()}
    problems = load_sources((tmp_path / "p.py",), given).problems
    assert [(p.hint, p.origin.line) for p in problems] == [
        ("pass --map /mnt/rules=FOLDER", 2),
        ("pass --map /mnt/orders=FOLDER", 3),
        ("pass --table", 4),
        ("pass --map /Volumes/main/raw/in=FOLDER", 5),
        ("pass --map /data=FOLDER", 7),
        ("pass --map s3://lake=FOLDER", 12),
    ]


def test_a_path_that_spark_does_not_find_names_its_flag(tmp_path):
    (tmp_path / "p.py").write_text("spark.read.csv('/data/in/orders')")
    (problem,) = load_sources((tmp_path / "p.py",), {"spark": of_session(LOST)}).problems
    hint = "if it is elsewhere on this machine, pass --map /data/in/orders=FOLDER"
    assert (problem.hint, problem.origin.line) == (hint, 1)
