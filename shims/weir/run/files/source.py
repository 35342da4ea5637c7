"""One read of files, from its options to its frame: what is new, and whether its columns are known (§7)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructType

from weir.model.problems import Problem, WeirError, unsupported
from weir.run.files import versions
from weir.run.files.columns import (
    Columns,
    first_of_each,
    grown,
    in_other_case,
    merged,
    unknown,
    without,
)
from weir.run.files.frame import UNKNOWN_LAYOUT, FileFrame, Files
from weir.run.files.globs import any_of, has_glob, within, within_any
from weir.run.files.headers import encoding_of
from weir.run.files.inference import FIXED, TYPED, Layout, given, inferred, layouts, sample
from weir.run.files.listing import SourceFile, exists, files_at, forget_overwritten, read_by
from weir.run.files.objects import with_objects
from weir.run.files.options import Evolution, FileOptions
from weir.run.files.window import Window
from weir.run.lake.paths import literal_glob, local_file

NEW_FIELDS = "UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE"
FEW = 64  # files that are named one by one in a path: it is shown with each micro-batch


class NewFieldsError(WeirError):
    """Files have fields that the columns have not.

    Attributes:
        retries: The columns are known now: the next attempt reads the files.
    """

    def __init__(self, names: list[str], options: FileOptions, *, learned: bool) -> None:
        self.retries = learned
        hint = None if self.retries else "add the column to the schema, or take the file away"
        listed, fixed = ",".join(names), str(self.retries).lower()
        super().__init__(Problem(
            NEW_FIELDS,
            f"Encountered unknown fields during parsing: [{listed}], "
            f"which can be fixed by an automatic retry: {fixed}",
            options.origin, hint,
        ))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Memory:
    """What a flow remembers of the files that it reads.

    Attributes:
        checkpoint: Of the flow's stream; None where there is none, as for a view that is looked at.
        starts: The stream is about to start: what is learned now is kept.
        endless: It goes on after that, and looks for files itself.
        news: Receives how many files are new, for each read that is for these alone, since it was looked
            which columns they have.
    """

    checkpoint: Path | None = None
    starts: bool = False
    endless: bool = False
    news: list[int] = field(default_factory=list[int])

    def place(self, options: FileOptions) -> Path | None:
        """Where the versions of a source's columns are: files with other names are another source."""
        if options.location is not None:
            return Path(options.location)
        if self.checkpoint is None:
            return None
        parts = (options.format, options.path, *filter(None, [options.pattern]))
        return self.checkpoint / "files" / hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def file_frame(session: SparkSession, options: FileOptions, memory: Memory) -> DataFrame:
    """The rows of files.

    Raises:
        NewFieldsError: They have columns that are not known.
        WeirError: There are none to learn the columns from, or they can't be read.
    """
    _check(options)
    options = _with_format(options)
    if not options.streams:
        return _batch(session, options)
    place = memory.place(options)
    if not memory.starts or place is None:
        files = () if options.schema is not None else listed(options)
        columns = _known(options, place) or inferred(session, options, sample(files))
        return FileFrame(session, options, columns).of(Files(options.path))
    return _started(session, options, memory, place)


def _check(options: FileOptions) -> None:
    if not exists(options.path):
        raise WeirError(Problem(
            "PATH_NOT_FOUND", f"Path does not exist: {options.path}.", options.origin,
            "put files there; if they are elsewhere on this machine, pass --map PREFIX=FOLDER",
        ))  # fmt: skip
    mode = options.reader.get("mode", "permissive").lower()
    rescues = options.rescue is not None
    _refuse(options, rescues and mode != "permissive", f"mode {mode} with rescued data", "use PERMISSIVE")
    _refuse(options, not options.case_sensitive, "readerCaseSensitive = false", "leave it out")
    _refuse(
        options, options.reader.get("skiprows", "0") != "0", "skipRows", "take these rows out of the files"
    )
    _refuse(options, "badrecordspath" in options.reader, "badRecordsPath", "use the rescued data column")
    wide = encoding_of(options.reader).lower().startswith(("utf-16", "utf-32", "utf16", "utf32"))
    by_line = not options.is_on("multiline") and "linesep" not in options.reader
    of_lines = options.format == "csv" and wide and by_line
    _refuse(options, of_lines, "CSV of more than a byte a sign, read line by line,", "set multiLine to true")
    variant = "singlevariantcolumn" in options.reader and options.schema is None
    _refuse(options, variant, "singleVariantColumn without a schema", "give it: .schema('name VARIANT')")


