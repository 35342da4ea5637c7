"""The options of Auto Loader and of `read_files` as values (specification §7.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError, unsupported
from weir.model.texts import value_text

PREFIX = "cloudfiles."
RESCUED = "_rescued_data"
FORMATS = ("avro", "binaryfile", "csv", "json", "orc", "parquet", "text", "xml")
_BYTES = re.compile(r"(\d+)\s*(b|kb?|mb?|gb?|tb?)?", re.IGNORECASE)
_UNITS = {"": 1, "b": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}


class Evolution(StrEnum):
    """What happens when a file has a column that the schema has not (specification §7.4)."""

    ADD = "addNewColumns"
    RESCUE = "rescue"
    FAIL = "failOnNewColumns"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class FileOptions:
    """What files are read, and how.

    Attributes:
        path: As it lies here.
        schema: The schema that was given, a StructType or DDL; None to infer it.
        infer_types: Columns of JSON, CSV and XML get types; else they are texts.
        rescue: The column for what does not fit; None for none.
        partitions: Columns from the names of folders; None to infer them.
        location: The user's own folder for the versions of the schema.
        existing: Files that were there before the first start are read too.
        crossing: The `*` of a path goes across folders.
        reader: All that is the format's own.
        streams: It is Auto Loader, and no batch.
        origin: Where the read is written.
    """

    path: str
    format: str
    schema: Any
    infer_types: bool
    hints: str | None
    evolution: Evolution
    rescue: str | None
    partitions: tuple[str, ...] | None
    location: str | None
    existing: bool
    overwrites: bool
    max_files: int
    max_bytes: int | None
    pattern: str | None
    after: str | None
    before: str | None
    case_sensitive: bool
    crossing: bool = False
    reader: Mapping[str, str] = field(default_factory=dict[str, str])
    streams: bool = True
    origin: Origin | None = None

    @property
    def has_header(self) -> bool:
        """Is the first line of CSV the header? Without a schema it is, unless an option says otherwise."""
        return self.reader.get("header", str(self.schema is None)).lower() == "true"

    @property
    def texts(self) -> bool:
        """Are columns that are inferred texts?"""
        return not self.infer_types and self.format in {"csv", "json", "xml"}

    def is_on(self, option: str) -> bool:
        """Is an option of the format true?"""
        return self.reader.get(option.lower(), "false").lower() == "true"


# Options that change where and how files are found at Databricks; the files and rows are the same here.
_WITHOUT_EFFECT = frozenset(
    """
    backfillInterval maxFileAge useIncrementalListing useNotifications useManagedFileEvents
    listOnStart fetchParallelism pathRewrites resourceTags region restoreNotificationSetupOnly queueUrl
    awsAccessKey awsSecretKey roleArn roleExternalId roleSessionName stsEndpoint clientId clientSecret
    connectionString resourceGroup subscriptionId tenantId queueName client clientEmail privateKey
    privateKeyId projectId subscription databricks.serviceCredential cleanSource
    cleanSource.retentionDuration cleanSource.moveDestination inferSchema
    """.lower().split()
)
_WITH_EFFECT = {
    name.lower(): name
    for name in (
        "format", "allowOverwrites", "includeExistingFiles", "inferColumnTypes",
        "maxBytesPerTrigger", "maxFilesPerTrigger", "partitionColumns", "schemaEvolutionMode", "schemaHints",
        "schemaLocation", "validateOptions", "rescuedDataColumn",
        "useStrictGlobber",
    )
}  # fmt: skip
# Options of other readers -> what says the same of files that arrive.
_OF_OTHERS = {"schema": ".schema(...)", "inferschema": "cloudFiles.inferColumnTypes"}
# Options that `read_files` has without the prefix, and those that every reader of files has.
_PLAIN = frozenset({*_WITH_EFFECT, *_WITHOUT_EFFECT}) - {"region", "client", "subscription"}
_COMMON = frozenset(
    ["path", "pathglobfilter", "filenamepattern", "modifiedafter", "modifiedbefore", "recursivefilelookup",
     "rescueddatacolumn", "readercasesensitive", "schema", "inferschema"]
)  # fmt: skip


class _Values:
    """Reads values, and collects what is wrong with them."""

    def __init__(self, given: Mapping[str, str], origin: Origin | None) -> None:
        self.given = given
        self.origin = origin
        self.problems: list[Problem] = []

    def wrong(self, condition: str, message: str, hint: str | None = None) -> None:
        """Note what is wrong."""
        self.problems.append(Problem(condition, message, self.origin, hint))

    def text(self, name: str) -> str | None:
        """The value of an option of Auto Loader."""
        return self.given.get(PREFIX + name.lower())

    def flag(self, name: str, *, default: bool) -> bool:
        """An option that is true or false."""
        value = self.text(name)
        if value is None or value.lower() in {"true", "false"}:
            return default if value is None else value.lower() == "true"
        self.wrong("CF_INVALID_OPTION_VALUE", f"cloudFiles.{name} = {value!r} is neither true nor false.")
        return default

    def number(self, name: str, read: Callable[[str], int | None], hint: str) -> int | None:
        """An option that is a number above 0."""
        value = self.text(name)
        number = None if value is None else read(value)
        if value is not None and not number:
            self.wrong(
                "CF_INVALID_OPTION_VALUE", f"cloudFiles.{name} = {value!r} is not a valid value.", hint
            )
        return number


def byte_count(text: str) -> int | None:
    """The bytes in a text such as `10g`; None if it names none.

    >>> byte_count("10g"), byte_count("64 MB"), byte_count("many")
    (10737418240, 67108864, None)
    """
    match = _BYTES.fullmatch(text.strip())
    return int(match[1]) * _UNITS[(match[2] or "").lower()[:1]] if match else None


def _whole(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() else None


def file_options(
    given: Mapping[str, Any],
    schema: Any,
    origin: Origin | None,
    *,
    function: bool = False,
    streams: bool = True,
) -> FileOptions:
    """The values of options.

    Args:
        given: As they were written, the path among them.
        schema: What `.schema(...)` was given.
        origin: Where the read is written.
        function: It is `read_files`, whose options have no prefix and which infers types (§7.6).
        streams: It is a stream.

    Raises:
        WeirError: Values mean nothing; all of these.
        UnsupportedError: Weir has not what one asks for.
    """
    texts = {_key(k, function=function): value_text(v) for k, v in given.items() if v is not None}
    values = _Values(texts, origin)
    schema = schema if schema is not None else texts.get("schema") if function else None
    kind = _format(values, function=function)
    _check_names(values)
    evolution = _evolution(values, schema)
    rescue = values.text("rescuedDataColumn") or texts.get("rescueddatacolumn")
    if rescue is None and schema is None and kind not in {"text", "binaryfile"}:
        rescue = RESCUED
    partitions = values.text("partitionColumns")
    options = FileOptions(
        path=texts.get("path", ""), format=kind, schema=schema,
        infer_types=values.flag("inferColumnTypes", default=function),
        hints=values.text("schemaHints"), evolution=evolution, rescue=rescue or None,
        partitions=None if partitions is None else tuple(filter(None, map(str.strip, partitions.split(",")))),
        location=values.text("schemaLocation"),
        existing=values.flag("includeExistingFiles", default=True),
        overwrites=values.flag("allowOverwrites", default=False),
        max_files=values.number("maxFilesPerTrigger", _whole, "write a whole number above 0") or 1000,
        max_bytes=values.number("maxBytesPerTrigger", byte_count, "write a number and a unit: 10g"),
        pattern=texts.get("pathglobfilter", texts.get("filenamepattern")),
        after=texts.get("modifiedafter"), before=texts.get("modifiedbefore"),
        case_sensitive=texts.get("readercasesensitive", "true").lower() == "true",
        reader={k: v for k, v in texts.items() if k not in _COMMON and not k.startswith(PREFIX)},
        crossing=streams and not values.flag("useStrictGlobber", default=function),
        streams=streams, origin=origin,
    )  # fmt: skip
    if not options.path:
        values.wrong("CF_SOURCE_DIRECTORY_PATH_REQUIRED", "The read of files has no path.", "load(path)")
    if values.problems:
        raise WeirError(*values.problems)
    return options


def without_effect(given: Mapping[str, Any], *, function: bool = False) -> tuple[str, ...]:
    """The options of Auto Loader that change nothing here, as they were written.

    >>> without_effect({"cloudFiles.useNotifications": True, "cloudFiles.format": "json", "region": "x"})
    ('cloudFiles.useNotifications',)
    """
    keys = {key: _key(key, function=function) for key, value in given.items() if value is not None}
    own = {key: full.removeprefix(PREFIX) for key, full in keys.items() if full.startswith(PREFIX)}
    return tuple(key for key, name in own.items() if name not in _WITH_EFFECT)


def notices_of(given: Mapping[str, Any], schema: Any = None, *, function: bool = False) -> tuple[str, ...]:
    """A sentence for what was written and has no effect.

    Args:
        given: As they were written.
        schema: What `.schema(...)` was given.
        function: It is `read_files`.

    >>> notices_of({"cloudFiles.format": "csv", "schemaHints": "id INT"})
    ('the option schemaHints has no effect: write cloudFiles.schemaHints',)
    """
    told = list[str]()
    if ignored := without_effect(given, function=function):
        told.append(f"no effect here, where folders are listed: {', '.join(ignored)}")
    for key in (key for key, value in given.items() if value is not None):
        if instead := _instead(key, function=function):
            told.append(f"the option {key} has no effect: write {instead}")
    texts = {_key(key, function=function) for key, value in given.items() if value is not None}
    if f"{PREFIX}schemahints" in texts and (schema is not None or (function and "schema" in texts)):
        told.append("schemaHints has no effect, since the schema is given: write all columns there")
    return tuple(told)


def _instead(key: str, *, function: bool) -> str | None:
    """How an option is written that has no effect as it is; None if it has one, or if it is the format's."""
    lower = key.lower()
    if function:
        return "inferColumnTypes" if lower == "inferschema" else None
    if lower in _PLAIN and lower not in _COMMON:
        return f"cloudFiles.{key}"
    return _OF_OTHERS.get(lower)


