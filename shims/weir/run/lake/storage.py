"""Where tables, checkpoints and logs lie, and what of them exists, read without Spark."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from weir.model.folders import DELTA, LONGEST, folders, texts_of, unfit
from weir.model.names import BadNameError, TableName, split
from weir.model.problems import Problem, WeirError
from weir.run.lake.clustering import clustering_of
from weir.run.lake.commits import UPKEEP, Commit, commit_of, newest_commit, newest_version
from weir.run.lake.paths import named

GENERATION = "weir/generation"
FEATURE = "delta.feature."
SUFFIX = 20  # bytes that are kept free behind a pipeline's name: `.log4j2.properties`


@dataclass(frozen=True, slots=True)
class TableState:
    """A table as it lies there: what a plan needs to know of it.

    Attributes:
        id: Delta's, which another table in the same folder has not.
        generation: How often the table was reset; its checkpoints carry the same number.
        schema_json: The schema in the JSON that Spark and Delta share.
        properties: Also the features that it has, as SHOW TBLPROPERTIES lists them.
        clustering: The columns, or fields nested in them, by which it is clustered.
        protocol: The least versions of a reader and of a writer.
    """

    version: int
    generation: int
    schema_json: str
    properties: Mapping[str, str]
    comment: str | None
    partition_columns: tuple[str, ...]
    clustering: tuple[tuple[str, ...], ...] = ()
    id: str = ""
    protocol: tuple[int, int] = (1, 2)


@dataclass(frozen=True, slots=True)
class Storage:
    """The folder of all pipelines that share `--storage`."""

    root: Path

    def table(self, name: str) -> Path:
        """The folder of a table from its full name: names are paths, there is no catalog."""
        return self.root.joinpath("tables", *_table_folders(name))

    def checkpoint(self, pipeline: str, flow: str, generation: int) -> Path:
        """The checkpoint of a flow for one generation of its table."""
        return self._checkpoints(pipeline).joinpath(*folders(flow), str(generation))

    def checkpoints(self, pipeline: str) -> Iterator[tuple[str, Path]]:
        """The flows of a pipeline that have run, each with the folder of its generations."""
        return named(self._checkpoints(pipeline))

    def _checkpoints(self, pipeline: str) -> Path:
        return self.root.joinpath("checkpoints", *folders(pipeline))

    def pipelines(self) -> tuple[str, ...]:
        """The pipelines that have checkpoints."""
        return tuple(name for name, _ in named(self.root / "checkpoints"))

    def has_checkpoint(self, pipeline: str, flow: str, generation: int) -> bool:
        """Did a flow run in this generation?"""
        return (self.checkpoint(pipeline, flow, generation) / "offsets").exists()

    def ended(self, pipeline: str, flow: str, generation: int) -> Path:
        """Exists once a once flow that streams came to its end."""
        return self.checkpoint(pipeline, flow, generation) / "ended"

    def changes(self, name: str, generation: int) -> Path:
        """The memory of a table that changes are applied to, for one generation of it."""
        return self.root.joinpath("changes", *_table_folders(name), str(generation))

    def sink_generation(self, pipeline: str, flow: str) -> int:
        """How often a flow into a sink was reset: no table tells, so its newest checkpoint does."""
        folders = self.checkpoint(pipeline, flow, 0).parent.glob("*")
        return max((int(f.name) for f in folders if f.name.isdigit()), default=0)

    def dropped(self, name: str) -> Path:
        """Where the folder of a dropped table is moved to before it is removed."""
        return self.root.joinpath("dropped", *folders(name))

    def log(self, pipeline: str) -> Path:
        """Spark's own log of a pipeline."""
        return self._file("logs", pipeline, ".log")

    def events(self, pipeline: str) -> Path:
        """The event log of a pipeline, a Delta table."""
        return self.root.joinpath("events", *folders(pipeline, sign=DELTA))

    def logged(self) -> dict[str, Path]:
        """The pipelines that have an event log, each with it."""
        return dict(named(self.root / "events", sign=DELTA))

    def plan(self, pipeline: str, update_id: str) -> Path:
        """The plan of an update, as `weir plan --json` prints it."""
        return self.root.joinpath("plans", *folders(pipeline), f"{update_id}.json")

    def nothing_new(self, pipeline: str) -> Path:
        """What the last update left for the next one, in case there is nothing new."""
        return self._file("nothing-new", pipeline, ".json")

    def lock(self, pipeline: str) -> Path:
        """The lock that an update of a pipeline holds."""
        return self._file("locks", pipeline, ".lock")

    def _file(self, kind: str, pipeline: str, suffix: str) -> Path:
        *above, last = folders(pipeline, limit=LONGEST - SUFFIX)
        return self.root.joinpath(kind, *above, f"{last}{suffix}")

    def tables(self) -> list[str]:
        """The full names of all tables in this storage."""
        return sorted(
            str(name)
            for catalog, schemas in named(self.root / "tables", sign=DELTA)
            for schema, tables in named(schemas, sign=DELTA)
            for table, folder in named(tables, sign=DELTA)
            if (folder / "_delta_log").is_dir() and (name := _stored((catalog, schema, table)))
        )

    def name_of(self, folder: Path) -> str | None:
        """The full name of the table that lies in a folder; None where none of this storage can."""
        at, tables = folder.resolve(), (self.root / "tables").resolve()
        texts = texts_of(at.relative_to(tables).parts, sign=DELTA) if at.is_relative_to(tables) else None
        name = _stored(texts or ())
        return str(name) if name else None

    def state(self, name: str) -> TableState | None:
        """What lies there for a table; None if it has no commit."""
        return table_state(self.table(name))

    def version(self, name: str) -> int | None:
        """The last version of a table; None if there is none."""
        return newest_version(self.table(name))

    def last_commit(self, name: str) -> Mapping[str, Any]:
        """What the last commit that is no upkeep says of itself; nothing where there is no table."""
        commits = self._commits(name)
        return next((c.info for c in commits if c.operation not in UPKEEP), {})

    def is_empty(self, name: str) -> bool:
        """Was nothing written to a table since its creation?"""
        first = commit_of(self.table(name), 0) if self.version(name) == 0 else None
        return first is not None and "add" not in first.moved

    def has_no_files(self, name: str) -> bool:
        """Has a table no rows, by its log? One that does not exist has none."""
        opened = open_table(self.table(name))
        return opened is None or not opened.file_uris()

    def check_sum(self, name: str) -> None:
        """Put the version checksum beside the commit of a table that was just created: it is empty.

        delta-rs writes none, and without it Spark looks for the table's definition by a job before it can
        commit the next version (Delta's protocol, "Version Checksum File").
        """
        log = self.table(name) / "_delta_log"
        actions = map(json.loads, (log / f"{0:020}.json").read_text(encoding="utf-8").strip().split("\n"))
        actions_by_kind = {kind: action for line in actions for kind, action in line.items()}
        state = {
            "tableSizeBytes": 0, "numFiles": 0, "numMetadata": 1, "numProtocol": 1,
            "setTransactions": [], "domainMetadata": [],
            "metadata": actions_by_kind["metaData"], "protocol": actions_by_kind["protocol"],
        }  # fmt: skip
        draft = log / f".{0:020}.draft"
        draft.write_text(json.dumps(state), encoding="utf-8")
        draft.replace(log / f"{0:020}.crc")

    def ordered_by(self, name: str) -> tuple[str, ...]:
        """The columns by which all rows of a table are z-ordered; none where rows have come since."""
        for commit in self._commits(name):
            if commit.operation == "OPTIMIZE":
                return tuple(json.loads(commit.parameters.get("zOrderBy", "[]")))
            if "add" in commit.moved and commit.operation != "DELETE":
                break
        return ()

    def _commits(self, name: str) -> Iterator[Commit]:
        """The commits of a table, newest first, as far as they are kept."""
        newest = self.version(name)
        for version in range(-1 if newest is None else newest, -1, -1):
            commit = commit_of(self.table(name), version)
            if commit is None:
                return
            yield commit

    def was_run(self, name: str, app: str) -> bool:
        """Did a write that runs only once land in this table?"""
        opened = open_table(self.table(name))
        return opened is not None and opened.transaction_version(app) is not None