def _refuse(options: FileOptions, condition: bool, what: str, instead: str) -> None:
    if condition:
        raise unsupported(what, instead, options.origin)


def listed(options: FileOptions) -> tuple[SourceFile, ...]:
    """The files of a read.

    Raises:
        UnsupportedError: Spark can't read some of them on this machine, for their names.
    """
    files = files_at(options.path, options.pattern, crossing=options.crossing)
    names = [Path(file.path).name for file in files]
    instead = "rename the copies on this machine: cloud storage alone has it"
    _refuse_names(options, [name for name in names if ":" in name], "A colon in the name of a file", instead)
    odd = [file.path for file in files if _is_no_text(file.path)]
    instead = "rename the copies on this machine, to names in UTF-8"
    _refuse_names(options, [repr(path) for path in odd], "The path of a file that is no UTF-8", instead)
    return files


def _refuse_names(options: FileOptions, names: list[str], what: str, instead: str) -> None:
    if names:
        more = f" and of {len(names) - 1} more" if len(names) > 1 else ""
        raise unsupported(f"{what}, here of {names[0]}{more},", instead, options.origin)


def _is_no_text(path: str) -> bool:
    """Does it hold bytes that are no UTF-8, as names from other systems may?"""
    try:
        path.encode()
    except UnicodeEncodeError:
        return True
    return False


def _with_format(options: FileOptions) -> FileOptions:
    """`read_files` finds the format by itself, here by the names of the files."""
    if options.format:
        return options
    kinds = {"jsonl": "json", "ndjson": "json", "txt": "text"}
    for file in listed(options):
        suffix = next((s[1:].lower() for s in Path(file.path).suffixes[::-1] if s not in {".gz", ".bz2"}), "")
        kind = kinds.get(suffix, suffix)
        if kind in {*FIXED, *TYPED, "json", "csv", "xml"}:
            return replace(options, format=kind)
    raise WeirError(Problem(
        "CF_FILE_FORMAT_REQUIRED", f"The format of the files at {options.path} is not given.", options.origin,
        "format => 'json'",
    ))  # fmt: skip


def _known(options: FileOptions, place: Path | None) -> Columns | None:
    """The columns that were given or learned before."""
    if options.schema is not None:
        return given(options)
    return versions.latest(place) if place is not None else None


def _batch(session: SparkSession, options: FileOptions) -> DataFrame:
    """All files are looked at, since there is no second attempt (§7.6)."""
    window = Window.of(session, options)
    files = tuple(filter(window.holds, listed(options)))
    columns = given(options) if options.schema is not None else inferred(session, options, files)
    rescues = options.rescue is not None and options.format not in FIXED
    looked_at = _layouts(session, options, files, columns) if rescues else ()
    _check_case(options, _fields(columns), merged(layout.schema for layout in looked_at))
    return FileFrame(session, options, columns).of(Files(options.path, all_of(window.conditions), looked_at))


# A stream that is about to start.


def _started(session: SparkSession, options: FileOptions, memory: Memory, place: Path) -> DataFrame:
    checkpoint, window = memory.checkpoint or place, Window.of(session, options)
    there = listed(options)
    if options.overwrites:
        forget_overwritten(checkpoint, there)
    ignored = _ignored(
        options, checkpoint, memory.place(replace(options, pattern=None, location=None)) or place
    )
    done = read_by(checkpoint, options.path, options.pattern) | ignored
    fresh = [f for f in there if f.uri not in done and window.holds(f)]
    columns = _known(options, place)
    if columns is None:
        columns = inferred(session, options, sample(fresh or there))
        versions.record(place, columns)
    looks = _looks(options)
    looked_at = _layouts(session, options, fresh, columns) if looks else ()
    memory.news.extend([len(fresh)] if looks else [])
    _check_fields(options, place, columns, looked_at)
    frame = FileFrame(session, options, columns)
    if len(fresh) <= FEW and not memory.endless:
        return frame.of(Files(_named(fresh, place), None, looked_at))
    conditions = [*window.conditions, *_not_among(ignored), *(looked_at_alone(fresh) if looks else ())]
    path = _path_within(options, None if memory.endless else there)
    return frame.of(Files(path, all_of(conditions), looked_at))


