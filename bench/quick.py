"""`python -m bench.quick`: what a person waits for while developing.

A validation in a warm engine, a test of one dataset from the shell and inside a pytest that runs, a save in
`weir dev` until its result is there, and a validation of 1,000 datasets against `spark-pipelines dry-run`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from queue import SimpleQueue
from statistics import median

import click
from rich.console import Console
from rich.table import Table

from bench.place import BIN, Tools
from bench.sizes import layered
from bench.warm import lent_at
from weir.run.machine.warm.place import NAMED

ROOT = Path(__file__).parents[1]
LIMIT = 600  # seconds that one command may take
screen = Console()
TEST = """
import pytest

ROWS = [{"x": 1}, {"x": -1}]


@pytest.mark.parametrize("number", range(%d))
def test_stateless(pipeline, number):
    assert pipeline.compute("silver", {"raw": ROWS}).counts() == {"positive": (1, 1)}


@pytest.mark.parametrize("number", range(%d))
def test_stateful(pipeline, number):
    assert pipeline.compute("latest", {"silver": ROWS}).rows
"""
SOURCE = """
import dlt

@dlt.table
@dlt.expect_or_drop("positive", "x > 0")
def silver():
    return spark.readStream.table("raw")

dlt.create_streaming_table("latest")
dlt.create_auto_cdc_flow(target="latest", source="silver", keys=["x"], sequence_by="x")
"""
Measures = Mapping[str, tuple[float, Callable[[], list[float]]]]


def seconds(command: list[str], folder: Path, **environment: str) -> float:
    """How long a command takes that must succeed."""
    begin = time.perf_counter()
    ran = subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, timeout=LIMIT,
        check=False,
    )  # fmt: skip
    if ran.returncode:
        raise click.ClickException(f"{' '.join(command)}: {ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return time.perf_counter() - begin


def ten_validated(folder: Path, engine: Path, runs: int) -> list[float]:
    """A pipeline of ten, in the warm engine; the first call is not counted."""
    source = written(folder / "ten" / "p.py", in_weir(10))
    command = [str(BIN / "weir"), "validate", str(source), "--json"]
    return [seconds(command, source.parent, **{NAMED: str(engine)}) for _ in range(runs + 1)][1:]


def shell_test(folder: Path, engine: Path, runs: int) -> list[float]:
    """Pytest with one test of one dataset, in the warm engine."""
    place = tested(folder / "shell", stateless=1, stateful=0)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_p.py"]
    return [seconds(command, place, **{NAMED: str(engine)}) for _ in range(runs + 1)][1:]


def running_tests(folder: Path, engine: Path, runs: int, kind: str) -> list[float]:
    """Tests of one dataset after the first of their kind, in one pytest."""
    counts = {"stateless": 0, "stateful": 0} | {kind: runs + 1}
    place = tested(folder / kind, **counts)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junit-xml=times.xml"]
    seconds([*command, "test_p.py"], place, **{NAMED: str(engine)})
    cases = ET.parse(place / "times.xml").iter("testcase")  # noqa: S314 - pytest has just written it
    return [float(case.get("time", "0")) for case in cases if case.find("skipped") is None][1:]


def tested(folder: Path, *, stateless: int, stateful: int) -> Path:
    """A project with tests."""
    written(folder / "p.py", SOURCE)
    written(folder / "weir.toml", 'sources = ["p.py"]\n')
    written(folder / "test_p.py", TEST % (stateless, stateful))
    return folder


def saved(folder: Path, runs: int) -> list[float]:
    """AltruPets' monolith in `weir dev`: a dataset of gold is saved with another comment."""
    for name in ("pipelines", "expectations"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "databricks.yml", folder)
    simulator = [sys.executable, "-m", "simulator", "--out", str(folder / "landing"), "--arrive"]
    seconds([*simulator, "--days", "10", "--events", "300", "--users", "30"], ROOT)
    (folder / "engine").mkdir(mode=0o700)
    command = [str(BIN / "weir"), "dev", "monolito", f"--conf=altrupets.landing={folder}/landing"]
    environment = os.environ | {NAMED: str(folder / "engine" / "e.sock"), "PYTHONPATH": python_path(folder)}
    with subprocess.Popen(
        [*command, f"--storage={folder}/storage"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as dev:
        try:
            lines: SimpleQueue[str] = SimpleQueue()
            threading.Thread(target=lambda: [lines.put(x) for x in dev.stdout or ()], daemon=True).start()
            ended(lines)
            file = folder / "pipelines/monolito/gold/adoption_funnel.py"
            return [save(file, number, lines) for number in range(runs + 1)][1:]
        finally:
            dev.terminate()
            dev.wait(60)


def save(file: Path, number: int, lines: SimpleQueue[str]) -> float:
    """Seconds from a save to the end of the update that it starts."""
    text = file.read_text(encoding="utf-8")
    begin = time.perf_counter()
    file.write_text(text.replace("por día", f"por día {number}", 1), encoding="utf-8")
    ended(lines)
    return time.perf_counter() - begin


def ended(lines: SimpleQueue[str]) -> None:
    """Wait for the line that ends an update.

    Raises:
        ClickException: It has failed.
    """
    while not (line := lines.get(timeout=LIMIT)).startswith("Update "):
        pass
    if " COMPLETED:" not in line:
        raise click.ClickException(line)


def python_path(folder: Path) -> str:
    """The copy of the project first."""
    return os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))


