"""`python -m bench.page`: the budgets of `weir ui`, each beside what it takes here; some minutes.

Logs are written by Weir's own writer, pages are opened in Chromium (`apt install chromium`, or the one in the
environment variable CHROMIUM). A fast machine without other work is needed for numbers that mean something.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pyarrow as pa
from deltalake import write_deltalake
from playwright.sync_api import Browser, Page, Response
from rich.console import Console

from bench.served import Served, chromium, served
from tests.web.stories import Story, many
from weir.history.tables import first_rows
from weir.web.drawing.layout import layout
from weir.web.reading.diff import difference

SMALL = 20  # datasets
COMMITS = 20
IDLE = 10.0  # seconds
ROWS = 50_000
NODE = '.node[data-d="{name}"]'
MOVE = """async () => {
  const canvas = document.querySelector(".canvas"), gaps = [];
  let last = performance.now();
  for (let frame = 0; frame < 120; frame++) {
    canvas.scrollBy(12, 6);
    if (frame % 10 === 0) canvas.dispatchEvent(new WheelEvent("wheel", { ctrlKey: true, deltaY: frame % 20 ? 1 : -1, cancelable: true }));
    await new Promise(requestAnimationFrame);
    gaps.push(performance.now() - last);
    last = performance.now();
  }
  return gaps;
}"""
screen = Console(width=100)


@dataclass(frozen=True, slots=True)
class Measure:
    """What something takes, and what it may take; frames a second may be more."""

    name: str
    value: float
    unit: str
    budget: float

    @property
    def kept(self) -> bool:
        return self.value >= self.budget if self.unit == "fps" else self.value <= self.budget


@click.command()
@click.option("--datasets", default=1000, show_default=True, help="Of the large pipeline.")
@click.option("--updates", default=50, show_default=True, help="Of the large pipeline.")
@click.option("--run/--no-run", default=True, show_default=True, help="Also watch an update, with Spark.")
def main(datasets: int, updates: int, run: bool) -> None:
    """Print each budget of the page beside what was measured."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        place = Path(folder)
        for measure in measures(place, browser, datasets, updates, run=run):
            mark = "" if measure.kept else "  missed"
            value = f"{measure.value:9.2f} {measure.unit:<5}"
            screen.print(f"{measure.name:<52}{value} budget {measure.budget:g}{mark}", highlight=False)


def measures(place: Path, browser: Browser, datasets: int, updates: int, *, run: bool) -> Iterator[Measure]:
    """Each as soon as it is known."""
    yield from of_layouts(datasets)
    yield from of_tables(place / "tables")
    Story(place / "small", "pets", many(SMALL)).whole()
    yield from of_the_first_page(place / "small", browser)
    for _ in range(updates):
        Story(place / "large", "lake", many(datasets)).whole()
    with served(place / "large") as server, server.page(browser) as page:
        yield from of_a_large_pipeline(server, page, f"{datasets:,} datasets")
        yield from of_following(place / "large", server, page, datasets)
    yield from of_ten_pipelines(place / "ten", browser)
    if run:
        yield from of_a_run(place / "run", browser)


def of_layouts(datasets: int) -> Iterator[Measure]:
    for size, budget in ((datasets, 0.5), (3 * datasets, 2.0)):
        made = many(size)
        edges = tuple((source, d.name) for d in made for source in d.reads)
        seconds = cpu(lambda: layout(tuple(d.name for d in made), edges))  # noqa: B023 - it is called at once
        yield Measure(f"layout of {size:,} datasets, CPU", seconds, "s", budget)


def of_tables(table: Path) -> Iterator[Measure]:
    for shift in (0, 500):
        numbers = pa.array(range(shift, ROWS + shift))
        write_deltalake(table, pa.table({"id": numbers, "name": numbers.cast(pa.string())}), mode="overwrite")
    yield Measure(f"difference of {ROWS:,} rows", wall(lambda: difference(table, 0, 1)), "s", 0.5)
    yield Measure("first 50 rows", wall(lambda: first_rows(table, 50, None)), "s", 0.1)


