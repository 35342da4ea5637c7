"""Files as records of a queue: each line is one; in `x.records.jsonl` it says the columns of one.

A record has the place of its line: the partition is the file's, the offset grows with the time of the file
and with the lines in it. So it has the same one whenever it is read.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from weir.model.names import quoted
from weir.run.queues.formats import Field
from weir.run.queues.reads import QueueRead

RECORD, WRITTEN, BASE64 = "record", "written", "_base64"
INVALID = "STREAM_RECORD_INVALID"
_WITH_COLUMNS = r"(?i)\.records\.(json|jsonl|ndjson)(\.\w+)?$"
_LINE_END = r"(?:\r\n|\n|\r(?!\n))(?!\z)"  # not the one that ends the file
_LINES_OF_A_MILLISECOND = 2**20


def records_of_lines(whole: DataFrame, read: QueueRead, stream: str) -> DataFrame:
    """A row for each line, with `record`, and `written` where a line of JSON says more of it.

    Args:
        whole: Files, each a row.
        stream: Whose records they are.
    """
    file = F.col("_metadata")
    names = {"path": "file_path", "time": "file_modification_time"}
    files = whole.where("value <> ''").select("value", *(file[v].alias(k) for k, v in names.items()))
    lines = F.posexplode(F.split("value", _LINE_END)).alias("line", "text")
    rows = files.select("path", "time", lines)
    text = F.rtrim("text", F.lit("\r\n"))
    first = F.col("line") == 0
    rows = rows.withColumn("text", F.when(first, F.ltrim(text, F.lit("\ufeff"))).otherwise(text))
    rows = rows.withColumn("with_columns", F.col("path").rlike(_WITH_COLUMNS))
    rows = rows.where("NOT with_columns OR trim(text) <> ''")
    rows = rows.withColumn(WRITTEN, F.when(F.col("with_columns"), F.from_json("text", _schema(read))))
    return rows.where(_is_valid(read)).select(_record(stream).alias(RECORD), WRITTEN)


def written_value(field: Field) -> Column:
    """What a line of JSON says of a column; NULL if nothing."""
    value = F.col(WRITTEN)[field.name]
    if field.type == "BINARY":
        return F.coalesce(value.cast("binary"), F.unbase64(F.col(WRITTEN)[field.name + BASE64]))
    if field.type.startswith("ARRAY"):
        pair = "pair -> struct(pair.key, CAST(pair.value AS BINARY) AS value)"
        return F.expr(f"transform(map_entries({WRITTEN}.{quoted(field.name)}), {pair})")
    return value if field.type.startswith("MAP") else value.try_cast(field.type)


def _schema(read: QueueRead) -> str:
    """How JSON has the columns: bytes are texts or BASE64, headers a map, and all else can be a text."""
    texts = [(f.name, "STRING") for f in read.fields if f.type[:3] not in {"ARR", "MAP"}]
    maps = [(f.name, "MAP<STRING, STRING>") for f in read.fields if f.type[:3] in {"ARR", "MAP"}]
    coded = [(f.name + BASE64, "STRING") for f in read.fields if f.type == "BINARY"]
    return ", ".join(f"{quoted(name)} {kind}" for name, kind in (*texts, *maps, *coded))


def _record(stream: str) -> Column:
    content = F.when(~F.col("with_columns"), F.col("text").cast("binary"))
    partition = F.hash("path").bitwiseAND(F.lit(2**31 - 1))
    offset = F.unix_millis("time") * F.lit(_LINES_OF_A_MILLISECOND) + F.col("line")
    return F.struct(
        content.alias("content"), F.lit(None).cast("binary").alias("key"), F.lit(stream).alias("stream"),
        partition.alias("partition"), offset.alias("offset"), "time",
        F.lit(None).cast("map<string, string>").alias("attributes"),
    )  # fmt: skip


def _is_valid(read: QueueRead) -> Column:
    """Ends the read at a line of JSON that is no record."""
    place = F.concat(F.lit("line "), F.col("line") + 1, F.lit(" of "), F.col("path"))
    told = F.concat(F.lit(f"[{INVALID}] "), place, F.lit(f" is no record of {read.format}: "), _fault(read))
    return F.when(_fault(read).isNull(), F.lit(True)).otherwise(F.raise_error(told).isNull())


def _fault(read: QueueRead) -> Column:
    """What is wrong with a line; NULL if nothing."""
    content = read.queue.content
    known = read.queue.names + [f.name + BASE64 for f in read.fields if f.type == "BINARY"]
    keys = F.json_object_keys("text")
    unknown = F.array_except(keys, F.lit(known))
    has_content = F.arrays_overlap(keys, F.lit([content, content + BASE64]))
    if any(f.name == content and f.required for f in read.fields):
        written = F.col(WRITTEN)
        has_content = written[content].isNotNull() | written[content + BASE64].isNotNull()
    faults: Column = F.when(keys.isNull(), F.lit("it is no JSON object"))
    faults = faults.when(F.size(unknown) > 0, F.concat(F.lit("it has no column "), F.get(unknown, F.lit(0))))
    faults = faults.when(~has_content, F.lit(f"`{content}` is missing"))
    for field in read.fields:
        if not field.type.startswith(("ARRAY", "MAP", "STRING")):
            faults = faults.when(_unreadable(field), F.lit(f"`{field.name}` is no {field.type}"))
    return F.when(F.col("with_columns"), faults)


def _unreadable(field: Field) -> Column:
    if field.type == "BINARY":
        coded = F.col(WRITTEN)[field.name + BASE64]
        return coded.isNotNull() & F.try_to_binary(coded, F.lit("base64")).isNull()
    value = F.col(WRITTEN)[field.name]
    return value.isNotNull() & value.try_cast(field.type).isNull()
