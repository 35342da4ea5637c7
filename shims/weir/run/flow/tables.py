"""Tables get their final schema, properties and layout before flows start: these only append."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace

from delta.tables import DeltaTable as DeltaBuilder
from delta.tables import DeltaTableBuilder
from deltalake import DeltaTable, Schema
from deltalake.exceptions import DeltaError
from pyspark.sql.types import StructType

from weir.graph.analysis import ResolvedTable
from weir.model.definitions import Table
from weir.model.names import fold, quoted, quoted_path, text_literal
from weir.plan.foresight import ANOTHER, RETYPED
from weir.run.flow.alterations import (
    Alteration,
    alterations,
    clustering,
    constraining,
    enabling,
    in_words,
    properties_text,
)
from weir.run.flow.properties import as_created
from weir.run.frames import growth, schemas
from weir.run.lake.existing import marks
from weir.run.lake.failpoints import reached
from weir.run.lake.overwrite import overwriting
from weir.run.lake.paths import delta_at
from weir.run.lake.storage import GENERATION, TableState, application_of
from weir.run.lake.world import World

# Delta properties that change nothing but the configuration: no table feature comes with them.
DEFAULTS = "spark.databricks.delta.properties.defaults."
PLAIN_PROPERTIES = (
    "delta.autoOptimize.", "delta.logRetentionDuration", "delta.deletedFileRetentionDuration",
    "delta.dataSkipping", "delta.tuneFileSizesForRewrites", "delta.targetFileSize",
    "delta.enableChangeDataFeed",
)  # fmt: skip


class Tables:
    """Creates, alters and resets tables, and tells a plan how they differ from their definitions."""

    def __init__(self, world: World) -> None:
        self.session = world.session
        self.storage = world.storage
        self.pipeline = world.pipeline.name
        # Properties of all new tables, which Spark knows how to read.
        self.has_defaults = any(key.startswith(DEFAULTS) for key in world.pipeline.configuration)

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

    def sink_generation(self, flow: str) -> int:
        """How often a sink was reset."""
        return self.storage.sink_generation(self.pipeline, flow)

    def difference(self, dataset: ResolvedTable) -> str | None:
        """What an ALTER would change, in words."""
        state = self.state(dataset.name)
        if state is None or dataset.schema is None:
            return None
        return in_words(alterations(dataset, state))

    def create(self, dataset: ResolvedTable) -> None:
        """Create an empty table with all that its definition says, in one commit."""
        dataset = self._marked(dataset)
        if is_plain(dataset) and not self.has_defaults:
            try:
                self._create_without_spark(dataset)
            except (DeltaError, ValueError):
                pass  # a type that delta-rs does not know: Spark does
            else:
                return
        self._make(dataset, "CREATE TABLE IF NOT EXISTS")

    def _make(self, dataset: ResolvedTable, how: str) -> None:
        path, schema = str(self.storage.table(dataset.name)), dataset.schema
        if not schemas.has_own_metadata(schema):
            self.session.sql(create_statement(dataset, path, how))
            return
        make = DeltaBuilder.replace if how.startswith("REPLACE") else DeltaBuilder.createIfNotExists
        built(make(self.session).location(path).addColumns(schema), dataset.dataset).execute()
        self.alter(dataset)  # a default is lost on the way, Delta's builder takes it for a user's metadata

    def forget(self, dataset: ResolvedTable) -> None:
        """Remove the checkpoints and changes that a table that was dropped left behind: all is read again."""
        folders = [self.storage.checkpoint(self.pipeline, f.flow.name, 0) for f in dataset.flows]
        for folder in (*folders, self.storage.changes(dataset.name, 0)):
            shutil.rmtree(folder.parent, ignore_errors=True)

    def _create_without_spark(self, dataset: ResolvedTable) -> None:
        definition = dataset.dataset
        path = self.storage.table(dataset.name)
        path.mkdir(parents=True, exist_ok=True)
        spelled = {fold(name): name for name in dataset.schema.names}
        DeltaTable.create(
            str(path),
            Schema.from_json(dataset.schema.json()),
            mode="ignore",
            partition_by=[spelled[fold(name)] for name in definition.partition_cols],
            description=definition.comment,
            configuration=dict(definition.table_properties),
            raise_if_key_not_exists=False,
        )
        self.storage.check_sum(dataset.name)

    def alter(self, dataset: ResolvedTable) -> None:
        """Bring an existing table in line with its definition (§1.3: re-applied)."""
        state = self.state(dataset.name)
        if state is not None:
            self._run(dataset, alterations(dataset, state))

    def _run(self, dataset: ResolvedTable, statements: Iterable[Alteration]) -> None:
        table = delta_at(self.storage.table(dataset.name))
        for statement in statements:
            self.session.sql(statement.on(table))

    def reset(self, dataset: ResolvedTable, generation: int) -> None:
        """Empty a streaming table and move to the next generation, in one commit.

        Repeating it is a no-op, and a kill can't come between clearing the rows and forgetting the
        checkpoints: these belong to a generation (§4.5).
        """
        self._rewrite(dataset, {"txnAppId": GENERATION, "txnVersion": str(generation)})

    def redefine(self, dataset: ResolvedTable) -> None:
        """Make an existing table an empty one of its definition, whatever it was."""
        self._rewrite(dataset, {})

    def reset_breaks(self, dataset: ResolvedTable) -> str | None:
        """The condition with which streams from a table fail once it is reset, whatever their options."""
        state = self.state(dataset.name)
        if state is None or dataset.schema is None:
            return None
        if must_be_replaced(dataset, state):
            return ANOTHER
        return None if growth.grows_into(_existing(state), dataset.schema) else RETYPED

    def _rewrite(self, dataset: ResolvedTable, options: Mapping[str, str]) -> None:
        """An overwrite gives a table all of a schema but NOT NULL and identities, and keeps its readers.

        For these the table grows by ALTER, or where it can't, is replaced: it is another one to streams then.
        """
        state = self.state(dataset.name)
        if state is None:
            return
        wanted: StructType = dataset.schema or _existing(state)
        tight = schemas.is_tight(wanted)
        self._run(dataset, enabling(dataset, state))
        self._empty(dataset, _existing(state) if tight else wanted, options, redefine=not tight)
        reached("table-emptied")
        if must_be_replaced(dataset, state):
            self._make(self._marked(dataset), "REPLACE TABLE")
        self.alter(dataset)
        state = self.state(dataset.name)
        self._run(dataset, constraining(dataset, state) if state else ())

    def _empty(
        self, dataset: ResolvedTable, schema: StructType, options: Mapping[str, str], *, redefine: bool
    ) -> None:
        identities = [f.name for f in schema if schemas.is_identity(f)]
        empty = self.session.createDataFrame([], schema).drop(*identities)
        writer = overwriting(empty).options(**options)
        if redefine:
            writer = writer.option("overwriteSchema", "true").partitionBy(*dataset.dataset.partition_cols)
        writer.save(str(self.storage.table(dataset.name)))

    def cluster(self, dataset: ResolvedTable) -> None:
        """Name the columns again by which a table is clustered: an overwrite takes them away."""
        if dataset.dataset.cluster_by:
            self._run(dataset, [clustering(dataset.dataset.cluster_by)])

    def _marked(self, dataset: ResolvedTable) -> ResolvedTable:
        own = marks(dataset.dataset, self.pipeline)
        properties = {**as_created(dataset.dataset.table_properties), **own}
        return replace(dataset, dataset=replace(dataset.dataset, table_properties=properties))


def _existing(state: TableState) -> StructType:
    return schemas.defined(schemas.from_json(state.schema_json))


def must_be_replaced(dataset: ResolvedTable, state: TableState) -> bool:
    """Neither an overwrite nor ALTER gives the table what its definition says."""
    if dataset.schema is None or not schemas.is_tight(dataset.schema):
        return False
    same = _names(state.partition_columns) == _names(dataset.dataset.partition_cols)
    return not (same and growth.grows_into(_existing(state), dataset.schema))


def is_plain(dataset: ResolvedTable) -> bool:
    """Nothing in the definition needs a table feature that only Spark sets up."""
    features = [
        k for k in dataset.dataset.table_properties
        if k.startswith("delta.") and not k.startswith(PLAIN_PROPERTIES)
    ]  # fmt: skip
    return not (schemas.needs_statement(dataset.schema) or features or dataset.dataset.cluster_by)


def create_statement(dataset: ResolvedTable, path: str, how: str = "CREATE TABLE IF NOT EXISTS") -> str:
    """The statement that makes a table of a definition.

    Args:
        path: The table's folder.
        how: Its first words: REPLACE TABLE takes the place of what is there.
    """
    definition = dataset.dataset
    columns = ", ".join(schemas.column_ddl(f) for f in dataset.schema.fields)
    parts = [f"{how} {delta_at(path)} ({columns}) USING delta"]
    if definition.partition_cols:
        parts.append(f"PARTITIONED BY ({_list(definition.partition_cols)})")
    if definition.cluster_by:
        parts.append(f"CLUSTER BY ({', '.join(map(quoted_path, definition.cluster_by))})")
    if definition.comment:
        parts.append(f"COMMENT {text_literal(definition.comment)}")
    if definition.table_properties:
        parts.append(f"TBLPROPERTIES {properties_text(definition.table_properties)}")
    return " ".join(parts)


def built(builder: DeltaTableBuilder, definition: Table) -> DeltaTableBuilder:
    """All of a definition but its columns: SQL has no words for the metadata that a StructType may hold."""
    if definition.partition_cols:
        builder = builder.partitionedBy(*definition.partition_cols)
    if definition.cluster_by:
        builder = builder.clusterBy(*map(quoted_path, definition.cluster_by))
    if definition.comment:
        builder = builder.comment(definition.comment)
    for name, value in definition.table_properties.items():
        builder = builder.property(name, value)
    return builder


def _list(columns: tuple[str, ...]) -> str:
    return ", ".join(map(quoted, columns))


def _names(columns: tuple[str, ...]) -> list[str]:
    return [fold(c) for c in columns]
