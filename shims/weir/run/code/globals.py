"""What source files find without importing it, and what Spark's workers must be told of them."""

from __future__ import annotations

import os
import re
from types import ModuleType
from typing import Any, NoReturn

from pyspark import cloudpickle
from pyspark.sql import SparkSession

from weir.model.origin import here
from weir.model.problems import Problem, WeirError, unsupported


class Secrets:
    """`dbutils.secrets`: offline a secret is in the environment, under the name of its scope and key."""

    def get(self, scope: str, key: str) -> str:
        """The secret.

        Raises:
            WeirError: The environment does not hold it.
        """
        name = re.sub(r"\W", "_", f"{scope}_{key}", flags=re.ASCII).upper()
        if name in os.environ:
            return os.environ[name]
        raise WeirError(Problem(
            "SECRET_NOT_FOUND", f"Secret does not exist with scope: {scope} and key: {key}.", here(),
            f"set the environment variable {name}",
        ))  # fmt: skip

    def __getattr__(self, name: str) -> NoReturn:
        refuse(f"secrets.{name}")


class DatabricksUtilities:
    """`dbutils`: but for secrets not there offline, refused by the name that was used."""

    secrets = Secrets()

    def __getattr__(self, name: str) -> NoReturn:
        refuse(name)


def refuse(name: str) -> NoReturn:
    """Refuse a name of `dbutils` that is not here; Python's own look for `__names__` is answered as usual."""
    if name.rpartition(".")[2].startswith("__"):
        raise AttributeError(name)
    raise unsupported(f"dbutils.{name}", "take values from the configuration: spark.conf.get(key)", here())


def display(*_args: Any, **_kwargs: Any) -> None:
    """A notebook's `display`: there is no notebook."""


def source_globals(session: SparkSession) -> dict[str, Any]:
    """The globals of a source file on Databricks (specification §1.1)."""
    return {"spark": session, "dbutils": DatabricksUtilities(), "display": display}


def workers_know(modules: list[ModuleType]) -> None:
    """Functions of the user's own modules travel by value: workers can't import them."""
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
