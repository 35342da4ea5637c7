"""What source files find without importing it, and what Spark's workers must be told of them."""

from __future__ import annotations

from types import ModuleType
from typing import Any, NoReturn

from pyspark import cloudpickle
from pyspark.sql import SparkSession

from weir.model.origin import here
from weir.model.problems import unsupported


class DatabricksUtilities:
    """`dbutils`: not there offline, refused by the name that was used."""

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise unsupported(
            f"dbutils.{name}", "take values from the configuration: spark.conf.get(key)", here()
        )


def display(*_args: Any, **_kwargs: Any) -> None:
    """A notebook's `display`: there is no notebook."""


def source_globals(session: SparkSession) -> dict[str, Any]:
    """The globals of a source file on Databricks (specification §1.1)."""
    return {"spark": session, "dbutils": DatabricksUtilities(), "display": display}


def workers_know(modules: list[ModuleType]) -> None:
    """Functions of the user's own modules travel by value: workers can't import them."""
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