def _key(key: str, *, function: bool) -> str:
    lower = key.lower()
    plain = function and lower in _PLAIN and lower not in _COMMON
    return PREFIX + lower if plain else lower


def _format(values: _Values, *, function: bool) -> str:
    """The format; none for `read_files`, which finds it by itself."""
    value = values.text("format")
    option = "format =>" if function else "cloudFiles.format"
    if value is None and function:
        return ""
    if value is None:
        values.wrong(
            "CF_FILE_FORMAT_REQUIRED", f"The format of the files is not given: {option}.",
            f"one of {', '.join(FORMATS)}",
        )  # fmt: skip
        return "text"
    if value.lower() not in FORMATS:
        values.wrong(
            "CF_UNKNOWN_FILE_FORMAT", f"{option} {value!r} is no format of files.",
            _near(value, FORMATS) or f"one of {', '.join(FORMATS)}",
        )  # fmt: skip
    return value.lower()


def _check_names(values: _Values) -> None:
    if (values.text("validateOptions") or "true").lower() == "false":
        return
    for key in values.given:
        name = key.removeprefix(PREFIX)
        if not key.startswith(PREFIX) or name in _WITH_EFFECT or name in _WITHOUT_EFFECT:
            continue
        if not name.startswith("resourcetag."):
            near = _near(name, (*_WITH_EFFECT, *_WITHOUT_EFFECT), "cloudFiles.")
            hint = near or "leave it out, or set cloudFiles.validateOptions to false"
            values.wrong(
                "CF_UNKNOWN_OPTION_KEYS_ERROR", f"Auto Loader has no option `cloudFiles.{name}`.", hint
            )


