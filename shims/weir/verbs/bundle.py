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
from weir.verbs.arguments import requests_for_all
from weir.verbs.update import not_run, screen_for


@dataclass(frozen=True, slots=True)
class PipelineResult:
    """What became of a pipeline.

    Attributes:
        result: None if there was no update: it was wrong, or `because` did not end well.
    """

    request: Request
    result: UpdateResult | None = None
    problems: tuple[Problem, ...] = ()
    because: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """The state of its update; failed if it was wrong, skipped if another one failed."""
        if self.result:
            return self.result.state
        return State.FAILED if self.problems else State.SKIPPED

    @property
    def exit_code(self) -> int:
        """The exit code that `weir run PIPELINE` would give."""
        if self.result:
            return self.result.exit_code
        return 2 if self.problems else 1

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints for it."""
        if self.result:
            return self.result.to_json()
        told = (
            {"problems": [p.to_json() for p in self.problems]} if self.problems else {"because": self.because}
        )
        return {**not_run(self.request, self.state), **told}


class _PipelineView:
    """Opens a pipeline to see what it reads; it stays open for the run that may follow."""

    def __init__(self) -> None:
        self.open = ExitStack()
        self.found: OpenPipeline | None = None

    def at(self, request: Request) -> PipelineTables:
        """What is known of a pipeline now.

        Raises:
            WeirError: The sources can't be loaded at all.
        """
        self.close()
        self.found = self.open.enter_context(open_pipeline(request))
        return pipeline_tables(self.found)

    def kept(self, name: str) -> AbstractContextManager[OpenPipeline] | None:
        """The pipeline as it is open, for `engine.run` to close; None if another was looked at last."""
        if self.found and self.found.pipeline.name == name:
            return self._once(self.found)
        self.close()
        return None

    @contextmanager
    def _once(self, found: OpenPipeline) -> Iterator[OpenPipeline]:
        with closing(self):
            yield found

    def close(self) -> None:
        """Close the pipeline that is open."""
        self.found = None
        self.open.close()


@dataclass
class _Bundle:
    """The pipelines that are still to run, and what became of the others."""

    requests: dict[str, Request]
    screen: Screen
    look: _PipelineView = field(default_factory=_PipelineView)
    seen: dict[str, PipelineTables] = field(default_factory=dict)
    ran: dict[str, PipelineResult] = field(default_factory=dict)

    def run(self) -> None:
        """Run them all.

        Raises:
            WeirError: Some wait for each other; those before them have run.
        """
        with closing(self.look):
            while pending := tuple(name for name in self.requests if name not in self.ran):
                name = self._next(pending)
                if name is None:
                    raise WeirError(circle(pending, self.seen))
                self.ran[name] = self._skipped(name) or self._update(name)

    def _skipped(self, name: str) -> PipelineResult | None:
        """Not run, since one that it reads did not end well, or since somebody asked for the end."""
        request = self.requests[name]
        because = [u for u in upstream(name, self.seen) if self.ran[u].state is not State.COMPLETED]
        return PipelineResult(request, because=tuple(because)) if because or request.stop.asked else None

    def _next(self, pending: tuple[str, ...]) -> str | None:
        """The next to run: to look at a pipeline takes seconds, so no further than its turn needs.

        One is looked at again where something was missing that others have written meanwhile.
        """
        for name in pending:
            known = self.seen.get(name)
            if known is None or not (known.sound or upstream(name, self.seen) & set(pending)):
                self.seen[name] = self.look.at(self.requests[name])
            if can_run(name, self.ran, self.seen):
                return name
        return next_to_run(pending, self.seen)

    def _update(self, name: str) -> PipelineResult:
        request = self.requests[name]
        self.screen.say(name, "bold underline")
        try:
            with LiveUpdate(self.screen) as live:
                listeners = (*request.listeners, live)
                result = engine.run(replace(request, listeners=listeners), self.look.kept(name))
        except WeirError as error:
            if not self.screen.quiet:
                report(error.problems, as_json=False)
            return PipelineResult(request, problems=error.problems)
        live.finished(result)
        print_errors(self.screen, result)
        self.screen.say(closing_line(result))
        self.screen.print()
        return PipelineResult(request, result)


def run_all(arguments: Mapping[str, Any]) -> int:
    """`weir run --all`; the exit code is that of the first pipeline that did not end well."""
    as_json, as_lines = arguments["as_json"], arguments["json_events"]
    screen, begin = screen_for(arguments), time.monotonic()
    stop = Stop(signal.SIGINT, signal.SIGTERM)
    requests = [replace(request, stop=stop) for request in requests_for_all(arguments)]
    with only_ours(as_json or as_lines) as stdout:
        if as_lines:
            requests = [replace(request, listeners=(JsonLines(stdout),)) for request in requests]
        requests = one_session(tuple(requests))
        bundle = _Bundle({request.settings.name: request for request in requests}, screen)
        bundle.run()
    code = next((ran.exit_code for ran in bundle.ran.values() if ran.exit_code), 0)
    seconds = round(time.monotonic() - begin, 3)
    if as_json:
        state = "FAILED" if code else "COMPLETED"
        pipelines = [ran.to_json() for ran in bundle.ran.values()]
        print_json({"state": state, "seconds": seconds, "pipelines": pipelines})
    else:
        screen.print(pipelines_table(bundle.ran.values()))
        screen.print()
        screen.say(f"{len(bundle.ran)} pipelines; {seconds:.1f} s", "bold")
    return code


def pipelines_table(found: Iterable[PipelineResult]) -> RenderableType:
    """What became of each pipeline."""
    return rows_table(["pipeline", "state", "seconds", "why"], map(_row, found))


def _row(ran: PipelineResult) -> dict[str, Any]:
    seconds = f"{ran.result.seconds:.1f}" if ran.result else None
    why = f"after {', '.join(ran.because)}" if ran.because else None
    return {"pipeline": ran.request.settings.name, "state": ran.state, "seconds": seconds, "why": why}
