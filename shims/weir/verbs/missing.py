"""What a pipeline lacks here: it is opened again and again, with stand-ins for what it lacked before."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from weir.model.definitions import Dataset
from weir.model.needs import Need, need_in
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError
from weir.pipeline import open_pipeline
from weir.request import Request, one_session
from weir.verbs.arguments import requests_in

UNKNOWN = "weir_unknown_value"  # stands for an entry or a secret that nobody has given
ROUNDS = 20
Key = tuple[str, str]


@dataclass
class Lack:
    """What was seen of one or several pipelines.

    Attributes:
        datasets: Full name -> what it is.
        needs: What is missing -> where it is needed first.
        later: What is missing under a name that a missing value makes.
        problems: What is wrong otherwise.
        notices: Sentences about what has no effect here.
    """

    datasets: dict[str, Dataset] = field(default_factory=dict[str, Dataset])
    needs: dict[Need, Origin | None] = field(default_factory=dict[Need, Origin | None])
    later: list[Problem] = field(default_factory=list[Problem])
    problems: list[Problem] = field(default_factory=list[Problem])
    notices: dict[str, None] = field(default_factory=dict[str, None])

    def to_json(self) -> dict[str, Any]:
        """What is missing and what is wrong, as `--json` prints it."""
        return {
            "missing": [
                {
                    "kind": need.kind,
                    "key": need.key,
                    "file": origin.file if origin else None,
                    "line": origin.line if origin else None,
                }
                for need, origin in self.needs.items()
            ],
            "later": [problem.to_json() for problem in self.later],
            "problems": [problem.to_json() for problem in self.problems],
            "notices": list(self.notices),
        }

    def look(self, request: Request) -> None:
        """Open a pipeline until nothing new is missing.

        Values of the configuration and secrets get a stand-in, so that what lies behind them is seen, too.
        Behind a stand-in only a need or a refusal is sure: all else may come of the stand-in.
        """
        self.notices.update(dict.fromkeys(request.settings.notices))
        request = replace(request, say=lambda sentence: self.notices.update({sentence: None}))
        at_first: set[Key] = set()
        problems: tuple[Problem, ...] = ()
        for _ in range(ROUNDS):
            known = self._unknown()
            problems = self._problems_of(request)
            at_first = at_first or {_key(problem) for problem in problems}
            if self._unknown() == known:
                break
        for problem in problems:
            need = need_in(problem.hint)
            if need and UNKNOWN in need.key:
                self.later.append(problem)
            elif not need and (problem.condition == "Unsupported" or _key(problem) in at_first):
                self.problems.append(problem)

    def _problems_of(self, request: Request) -> tuple[Problem, ...]:
        """The problems of a pipeline with stand-ins; what is missing is noted."""
        try:
            stand_ins = dict.fromkeys(self._keys("env"), UNKNOWN)
            with _environment(stand_ins), open_pipeline(self._with_stand_ins(request)) as opened:
                self.datasets.update(opened.pipeline.datasets)
                problems = opened.problems
        except WeirError as error:
            problems = error.problems
        for problem in problems:
            need = need_in(problem.hint)
            if need and UNKNOWN not in need.key:
                self.needs.setdefault(need, problem.origin)
        return problems

    def _unknown(self) -> list[str]:
        """The entries and secrets that get a stand-in."""
        return [*self._keys("conf"), *self._keys("env")]

    def _with_stand_ins(self, request: Request) -> Request:
        stand_ins = dict.fromkeys(self._keys("conf"), UNKNOWN)
        settings = request.settings
        return replace(
            request, settings=replace(settings, configuration={**settings.configuration, **stand_ins})
        )

    def _keys(self, kind: str) -> list[str]:
        return [need.key for need in self.needs if need.kind == kind]


def lack_of(folder: Path, arguments: Mapping[str, Any]) -> Lack:
    """What the pipelines of a folder lack, all together.

    Raises:
        WeirError: There is no pipeline in the folder, or its bundle can't be read.
    """
    return look_at(*requests_in(folder, arguments))


def look_at(requests: tuple[Request, ...], problems: Iterable[Problem]) -> Lack:
    """What some pipelines lack, all together.

    Args:
        problems: What keeps others from being opened.

    Raises:
        WeirError: This machine can run none.
    """
    lack = Lack(problems=list(problems))
    for request in one_session(requests) if requests else ():
        lack.look(request)
    return lack


def _key(problem: Problem) -> Key:
    """What stays of a problem, whatever follows from it."""
    return problem.condition, problem.message.partition(" Not resolved because")[0]


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Variables of the environment for the length of the block."""
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            del os.environ[name]
