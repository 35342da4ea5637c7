"""`python -m bench.sizes`: how `validate` and an update grow with a pipeline; takes some minutes.

Each shape is generated in 10, 100 and 1,000 datasets, half of them views. One call is timed in a session that
is warm: a process of its own adds the same seconds to every size.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
from pyspark.sql import SparkSession
from rich.console import Console

from weir.fakes import star
from weir.plan.schedule import Schedule
from weir.plan.steps import Plan
from weir.testing import PipelineUnderTest, spark_session, write_sources

SIZES = (10, 100, 1000)
WIDTH = 10
DEPTH = 1100
Reads = Mapping[str, Sequence[str]]
screen = Console()


@click.command()
@click.option("--update", "updated", default=100, show_default=True, help="Datasets of the update.")
def main(updated: int) -> None:
    """Seconds for ten times and a hundred times the datasets, and for views of views."""
    with tempfile.TemporaryDirectory() as folder:
        spark = spark_session(Path(folder, "spark.log"))
        _validate(spark, Path(folder, "warm-up"), layered(WIDTH))
        for shape, reads_of in SHAPES.items():
            for size in SIZES:
                seconds = _validate(spark, Path(folder, f"{shape}-{size}"), reads_of(size))
                screen.print(f"validate {size:5} in {shape:<12} {seconds:7.1f} s")
        _update(spark, Path(folder, "update"), updated)
        _deep(spark, Path(folder, "deep"))
        spark.stop()


def layered(size: int) -> Reads:
    """Layers of ten, each dataset of which reads two of the layer above."""
    above = [
        (n // WIDTH * WIDTH - WIDTH + n % WIDTH, n // WIDTH * WIDTH - 1 - n % WIDTH) for n in range(size)
    ]
    return {f"d{n}": [f"d{i}" for i in above[n]] if n >= WIDTH else [] for n in range(size)}


SHAPES: Mapping[str, Callable[[int], Reads]] = {"layers": layered, "star": lambda size: star(size - 2)}


def _validate(spark: SparkSession, folder: Path, reads: Reads) -> float:
    return _validate_seconds(_pipeline(spark, folder, reads, _every_other(reads)))


def _validate_seconds(pipeline: PipelineUnderTest) -> float:
    begin = time.perf_counter()
    if problems := pipeline.problems():
        raise click.ClickException(str(problems[0]))
    return time.perf_counter() - begin


def _update(spark: SparkSession, folder: Path, size: int) -> None:
    reads = layered(size)
    pipeline = _pipeline(spark, folder, reads, _every_other(reads))
    scheduling, seconds = _scheduling(pipeline.plan()), pipeline.update().seconds
    screen.print(f"update   {size:5} in layers       {seconds:7.1f} s, scheduling {scheduling / seconds:.4%}")


def _scheduling(plan: Plan) -> float:
    """Seconds to choose the order of all flows, one after another."""
    begin = time.perf_counter()
    schedule = Schedule(plan.flows)
    ready = [*schedule.ready()]
    for step in ready:
        schedule.ended(step)
        ready.extend(schedule.ready())
    return time.perf_counter() - begin


def _deep(spark: SparkSession, folder: Path) -> None:
    names = [f"d{n}" for n in range(DEPTH + 1)]
    reads = {name: names[n - 1 : n] if n else [] for n, name in enumerate(names)}
    pipeline = _pipeline(spark, folder, reads, frozenset(names[:-1]))
    screen.print(f"validate {DEPTH:5} views of views {_validate_seconds(pipeline):7.1f} s")
    screen.print(f"update   {DEPTH:5} views of views {pipeline.update().seconds:7.1f} s")


def _every_other(reads: Reads) -> frozenset[str]:
    """The datasets of every other ten, save for the last of all."""
    *inner, _ = reads
    return frozenset(name for n, name in enumerate(inner) if n // WIDTH % 2)


def _pipeline(spark: SparkSession, folder: Path, reads: Reads, views: frozenset[str]) -> PipelineUnderTest:
    datasets = (_dataset(n, inputs, view=n in views) for n, inputs in reads.items())
    sources = write_sources(folder / "sources", "\n".join(["import dlt", *datasets]))
    return PipelineUnderTest(spark, folder, [sources])


def _dataset(name: str, inputs: Sequence[str], *, view: bool) -> str:
    first, *others = [f"dlt.read('{other}')" for other in inputs] or ["spark.range(3)"]
    with_others = ".join({}, 'id', 'left_semi')" if len(others) == 1 else ".union({})"
    query = first + "".join(map(with_others.format, others))
    rule = "" if view else "@dlt.expect('known', 'id IS NOT NULL')\n"
    kind = "view" if view else "table"
    return f"@dlt.{kind}\n{rule}def {name}():\n    return {query}.where('id < 3')\n"


if __name__ == "__main__":
    main()
