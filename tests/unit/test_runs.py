"""`%run` puts the cells of another notebook in its place: the same globals, found as in a workspace."""

from __future__ import annotations

import json

import pytest

from weir.define.load import load_sources
from weir.run.code.utilities import DatabricksUtilities
from weir.testing import write_sources

MAIN = """\
# Databricks notebook source
PREFIX = "shop"

# COMMAND ----------

# MAGIC %run {}

# COMMAND ----------

import dlt
dlt.create_streaming_table(table_name("orders"))
"""
SETUP = """\
# Databricks notebook source
def table_name(short):
    return f"{PREFIX}_{short}"
"""
IPYNB = json.dumps(
    {
        "cells": [
            {"cell_type": "code", "source": SETUP, "metadata": {}, "outputs": [], "execution_count": None}
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
)


def load(folder, files, main="pipelines/main.py"):
    root = write_sources(folder, files)
    return load_sources((root / main,), {}, (root / "pipelines", root))


@pytest.mark.parity(
    "same", "1.1", "%run executes another notebook in the same globals, by any path of a workspace"
)
@pytest.mark.parametrize(
    ("path", "file", "text"),
    [
        ("./setup", "pipelines/setup.py", SETUP),
        ("setup", "pipelines/setup.py", SETUP),
        ('"./my setup"', "pipelines/my setup.py", SETUP),
        ("./my setup  ", "pipelines/my setup.py", SETUP),
        ("../common/setup", "common/setup.ipynb", IPYNB),
        ("../common/setup.py", "common/setup.py", SETUP),
        (
            "./setup",
            "pipelines/setup.sql",
            "-- MAGIC %python\n-- MAGIC " + SETUP.replace("\n", "\n-- MAGIC "),
        ),
        ("/Repos/me@shop.com/project/common/setup", "common/setup.py", SETUP),
        ("/Workspace/Users/me@shop.com/.bundle/shop/dev/files/common/setup", "common/setup.py", SETUP),
        ('"/Shared/setup"', "pipelines/setup.py", SETUP),
    ],
)
def test_the_other_notebook_shares_globals_in_both_directions(tmp_path, path, file, text):
    registry = load(tmp_path, {"pipelines/main.py": MAIN.format(path), file: text})
    assert ([d.name for d in registry.datasets], registry.problems) == (["shop_orders"], [])


def test_a_notebook_that_is_run_runs_others_from_its_own_folder(tmp_path):
    files = {
        "pipelines/main.py": MAIN.format("../common/all"),
        "common/all.py": "# MAGIC %run ./naming/setup\n# MAGIC %run ./naming/setup\nPREFIX = 'other'\n",
        "common/naming/setup.py": SETUP,
    }
    registry = load(tmp_path, files)
    assert ([d.name for d in registry.datasets], registry.problems) == (["other_orders"], [])


def test_an_error_has_its_place_in_the_notebook_that_was_run(tmp_path):
    setup = SETUP.replace("PREFIX", "PREFIKS")
    (problem,) = load(
        tmp_path, {"pipelines/main.py": MAIN.format("./setup"), "pipelines/setup.py": setup}
    ).problems
    assert (problem.message, problem.origin.file, problem.origin.line) == (
        "NameError: name 'PREFIKS' is not defined",
        str(tmp_path / "pipelines/setup.py"),
        3,
    )


def test_all_that_is_wrong_with_runs_is_told_at_once(tmp_path):
    text = (
        "# Databricks notebook source\n# MAGIC %run ./setpu\n# MAGIC %run /Shared/missing/one\n"
        "# MAGIC %run ./setup $env\n# MAGIC %run ./again\n# MAGIC %scala\n"
    )
    files = {
        "pipelines/main.py": text,
        "pipelines/setup.py": SETUP,
        "pipelines/again.py": "\n# MAGIC %run ./main\n",
    }
    registry = load(tmp_path, files)
    assert [(p.condition, p.message, p.origin.line, p.hint) for p in registry.problems] == [
        (
            "NOTEBOOK_NOT_FOUND",
            "%run names the notebook `setpu`, which is not there.",
            2,
            "did you mean `setup`?",
        ),
        (
            "NOTEBOOK_NOT_FOUND",
            "%run names the notebook `/Shared/missing/one`, which is not there.",
            3,
            "put it below the folder of the sources, as .py, .sql or .ipynb",
        ),
        (
            "Unsupported",
            "This form of an argument of %run is not supported here.",
            4,
            'write %run path $name="value", or give it in the pipeline\'s configuration',
        ),
        (
            "NOTEBOOK_RUNS_ITSELF",
            "%run leads back to `main.py`, which is being run.",
            2,
            "move what both notebooks need into a third one",
        ),
        (
            "Unsupported",
            "A cell %scala is not supported here.",
            6,
            "keep it out of the pipeline's sources, or write it in Python",
        ),
    ]


WIDGETS = """\
# Databricks notebook source
import dlt
dbutils.widgets.text("env", "default")
dbutils.widgets.text("day", "1")
dlt.create_streaming_table(f'orders_{dbutils.widgets.get("env")}_{getArgument("day")}')
"""


def named(registry):
    return ([d.name for d in registry.datasets], [p.message for p in registry.problems])


def load_with_widgets(folder, files, configuration=None):
    root, utilities = write_sources(folder, files), DatabricksUtilities((configuration or {}).get)
    names = {"dbutils": utilities, "getArgument": utilities.widgets.getArgument}
    sources = tuple(sorted(root.glob("*.py")))
    return load_sources(sources, names, (root,))


@pytest.mark.parity(
    "same", "1.1", "Arguments of %run are widgets of the notebook that it names, and of no other"
)
def test_arguments_are_widgets_of_the_notebook_that_is_run(tmp_path):
    runs = (
        "# Databricks notebook source\n# MAGIC %run ./parts/orders $env=\"dev\" $day='2'\n"
        '# MAGIC %run "./parts/orders" $env = "test"\n# MAGIC %run ./parts/orders\n'
    )
    registry = load_with_widgets(tmp_path, {"main.py": runs, "parts/orders.py": WIDGETS})
    assert named(registry) == (["orders_dev_2", "orders_test_1", "orders_default_1"], [])


def test_an_argument_is_stronger_than_the_configuration_and_ends_with_its_notebook(tmp_path):
    files = {
        "a.py": '# Databricks notebook source\n# MAGIC %run ./parts/broken $env="dev"\n',
        "b.py": WIDGETS,
        "c.py": '# Databricks notebook source\n# MAGIC %run ./parts/outer $env="dev"\n',
        "parts/outer.py": '# Databricks notebook source\n# MAGIC %run ./orders $day="5"\n',
        "parts/orders.py": WIDGETS,
        "parts/broken.py": "1 / 0",
    }
    registry = load_with_widgets(tmp_path, files, {"env": "prod"})
    assert named(registry) == (["orders_prod_1", "orders_dev_5"], ["ZeroDivisionError: division by zero"])
