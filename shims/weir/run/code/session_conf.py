"""The session's configuration while user code runs: entries of a pipeline and a flow, put back afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from uuid import NAMESPACE_URL, uuid5

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError
from weir.model.settings import Settings
from weir.run.frames.quality import first_line

TAKES_NONE = ("CANNOT_MODIFY_CONFIG", "CANNOT_MODIFY_STATIC_CONFIG")


def set_by_databricks(settings: Settings) -> dict[str, str]:
    """Entries that each pipeline of Unity Catalog has, and that code asks for; its id stays the same."""
    return {
        "spark.databricks.unityCatalog.enabled": "true",
        "pipelines.id": str(uuid5(NAMESPACE_URL, settings.name)),
        "pipelines.catalog": settings.namespace.catalog,
        "pipelines.schema": settings.namespace.schema,
    }


@contextmanager
def session_conf(
    session: SparkSession, conf: Mapping[str, str], origin: Origin | None = None
) -> Iterator[None]:
    """Set entries of the session's configuration for the length of the block.

    Args:
        origin: Where they are written.

    Raises:
        WeirError: Spark takes some of them not; all of these, and nothing is set.
    """
    with ExitStack() as undo:
        errors = _set_all(session, conf, undo)
        if errors:
            raise WeirError(*(_refused(key, error, origin) for key, error in errors.items()))
        yield


@contextmanager
def configured(session: SparkSession, conf: Mapping[str, str], say: Callable[[str], None]) -> Iterator[None]:
    """The pipeline's configuration, readable by `spark.conf.get` (specification §5.3).

    Args:
        say: Told which entries have no effect, since only a new session takes them.

    Raises:
        WeirError: Spark takes the values of some of them not; all of these, and nothing is set.
    """
    with ExitStack() as undo:
        errors = _set_all(session, conf, undo)
        wrong = {k: e for k, e in errors.items() if _condition(e) not in TAKES_NONE}
        if wrong:
            raise WeirError(*(_refused(key, error, None) for key, error in wrong.items()))
        for key in errors:
            say(f"{key}={conf[key]} has no effect: it must be set before the session starts")
        yield


def _set_all(
    session: SparkSession, conf: Mapping[str, str], undo: ExitStack
) -> dict[str, PySparkException | Py4JError]:
    errors: dict[str, PySparkException | Py4JError] = {}
    for key, value in conf.items():
        before = session.conf.get(key, None)
        try:
            session.conf.set(key, value)
        except (PySparkException, Py4JError) as error:
            if before != value or _condition(error) not in TAKES_NONE:
                errors[key] = error
        else:
            undo.callback(put_back, session, key, before)
    return errors


def put_back(session: SparkSession, key: str, before: str | None) -> None:
    """Give an entry of the session's configuration the value that it had."""
    if before is None:
        session.conf.unset(key)
    else:
        session.conf.set(key, before)


def _condition(error: PySparkException | Py4JError) -> str:
    return (error.getCondition() if isinstance(error, PySparkException) else None) or "INVALID_CONF_VALUE"


def _refused(key: str, error: PySparkException | Py4JError, origin: Origin | None) -> Problem:
    condition = _condition(error)
    hint = "give a value of the right kind, or leave it out"
    if condition in TAKES_NONE:
        hint = "set it before the session starts, in the pipeline's configuration: --conf KEY=VALUE"
    return Problem(condition, f"Spark does not take `{key}`: {first_line(error)}", origin, hint)
