"""From the options of the command line to the engine's request."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from weir.bundle.sources import SourceArguments, all_settings, settings_for, settings_in
from weir.model.names import BadNameError, Namespace, assigned, listed
from weir.model.problems import Problem, WeirError
from weir.model.settings import TOPIC, Outside, Selection, Settings
from weir.model.texts import one_line
from weir.request import Request
from weir.run.lake.paths import literal_glob
from weir.ui.screen import console

NO_FLAGS: Mapping[str, Any] = {
    "sources": (), "name": None, "target": None, "storage": None, "remote": None, "conf": (), "maps": (),
    "tables": (), "streams": (), "as_json": False,
}  # fmt: skip


def request_from(arguments: Mapping[str, Any]) -> Request:
    """The engine's request for a command line.

    Raises:
        WeirError: Arguments contradict themselves, or the sources can't be found.
    """
    settings = settings_for(_sources(arguments), Path.cwd())
    _tell(settings.notices, arguments)
    return _request(settings, arguments)


def requests_for_all(arguments: Mapping[str, Any]) -> tuple[Request, ...]:
    """A request for each pipeline of the bundle.

    Raises:
        WeirError: Arguments contradict themselves, or there is no bundle.
    """
    given = ("sources", "name", "refresh", "full_refresh", "continuous", "remote")
    wrong = [name for name in given if arguments.get(name)]
    if wrong:
        option = wrong[0].replace("_", "-")
        named = "a source" if option == "sources" else f"--{option}"
        raise WeirError(
            Problem("INVALID_ARGUMENT", f"--all can't be combined with {named}.", hint="choose one")
        )
    settings = all_settings(_sources({**arguments, "continuous": False}), Path.cwd())
    _tell(settings[0].notices if settings else (), arguments)
    return tuple(_request(one, arguments) for one in settings)


def requests_in(
    folder: Path, arguments: Mapping[str, Any]
) -> tuple[tuple[Request, ...], tuple[Problem, ...]]:
    """A request for each pipeline of a folder, and what keeps others from being opened.

    Raises:
        WeirError: There is no folder, no pipeline in it, or its bundle can't be read.
    """
    if not folder.is_dir():
        text = f"`{folder}` is no folder."
        raise WeirError(Problem("PATH_NOT_FOUND", text, hint="name the folder of a bundle or of sources"))
    given = {**NO_FLAGS, **arguments}
    settings, problems = settings_in(folder, _sources(given))
    return tuple(_request(one, given) for one in settings), problems


def _sources(arguments: Mapping[str, Any]) -> SourceArguments:
    return SourceArguments(
        tuple(arguments["sources"]), arguments["name"], arguments["target"],
        pairs(arguments["conf"], "--conf"), arguments["storage"],
        arguments.get("development"), arguments.get("continuous"),
    )  # fmt: skip


def _tell(notices: tuple[str, ...], arguments: Mapping[str, Any]) -> None:
    for notice in notices if not arguments["as_json"] else ():
        console(stderr=True).say(notice, "dim")


def _request(settings: Settings, arguments: Mapping[str, Any]) -> Request:
    outside = Outside(
        _outside_tables(arguments["tables"], settings.namespace),
        {k: _mapped(v) for k, v in pairs(arguments["maps"], "--map").items()},
        {k: _place(v) for k, v in pairs(arguments["streams"], "--stream").items()},
    )
    return Request(
        settings, outside, selection_from(arguments), remote=arguments["remote"], say=say_on_stderr,
        remark=remarks(verbose=bool(arguments.get("verbose"))),
        saved=frozenset(arguments.get("saved") or ()),
    )  # fmt: skip


def _mapped(folder: str) -> str:
    path = str(Path(folder).resolve())
    if literal_glob(path) != path:
        message = f"--map can't lead to {path}: Spark would take it for a pattern."
        raise WeirError(Problem("INVALID_ARGUMENT", message, hint="rename the folder"))
    return path


def _place(place: str) -> str:
    """A folder, or a topic of a broker."""
    if not place.startswith("kafka:"):
        return str(Path(place).resolve())
    if TOPIC.fullmatch(place):
        return place
    message = f"--stream can't read {place}: it names no broker and topic."
    raise WeirError(Problem("INVALID_ARGUMENT", message, hint="write kafka://HOST:PORT/TOPIC"))


def _outside_tables(values: tuple[str, ...], namespace: Namespace) -> dict[str, str]:
    """Full name of each table that is given -> its folder.

    Raises:
        WeirError: An argument has no `=`, or no name before it; all problems together.
    """
    folders: dict[str, str] = {}
    problems: list[Problem] = []
    for value in values:
        name, path = assigned(value) or ("", "")
        try:
            folders[namespace.typed(name)] = str(Path(path).resolve())
        except BadNameError as error:
            reason = f"{error}" if name else f"--table {value} has no `=`"
            problems.append(Problem("INVALID_ARGUMENT", f"{reason}.", hint="write --table NAME=PATH"))
    if problems:
        raise WeirError(*problems)
    return folders


def selection_from(arguments: Mapping[str, Any]) -> Selection:
    """Which tables are refreshed and which reset.

    Raises:
        WeirError: --full-refresh-all together with a list (specification §1.4).
    """
    refresh, full = (frozenset(listed(arguments.get(key) or "")) for key in ("refresh", "full_refresh"))
    everything = bool(arguments.get("full_refresh_all"))
    if everything and (refresh or full):
        raise WeirError(
            Problem(
                "CONFLICTING_PIPELINE_REFRESH_OPTIONS",
                "--full-refresh-all can't be combined with --refresh or --full-refresh.",
                hint="name the tables, or take all",
            )
        )
    return Selection(refresh, full, everything)


def pairs(values: tuple[str, ...], option: str) -> dict[str, str]:
    """K=V arguments as a dictionary.

    Raises:
        WeirError: An argument has no `=`.
    """
    bad = [v for v in values if "=" not in v]
    if bad:
        raise WeirError(
            Problem(
                "INVALID_ARGUMENT",
                f"{option} {bad[0]} has no `=`.",
                hint=f"write {option} KEY=VALUE",
            )
        )
    return {k: v for k, _, v in (value.partition("=") for value in values)}


def remarks(*, verbose: bool) -> Callable[[str], None]:
    """What `-v` adds goes to stderr, or nowhere."""
    return say_on_stderr if verbose else lambda _: None


def say_on_stderr(text: str) -> None:
    """Tell the user something at once, whatever stdout is for."""
    print(one_line(text), file=sys.stderr, flush=True)  # noqa: T201 - before rich's live table starts
