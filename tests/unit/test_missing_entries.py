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
