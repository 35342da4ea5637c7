"""Files that arrive while an update dies, starts over, goes on or looks away: none is lost, none counted twice (§7.5)."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pyspark.errors import PySparkException

from tests.fixtures import Make
from tests.killing import kill_when
from tests.tiers import short
from weir.model.settings import Selection
from weir.run.files.frame import FileFrame, Files
from weir.run.files.inference import inferred
from weir.run.files.listing import files_at
from weir.run.files.options import file_options
from weir.run.files.source import Memory, all_of, looked_at_alone
from weir.run.flow.retry import is_for_another_start
from weir.testing import INTERPRETED, PipelineUnderTest

WEIR = Path(sys.executable).with_name("weir")
SOURCE = """
import dlt

@dlt.table
@dlt.expect("known", "id IS NOT NULL")
def people():
    return (
        spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")
        .option("cloudFiles.maxFilesPerTrigger", 1).load(spark.conf.get("landing"))
    )

@dlt.table
def below():
    return spark.readStream.table("people")
"""
CHECKPOINT = Path("storage/checkpoints/local/main.default.people/0")


def arrive(landing: Path, first: int, last: int, **more: int) -> None:
    """Files with one record each."""
    landing.mkdir(exist_ok=True)
    for n in range(first, last + 1):
        record = "".join(f', "{name}": {value}' for name, value in more.items())
        (landing / f"{n:03}.json").write_text(f'{{"id": {n}{record}}}\n')


def start(folder: Path) -> subprocess.Popen[bytes]:
    """A process of its own, which can be killed."""
    (folder / "p.py").write_text(SOURCE)
    entries = {**INTERPRETED, "landing": str(folder / "landing")}
    conf = [f"--conf={key}={value}" for key, value in entries.items()]
    command = [WEIR, "run", folder / "p.py", "--name=local", f"--storage={folder / 'storage'}", *conf]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=folder)


def schemas_of(folder: Path) -> Path:
    """Where the versions of the columns are."""
    options = file_options({"path": str(folder / "landing"), "cloudFiles.format": "json"}, None, None)
    return (Memory(folder / CHECKPOINT).place(options) or folder) / "_schemas"


MOMENTS = {
    "columns are learned, the stream has not started": lambda folder: schemas_of(folder) / "0",
    "files are listed, their batch is not planned": lambda folder: folder / CHECKPOINT / "sources/0/1",
    "rows are committed, the checkpoint may not be": lambda folder: (
        folder / "storage/tables/main/default/people/_delta_log/00000000000000000001.json"
    ),
}


@pytest.mark.parity(
    "same", "7.5", "Exactly once: an update killed between listing, batch and commit, and run again"
)
@pytest.mark.parametrize("moment", short(MOMENTS, "rows are committed, the checkpoint may not be"))
def test_killed_and_run_again(moment: str, spark: Any, warm: None, tmp_path: Path) -> None:
    arrive(tmp_path / "landing", 1, 3)
    kill_when(MOMENTS[moment](tmp_path), start(tmp_path))
    arrive(tmp_path / "landing", 4, 4, age=7)
    configuration = {**INTERPRETED, "landing": str(tmp_path / "landing")}
    again = PipelineUnderTest(spark, tmp_path, [tmp_path / "p.py"], configuration=configuration)
    assert {d.error for d in again.update().datasets} == {None}
    facts = [(str(n), None if n < 4 else "7") for n in range(1, 5)]
    for table in ("people", "below"):
        assert [(r["id"], r["age"]) for r in again.rows(table, "id")] == facts


@pytest.mark.parity("same", "4.5", "A full refresh reads all files again and learns their columns anew")
@pytest.mark.parity("same", "7.2", "`cloudFiles.schemaLocation` of the user's own")
def test_many_files_then_one_then_all_again(pipeline: Make, tmp_path: Path) -> None:
    landing, place = tmp_path / "landing", tmp_path / "columns"
    arrive(landing, 1, 70)
    source = SOURCE.replace('maxFilesPerTrigger", 1)', f'schemaLocation", "{place}")')
    under_test = pipeline(source, configuration={"landing": str(landing)})
    assert under_test.update().by_name()["main.default.people"].rows_written == 70
    arrive(landing, 71, 71, age=5)
    result = under_test.update().by_name()["main.default.people"]
    assert (result.rows_written, result.expectations[0].passed) == (1, 1)
    assert sorted(f.name for f in (place / "_schemas").iterdir()) == ["0", "1"]
    for n in range(1, 70):
        (landing / f"{n:03}.json").unlink()
    assert len(under_test.rows("people")) == 71
    under_test.update(Selection(full_refresh_all=True))
    rows = [{"id": r["id"], "age": r["age"]} for r in under_test.rows("below", "id")]
    assert rows == [{"id": "70", "age": None}, {"id": "71", "age": "5"}]


def test_a_file_that_nobody_has_looked_at_ends_the_attempt(spark: Any, tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    arrive(landing, 1, 2)
    options = file_options({"path": str(landing), "cloudFiles.format": "json"}, None, None)
    files = files_at(str(landing))
    frame = FileFrame(spark, options, inferred(spark, options, files))
    df = frame.of(Files(str(landing), all_of(looked_at_alone(files))))

    def read() -> None:
        query = df.writeStream.format("noop").option("checkpointLocation", str(tmp_path / "ck"))
        query.trigger(availableNow=True).start().awaitTermination()

    read()
    arrive(landing, 3, 3, age=1)
    with pytest.raises(PySparkException) as error:
        read()
    assert is_for_another_start(error.value)


class Arrivals(list[Any]):
    """Events of an update: when its flow has read all files, more come, and when all are read it ends."""

    def __init__(self, under_test: PipelineUnderTest, landing: Path) -> None:
        super().__init__()
        self.under_test = under_test
        self.landing = landing
        self.files = 2

    def append(self, event: Any) -> None:
        super().append(event)
        written = sum(e.details.get("metrics", {}).get("num_output_rows", 0) for e in self)
        if written == self.files < 6 and event.details.get("status") == "IDLE":
            self.files += 2
            arrive(self.landing, self.files - 1, self.files, age=1)
        if written == 6:
            self.under_test.stop.ask(signal.SIGTERM)


@pytest.mark.parity("same", "5.7", "A continuous update finds new files and learns new columns, once each")
def test_a_continuous_update_learns_new_columns_too(pipeline: Make, tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    arrive(landing, 1, 2)
    entries = {"landing": str(landing), "pipelines.trigger.interval": "1 second"}
    under_test = pipeline(
        SOURCE.partition("@dlt.table\ndef below")[0], configuration=entries, continuous=True
    )
    under_test.events = Arrivals(under_test, landing)
    assert under_test.update().state == "CANCELED"
    assert [(r["id"], r["age"]) for r in under_test.rows("people", "id")] == [
        ("1", None), ("2", None), ("3", "1"), ("4", "1"), ("5", "1"), ("6", "1"),
    ]  # fmt: skip
    assert len([e for e in under_test.events if e.level == "WARN" and e.error]) == 1
