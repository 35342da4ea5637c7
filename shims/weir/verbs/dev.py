"""`weir dev`: an engine that stays warm for a project's commands, and an update when a source is saved."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from weir.bundle.weir_toml import with_weir_toml
from weir.model.problems import Problem, WeirError
from weir.request import launch_for
from weir.run.machine.warm.door import ask
from weir.run.machine.warm.engine import RESTARTS, Limits, WarmEngine
from weir.run.machine.warm.place import NAMED, project_of, socket_path
from weir.ui.screen import Screen, console
from weir.verbs.arguments import request_from
from weir.verbs.saves import Saves

COMMAND = (sys.executable, "-c", "from weir.cli import main; main()")
LOOK_SECONDS = 1.0
OUR_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


def run_dev(
    arguments: Mapping[str, Any], words: Sequence[str], idle: float, memory: float, *, stop: bool
) -> int:
    """`weir dev`.

    Args:
        arguments: Those of `weir run`.
        words: The same as they were typed.
        idle: Minutes without a client after which it ends.
        memory: Gigabytes of the JVM and its workers beyond which it begins anew.
        stop: Only end the one that runs.
    """
    if stop:
        return _stop()
    request = request_from(with_weir_toml(arguments, Path.cwd()))
    path, screen = _path(), console()
    launch = launch_for(request, lasting=True)
    screen.say("starting a warm engine ...", "dim")
    engine = WarmEngine(launch.start(), launch.needs, path)
    with _served(engine, Limits(idle * 60, memory * 2**30)) as ended:
        screen.say(f"process {os.getpid()} keeps an engine warm; Ctrl-C ends it", "bold")
        _update_on_saves(Saves(request.settings.roots), words, ended, screen, path)
    screen.say(f"the warm engine ends: {ended[0]}")
    if ended[0].startswith(RESTARTS):
        os.execv(sys.executable, [*COMMAND, *sys.argv[1:]])  # noqa: S606 - this very program, anew
    return 0


def _stop() -> int:
    path = _path()
    if not path.exists():
        console().say("no warm engine runs for this project")
        return 0
    try:
        state, connection = ask(path, {"wish": "stop"})
    except (OSError, ValueError) as error:
        message = f"The warm engine at {path} does not answer: {str(error) or type(error).__name__}."
        hint = f"end its process, if there is one, and remove {path}"
        raise WeirError(Problem("ENGINE_NOT_ANSWERING", message, hint=hint)) from error
    connection.close()
    console().say(f"process {state['pid']} ends its engine")
    return 0


def _path() -> Path:
    path = socket_path(project_of(Path.cwd()))
    if path is None:
        raise WeirError(Problem("ENGINE_OFF", f"{NAMED} is `off`.", hint=f"unset {NAMED}"))
    return path


@contextmanager
def _served(engine: WarmEngine, limits: Limits) -> Iterator[list[str]]:
    """Lend the engine in the background; why that ended is the list's only item, once it has."""
    ended: list[str] = []
    ready = threading.Event()

    def serve() -> None:
        try:
            ended.append(engine.serve(limits, ready))
        except WeirError as error:
            problems.append(error)
        finally:
            ready.set()

    problems: list[WeirError] = []
    before = {number: signal.signal(number, _interrupt) for number in OUR_SIGNALS}
    server = threading.Thread(target=serve, name="warm engine", daemon=True)
    server.start()
    try:
        ready.wait()
        if problems:
            raise problems[0]
        yield ended
    finally:
        engine.over.set()
        server.join()
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: Any) -> None:
    del number, frame
    raise KeyboardInterrupt


def _update_on_saves(
    saves: Saves, words: Sequence[str], ended: Sequence[str], screen: Screen, path: Path
) -> None:
    environment = os.environ | {NAMED: str(path)}
    command = [*COMMAND, "run", *words]
    failed = subprocess.run(command, env=environment, check=False).returncode
    while not ended:
        if saved := saves.wait(LOOK_SECONDS):
            screen.say(f"saved: {', '.join(sorted(file.name for file in saved))}", "dim")
            only = () if failed else [f"--saved={file}" for file in sorted(saved)]
            failed = subprocess.run([*command, *only], env=environment, check=False).returncode
