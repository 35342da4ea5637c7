"""What all reads of one update depend on."""

from __future__ import annotations

from dataclasses import dataclass, field

from pyspark.sql import SparkSession

from weir.model.definitions import Pipeline, Sink, Table, View
from weir.model.names import Namespace
from weir.model.settings import Outside
from weir.model.trial import Trial
from weir.run.lake.paths import folder_of, local_file
from weir.run.lake.storage import Storage


@dataclass(frozen=True)
class World:
    """All that reads depend on; the same for every call of one update.

    Attributes:
        own_views: Temporary views that the top level of the sources made, in lower case.
        trial: What a test changes.
    """

    session: SparkSession
    pipeline: Pipeline
    storage: Storage
    outside: Outside
    own_views: frozenset[str] = frozenset()
    trial: Trial = field(default_factory=Trial)

    def dataset_for(self, name: str) -> Table | View | None:
        """The dataset that a name means; a temporary view shadows a table (specification §1.5)."""
        names = (Namespace.view(name), self.pipeline.namespace.table(name))
        datasets = (self.pipeline.datasets.get(n) for n in names)
        return next((d for d in datasets if not (d is None or isinstance(d, Sink))), None)

    def full_name(self, name: str) -> str:
        """The name of the dataset that a name means, or that of the table outside."""
        dataset = self.dataset_for(name)
        return dataset.name if dataset else self.pipeline.namespace.table(name)

    def outside_path(self, full_name: str) -> str | None:
        """The folder of an outside table: given by the user, or written by another pipeline."""
        given = self.outside.tables.get(full_name)
        if given is not None:
            return given
        return str(self.storage.table(full_name)) if self.storage.state(full_name) is not None else None

    def name_at(self, path: str) -> str:
        """The table that lies in a folder; the folder itself if it is none of ours.

        Args:
            path: As Spark writes it.
        """
        folder = local_file(path).resolve()
        given = {local_file(p).resolve(): name for name, p in self.outside.tables.items()}
        return given.get(folder) or self.storage.name_of(folder) or folder_of(path)