def _near(name: str, known: tuple[str, ...], prefix: str = "") -> str | None:
    hits = get_close_matches(name.lower(), known, 1, 0.7)
    return f"did you mean `{prefix}{_WITH_EFFECT.get(hits[0], hits[0])}`?" if hits else None


def _evolution(values: _Values, schema: Any) -> Evolution:
    default = Evolution.ADD if schema is None else Evolution.NONE
    value = values.text("schemaEvolutionMode")
    if value is None:
        return default
    mode = next((m for m in Evolution if m.lower() == value.lower()), None)
    if value.lower() == "addnewcolumnswithtypewidening":
        instead = "use addNewColumns: a value that does not fit its column is kept in the rescued data"
        raise unsupported(f"cloudFiles.schemaEvolutionMode = {value}", instead, values.origin)
    if mode is None:
        modes = ", ".join(Evolution)
        values.wrong(
            "CF_INVALID_SCHEMA_EVOLUTION_MODE",
            f"cloudFiles.schemaEvolutionMode = {value!r} is none of {modes}.",
        )
    if mode is Evolution.ADD and schema is not None:
        values.wrong(
            "CF_ADD_NEW_NOT_SUPPORTED", "addNewColumns is not there for a read whose schema is given.",
            "give the schema as cloudFiles.schemaHints instead",
        )  # fmt: skip
    return mode or default
