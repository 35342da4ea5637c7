"""The frame of files, batch or streaming: Spark's own reader, with what does not fit in a column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, StringType, StructField, StructType, VariantType

from weir.model.names import quoted
from weir.model.problems import unsupported
from weir.run.files.columns import Columns, as_in_files, grown, merged, widened, without
from weir.run.files.folders import INVALID, folder_text, folder_value
from weir.run.files.headers import encoding_of
from weir.run.files.inference import TYPED, Layout, has_renamed
from weir.run.files.options import FileOptions
from weir.run.files.rescue import (
    FieldOf,
    column,
    fields_like,
    is_unreadable,
    joined,
    json_object,
    kept,
    of_csv,
    of_json,
    of_others,
    record_of,
    with_path,
)
from weir.run.frames.flow_lineage import SOURCE

TEXT, RECORD, RESCUED = "__weir_text", "__weir_record", "__weir_rescued"
UNKNOWN_LAYOUT = "WEIR_FILE_THAT_NOBODY_LOOKED_AT"
_OF_TEXT = frozenset({"csv", "json", "xml"})


@dataclass(frozen=True, slots=True)
class Files:
    """Which files a frame reads.

    Attributes:
        path: A path or pattern.
        condition: What their `_metadata` has to be like; None for anything.
        layouts: What those have that were looked at.
    """

    path: str
    condition: Column | None = None
    layouts: tuple[Layout, ...] = field(default_factory=tuple[Layout, ...])


class FileFrame:
    """Makes the frame of one read."""

    def __init__(self, session: SparkSession, options: FileOptions, columns: Columns) -> None:
        self.session = session
        self.options = options
        self.columns = columns
        self.by_name = options.rescue is not None and options.format == "csv" and options.has_header

    def of(self, files: Files) -> DataFrame:
        """The rows of files, with the columns from folders, and what was rescued."""
        options, data = self.options, self._data()
        if self.by_name and len({tuple(layout.schema.names) for layout in files.layouts}) > 1:
            return self._of_mixed(files, data)
        read = self._read_schema(files.layouts, data)
        keeps_text = options.rescue is not None and options.format in _OF_TEXT
        reader = self._reader(options.format)
        if any(has_renamed(layout) for layout in files.layouts):
            reader = reader.option("enforceSchema", "true")  # its names are not those of the header
        if keeps_text:
            reader = reader.option("columnNameOfCorruptRecord", TEXT)
        fields = [*read, StructField(TEXT, StringType())] if keeps_text else list(read)
        raw = self._where(reader.schema(StructType(fields)).load(files.path), files)
        if options.rescue is None and not self.columns.partitions:
            return raw
        text = column(TEXT) if keeps_text else None
        if text is not None and options.format == "json":
            raw = raw.select("*", record_of(text).alias(RECORD))
        rescued = self._rescued(column, text, data, read)
        if rescued is not None:  # apart, else Spark takes a field of the file for the column made of it
            raw, rescued = raw.select("*", rescued.alias(RESCUED)), column(RESCUED)
        return raw.select(*self._visible(column, text, rescued, data, read))

    def _data(self) -> StructType:
        """The columns within the files that are read as such."""
        corrupt = [self._corrupt()] if self.options.rescue is not None else []
        return without(self.columns.data, corrupt)

    def _corrupt(self) -> str:
        return self.options.reader.get("columnnameofcorruptrecord", "_corrupt_record")

    def _read_schema(self, layouts: Sequence[Layout], data: StructType) -> StructType:
        """What Spark is told to read: the columns, and those that are only rescued."""
        if self.options.rescue is None or not layouts:
            return data
        if self.options.format == "csv":
            longest = max((layout.schema for layout in layouts), key=len)
            return fields_like(data, longest.names, StringType())
        given = merged(layout.schema for layout in layouts) if len(layouts) > 1 else layouts[0].schema
        if self.options.format in TYPED:
            data = as_in_files(widened(data, given), given)
        kinds: dict[str, DataType | None] = {"json": VariantType(), "xml": StringType()}
        return grown(data, given, kinds.get(self.options.format))

    def _reader(self, kind: str) -> Any:
        """A reader of Spark's with the options of the format."""
        options = self.options
        reader: Any = self.session.readStream if options.streams else self.session.read
        reader = reader.format(kind).options(**options.reader).option("recursiveFileLookup", "true")
        if options.streams:
            reader = reader.option("maxFileAge", "36500d").option(SOURCE, options.path)
            limit = ("maxBytesPerTrigger", options.max_bytes) if options.max_bytes else None
            reader = reader.option(*(limit or ("maxFilesPerTrigger", options.max_files)))
        if options.pattern:
            reader = reader.option("pathGlobFilter", options.pattern)
        if kind == "csv" and options.has_header:
            reader = reader.option("header", "true")
            reader = reader.option("enforceSchema", str(not self.by_name).lower())
        return reader

    def _where(self, raw: DataFrame, files: Files) -> DataFrame:
        return raw if files.condition is None else raw.where(files.condition)

    def _visible(
        self,
        field_of: FieldOf,
        text: Column | None,
        rescued: Column | None,
        data: StructType,
        read: StructType,
    ) -> list[Column]:
        """The columns of the frame."""
        kinds = {f.name: f.dataType for f in read}
        values = {
            f.name: kept(field_of(f.name), f.dataType, kinds[f.name])
            if f.name in kinds
            else F.lit(None).cast(f.dataType)
            for f in data
        }
        if text is not None and rescued is not None:
            values[self._corrupt()] = self._unreadable(text, rescued)
        selected = [values[f.name].alias(f.name) for f in self.columns.data]
        selected += [self._partition(f) for f in self.columns.partitions]
        if rescued is not None and self.options.rescue:
            rest = joined(rescued, self._of_folders())
            selected.append(with_path(rest, F.col("_metadata.file_path")).alias(self.options.rescue))
        return selected

    def _unreadable(self, text: Column, rescued: Column) -> Column:
        """The text of a record that can't be read at all."""
        if self.options.format == "json":
            return F.when(text.isNotNull() & (is_unreadable(column(RECORD)) | rescued.isNull()), text)
        return F.when(rescued.isNull(), text)

    def _rescued(
        self, field_of: FieldOf, text: Column | None, data: StructType, read: StructType
    ) -> Column | None:
        """What does not fit; a record that can't be read at all may have a column of its own."""
        if self.options.rescue is None:
            return None
        marks = not any(f.name.lower() == self._corrupt().lower() for f in self.columns.data)
        if self.options.format == "json" and text is not None:
            return of_json(field_of, text, column(RECORD), data, read, marks=marks)
        if self.options.format == "csv" and text is not None:
            return of_csv(field_of, text, data, read, self._line_options(), marks=marks)
        return of_others(field_of, text if marks else None, data, read)

    def _line_options(self) -> dict[str, str]:
        """The options of one line of CSV, which is no header."""
        options = {k: v for k, v in self.options.reader.items() if k not in {"header", "enforceschema"}}
        return {**options, "mode": "PERMISSIVE"}

    def _partition(self, field_: StructField) -> Column:
        """A column from the name of a folder; a value that does not fit is rescued, or ends the read."""
        text, kind = folder_text(field_.name), field_.dataType
        value = folder_value(text, kind)
        if self.options.rescue is None:
            what = f"' to data type {kind.simpleString()} for partition column {quoted(field_.name)} of "
            start = F.lit(f"[{INVALID}] Failed to cast value '")
            told = F.concat(start, text, F.lit(what), F.col("_metadata.file_path"))
            value = F.when(text.isNull() | value.isNotNull(), value).otherwise(F.raise_error(told).cast(kind))
        return value.alias(field_.name)

    def _of_folders(self) -> Column:
        """The values in the names of folders that do not fit their columns, as JSON."""
        texts = {f.name: (folder_text(f.name), f.dataType) for f in self.columns.partitions}
        return json_object(
            {
                name: F.when(text.isNotNull() & folder_value(text, kind).isNull(), text)
                for name, (text, kind) in texts.items()
                if not isinstance(kind, StringType)
            }
        )

    # CSV files that do not have the same columns in the same order.

    def _of_mixed(self, files: Files, data: StructType) -> DataFrame:
        """Each file is read as a whole, and its lines by its own header."""
        self._check_mixed()
        reader = self._reader("text").option("wholetext", "true")
        whole = self._where(reader.schema("value STRING").load(files.path), files)
        separator = self.options.reader.get("linesep")
        pattern = "\r\n|\n|\r" if separator is None else re.escape(separator)
        lines = F.split(F.regexp_replace("value", "^\ufeff", ""), pattern)
        full = F.filter(lines, lambda line: F.rlike(line, F.lit("[^\\x00-\\x20]")))
        rows = whole.select(F.get(full, 0).alias("header"), F.posexplode(full).alias("at", "line"))
        value: Any = F
        for layout in files.layouts:
            read = fields_like(data, layout.schema.names, StringType())
            value = value.when(F.col("header") == layout.header, self._record(read, data))
        error = F.raise_error(F.lit(UNKNOWN_LAYOUT))
        parsed = rows.where("at > 0").select(value.otherwise(error).alias("record"))
        return parsed.select("record.*")

    def _record(self, read: StructType, data: StructType) -> Column:
        ddl = ", ".join(f"{quoted(f.name)} {f.dataType.simpleString()}" for f in read)
        options = {**self._line_options(), "columnNameOfCorruptRecord": TEXT}
        record = F.from_csv("line", f"{ddl}, {TEXT} STRING", options)
        text = record.getField(TEXT)
        rescued = self._rescued(record.getField, text, data, read)
        return F.struct(*self._visible(record.getField, text, rescued, data, read))

    def _check_mixed(self) -> None:
        reader = self.options.reader
        encoded = encoding_of(reader).lower() not in {"utf-8", "utf8"}
        if self.options.is_on("multiline") or "comment" in reader or encoded:
            raise unsupported(
                "Files with different headers, together with multiLine, comment or an encoding,",
                "give the files of each header a folder of their own", self.options.origin,
            )  # fmt: skip
