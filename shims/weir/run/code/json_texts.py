"""`column:path` over a text reads its JSON, as on Databricks; Spark has it for VARIANT alone (§11.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import AnalysisException, PySparkException

from weir.define.sql.json_paths import JsonPath, json_paths, with_texts

NO_VARIANT = "COLUMN_IS_NOT_VARIANT_TYPE"
NO_STAR = "INVALID_USAGE_OF_STAR_OR_REGEX"


def reading_json(run: Callable[[str], Any]) -> Callable[[str], Any]:
    """Give a text to Spark, and once more with functions for paths if Spark finds no VARIANT before one.

    Spark does not say where: all are taken for texts, but for those that it then finds to be none.
    """

    def read(text: str) -> Any:
        paths = json_paths(text) if ":" in text else ()
        try:
            return _resolved(run(text)) if paths else run(text)
        except (PySparkException, Py4JJavaError) as error:
            if not _is_of_texts(error, paths):
                raise
            return _over_texts(run, text, set(paths), error)

    return read


def _is_of_texts(error: Exception, paths: tuple[JsonPath, ...]) -> bool:
    """Does Spark complain of a path over a text? It takes the star in a path for one of a SELECT."""
    if any(path.has_star for path in paths) and NO_STAR in str(error):
        return True
    return bool(paths) and NO_VARIANT in str(error)


def _over_texts(run: Callable[[str], Any], text: str, paths: set[JsonPath], first: Exception) -> Any:
    while paths:
        written, places = with_texts(text, paths)
        try:
            return _resolved(run(written))
        except AnalysisException as error:
            variants = {p for p, place in places.items() if _says(error, *place)}
            if not variants:
                raise
            paths -= variants
    raise first


def _resolved(frame: Any) -> Any:
    """Over Spark Connect a frame is looked at when its schema is."""
    _ = frame.schema
    return frame


def _says(error: AnalysisException, start: int, end: int) -> bool:
    """Is the error that the function between two positions takes a text alone?"""
    if not str(error.getCondition()).startswith("DATATYPE_MISMATCH"):
        return False
    return any(start <= context.startIndex() < end for context in error.getQueryContext())
