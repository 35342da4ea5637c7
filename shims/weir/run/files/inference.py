"""Which columns files have, by their own word: those of a sample, or of all that are new (§7.3)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.types import AtomicType, StringType, StructField, StructType

from weir.model.problems import Problem, WeirError
from weir.run.files.avro import by_schema
from weir.run.files.columns import (
    Columns,
    as_texts,
    first_of_each,
    holds,
    merged,
    without,
)
from weir.run.files.headers import EncodingNameError, by_first_line
from weir.run.files.hints import Hint, HintError, hint_texts, hinted
from weir.run.files.listing import SourceFile, base_of
from weir.run.files.mistakes import check_names, culprit, not_inferred, without_columns
from weir.run.files.options import FileOptions
from weir.run.files.partitions import kind_of, partition_names, values_by_name
from weir.run.lake.paths import literal_glob

FIXED = {
    "text": "value STRING",
    "binaryfile": "path STRING, modificationTime TIMESTAMP, length BIGINT, content BINARY",
}
TYPED = frozenset({"avro", "orc", "parquet"})
CORRUPT = "_corrupt_record"
_HINTS = "CF_INVALID_SCHEMA_HINTS_OPTION"
_LOOSE = frozenset({"json", "xml"})  # a text in their files can have been inferred of anything
SAMPLE_FILES, SAMPLE_BYTES = 1000, 50 * 2**30
UNREADABLE = (PySparkException, Py4JError, OSError, EOFError, EncodingNameError, zlib.error)
# What a reader is told that has no part in which columns there are.
_NOT_ASKED = frozenset({"mode", "columnnameofcorruptrecord", "badrecordspath", "inferschema", "mergeschema"})

_AVRO_SCHEMAS = frozenset({"avroschema", "avroschemaurl"})  # with which Spark looks into no file


@dataclass(frozen=True, slots=True)
class Layout:
    """What files that begin alike have.

    Attributes:
        header: The first line of CSV files.
        schema: Their columns, in their order.
    """

    header: str
    schema: StructType
    files: tuple[SourceFile, ...]


Look = Callable[[Sequence[SourceFile]], tuple[Layout, ...]]


def has_renamed(layout: Layout) -> bool:
    """Has Spark given names to columns, since header cells are empty or the same?"""
    return bool(layout.header) and any(name not in layout.header for name in layout.schema.names)


def layouts(session: SparkSession, options: FileOptions, files: Sequence[SourceFile]) -> tuple[Layout, ...]:
    """The columns of files, by the files that share them.

    Raises:
        WeirError: Spark can't read them.
    """
    settings = {k: v for k, v in options.reader.items() if k not in _NOT_ASKED}
    if options.format == "csv":
        types = options.infer_types and options.schema is None
        settings |= {"header": str(options.has_header).lower(), "inferschema": str(types).lower()}
    kept = tuple(sorted(settings.items()))

    def look(some: Sequence[SourceFile]) -> tuple[Layout, ...]:
        return _layouts(session, options.format, kept, tuple(some))

    try:
        there = _apart(look, files) if options.format in TYPED else look(files)
    except UNREADABLE as error:
        raise not_inferred(options, error, culprit(files, partial(_fails, look))) from error
    check_names(options, merged(layout.schema for layout in there))
    return there


def _apart(look: Look, files: Sequence[SourceFile]) -> tuple[Layout, ...]:
    """Files by halves, where Spark merges their types not though the wider of each two holds both."""
    try:
        return look(files)
    except UNREADABLE as error:
        half = len(files) // 2
        if not half or "[CANNOT_MERGE_" not in str(error):
            raise
        parts = (*_apart(look, files[:half]), *_apart(look, files[half:]))
        both = merged(part.schema for part in parts)
        if not all(holds(both, part.schema) for part in parts):
            raise
        return parts


def _fails(look: Look, files: Sequence[SourceFile]) -> bool:
    try:
        look(files)
    except UNREADABLE:
        return True
    return False


@lru_cache(maxsize=32)
def _layouts(
    session: SparkSession, kind: str, settings: tuple[tuple[str, str], ...], files: tuple[SourceFile, ...]
) -> tuple[Layout, ...]:
    """Asked again of the same files, it is known: before an update, and when a flow starts."""
    options = dict(settings)
    if kind == "csv":
        groups = [*by_first_line(files, options).items()]
    elif kind == "avro" and not _AVRO_SCHEMAS & set(options):
        groups = [("", group) for group in by_schema(files)]
    else:
        groups = [("", list(files))] if files else []
        options["mergeschema"] = "true"
    with distinguishing_case(session):
        return tuple(
            Layout(line, _read(session, kind, options, group), tuple(group)) for line, group in groups
        )


def _read(
    session: SparkSession, kind: str, options: Mapping[str, str], files: Sequence[SourceFile]
) -> StructType:
    paths = [literal_glob(file.path) for file in files]
    return without(session.read.format(kind).options(**options).load(paths).schema, [CORRUPT])


@contextmanager
def distinguishing_case(session: SparkSession) -> Iterator[None]:
    """Spark infers nothing from files with fields that differ in case alone, unless it distinguishes them."""
    key = "spark.sql.caseSensitive"
    before = session.conf.get(key, None)
    session.conf.set(key, "true")
    try:
        yield
    finally:
        # An entry that is set to its default is another configuration, for which views would be recomputed.
        session.conf.unset(key) if before is None else session.conf.set(key, before)


def sample(files: Sequence[SourceFile]) -> tuple[SourceFile, ...]:
    """The files that are looked at when a stream starts for the first time."""
    size, taken = 0, list[SourceFile]()
    for file in files[:SAMPLE_FILES]:
        taken.append(file)
        size += file.size
        if size > SAMPLE_BYTES:
            break
    return tuple(taken)


def inferred(session: SparkSession, options: FileOptions, files: Sequence[SourceFile]) -> Columns:
    """The columns of a source whose schema was not given: of its files, with hints.

    Raises:
        WeirError: There are no files, or they can't be read; a hint is none.
    """
    hints = _hints(options)
    files_have = None
    if options.format in FIXED:
        data = _ddl(FIXED[options.format])
    elif not files:
        raise without_columns(options, files)
    else:
        data = merged(layout.schema for layout in layouts(session, options, files))
        data = files_have = first_of_each(data)
        data = as_texts(data) if options.texts else data
    if not data.fields:
        raise without_columns(options, files)
    partitions = _partitions(options, files, hints)
    data = without(data, [f.name for f in partitions])
    return Columns(_hinted(options, data, _others(hints, partitions), files_have), partitions)


def _hinted(
    options: FileOptions, data: StructType, hints: Sequence[Hint], files: StructType | None
) -> StructType:
    try:
        return hinted(data, hints, files, loose=options.format in _LOOSE)
    except HintError as error:
        raise _no_hint(options, str(error), error.hint) from error


def given(options: FileOptions) -> Columns:
    """The columns of a source whose schema was given: hints are for those that are inferred.

    Raises:
        WeirError: It can't be read.
    """
    schema: Any = options.schema
    if not isinstance(schema, StructType):
        schema = _ddl(schema)
    types = {f.name.lower(): f.dataType for f in schema}
    names = options.partitions or ()
    schema = without(schema, filter(None, [options.rescue]))
    partitions = StructType([StructField(n, types.get(n.lower(), StringType())) for n in names])
    return Columns(without(schema, names), partitions)


def _ddl(text: str) -> StructType:
    schema: Any = StructType.fromDDL(text)
    return schema


def _partitions(options: FileOptions, files: Sequence[SourceFile], hints: Sequence[Hint]) -> StructType:
    base, paths = base_of(options.path), [file.path for file in files]
    names = options.partitions
    if names is None:
        names = partition_names(base, paths)
    values = {} if options.texts else values_by_name(base, paths)
    kinds = {name.lower(): kind_of(values.get(name, ())) for name in names}
    for path, kind in hints:
        name, *rest = path
        if name.lower() in kinds:
            if rest or not isinstance(kind, AtomicType):
                what = f"`{'.'.join(path)}` is {kind.simpleString()}, but a folder's name gives one value"
                raise _no_hint(options, what, f"give `{name}` the type of one value: {name} STRING")
            kinds[name.lower()] = kind
    return StructType([StructField(name, kinds[name.lower()]) for name in names])


def _others(hints: Sequence[Hint], partitions: StructType) -> list[Hint]:
    names = {f.name.lower() for f in partitions}
    return [(path, kind) for path, kind in hints if path[0].lower() not in names]


def _hints(options: FileOptions) -> list[Hint]:
    if options.hints is None:
        return []
    try:
        texts = hint_texts(options.hints)
        own = (options.rescue or "").lower()  # this column is there in any case, as a text
        kinds = [(path, _ddl(f"x {kind}").fields[0].dataType) for path, kind in texts]
    except (ValueError, PySparkException) as error:
        what = f"The hints {options.hints!r} can't be read: {str(error).partition(chr(10))[0]}"
        hint = "write them as 'id INT, address.zip STRING'"
        raise WeirError(Problem(_HINTS, what, options.origin, hint)) from error
    paths = [tuple(name.lower() for name in path) for path, _ in kinds]
    if twice := next((path for path in paths if paths.count(path) > 1), None):
        what = f"The hints {options.hints!r} give `{'.'.join(twice)}` a type twice."
        raise WeirError(Problem(_HINTS, what, options.origin, "leave one of the two out"))
    return [hint for path, hint in zip(paths, kinds, strict=True) if path != (own,)]


def _no_hint(options: FileOptions, what: str, hint: str) -> WeirError:
    """A hint is for something that the files have not."""
    message = f"A hint in {options.hints!r} can't be followed: {what}."
    return WeirError(Problem("CF_INVALID_SCHEMA_HINT_COLUMN", message, options.origin, hint))
