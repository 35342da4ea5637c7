"""`python -m bench`: measure, check, compare. Takes half an hour; wants a quiet machine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import click
from rich.console import Console

from bench import report
from bench.contenders import ENGINE, Contender, chosen
from bench.data import SIZES, Input, make
from bench.place import Tools
from bench.rounds import PHASES, Round, Sample
from bench.warm import lent_at

WORK = Path(".weir", "bench")
screen = Console()


@click.command()
@click.option("--runs", default=3, show_default=True, help="Measured rounds of each size; 0 only checks.")
@click.option("--size", "sizes", type=click.Choice(list(SIZES)), multiple=True, help="All if left out.")
@click.option("--only", default="weir,script,pipelines", show_default=True, help="Contenders.")
@click.option("--limit", default=600.0, show_default=True, help="Seconds that one run may take.")
@click.option("--keep", is_flag=True, help="Keep the tables and logs of every round.")
@click.option("--warm-up/--no-warm-up", default=True, help="A small round first, unmeasured.")
def main(runs: int, sizes: tuple[str, ...], only: str, limit: float, *, keep: bool, warm_up: bool) -> None:
    """Weir, a hand-written script and spark-pipelines on the same input, taking turns."""
    try:
        contenders = chosen(only.split(","))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--only") from error
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended too
    tools = Tools.find()
    os.environ.update(tools.environment())  # a warm engine of ours must fit the runs
    warm = any(contender.name == "weir-warm" for contender in contenders)
    with lent_at(ENGINE) if warm else nullcontext():
        measure(tools, contenders, sizes, runs, limit, keep=keep, warm_up=warm_up)


def measure(
    tools: Tools,
    contenders: Sequence[Contender],
    sizes: Sequence[str],
    runs: int,
    limit: float,
    *,
    keep: bool,
    warm_up: bool,
) -> None:
    """Measure, and tell."""
    work = (WORK / time.strftime("%Y%m%d-%H%M%S")).resolve()
    bench = Bench(contenders, work, tools, limit, keep=keep)
    samples = list(bench.samples(sizes or tuple(SIZES), runs, warm_up=warm_up))
    for size in dict.fromkeys(s.size for s in samples if s.round):
        screen.print(report.times_table(samples, size))
    screen.print(report.goals_table(samples))
    for remark in report.remarks(samples):
        screen.print(remark, markup=False, soft_wrap=True)
    file = work / "result.json"
    file.write_text(json.dumps(report.as_json(samples, bench.tools), indent=1), encoding="utf-8")
    screen.print(f"all of it: {file.relative_to(Path.cwd())}", soft_wrap=True)
    sys.exit(bench.failed(samples))


class Bench:
    """The rounds of one call, and the phases that each contender was seen to get through."""

    def __init__(
        self, contenders: Sequence[Contender], work: Path, tools: Tools, limit: float, *, keep: bool
    ) -> None:
        self.contenders = contenders
        self.work = work
        self.tools = tools
        self.limit = limit
        self.keep = keep
        self.able: dict[str, list[str]] = {}

    def samples(self, sizes: Sequence[str], runs: int, *, warm_up: bool) -> Iterator[Sample]:
        """The warm-up, then every round of every size."""
        if warm_up:
            yield from self._warm_up()
        for size in sizes if runs else ():
            data = self._input(size)
            for number in range(1, runs + 1):
                yield from self._round(size, number, data)
            shutil.rmtree(self.work / f"input-{size}")

    def _warm_up(self) -> Iterator[Sample]:
        """Fills file caches, builds Weir's class archive, finds what fails."""
        data = self._input("small")
        samples = list(self._round("small", 0, data))
        shutil.rmtree(self.work / "input-small")
        for contender in self.contenders:
            mine = [s for s in samples if s.contender == contender.name]
            fine = [s.phase for s in mine if not s.verdict.startswith("failed")]
            self.able[contender.name] = fine
        if not self.tools.archived:
            screen.print("Weir has no class archive yet: its times will be too long", style="red")
        yield from samples

    def _input(self, size: str) -> Input:
        return make(self.work / f"input-{size}", SIZES[size])

    def _round(self, size: str, number: int, data: Input) -> Iterator[Sample]:
        folder = self.work / f"{size}-{number}"
        round_ = Round(size, number, self.contenders, data, folder, self.tools, self.limit, self.able)
        good = True
        for sample in round_.run():
            what = f"{size} {number or 'warm-up'}, {PHASES[sample.phase]}"
            line = f"{what:<28} {sample.contender:<18} {sample.seconds:6.1f} s  {sample.verdict}"
            screen.print(line, markup=False, highlight=False, soft_wrap=True)
            good = good and not (sample.verdict.startswith("wrong") or self.failed([sample]))
            yield sample
        if good and not self.keep:
            round_.clean()

    def failed(self, samples: Sequence[Sample]) -> int:
        """1 if a contender of ours was not right: times then mean nothing."""
        ours = {c.name for c in self.contenders if c.ours}
        return int(any(s.contender in ours and s.verdict != "right" for s in samples))


if __name__ == "__main__":
    main()
