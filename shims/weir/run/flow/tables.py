"""Tables get their final schema, properties and layout before flows start: these only append."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace

from deltalake import DeltaTable, Schema
from deltalake.exceptions import DeltaError
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from weir.graph.analysis import ResolvedTable
from weir.model.definitions import StreamingTable, Table
from weir.model.governance import PROPERTY, protection_from
from weir.model.names import fold, quoted, text_literal
from weir.run.frames import schemas
from weir.run.lake.existing import INACTIVE, is_inactive, marks
from weir.run.lake.paths import delta_at
from weir.run.lake.storage import GENERATION, Storage, TableState, application_of

# Delta properties that change nothing but the configuration: no table feature comes with them.
PLAIN_PROPERTIES = (
    "delta.autoOptimize.", "delta.logRetentionDuration", "delta.deletedFileRetentionDuration",
    "delta.dataSkipping", "delta.tuneFileSizesForRewrites", "delta.targetFileSize",
    "delta.enableChangeDataFeed",
)  # fmt: skip


class Tables:
    """Creates, alters and resets tables, and tells a plan how they differ from their definitions."""

    def __init__(self, session: SparkSession, storage: Storage, pipeline: str) -> None:
        self.session = session
        self.storage = storage
        self.pipeline = pipeline

    def state(self, name: str) -> TableState | None:
        """The table as it is."""
        return self.storage.state(name)

    def has_checkpoint(self, flow: str, generation: int) -> bool:
        """Did the flow run in this generation?"""
        return self.storage.has_checkpoint(self.pipeline, flow, generation)

    def was_run(self, name: str, flow: str, generation: int) -> bool:
        """Did a once flow land in this generation?"""
        return self.storage.was_run(name, application_of(flow, generation))

    def has_ended(self, flow: str, generation: int) -> bool:
        """Did a once flow that streams come to its end in this generation?"""
        return self.storage.ended(self.pipeline, flow, generation).exists()

    def sink_generation(self, flows: tuple[str, ...]) -> int:
        """How often a sink was reset."""
        return self.storage.sink_generation(self.pipeline, flows)

    def difference(self, dataset: ResolvedTable) -> str | None:
        """What an ALTER would change, in words."""
        state = self.state(dataset.name)
        if state is None or dataset.schema is None:
            return None
        added = [schemas.path_text(path) for path, _ in _added_columns(dataset, state)]
        properties = _changed_properties(dataset, state)
        parts = [f"new columns {', '.join(added)}"] if added else []
        parts += [f"properties {', '.join(properties)}"] if properties else []
        parts += ["its comment"] if _new_comment(dataset.dataset, state) is not None else []
        return "; ".join(parts) or None

    def create(self, dataset: ResolvedTable) -> None:
        """Create an empty table with all that its definition says, in one commit."""
        self._forget(dataset)
        dataset = self._marked(dataset)
        if _plain(dataset):
            try:
                self._create_without_spark(dataset)
            except (DeltaError, ValueError):
                pass  # a type that delta-rs does not know: Spark does
            else:
                return
        self.session.sql(create_statement(dataset, str(self.storage.table(dataset.name))))

    def _forget(self, dataset: ResolvedTable) -> None:
        """A table that was dropped left checkpoints and changes behind: all is read again."""
        folders = [self.storage.checkpoint(self.pipeline, f.flow.name, 0) for f in dataset.flows]
        for folder in (*folders, self.storage.changes(dataset.name, 0)):
            shutil.rmtree(folder.parent, ignore_errors=True)

    def _create_without_spark(self, dataset: ResolvedTable) -> None:
        definition = dataset.dataset
        path = self.storage.table(dataset.name)
        path.mkdir(parents=True, exist_ok=True)
        DeltaTable.create(
            str(path),
            Schema.from_json(dataset.schema.json()),
            mode="ignore",
            partition_by=list(definition.partition_cols),
            description=definition.comment,
            configuration=dict(definition.table_properties),
            raise_if_key_not_exists=False,
        )
        self.storage.check_sum(dataset.name)

    def alter(self, dataset: ResolvedTable) -> None:
        """Add columns, properties and comment that a definition gained (§1.3: re-applied)."""
        state = self.state(dataset.name)
        if state is None:
            return
        table = delta_at(self.storage.table(dataset.name))
        added = _added_columns(dataset, state)
        if added:
            columns = ", ".join(schemas.column_ddl(f, path) for path, f in added)
            self.session.sql(f"ALTER TABLE {table} ADD COLUMNS ({columns})")
        self._describe(dataset, state)

    def _describe(self, dataset: ResolvedTable, state: TableState) -> None:
        """Set the properties and the comment that differ from the definition's."""
        table = delta_at(self.storage.table(dataset.name))
        properties = _changed_properties(dataset, state)
        if properties:
            self.session.sql(f"ALTER TABLE {table} SET TBLPROPERTIES {_properties(properties)}")
        comment = _new_comment(dataset.dataset, state)
        if comment is not None:
            self.session.sql(f"COMMENT ON TABLE {table} IS {text_literal(comment)}")

    def reset(self, dataset: ResolvedTable, generation: int) -> None:
        """Empty a streaming table and move to the next generation, in one commit.

        Repeating it is a no-op, and a kill can't come between clearing the rows and forgetting the
        checkpoints: these belong to a generation (§4.5).
        """
        state, path = self.state(dataset.name), self.storage.table(dataset.name)
        existing = schemas.defined(schemas.from_json(state.schema_json if state else ""))
        schema, partitions = dataset.schema or existing, dataset.dataset.partition_cols
        same = schema == existing and state is not None and state.partition_columns == partitions
        strict = schemas.is_strict(schema) or schemas.is_strict(existing)
        columns = existing if strict else schema
        identities = [f.name for f in columns if schemas.is_identity(f)]
        empty = self.session.createDataFrame([], columns).drop(*identities)
        writer = empty.write.format("delta").mode("overwrite")
        writer = writer.option("txnAppId", GENERATION).option("txnVersion", str(generation))
        if not (same or strict):
            writer = writer.option("overwriteSchema", "true").partitionBy(*partitions)
        writer.save(str(path))
        if strict and not same:
            self.replace(dataset)
        else:
            self.cluster(dataset)
        if (now := self.state(dataset.name)) is not None:
            self._describe(dataset, now)

    def cluster(self, dataset: ResolvedTable) -> None:
        """Name the columns again by which a table is clustered: every overwrite takes them away."""
        if dataset.dataset.cluster_by:
            table, columns = delta_at(self.storage.table(dataset.name)), _names(dataset.dataset.cluster_by)
            self.session.sql(f"ALTER TABLE {table} CLUSTER BY ({columns})")

    def replace(self, dataset: ResolvedTable) -> None:
        """Put an empty table of the definition in the place of one that can't grow into it."""
        statement = create_statement(
            self._marked(dataset), str(self.storage.table(dataset.name)), "OR REPLACE"
        )
        self.session.sql(statement)

    def _marked(self, dataset: ResolvedTable) -> ResolvedTable:
        properties = {**dataset.dataset.table_properties, **marks(dataset.dataset, self.pipeline)}
        return replace(dataset, dataset=replace(dataset.dataset, table_properties=properties))


