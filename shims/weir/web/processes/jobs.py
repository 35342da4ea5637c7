"""Verbs that the page starts: processes that go on when the page ends, and whose output is kept."""

from __future__ import annotations

import datetime as dt
import json
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import uuid4

import psutil

from weir.model.problems import Problem, WeirError
from weir.run.lake.lock import Holder
from weir.web.processes.holders import holder_of, lives
from weir.web.processes.place import private

WEIR = (sys.executable, "-m", "weir.cli")
DRY = "--dry-run"
WRITING = frozenset({"run", "maintain", "reset"})
LONGEST_OUTPUT = 4_000_000  # characters that a page reads of it


@dataclass(frozen=True, slots=True)
class Job:
    """A verb that was started.

    Attributes:
        arguments: Those of `weir`, the verb first.
        started: Of the process, in seconds of the epoch: with the pid it names one process for ever.
        code: Its exit code; None while it runs, and where the server ended before it did.
    """

    id: str
    pipeline: str
    arguments: tuple[str, ...]
    pid: int
    started: float
    at: str
    code: int | None = None

    @property
    def verb(self) -> str:
        """Which verb it is."""
        return self.arguments[0]

    @property
    def command(self) -> str:
        """The same for a terminal."""
        return command_of(self.arguments)

    @property
    def foretells(self) -> bool:
        """Has it told what another one would do?"""
        return self.verb == "plan" or DRY in self.arguments

    @property
    def runs(self) -> bool:
        """Is it still at it?"""
        return self.code is None and lives(self.pid, self.started)


def command_of(arguments: Sequence[str]) -> str:
    """A line for a shell.

    >>> command_of(["run", "pets", "--refresh", "main.gold.`my table`"])
    "weir run pets --refresh 'main.gold.`my table`'"
    """
    return shlex.join(("weir", *arguments))


class Jobs:
    """The children of one storage, those of earlier servers too."""

    def __init__(self, folder: Path, at: Path) -> None:
        """Start nothing.

        Args:
            folder: Where all of `weir ui` is kept in the storage.
            at: The working directory of the children.
        """
        self._folder, self._log, self._at = folder / "jobs", folder / "actions.jsonl", at
        self._guard = threading.Lock()

    def start(self, pipeline: str, arguments: Sequence[str], lock: Path) -> Job:
        """Begin a verb.

        Raises:
            WeirError: It would collide with something that runs.
        """
        with self._guard:
            if arguments[0] in WRITING and (why := self._busy(pipeline, lock)):
                raise WeirError(why)
            job = self._spawned(pipeline, tuple(arguments))
            self._keep(job)
        self.note({"pipeline": pipeline, "command": job.command, "pid": job.pid})
        return job

    def job(self, name: str) -> Job | None:
        """The job of an id; None if there is none."""
        return next((job for job in self.all() if job.id == name), None)

    def all(self) -> list[Job]:
        """All that were kept, newest first."""
        records = [json.loads(f.read_text(encoding="utf-8")) for f in self._folder.glob("*.json")]
        jobs = [Job(**{**r, "arguments": tuple(r["arguments"])}) for r in records]
        return sorted(jobs, key=lambda job: job.started, reverse=True)

    def output(self, job: Job, kind: str = "log") -> str:
        """What it has printed so far: `out` for stdout, `log` for stderr."""
        try:
            return (self._folder / f"{job.id}.{kind}").read_text("utf-8", "replace")[-LONGEST_OUTPUT:]
        except FileNotFoundError:
            return ""

    def note(self, action: dict[str, object]) -> None:
        """Write down who did what."""
        line = json.dumps({"at": _now(), **action}, ensure_ascii=False)
        with private(self._log, "a") as file:
            file.write(f"{line}\n")

    def _busy(self, pipeline: str, lock: Path) -> Problem | None:
        if (holder := holder_of(lock)) is not None:
            return _running(pipeline, holder)
        own = next((j for j in self.all() if j.pipeline == pipeline and j.verb in WRITING and j.runs), None)
        return _starting(own) if own else None

    def _spawned(self, pipeline: str, arguments: tuple[str, ...]) -> Job:
        name = uuid4().hex[:12]
        with (
            private(self._folder / f"{name}.out", "w") as out,
            private(self._folder / f"{name}.log", "w") as log,
        ):
            process = subprocess.Popen(
                [*WEIR, *arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=log, cwd=self._at,
                env=os.environ | {"PYTHONUNBUFFERED": "1"}, start_new_session=True,
            )  # fmt: skip
        job = Job(name, pipeline, arguments, process.pid, psutil.Process(process.pid).create_time(), _now())
        threading.Thread(target=self._wait, args=(process, job), name=f"job {name}", daemon=True).start()
        return job

    def _wait(self, process: subprocess.Popen[bytes], job: Job) -> None:
        code = process.wait()
        with self._guard:
            self._keep(replace(job, code=code))

    def _keep(self, job: Job) -> None:
        draft = self._folder / f"{job.id}.draft"
        with private(draft, "w") as file:
            json.dump(asdict(job), file, ensure_ascii=False)
        draft.replace(self._folder / f"{job.id}.json")


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")


def _running(pipeline: str, holder: Holder) -> Problem:
    who = f"process {holder.pid} on {holder.host}, since {holder.since}"
    text = f"An update of pipeline `{pipeline}` is running: {who}."
    return Problem("UPDATE_ALREADY_RUNNING", text, hint="wait for it, or stop it")


def _starting(job: Job) -> Problem:
    text = f"`{job.command}` of pipeline `{job.pipeline}` is starting: process {job.pid}."
    return Problem("UPDATE_ALREADY_RUNNING", text, hint="wait for it, or stop it")
