"""What source files find without importing it, and what Spark's workers must be told of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import ModuleType
from typing import Any

from pyspark import cloudpickle
from pyspark.sql import SparkSession
from pyspark.sql.functions import udf

from weir.model.settings import Outside
from weir.run.code.context import Context
from weir.run.code.places import here_or_missing
from weir.run.code.utilities import DatabricksUtilities


def display(*_args: Any, **_kwargs: Any) -> None:
    """A notebook's `display`, and `displayHTML`: there is no notebook."""


def source_globals(session: SparkSession, outside: Outside) -> dict[str, Any]:
    """The globals of a source file on Databricks (specification §1.1)."""

    def configuration(key: str) -> str | None:
        return session.conf.get(key, None)

    utilities = DatabricksUtilities(configuration, partial(here_or_missing, outside=outside))
    return {
        "spark": session,
        "dbutils": utilities,
        "display": display,
        "displayHTML": display,
        "getArgument": utilities.widgets.getArgument,
        "sc": Context(),
    }


def runtime_names(names: Mapping[str, Any]) -> dict[str, Any]:
    """What `databricks.sdk.runtime` has: the globals of source files, and some of Spark's functions."""
    session = names["spark"]
    return {**names, "sql": session.sql, "table": session.table, "udf": udf}


def workers_know(modules: list[ModuleType]) -> None:
    """Functions of the user's own modules travel by value: workers can't import them."""
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