def _table_folders(name: str) -> tuple[str, ...]:
    return tuple(folder for part in split(name) for folder in folders(part, sign=DELTA))


def _stored(parts: tuple[str, ...]) -> TableName | None:
    """The name whose folders stand for these parts; None for folders that others have made."""
    try:
        name = TableName.of(parts)
    except BadNameError:
        return None
    return name if name.parts == parts else None


def application_of(flow: str, generation: int) -> str:
    """The application id under which a flow's batches are written: Delta ignores one that it has seen."""
    return f"weir/{flow}/{generation}"


def query_id(checkpoint: Path) -> str | None:
    """The id of the streaming query that a checkpoint is of; None before its first start."""
    file = checkpoint / "metadata"
    return json.loads(file.read_text(encoding="utf-8"))["id"] if file.exists() else None


def newest_batch(checkpoint: Path) -> int:
    """The number of the last micro-batch that a stream has planned; -1 before the first."""
    return max((int(f.name) for f in (checkpoint / "offsets").glob("*") if f.name.isdigit()), default=-1)


def open_table(path: Path) -> DeltaTable | None:
    """The Delta table in a folder; None where there is none, or only a log without a commit."""
    if unfit(str(path)) or not any((path / "_delta_log").glob("*.json")):
        return None  # delta-rs would look in another folder
    try:
        return DeltaTable(path)
    except TableNotFoundError:
        return None


def table_state(path: Path) -> TableState | None:
    """Read a table's log; once, as long as it ends with the same commit.

    Raises:
        WeirError: It can't be read.
    """
    try:
        file = newest_commit(path)
        stat = file.stat() if file is not None else None
    except FileNotFoundError:
        return None  # it was dropped meanwhile
    if file is None or stat is None:
        return None
    return _state_after(path, (file.name, stat.st_ino, stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=4096)
def _state_after(path: Path, commit: tuple[str | int, ...]) -> TableState | None:
    """Read a table's log.

    Args:
        commit: What tells its last commit apart from every other, also of a table that was there before.
    """
    del commit
    try:
        table = open_table(path)
    except DeltaError as error:
        what = str(error).partition("\n")[0]
        raise WeirError(Problem(
            "DELTA_STATE_RECOVER_ERROR", f"The log of the Delta table in {path} can't be read: {what}",
            hint="restore the folder, or remove it, so that the table is made anew",
        )) from error  # fmt: skip
    if table is None:
        return None
    metadata, schema_json = table.metadata(), table.schema().to_json()
    properties = {**metadata.configuration, **_protocol(table)}
    is_clustered = f"{FEATURE}clustering" in properties
    return TableState(
        table.version(),
        table.transaction_version(GENERATION) or 0,
        schema_json,
        properties,
        metadata.description,
        tuple(metadata.partition_columns),
        clustering_of(path, table.version(), schema_json) if is_clustered else (),
        str(metadata.id),
        (table.protocol().min_reader_version, table.protocol().min_writer_version),
    )


def _protocol(table: DeltaTable) -> dict[str, str]:
    features = {*(table.protocol().reader_features or ()), *(table.protocol().writer_features or ())}
    return {f"{FEATURE}{feature}": "supported" for feature in features}
