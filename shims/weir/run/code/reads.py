"""What reads mean while user code runs: names, SQL, formats, options and paths."""

from __future__ import annotations

from typing import Any

from pyspark.sql.types import StructType

from weir.define.checks import is_text
from weir.model.origin import here
from weir.model.problems import Problem, UnsupportedError, WeirError, unsupported
from weir.run.code.formats import FORMATS, Reading, is_built_in
from weir.run.code.patching import FlowReader, Patch, Use
from weir.run.code.systems import frame_of_system, stand_in_name
from weir.run.lake.paths import folder_of_delta
from weir.run.queues.reads import plain

FILE_METHODS = ("load", "json", "csv", "parquet", "text", "orc", "xml")
PATHS = ("path", "paths")


def _session_table(flow: FlowReader, use: Use) -> Any:
    return _table(flow, use.subject.read, use["tableName"], stream=False)


def _batch_table(flow: FlowReader, use: Use) -> Any:
    return _table(flow, use.subject, use["tableName"], stream=False)


def _stream_table(flow: FlowReader, use: Use) -> Any:
    return _table(flow, use.subject, use["tableName"], stream=True)


def _table(flow: FlowReader, spark_reader: Any, name: str, *, stream: bool) -> Any:
    folder = folder_of_delta(name)
    if folder is None:
        return flow.table(spark_reader, name, stream=stream)
    return spark_reader.format("delta").load(flow.path(folder))


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
    name = str(source).lower()
    known = FORMATS.get(name)
    if known is not None and known.reading is Reading.REFUSED:
        raise unsupported(f"The source `{name}`", known.instead, here())


def _option(flow: FlowReader, use: Use) -> Any:
    value = _here(flow, use["key"], use["value"])
    remember(use.subject, {use["key"]: value})
    return use.go_on(value=value)


def _options(flow: FlowReader, use: Use) -> Any:
    mapped = {k: _here(flow, k, v) for k, v in use.bound.arguments.get("options", {}).items()}
    remember(use.subject, mapped)
    return use.go_on(options=mapped)


def _here(flow: FlowReader, key: str, value: Any) -> Any:
    """The value of an option as it is on this machine."""
    if key.lower() == "path":
        return local(flow, value)
    return plain(value) if key.lower().startswith("kafka.") else value


def _load(flow: FlowReader, use: Use) -> Any:
    given = use.bound.arguments
    if use.function.__name__ == "load":
        _check_format(use["format"])
        name = str(use["format"] or use.subject.__dict__.get("_weir_format", "")).lower()
        reading = FORMATS[name].reading if name in FORMATS else None
        if reading is Reading.AUTO_LOADER:
            return _auto_loader(flow, use)
        if reading is Reading.QUEUE:
            stream, options = _streams(use), {**options_of(use.subject), **given.get("options", {})}
            return flow.records(name, options, use.go_on, stream=stream)
        if name and not is_built_in(name):
            return _system(flow, use, name, {"path": use["path"], **given.get("options", {})})
    return _here_and_on(flow, use)


def _here_and_on(flow: FlowReader, use: Use) -> Any:
    given = use.bound.arguments
    return use.go_on(**{name: local(flow, given[name]) for name in PATHS if name in given})


def _jdbc(flow: FlowReader, use: Use) -> Any:
    return _system(flow, use, "jdbc", {"dbtable": use["table"]})


def _system(flow: FlowReader, use: Use, source: str, given: dict[str, Any]) -> Any:
    """A source of another system: the table that stands for it, else what is installed for it."""
    options = {**options_of(use.subject), **given}
    name = stand_in_name(source, options)
    if name is not None and flow.exists(name):
        return _stand_in(flow, use, name)
    return flow.system(lambda: frame_of_system(source, options, name, lambda: _installed(flow, use)))


def _stand_in(flow: FlowReader, use: Use, name: str) -> Any:
    """The table, in the columns that the code names: Delta takes none from a reader."""
    given = {key: value for key, value in options_of(use.subject).items() if key.lower() != "path"}
    fresh = flow.session.readStream if _streams(use) else flow.session.read
    frame = flow.table(fresh.options(**given), name, stream=_streams(use))
    schema = use.bound.arguments.get("schema") or use.subject.__dict__.get("_weir_schema")
    return frame if schema is None else frame.to(StructType.fromDDL(schema) if is_text(schema) else schema)


def _installed(flow: FlowReader, use: Use) -> Any:
    try:
        return _here_and_on(flow, use)
    except WeirError:  # a path that is not here means nothing where nothing is installed that reads it
        use.go_on()
        raise


def _auto_loader(flow: FlowReader, use: Use) -> Any:
    if not _streams(use):
        raise WeirError(Problem(
            "AUTO_LOADER_IS_A_STREAM", "The format cloudFiles is read as a stream only.", here(),
            "spark.readStream, or read_files in SQL for a batch",
        ))  # fmt: skip
    path = {} if use["path"] is None else {"path": local(flow, use["path"])}
    options = {**options_of(use.subject), **use.bound.arguments.get("options", {}), **path}
    schema = use["schema"] or use.subject.__dict__.get("_weir_schema")
    return flow.files(options, schema, stream=True)


def _streams(use: Use) -> bool:
    return "Stream" in type(use.subject).__name__


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


def has_settings(spark_reader: Any) -> bool:
    """Did user code give a reader options or a schema?"""
    return bool(options_of(spark_reader)) or "_weir_schema" in spark_reader.__dict__


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
    Patch("DataFrameReader", "jdbc", _jdbc),
    *(Patch(owner, name, _load) for owner in READERS for name in FILE_METHODS),
)
