"""Which code gives the same whenever it runs, told from its text."""

from __future__ import annotations

import pytest

from weir.define.cells import Cell
from weir.define.closed import opening
from weir.model.origin import Origin

HERE = Origin("p.py", 1)

CLOSED = """
import dlt
from datetime import date, timedelta
from pyspark.sql import functions as F
from helpers import cleaned

DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(3)]

@dlt.table
def t():
    return cleaned(spark.readStream.table("raw")).withColumn("at", F.current_timestamp())
"""
OPEN = {
    "import time": "time",
    "import os.path": "os.path",
    "from random import choice": "random",
    "import helpers.other": "helpers.other",
    "from datetime import date\nx = date.today()": "today",
    "from datetime import datetime as d\nx = d.now()": "now",
    "x = open('f')": "open",
    "x = eval('1')": "eval",
    "x = getattr(spark, name)": "getattr",
    "x = dbutils.secrets.get('a', 'b')": "dbutils",
    "print('loaded')": "print",
    "x = spark.sparkContext.applicationId": "sparkContext",
    "x = spark._jvm": "_jvm",
    "x = spark.conf.get('spark.app.id')": "spark.app.id",
    "spark.sql('DECLARE d = current_date()')": "DECLARE d = current_date()",
    "import importlib": "importlib",
    "from importlib import reload": "importlib",
    "x = getattr(spark, '_jvm', None)": "_jvm",
    "x = path.stat().st_mtime": "stat",
    "path.write_text('loaded')": "write_text",
    "path.replace(other)": "rename",
    "x = yaml.load(text, yaml.UnsafeLoader)": "UnsafeLoader",
    "x = (": "it can't be read",
}


def opened(text: str, language: str = "python") -> str | None:
    return opening([Cell("md", "open time", HERE), Cell(language, text, HERE)], {"helpers"})


FILES = """
import csv
from importlib import import_module
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent
NAME = getattr(FOLDER, "name", "").replace("-", "_")
RULES = yaml.safe_load((FOLDER / "rules.yml").read_text())

def rows():
    with FOLDER.with_name("rows.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines)), import_module(NAME).rows()
"""


def test_code_that_reads_nothing_but_itself_is_closed():
    assert opened(CLOSED) is None
    assert opened(FILES) is None  # what these are is seen as it runs
    assert opened("CREATE MATERIALIZED VIEW v AS SELECT current_date()", "sql") is None


@pytest.mark.parametrize("text", OPEN)
def test_what_reads_more_is_open(text):
    assert opened(text) == f"p.py:1: {OPEN[text]}"


def test_sql_that_computes_a_value_as_it_is_loaded_is_open_as_other_languages_are():
    assert opened("SET VARIABLE d = current_date()", "sql") == "p.py:1: SET VARIABLE"
    assert opened("ls", "sh") == "p.py:1: %sh"