def _plain(dataset: ResolvedTable) -> bool:
    """Nothing in the definition needs a table feature that only Spark sets up."""
    schema: StructType = dataset.schema
    features = [
        k for k in dataset.dataset.table_properties
        if k.startswith("delta.") and not k.startswith(PLAIN_PROPERTIES)
    ]  # fmt: skip
    strict = any(not f.nullable for f in schema.fields)
    return not (schemas.has_generated_columns(schema) or strict or features or dataset.dataset.cluster_by)


def create_statement(dataset: ResolvedTable, path: str, instead: str = "") -> str:
    """The CREATE TABLE statement of a definition; `OR REPLACE` takes the place of what is there."""
    definition = dataset.dataset
    columns = ", ".join(schemas.column_ddl(f) for f in dataset.schema.fields)
    how = f"CREATE {instead} TABLE" if instead else "CREATE TABLE IF NOT EXISTS"
    parts = [f"{how} {delta_at(path)} ({columns}) USING delta"]
    if definition.partition_cols:
        parts.append(f"PARTITIONED BY ({_names(definition.partition_cols)})")
    if definition.cluster_by:
        parts.append(f"CLUSTER BY ({_names(definition.cluster_by)})")
    if definition.comment:
        parts.append(f"COMMENT {text_literal(definition.comment)}")
    if definition.table_properties:
        parts.append(f"TBLPROPERTIES {_properties(definition.table_properties)}")
    return " ".join(parts)


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(map(quoted, columns))


def _properties(properties: Mapping[str, str]) -> str:
    pairs = (f"{text_literal(k)} = {text_literal(v)}" for k, v in properties.items())
    return f"({', '.join(pairs)})"


def _added_columns(dataset: ResolvedTable, state: TableState) -> list[schemas.Placed]:
    """Columns and nested fields; a materialized view is overwritten with its schema unless it is strict."""
    existing = schemas.from_json(state.schema_json)
    if not isinstance(dataset.dataset, StreamingTable) and not schemas.is_strict(existing):
        return []
    known = {_place(path) for path, _ in schemas.fields_of(existing)}
    missing = [(path, f) for path, f in schemas.fields_of(dataset.schema) if _place(path) not in known]
    new = {_place(path) for path, _ in missing}
    return [(path, f) for path, f in missing if not any(_place(path[:n]) in new for n in range(len(path)))]


def _place(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(fold, path))


def _changed_properties(dataset: ResolvedTable, state: TableState) -> dict[str, str]:
    wanted = {**dataset.dataset.table_properties, **_protection(dataset, state)}
    if is_inactive(state):
        wanted[INACTIVE] = "false"  # its definition is back
    return {k: v for k, v in wanted.items() if state.properties.get(k) != v}


def _protection(dataset: ResolvedTable, state: TableState) -> dict[str, str]:
    """The definition's, and the masks of columns that are still in the table though not in the definition."""
    before, now = protection_from(state.properties), dataset.dataset.protection
    if PROPERTY not in state.properties or dataset.schema is None:
        return {}
    there = _folded(schemas.from_json(state.schema_json)) - _folded(dataset.schema)
    remaining = {column: call for column, call in before.masks.items() if fold(column) in there}
    return {PROPERTY: replace(now, masks={**now.masks, **remaining}).to_text()}


def _folded(schema: StructType) -> set[str]:
    return {fold(name) for name in schema.fieldNames()}


def _new_comment(definition: Table, state: TableState) -> str | None:
    return definition.comment if definition.comment not in {None, state.comment} else None