def of_the_first_page(storage: Path, browser: Browser) -> Iterator[Measure]:
    begin = time.perf_counter()
    with served(storage) as server:
        server.fetch("/p/pets")
        yield Measure(f"start to the page of {SMALL} datasets", time.perf_counter() - begin, "s", 1.0)
        yield Measure(f"start to the page of {SMALL} datasets, CPU", server.cpu, "s", 0.8)
        with server.page(browser) as page:
            answers: list[Response] = []
            page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - it marks what it is given
            server.open(page, "/p/pets")
            sizes = [len(a.body()) for a in answers]
            yield Measure(f"page of {SMALL} datasets", sum(sizes) / 1000, "KB", 120)
            yield Measure("requests for it", len(sizes), "", 6)
            yield Measure(f"memory with {SMALL} datasets", server.megabytes, "MB", 150)


def of_a_large_pipeline(server: Served, page: Page, name: str) -> Iterator[Measure]:
    for query, what in (("", "by schema"), ("?by=none", "one by one")):
        server.open(page, f"/p/lake{query}")  # the layout is known from then on
        seconds = statistics.median(wall(lambda: server.open(page, page.url)) for _ in range(5))
        yield Measure(f"{name} {what}, ready", seconds, "s", 1.0)
    gaps = page.evaluate(MOVE)
    yield Measure(f"{name}, scrolling and zooming", 1000 / statistics.mean(gaps), "fps", 30)
    yield Measure("95 of 100 frames within", statistics.quantiles(gaps, n=20)[-1], "ms", 70)
    yield Measure(f"memory with {name}", server.megabytes, "MB", 250)


def of_following(storage: Path, server: Served, page: Page, datasets: int) -> Iterator[Measure]:
    """An update in another process, which this one is to the server."""
    story = Story(storage, "lake", many(datasets))
    with story.held():
        story.begin()
        page.wait_for_selector(f'#status[data-update="{story.id[:8]}"]')
        names = [d.name for d in story.datasets[:COMMITS]]
        before = server.cpu
        seconds = [wall(lambda: seen(story, page, name)) for name in names]  # noqa: B023 - it is called at once
        cpu_each = (server.cpu - before) / COMMITS
        story.ends()
    yield Measure("an event to the page, 95 of 100 within", statistics.quantiles(seconds, n=20)[-1], "s", 1.5)
    yield Measure("CPU of the server for each commit", 1000 * cpu_each, "ms", 25)


def seen(story: Story, page: Page, name: str) -> None:
    story.starts(name)
    page.wait_for_selector(f"{NODE.format(name=name)}.s-RUNNING")


def of_ten_pipelines(storage: Path, browser: Browser) -> Iterator[Measure]:
    for number in range(10):
        Story(storage, f"p{number}").whole()
    with served(storage) as server, server.page(browser) as page:
        server.open(page, "/p/p0")
        before = server.cpu
        page.wait_for_timeout(1000 * IDLE)
        yield Measure("CPU beside ten pipelines that rest", 100 * (server.cpu - before) / IDLE, "%", 1.0)


def of_a_run(place: Path, browser: Browser) -> Iterator[Measure]:
    """What the server takes of the machine while it watches an update."""
    place.mkdir()
    (place / "p.py").write_text("import dlt\n" + "".join(map(DATASET.format, range(SMALL))), encoding="utf-8")
    with served(place / "weir") as server:
        server.run(place)
        with server.page(browser) as page:
            server.open(page, "/p/pets")
            before, taken = server.cpu, wall(lambda: server.run(place))
            yield Measure(
                "CPU beside an update that is watched", 100 * (server.cpu - before) / taken, "%", 3.0
            )


DATASET = "@dlt.table\ndef d{0}():\n    return spark.range({0} + 1)\n"


def wall(call: Callable[[], object]) -> float:
    """Seconds that pass."""
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def cpu(call: Callable[[], object]) -> float:
    """Seconds that this process computes."""
    begin = time.process_time()
    call()
    return time.process_time() - begin


if __name__ == "__main__":
    main()
