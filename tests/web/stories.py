"""Updates as they stand in an event log, told without Spark: by Weir's own writer, in its own words."""

from __future__ import annotations

import datetime as dt
import socket
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
from deltalake import write_deltalake

from tests.logs import event_log
from weir.model.events import Event, flow_progress, update_progress
from weir.run.lake.lock import Holder
from weir.run.lake.storage import Storage
from weir.run.listeners.records import SCHEMAS

PIPELINE_ID = "5f0c8a1e-3f7b-4b0e-9d57-2f1c1f6d3a10"
_NUMBERS = count(1)


@dataclass(frozen=True)
class Made:
    """A dataset of a story.

    Attributes:
        rules: Name, condition, action.
    """

    name: str
    reads: Sequence[str] = ()
    kind: str = "MATERIALIZED_VIEW"
    rules: Sequence[tuple[str, str, str]] = ()
    rows: int = 10
    broken: int = 0
    columns: Sequence[str] = ("id", "at")
    file: str | None = None
    line: int = 1
    definition: str | None = None


PETS = (
    Made("main.bronze.raw", (), "STREAMING_TABLE", rows=600),
    Made("parsed", ("main.bronze.raw",), "VIEW", (("known", "kind IS NOT NULL", "ALLOW"),)),
    Made("main.silver.pets", ("parsed",), "STREAMING_TABLE", (("id_present", "id > 0", "DROP"),), 590, 12),
    Made("main.gold.by_kind", ("main.silver.pets",), rows=7),
    Made("main.gold.report", ("main.gold.by_kind",), rows=1, rules=(("one", "n = 1", "FAIL"),)),
)


class Story:
    """An update that is being told; each call writes events, as `EventLog` does."""

    def __init__(
        self, storage: Path, pipeline: str, datasets: Sequence[Made] = PETS, update: str | None = None
    ):
        self.id = update or f"{next(_NUMBERS):08x}-0000-4000-8000-000000000000"
        self.storage, self.pipeline, self.datasets = Storage(storage), pipeline, datasets
        self._clock = time.time_ns()

    def tell(self, *events: Event) -> None:
        """Write events, a millisecond each."""
        self._clock = max(self._clock, time.time_ns())
        origin = {"pipeline_name": self.pipeline, "pipeline_id": PIPELINE_ID,
                  "update_id": self.id, "cloud": "local"}  # fmt: skip
        with event_log(self.storage.events(self.pipeline), origin, clock=self._tick) as log:
            for event in events:
                log.record(event)

    def _tick(self) -> int:
        self._clock += 1_000_000
        return self._clock

    def begin(self, **config: Any) -> None:
        details = {"cause": "USER_ACTION", "run_as": "ana", "refresh_selection": [], "full_refresh": False,
                   "config": {"name": self.pipeline, "configuration": {}, **config}}  # fmt: skip
        self.tell(Event("create_update", f"Update {self.id[:6]} started by ana.", details),
                  update_progress(self.id, "INITIALIZING"),
                  *(e for d in self.datasets for e in _defined(d)),
                  *(_flow(d, "QUEUED") for d in self.datasets if d.kind != "VIEW"),
                  update_progress(self.id, "RUNNING"))  # fmt: skip

    @contextmanager
    def held(self) -> Iterator[None]:
        """As long as this process updates it, by the record in the lock."""
        process, lock = psutil.Process(), self.storage.lock(self.pipeline)
        lock.parent.mkdir(parents=True, exist_ok=True)
        holder = Holder(socket.gethostname(), process.pid, process.create_time(), self.id, "noon")
        lock.write_text(holder.text, encoding="utf-8")
        yield
        lock.write_text("", encoding="utf-8")

    def starts(self, *names: str) -> None:
        self.tell(*(e for d in self._of(names) for e in (_flow(d, "STARTING"), _flow(d, "RUNNING"))))

    def wrote(self, *names: str) -> None:
        self.tell(*(_wrote(d) for d in self._of(names)))

    def completes(self, *names: str) -> None:
        self.tell(*(e for d in self._of(names) for e in (_wrote(d), _flow(d, "COMPLETED"))))

    def fails(self, name: str, text: str, *skipped: str) -> None:
        error = (("PySparkException", text),)
        self.tell(*(flow_progress(name, name, "FAILED", "ERROR", error=error),),
                  *(flow_progress(n, n, "SKIPPED", "WARN") for n in skipped))  # fmt: skip

    def ends(self, state: str = "COMPLETED") -> None:
        level = "ERROR" if state == "FAILED" else "INFO"
        self.tell(update_progress(self.id, state, level))

    def whole(self, **config: Any) -> Story:
        """All of it at once."""
        self.begin(**config)
        names = [d.name for d in self.datasets if d.kind != "VIEW"]
        self.starts(*names)
        self.completes(*names)
        self.ends()
        return self

    def _of(self, names: Iterable[str]) -> Iterator[Made]:
        return (d for d in self.datasets if d.name in set(names))


