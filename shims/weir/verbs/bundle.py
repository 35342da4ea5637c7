"""`weir run --all`: every pipeline of the bundle, each after those whose tables it reads."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from rich.console import RenderableType

from weir import engine
from weir.model.problems import Problem, WeirError
from weir.model.results import State, UpdateResult
from weir.pipeline import OpenPipeline, open_pipeline, pipeline_tables
from weir.plan.order import PipelineTables, can_run, circle, next_to_run, upstream
from weir.request import Request, one_session
from weir.run.update.stop import Stop
from weir.ui.live import LiveUpdate
from weir.ui.output import JsonLines, only_ours, print_json, report
from weir.ui.screen import Screen
from weir.ui.tables import closing_line, print_errors, rows_table
from weir.update import at_rest
from weir.verbs.arguments import requests_for_all
from weir.verbs.update import not_run, screen_for


@dataclass(frozen=True, slots=True)
class PipelineResult:
    """What became of a pipeline.

    Attributes:
        update: None if there was no update: it was wrong, or `because` did not end well.
    """

    request: Request
    update: UpdateResult | None = None
    problems: tuple[Problem, ...] = ()
    because: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """The state of its update; failed if it was wrong, skipped if another one failed."""
        if self.update:
            return self.update.state
        return State.FAILED if self.problems else State.SKIPPED

    @property
    def exit_code(self) -> int:
        """The exit code that `weir run PIPELINE` would give."""
        if self.update:
            return self.update.exit_code
        return 2 if self.problems else 1

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints for it."""
        if self.update:
            return self.update.to_json()
        reason = (
            {"problems": [p.to_json() for p in self.problems]} if self.problems else {"because": self.because}
        )
        return {**not_run(self.request, self.state), **reason}


class _OpenLast:
    """Opens a pipeline to see what it reads; it stays open for the run that may follow."""

    def __init__(self) -> None:
        self.open = ExitStack()
        self.opened: OpenPipeline | None = None

    def at(self, request: Request) -> PipelineTables:
        """What is known of a pipeline now.

        Raises:
            WeirError: The sources can't be loaded at all.
        """
        self.close()
        self.opened = self.open.enter_context(open_pipeline(request))
        return pipeline_tables(self.opened)

    def take(self, name: str) -> AbstractContextManager[OpenPipeline] | None:
        """The pipeline as it is open, for `engine.run` to close; None if another was looked at last."""
        if self.opened and self.opened.pipeline.name == name:
            return self._once(self.opened)
        self.close()
        return None

    @contextmanager
    def _once(self, opened: OpenPipeline) -> Iterator[OpenPipeline]:
        with closing(self):
            yield opened

    def close(self) -> None:
        """Close the pipeline that is open."""
        self.opened = None
        self.open.close()


@dataclass
class _Bundle:
    """The pipelines that are still to run, and what became of the others."""

    requests: dict[str, Request]
    screen: Screen
    last: _OpenLast = field(default_factory=_OpenLast)
    known: dict[str, PipelineTables] = field(default_factory=dict)
    results: dict[str, PipelineResult] = field(default_factory=dict)

    def run(self) -> None:
        """Run them all.

        Raises:
            WeirError: Some wait for each other; those before them have run.
        """
        with closing(self.last):
            while pending := tuple(name for name in self.requests if name not in self.results):
                name = self._next(pending)
                if name is None:
                    raise WeirError(circle(pending, self.known))
                self.results[name] = self._skipped(name) or self._update(name)

    def _skipped(self, name: str) -> PipelineResult | None:
        """Not run, since one that it reads did not end well, or since somebody asked for the end."""
        request = self.requests[name]
        because = [u for u in upstream(name, self.known) if self.results[u].state is not State.COMPLETED]
        return PipelineResult(request, because=tuple(because)) if because or request.stop.asked else None

    def _next(self, pending: tuple[str, ...]) -> str | None:
        """The next to run: to look at a pipeline takes seconds, so no further than its turn needs.

        One is looked at again where something was missing that others have written meanwhile.
        """
        for name in pending:
            known = self.known.get(name)
            if known is None:
                self.known[name] = _known_at_rest(self.requests[name]) or self.last.at(self.requests[name])
            elif not (known.sound or upstream(name, self.known) & set(pending)):
                self.known[name] = self.last.at(self.requests[name])
            if can_run(name, self.results, self.known):
                return name
        return next_to_run(pending, self.known)

    def _update(self, name: str) -> PipelineResult:
        request = self.requests[name]
        self.screen.say(name, "bold underline")
        try:
            with LiveUpdate(self.screen) as live:
                listeners = (*request.listeners, live)
                result = engine.run(replace(request, listeners=listeners), self.last.take(name))
        except WeirError as error:
            if not self.screen.quiet:
                report(error.problems, as_json=False)
            return PipelineResult(request, problems=error.problems)
        live.finished(result)
        print_errors(self.screen, result)
        self.screen.say(closing_line(result))
        self.screen.print()
        return PipelineResult(request, result)


def _known_at_rest(request: Request) -> PipelineTables | None:
    """What is known of a pipeline without Spark, if nothing is new there."""
    if told := at_rest(request):
        outline, nothing_new = told
        return PipelineTables(frozenset(outline.targets), frozenset(nothing_new.reads), sound=True)
    return None


def run_all(arguments: Mapping[str, Any]) -> int:
    """`weir run --all`; the exit code is that of the first pipeline that did not end well."""
    as_json, as_lines = arguments["as_json"], arguments["json_events"]
    screen, begin = screen_for(arguments), time.monotonic()
    stop = Stop(signal.SIGINT, signal.SIGTERM)
    requests = [replace(request, stop=stop).with_looks() for request in requests_for_all(arguments)]
    with only_ours(as_json or as_lines) as stdout:
        if as_lines:
            requests = [replace(request, listeners=(JsonLines(stdout),)) for request in requests]
        requests = one_session(tuple(requests))
        bundle = _Bundle({request.settings.name: request for request in requests}, screen)
        bundle.run()
    code = next((result.exit_code for result in bundle.results.values() if result.exit_code), 0)
    seconds = round(time.monotonic() - begin, 3)
    if as_json:
        state = "FAILED" if code else "COMPLETED"
        pipelines = [result.to_json() for result in bundle.results.values()]
        print_json({"state": state, "seconds": seconds, "pipelines": pipelines})
    else:
        screen.print(pipelines_table(bundle.results.values()))
        screen.print()
        screen.say(f"{len(bundle.results)} pipelines; {seconds:.1f} s", "bold")
    return code


def pipelines_table(results: Iterable[PipelineResult]) -> RenderableType:
    """What became of each pipeline."""
    return rows_table(["pipeline", "state", "seconds", "why"], map(_row, results))


def _row(result: PipelineResult) -> dict[str, Any]:
    seconds = f"{result.update.seconds:.1f}" if result.update else None
    why = f"after {', '.join(result.because)}" if result.because else None
    return {"pipeline": result.request.settings.name, "state": result.state, "seconds": seconds, "why": why}
