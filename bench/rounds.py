"""A round: every contender does first run, nothing new, one per cent more; they take turns."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import check
from bench.contenders import Contender
from bench.data import Input
from bench.place import Place, Tools
from bench.process import timed

PHASES = {"first": "first run", "again": "nothing new", "more": "1 % more"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One run.

    Attributes:
        round: 0 is the warm-up, which is checked but not measured.
        verdict: `right`, `late: ...`, `wrong: ...` or `failed: ...`.
        facts: What the tables hold.
    """

    size: str
    round: int
    phase: str
    contender: str
    seconds: float
    verdict: str
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Round:
    """What a round is made of.

    Attributes:
        able: The phases that each contender gets to, by its name; all if it is not there.
    """

    size: str
    number: int
    contenders: Sequence[Contender]
    data: Input
    folder: Path
    tools: Tools
    limit: float
    able: dict[str, list[str]] = field(default_factory=dict)

    def run(self) -> Iterator[Sample]:
        """The samples as they come; the folder is removed when all went well."""
        landing = self.folder / "landing"
        landing.mkdir(parents=True)
        for file in self.data.first:
            os.link(file, landing / file.name)
        places = {c.name: self._prepared(c, landing) for c in self.contenders}
        out: set[str] = set()
        for phase in PHASES:
            if phase == "more":
                os.link(self.data.more, landing / self.data.more.name)
            for contender in self._turn(phase):
                if contender.name in out or phase not in self.able.get(contender.name, PHASES):
                    continue
                sample = self._sample(contender, places[contender.name], phase)
                out |= {contender.name} if sample.verdict.startswith("failed") else set()
                yield sample

    def _prepared(self, contender: Contender, landing: Path) -> Place:
        folder = self.folder / contender.name
        folder.mkdir()
        env = {**self.tools.environment(), **contender.env(folder)}
        place = Place(folder, landing, self.tools, env)
        contender.prepare(place)
        return place

    def _turn(self, phase: str) -> list[Contender]:
        """Another one begins each time: nobody always runs on a machine that rested."""
        shift = (self.number + list(PHASES).index(phase)) % len(self.contenders)
        return [*self.contenders[shift:], *self.contenders[:shift]]

    def _sample(self, contender: Contender, place: Place, phase: str) -> Sample:
        log = place.folder / f"{phase}.log"
        done = timed(contender.command(place), place.folder, place.env, log, self.limit)
        if done.code != 0:
            why = "took too long" if done.code is None else reason(log, done.code)
            return self._told(contender, phase, done.seconds, f"failed: {why}")
        now = self.data.after_more if phase == "more" else self.data.after_first
        before = None if phase == "first" else self.data.after_first
        found = check.facts(contender, place)
        verdict = check.verdict(found, now, before)
        if verdict == "right" and contender.name in {"weir", "weir-warm"}:
            verdict = check.rules(log, now, before)
        if verdict == "right" and contender.name == "weir-warm":
            verdict = check.warm(log)
        return self._told(contender, phase, done.seconds, verdict, found)

    def _told(
        self,
        contender: Contender,
        phase: str,
        seconds: float,
        verdict: str,
        facts: dict[str, str] | None = None,
    ) -> Sample:
        return Sample(self.size, self.number, phase, contender.name, seconds, verdict, facts or {})

    def clean(self) -> None:
        """Remove the round's folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def reason(log: Path, code: int) -> str:
    """The last line of its errors that names a condition, without paths."""
    text = log.with_suffix(f"{log.suffix}.err").read_text(encoding="utf-8", errors="replace")
    text += log.read_text(encoding="utf-8", errors="replace")
    named = [line for line in text.splitlines() if "[" in line and "Exception" in line]
    condition = named[-1].partition("[")[2].partition("]")[0] if named else ""
    return f"exit code {code} {condition}".strip()