def failed(storage: Path, pipeline: str = "pets") -> Story:
    """An update in which `main.silver.pets` fails, so that two others are skipped."""
    story = Story(storage, pipeline)
    story.begin()
    story.starts("main.bronze.raw")
    story.completes("main.bronze.raw")
    story.starts("main.silver.pets")
    text = "[CAST_INVALID_INPUT] The value 'mañana' can't be cast to TIMESTAMP.\n  hint: use try_cast"
    story.fails("main.silver.pets", text, "main.gold.by_kind", "main.gold.report")
    story.ends("FAILED")
    return story


def many(count_: int = 1000) -> tuple[Made, ...]:
    """Datasets in ten layers and in schemas of 25, each reading two of the layer before."""
    wide = count_ // 10
    made: list[Made] = []
    for at in range(count_):
        above = at // wide * wide - wide
        reads = [made[above + at % wide].name, made[above + (at + 3) % wide].name] if at >= wide else []
        kind = "STREAMING_TABLE" if at < wide else "MATERIALIZED_VIEW"
        made.append(Made(f"main.s{at // 25:02}.t{at:04}", reads, kind, rows=at))
    return tuple(made)


def _defined(made: Made) -> Iterator[Event]:
    rules = [{"name": n, "expression": c, "action": a} for n, c, a in made.rules]
    place = {"source": {"file": made.file, "line": made.line}} if made.file else {}
    place |= {"definition_hash": made.definition} if made.definition else {}
    details: Mapping[str, Any] = {"dataset_type": made.kind, "num_flows": 1, "expectations": rules, **place}
    yield Event(
        "dataset_definition", f"Dataset '{made.name}' defined as {made.kind}.", details, dataset=made.name
    )
    types = {"VIEW": "VIEW", "STREAMING_TABLE": "APPEND"}
    fields = [{"name": c, "type": "string", "nullable": True, "metadata": {}} for c in made.columns]
    details = {"input_datasets": list(made.reads) or None, "flow_type": types.get(made.kind, made.kind),
               "schema": fields, "once": False, "comment": None}  # fmt: skip
    yield Event("flow_definition", f"Flow '{made.name}' defined.", details, dataset=made.name, flow=made.name)


def _flow(made: Made, status: str) -> Event:
    return flow_progress(made.name, made.name, status)


def _wrote(made: Made) -> Event:
    counted = [{"name": n, "dataset": made.name, "passed_records": made.rows, "failed_records": made.broken}
               for n, _, action in made.rules if action != "FAIL"]  # fmt: skip
    details = {"metrics": {"num_output_rows": made.rows},
               "data_quality": {"dropped_records": made.broken, "expectations": counted}}  # fmt: skip
    return flow_progress(made.name, made.name, "RUNNING", "METRICS", details)


def columns_made(storage: Storage, day: int, flow: str, *edges: tuple[str, str, str, str]) -> None:
    """What a run of a flow recorded of its columns."""
    at = dt.datetime(2026, 5, day, tzinfo=dt.UTC)
    names = ("source_table", "source_column", "target_table", "target_column")
    rest = {
        "transformation_logic": "IDENTITY",
        "execution_timestamp": at,
        "job_id": "j",
        "pipeline": "pets",
        "flow": flow,
    }
    rows = [{**dict(zip(names, e, strict=True)), **rest} for e in edges]
    schema = pa.schema(list(SCHEMAS["column_lineage"].items()))
    write_deltalake(
        storage.table("main.system.column_lineage"), pa.Table.from_pylist(rows, schema), mode="append"
    )