def _layouts(
    session: SparkSession, options: FileOptions, files: Sequence[SourceFile], columns: Columns
) -> tuple[Layout, ...]:
    """What files have; the columns of CSV files without headers have their names by their places."""
    found = layouts(session, options, files)
    if options.format == "json":
        return tuple(with_objects(session, options.reader, columns.data, layout) for layout in found)
    if options.format != "csv" or options.has_header:
        return found
    return tuple(replace(layout, schema=_by_place(layout.schema, columns.data)) for layout in found)


def _by_place(schema: StructType, known: StructType) -> StructType:
    return StructType([*known.fields[: len(schema)], *schema.fields[len(known) :]])


def all_of(conditions: Iterable[Column]) -> Column | None:
    """All conditions as one; None where there is none."""
    first, *others = (*conditions, None)
    return first if first is None else reduce(Column.__and__, (c for c in others if c is not None), first)


def _looks(options: FileOptions) -> bool:
    """Does it matter which fields the files have?"""
    evolves = options.evolution in {Evolution.ADD, Evolution.FAIL}
    return options.format not in FIXED and (options.rescue is not None or evolves)


def _check_fields(options: FileOptions, place: Path, columns: Columns, looked_at: tuple[Layout, ...]) -> None:
    """Learn what is new, and let this attempt fail (§7.4)."""
    known = _fields(columns)
    files = merged(layout.schema for layout in looked_at)
    new = sorted(set(unknown(known, files)))
    if new and options.evolution in {Evolution.ADD, Evolution.FAIL}:
        raise NewFieldsError(new, options, learned=_learned(options, place, columns, files))
    _check_case(options, known, files)


def _fields(columns: Columns) -> StructType:
    return StructType([*columns.data, *columns.partitions])


def _check_case(options: FileOptions, known: StructType, files: StructType) -> None:
    """What differs from a column in case alone can't be rescued.

    Raises:
        UnsupportedError: Files have such a field.
    """
    for one, other in in_other_case(known, files) if options.rescue is not None else ():
        instead = "rename the field in the files: column names have no case"
        raise unsupported(f"The field `{other}` beside the column `{one}`", instead, options.origin)


def _learned(options: FileOptions, place: Path, columns: Columns, files: StructType) -> bool:
    """Keep what is new, where it is to become columns."""
    if options.evolution is not Evolution.ADD:
        return False
    new = StringType() if options.texts else None
    data = first_of_each(grown(columns.data, without(files, columns.partitions.names), new))
    if data == columns.data:
        return False
    versions.record(place, Columns(data, columns.partitions))
    return True


def _ignored(options: FileOptions, checkpoint: Path, place: Path) -> frozenset[str]:
    """The files of any name that were there before the first start, where these are not to be read."""
    memory = place / "existing.json"
    if not memory.exists():
        if options.existing or (checkpoint / "offsets").exists():
            return frozenset()
        place.mkdir(parents=True, exist_ok=True)
        draft = memory.with_suffix(".draft")
        there = files_at(options.path, crossing=options.crossing)
        draft.write_text(json.dumps([file.uri for file in there]), encoding="utf-8")
        draft.replace(memory)
    return frozenset(json.loads(memory.read_text(encoding="utf-8")))


def _path_within(options: FileOptions, files: Sequence[SourceFile] | None) -> str:
    """A path of Spark's for all files of a read; None for those that are still to come."""
    path = str(local_file(options.path))
    if not (options.crossing and has_glob(path)):
        return options.path
    known = None if files is None else [file.path for file in files]
    return any_of([path, *(within_any(path) if known is None else within(path, known))])


def _named(files: list[SourceFile], place: Path) -> str:
    """A pattern that means these files: the list that was looked at is the one that is read."""
    if files:
        return any_of(literal_glob(file.path) for file in files)
    nothing = place / "nothing"
    nothing.mkdir(parents=True, exist_ok=True)
    return str(nothing)


def _not_among(uris: frozenset[str]) -> list[Column]:
    return [~F.col("_metadata.file_path").isin(_spellings(uris))] if uris else []


def looked_at_alone(files: Iterable[SourceFile]) -> list[Column]:
    """A file that came meanwhile ends the attempt before a row of it is written."""
    there = F.col("_metadata.file_path").isin(_spellings(file.uri for file in files))
    return [F.when(there, F.lit(True)).otherwise(F.raise_error(F.lit(UNKNOWN_LAYOUT)).isNull())]


def _spellings(uris: Iterable[str]) -> list[str]:
    """Spark writes a URI with one slash or with three."""
    return [text for uri in uris for text in (uri, uri.replace("file://", "file:", 1))]
