"""What reads mean while user code runs: names, SQL, formats, options and paths."""

from __future__ import annotations

from typing import Any

from weir.model.origin import here
from weir.model.problems import Problem, UnsupportedError, WeirError, unsupported
from weir.run.code.patching import FlowReader, Patch, Use

ELSEWHERE = "choose it by configuration, and here the same records as files or from Kafka"
# Formats of Databricks' own -> what they are called, and what to use here.
REFUSED = {
    "kinesis": ("The source `kinesis`", ELSEWHERE),
    "pubsub": ("The source `pubsub`", ELSEWHERE),
}
AUTO_LOADER = "cloudfiles"
FILE_METHODS = ("load", "json", "csv", "parquet", "text", "orc", "xml")
PATHS = ("path", "paths")


def _session_table(flow: FlowReader, use: Use) -> Any:
    return flow.table(use.subject.read, use["tableName"], stream=False)


def _batch_table(flow: FlowReader, use: Use) -> Any:
    return flow.table(use.subject, use["tableName"], stream=False)


def _stream_table(flow: FlowReader, use: Use) -> Any:
    return flow.table(use.subject, use["tableName"], stream=True)


def _sql(flow: FlowReader, use: Use) -> Any:
    try:
        return flow.sql(use.subject, use["sqlQuery"], use["args"], lambda text: use.go_on(sqlQuery=text))
    except UnsupportedError as error:
        flow.refusals.append(error)
        raise


def _format(_flow: FlowReader, use: Use) -> Any:
    _check_format(use["source"])
    use.subject.__dict__["_weir_format"] = str(use["source"])
    return use.go_on()


def _schema(_flow: FlowReader, use: Use) -> Any:
    use.subject.__dict__["_weir_schema"] = use["schema"]
    return use.go_on()


def _check_format(source: Any) -> None:
    if str(source).lower() in REFUSED:
        raise unsupported(*REFUSED[str(source).lower()], here())


def _option(flow: FlowReader, use: Use) -> Any:
    value = use["value"]
    if use["key"].lower() == "path":
        value = local(flow, value)
    remember(use.subject, {use["key"]: value})
    return use.go_on(value=value)


def _options(flow: FlowReader, use: Use) -> Any:
    mapped = {
        k: local(flow, v) if k.lower() == "path" else v
        for k, v in use.bound.arguments.get("options", {}).items()
    }
    remember(use.subject, mapped)
    return use.go_on(options=mapped)


def _load(flow: FlowReader, use: Use) -> Any:
    given = use.bound.arguments
    if use.function.__name__ == "load":
        _check_format(use["format"])
        source = use["format"] or use.subject.__dict__.get("_weir_format", "")
        if str(source).lower() == AUTO_LOADER:
            return _auto_loader(flow, use)
    return use.go_on(**{name: local(flow, given[name]) for name in PATHS if name in given})


def _auto_loader(flow: FlowReader, use: Use) -> Any:
    if "Stream" not in type(use.subject).__name__:
        raise WeirError(Problem(
            "AUTO_LOADER_IS_A_STREAM", "The format cloudFiles is read as a stream only.", here(),
            "spark.readStream, or read_files in SQL for a batch",
        ))  # fmt: skip
    path = {} if use["path"] is None else {"path": local(flow, use["path"])}
    options = {**options_of(use.subject), **use.bound.arguments.get("options", {}), **path}
    schema = use["schema"] or use.subject.__dict__.get("_weir_schema")
    return flow.files(options, schema, stream=True)


def local(flow: FlowReader, path: Any) -> Any:
    """A path or several, as they lie here; anything else as it is."""
    if isinstance(path, str):
        return flow.path(path)
    return type(path)(local(flow, p) for p in path) if isinstance(path, (list, tuple)) else path


def remember(spark_reader: Any, options: dict[str, Any]) -> None:
    """Keep options on the reader object, since Spark's gives none back."""
    spark_reader.__dict__.setdefault("_weir_options", {}).update(options)


def options_of(spark_reader: Any) -> dict[str, Any]:
    """The options that user code gave to a reader."""
    return spark_reader.__dict__.get("_weir_options", {})


READERS = ("DataFrameReader", "DataStreamReader")
READS = (
    Patch("SparkSession", "table", _session_table),
    Patch("SparkSession", "sql", _sql),
    Patch("DataFrameReader", "table", _batch_table),
    Patch("DataStreamReader", "table", _stream_table),
    *(Patch(owner, "format", _format) for owner in READERS),
    *(Patch(owner, "schema", _schema) for owner in READERS),
    *(Patch(owner, "option", _option) for owner in READERS),
    *(Patch(owner, "options", _options) for owner in READERS),
    *(Patch(owner, name, _load) for owner in READERS for name in FILE_METHODS),
)
