"""`python -m bench.warm`: commands with an engine of their own and in a warm one, and how that ages.

First each command three times cold and three times warm, taking turns; the medians and their ratio. Then
cycles of a run with new rows and a validation in the warm engine: seconds, memory, threads and temporary
views after each tenth of them, which must not grow.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pyarrow as pa
from deltalake import write_deltalake

from weir.run.machine.session import launch_of
from weir.run.machine.warm.engine import Limits, WarmEngine
from weir.run.machine.warm.place import NAMED

WEIR = Path(sys.executable).with_name("weir")
SOURCE = """
import dlt
from pyspark.sql import functions as F

@dlt.table
@dlt.expect_or_drop("known", "x IS NOT NULL")
def silver():
    return spark.readStream.table("raw").withColumn("y", F.udf(lambda x: x, "bigint")("x"))

@dlt.table
def gold():
    return dlt.read("silver").groupBy("y").count()
"""
OPTIONS = ("p.py", "--table=raw=raw", "--json")


class Commands:
    """`weir` in a folder with a pipeline."""

    def __init__(self, folder: Path, engine: Path) -> None:
        self.folder, self.engine = folder, engine
        (folder / "p.py").write_text(SOURCE, encoding="utf-8")
        self.feed(0)

    def feed(self, number: int) -> None:
        """One more row arrives."""
        write_deltalake(self.folder / "raw", pa.table({"x": [number]}), mode="append")

    def seconds(self, verb: str, storage: str, *, warm: bool) -> float:
        """How long a command takes."""
        environment = os.environ | {NAMED: str(self.engine) if warm else "off"}
        command = [WEIR, verb, *OPTIONS, f"--storage={storage}"]
        begin = time.perf_counter()
        subprocess.run(command, cwd=self.folder, env=environment, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begin


@contextmanager
def lent(folder: Path) -> Iterator[tuple[psutil.Process, object, Path]]:
    """A warm engine: its JVM, its session and its socket."""
    with lent_at(folder / "engine" / "e.sock") as (jvm, session):
        yield jvm, session, folder / "engine" / "e.sock"


@contextmanager
def lent_at(path: Path) -> Iterator[tuple[psutil.Process, object]]:
    """A warm engine at a socket: its JVM and its session."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    launch = launch_of(path.with_suffix(".log"), {}, print, lasting=True)
    session = launch.start()
    engine, ready = WarmEngine(session, launch.needs, path), threading.Event()
    server = threading.Thread(target=engine.serve, args=(Limits(), ready), daemon=True)
    server.start()
    ready.wait()
    try:
        yield engine.jvm, session
    finally:
        engine.over.set()
        server.join(60)
        session.stop()


def compare(commands: Commands, rounds: int) -> None:
    """Each command cold and warm, taking turns."""
    figures: dict[tuple[str, bool], list[float]] = {}
    for number in range(rounds):
        for warm in (False, True):
            storage = f"{'warm' if warm else 'cold'}{number}"
            for name, verb in (("first run", "run"), ("nothing new", "run"), ("validate", "validate")):
                seconds = commands.seconds(verb, storage, warm=warm)
                figures.setdefault((name, warm), []).append(seconds)
    for name in dict.fromkeys(name for name, _ in figures):
        cold, warm = (statistics.median(figures[name, kind]) for kind in (False, True))
        print(f"{name:12} cold {cold:6.2f} s   warm {warm:6.2f} s   ratio {warm / cold:.2f}", flush=True)


def age(commands: Commands, jvm: psutil.Process, session: object, cycles: int) -> None:
    """Cycles of a run with new rows and a validation."""
    for number in range(1, cycles + 1):
        commands.feed(number)
        run = commands.seconds("run", "aging", warm=True)
        validate = commands.seconds("validate", "aging", warm=True)
        if number % max(1, cycles // 10) == 0:
            processes = [jvm, *jvm.children(recursive=True)]
            memory = sum(p.memory_info().rss for p in processes) / 2**20
            views = len(session.catalog.listTables())
            print(f"cycle {number:4}: run {run:5.2f} s, validate {validate:5.2f} s, {memory:6.0f} MB, "
                  f"{len(processes)} processes, {jvm.num_threads()} threads, {views} views", flush=True)  # fmt: skip


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, lent(Path(folder)) as (jvm, session, path):
        commands = Commands(Path(folder), path)
        compare(commands, chosen.rounds)
        age(commands, jvm, session, chosen.cycles)


if __name__ == "__main__":
    main()