def validated(folder: Path, size: int, runs: int) -> tuple[list[float], list[float]]:
    """Many datasets, cold: `weir validate`, and `spark-pipelines dry-run`, in turns."""
    source = written(folder / "weir" / "p.py", in_weir(size))
    written(folder / "spark" / "graph.py", in_spark(size))
    spec = {"name": "bench", "storage": (folder / "storage").as_uri(),
            "libraries": [{"glob": {"include": "graph.py"}}]}  # fmt: skip
    written(folder / "spark" / "spark-pipeline.yml", json.dumps(spec))
    environment = {**Tools.find().environment(), "SPARK_CONF_DIR": str(folder / "spark")}
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(runs):
        ours.append(
            seconds([str(BIN / "weir"), "validate", str(source), "--json"], source.parent, **{NAMED: "off"})
        )
        command = [str(BIN / "spark-pipelines"), "dry-run"]
        theirs.append(seconds(command, folder / "spark", **environment))
    return ours, theirs


def in_weir(size: int) -> str:
    """Layers of ten materialized views, each of which reads two of the layer above."""
    return "\n".join(["import dlt", *_datasets(size, "@dlt.table", "dlt.read('{}')")])


def in_spark(size: int) -> str:
    """The same for spark-pipelines."""
    begin = "from pyspark import pipelines as dp\nfrom pyspark.sql import SparkSession\nspark = SparkSession.active()"
    return "\n".join([begin, *_datasets(size, "@dp.materialized_view", "spark.read.table('{}')")])


def _datasets(size: int, decorator: str, read: str) -> Iterator[str]:
    for name, inputs in layered(size).items():
        first, *others = [read.format(other) for other in inputs] or ["spark.range(3)"]
        joined = first + "".join(f".join({other}, 'id', 'left_semi')" for other in others)
        yield f"{decorator}\ndef {name}():\n    return {joined}\n"


def written(file: Path, text: str) -> Path:
    """The file, which has this text now."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


@click.command()
@click.option("--runs", default=3, show_default=True, help="Measured calls of each kind.")
@click.option("--datasets", default=1000, show_default=True, help="Of the large validation; 0 leaves it out.")
@click.option("--only", default="", help="Only rows whose text has this.")
def main(runs: int, datasets: int, only: str) -> None:
    """Measure, and show what is to be reached."""
    table = Table(title="seconds, medians")
    for name in ("", "at most", "is", "range"):
        table.add_column(name)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for text, limit, values in rows(folder, runs, datasets, only):
            middle, spread = f"{median(values):.2f}", f"{min(values):.2f} to {max(values):.2f}"
            screen.print(f"{text}: {middle}")
            table.add_row(text, str(limit), middle, spread)
    screen.print(table)


def rows(folder: Path, runs: int, datasets: int, only: str) -> Iterator[tuple[str, float, list[float]]]:
    """What is measured, what is to be reached, and the figures."""
    engine = folder / "engine" / "e.sock"
    warm: Measures = {
        "warm validate of a pipeline of 10": (1.0, lambda: ten_validated(folder, engine, runs)),
        "test of one dataset from the shell": (1.5, lambda: shell_test(folder, engine, runs)),
        "the same inside pytest, stateless": (0.2, lambda: running_tests(folder, engine, runs, "stateless")),
        "the same inside pytest, stateful": (2.0, lambda: running_tests(folder, engine, runs, "stateful")),
    }
    chosen = {text: row for text, row in warm.items() if only in text}
    if chosen:
        with lent_at(engine):
            for text, (limit, measure) in chosen.items():
                yield text, limit, measure()
    if only in (text := "save to result in weir dev"):
        (folder / "dev").mkdir()
        yield text, 3.0, saved(folder / "dev", runs)
    if datasets and only in (text := f"validate {datasets} datasets over spark-pipelines dry-run (ratio)"):
        ours, theirs = validated(folder / "many", datasets, runs)
        yield text, 0.25, [a / b for a, b in zip(ours, theirs, strict=True)]


if __name__ == "__main__":
    main()
