"""What the buttons do: each is a verb in a process of its own; what loses rows asks first."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

from weir.model.names import quoted
from weir.model.problems import Problem, WeirError
from weir.run.lake.query import query
from weir.run.lake.storage import open_table
from weir.web.pages.asks import Emptied, confirm, full_refresh, stopping
from weir.web.pages.view import View, pipeline_path, whole
from weir.web.processes import holders
from weir.web.processes.jobs import DRY, command_of
from weir.web.reading.world import World
from weir.web.serving.page import MissingError
from weir.web.serving.site import chosen_of
from weir.web.states.state import UpdateState
from weir.web.states.status import Status

RESET_ALLOWED = "pipelines.reset.allowed"
PATIENCE = 20.0  # seconds after which a process that was asked to stop may be killed
Values = Mapping[str, str]


class Acting:
    """The actions of one server."""

    def __init__(self, world: World) -> None:
        self._world, self.jobs = world, world.jobs
        self._asked: dict[int, float] = {}
        self._actions = {
            "run": self._run,
            "continuous": self._continuous,
            "selection": self._selection,
            "failed": self._failed,
            "full": self._full,
            "plan": self._plan,
            "validate": self._validate,
            "why": self._why,
            "as": self._as_group,
            "exactly": self._exactly,
            "maintain": self._maintain,
            "reset": self._reset,
            "stop": self._stop,
        }

    def act(self, view: View, parts: Sequence[str], values: Values) -> dict[str, str]:
        """Do what an address names, or give the dialog that asks before.

        Raises:
            MissingError: Nothing has this address.
            WeirError: It can't be done now.
        """
        match tuple(parts):
            case ("act", "contracts"):
                self._start("*", ("contracts", "check", *self._storage(), "--json"))
                return {"next": "/contracts"}
            case ("act", "all"):
                return self._begin(view, "*", ("run", "--all"), values)
            case ("p", name, "act", action) if name in self._world.names():
                act = self._actions.get(action)
                if act is not None:
                    return act(view, name, values)
        raise MissingError

    def arguments(self, verb: str, name: str, *others: str) -> tuple[str, ...]:
        """What `weir` is called with for a pipeline."""
        project = self._world.project
        source = (project.keys[name],) if name in project.keys else self._sources(name)
        target = self._target() if name in project.keys else ()
        return (verb, *source, *target, *self._storage(), *others)

    def _target(self) -> tuple[str, ...]:
        target = self._world.project.target
        return ("--target", target) if target else ()

    def _storage(self) -> tuple[str, str]:
        return ("--storage", str(self._world.project.storage.root))

    def _sources(self, name: str) -> tuple[str, ...]:
        """The files of its last update, for a pipeline that is in no bundle."""
        pipeline = self._world.pipeline(name)
        events = pipeline.last.events if pipeline and pipeline.last else ()
        created = next((e for e in events if e.type == "create_update"), None)
        config = created.details.get("config", {}) if created else {}
        files = [lib["file"]["path"] for lib in config.get("libraries", ())]
        if not files:
            text = f"Nothing tells which files `{name}` is made of."
            raise WeirError(Problem("PIPELINE_SOURCES_NOT_FOUND", text, hint="run it in a terminal once"))
        return (*files, "--name", name)

    def _begin(self, view: View, name: str, arguments: tuple[str, ...], values: Values) -> dict[str, str]:
        """Start it, or show first what would be started."""
        if name == "*":
            arguments = (*arguments, *self._storage())
        if values.get("asks"):
            return {"dialog": confirm(view, command_of(arguments))}
        self._start(name, arguments)
        return {"message": command_of(arguments)}

    def _start(self, name: str, arguments: tuple[str, ...]) -> str:
        return self.jobs.start(name, arguments, self._world.project.storage.lock(name)).id

    def _run(self, view: View, name: str, values: Values) -> dict[str, str]:
        return self._begin(view, name, self.arguments("run", name), values)

    def _continuous(self, view: View, name: str, values: Values) -> dict[str, str]:
        return self._begin(view, name, self.arguments("run", name, "--continuous"), values)

    def _selection(self, view: View, name: str, values: Values) -> dict[str, str]:
        update = self._update(name, values)
        chosen = self._chosen(update, values)
        chosen |= {n for c in chosen for n in update.downstream(c)} if values.get("readers") else set()
        chosen |= {n for c in set(chosen) for n in update.upstream(c)} if values.get("sources") else set()
        listed = _refreshable(update, chosen)
        arguments = self.arguments("run", name, "--refresh", listed)
        if values.get("asks"):
            return {"dialog": confirm(view, command_of(arguments), options=True)}
        self._start(name, arguments)
        return {"message": command_of(arguments)}

    def _failed(self, view: View, name: str, values: Values) -> dict[str, str]:
        update = self._update(name, values)
        failed = {n for n, d in update.datasets.items() if d.status in {Status.FAILED, Status.SKIPPED}}
        return self._begin(
            view, name, self.arguments("run", name, "--refresh", _refreshable(update, failed)), values
        )

    def _full(self, view: View, name: str, values: Values) -> dict[str, str]:
        update = self._update(name, values)
        chosen = self._chosen(update, values, everything=True)
        tables = [
            self._emptied(n)
            for n in update.datasets
            if n in chosen and update.datasets[n].kind not in {"view", "sink"}
        ]
        emptied = [t for t in tables if not t.protected]
        whole = len(chosen) == len(update.datasets)
        names = _listed(t.name for t in emptied)
        arguments = self.arguments(
            "run", name, *(("--full-refresh-all",) if whole else ("--full-refresh", names))
        )
        if values.get("asks"):
            sinks = [n for n in chosen if update.datasets[n].kind == "sink"]
            return {"dialog": full_refresh(view, name, tables, sinks, command_of(arguments))}
        if values.get("typed") != name:
            text = view.say("ask.type", name=name)
            raise WeirError(Problem("NAME_NOT_TYPED", text, hint="type it as it stands there"))
        self._start(name, arguments)
        return {"message": command_of(arguments)}

    def _emptied(self, name: str) -> Emptied:
        """What a table holds that a full refresh takes away."""
        storage = self._world.project.storage
        state, table = storage.state(name), open_table(storage.table(name))
        if state is None or table is None:
            return Emptied(name, 0, 0, protected=False)
        [row] = query(table, "SELECT count(*) AS n FROM t").rows
        protected = state.properties.get(RESET_ALLOWED, "true").lower() == "false"
        return Emptied(name, row["n"], state.generation, protected=protected)

    def _question(self, view: View, name: str, values: Values, verb: str, *others: str) -> dict[str, str]:
        """A verb that changes nothing, whose answer has a page."""
        del view, values
        job = self._start(name, self.arguments(verb, name, *others, "--json"))
        page = "why" if verb == "quality" else verb
        return {"next": f"{pipeline_path(name)}/{page}/{job}"}

    def _plan(self, view: View, name: str, values: Values) -> dict[str, str]:
        return self._question(view, name, values, "plan")

    def _exactly(self, view: View, name: str, values: Values) -> dict[str, str]:
        """Do what a job has told would be done: the same arguments, a plan's with another verb."""
        job = self.jobs.job(values.get("name", ""))
        if job is None or not job.foretells or job.pipeline != name:
            raise MissingError
        verb = "run" if job.verb == "plan" else job.verb
        arguments = tuple(a for a in job.arguments[1:] if a not in {"--json", DRY})
        return self._begin(view, name, (verb, *arguments), values)

    def _validate(self, view: View, name: str, values: Values) -> dict[str, str]:
        return self._question(view, name, values, "validate")

    def _why(self, view: View, name: str, values: Values) -> dict[str, str]:
        update = self._update(name, values)
        if values.get("name") not in update.datasets:
            raise MissingError
        return self._question(view, name, values, "quality", "--why", values["name"])

    def _as_group(self, view: View, name: str, values: Values) -> dict[str, str]:
        """What a group sees of a table."""
        del view
        table, group, version = (values.get(k, "") for k in ("name", "group", "version"))
        if table not in self._update(name, values).datasets:
            raise MissingError
        if not group.strip():
            raise WeirError(Problem("NO_GROUP", "No group is named.", hint="name one that the bundle knows"))
        at = (f"--version={whole(version)}",) if whole(version) is not None else ()
        arguments = ("show", table, f"--as={group}", *at, *self._target(), *self._storage(), "--json")
        return {"next": f"/jobs/{self._start(name, arguments)}"}

    def _maintain(self, view: View, name: str, values: Values) -> dict[str, str]:
        """First only what would be done: its page offers to do it."""
        del view, values
        return {"next": f"/jobs/{self._start(name, self.arguments('maintain', name, DRY))}"}

    def _reset(self, view: View, name: str, values: Values) -> dict[str, str]:
        del view, values
        arguments = ("reset", "--name", name, *self._storage(), DRY)
        return {"next": f"/jobs/{self._start(name, arguments)}"}

    def _stop(self, view: View, name: str, values: Values) -> dict[str, str]:
        lock = self._world.project.storage.lock(name)
        holder = holders.holder_of(lock)
        asked = self._asked.get(holder.pid) if holder else None
        late = asked is not None and time.monotonic() - asked >= PATIENCE
        if values.get("asks") and holder:
            return {
                "dialog": stopping(
                    view, holder.pid, int(time.monotonic() - asked) if asked and late else None
                )
            }
        pid = holders.stop(name, lock, kill=late)
        self._asked[pid] = time.monotonic()
        self.jobs.note({"pipeline": name, "command": f"kill -{'KILL' if late else 'TERM'} {pid}", "pid": pid})
        return {"message": f"kill -{'KILL' if late else 'TERM'} {pid}"}

    def _update(self, name: str, values: Values) -> UpdateState:
        pipeline = self._world.pipeline(name)
        update = (
            self._world.update(name, values["update"]) if values.get("update") else pipeline and pipeline.last
        )
        if update is None:
            raise MissingError
        return update

    def _chosen(self, update: UpdateState, values: Values, *, everything: bool = False) -> set[str]:
        """What is picked in the graph, else what the selector means."""
        picked = {n for n in values.get("selected", "").split("\n") if n in update.datasets}
        if picked:
            return picked
        chosen, wrong = chosen_of(self._world, update, values.get("query", ""))
        if wrong or (chosen is None and not everything):
            text = wrong or "Nothing is selected."
            raise WeirError(Problem("NOTHING_SELECTED", text, hint="find datasets, or click them with Ctrl"))
        return set(update.datasets) if chosen is None else set(chosen & update.datasets.keys())


def _refreshable(update: UpdateState, names: set[str]) -> str:
    """Tables, as `--refresh` takes them: a view has no rows of its own."""
    return _listed(n for n in update.datasets if n in names and update.datasets[n].kind != "view")


def _listed(names: Iterable[str]) -> str:
    tables = [n if "," not in n else quoted(n) for n in names]
    if not tables:
        raise WeirError(Problem("NOTHING_SELECTED", "No table is selected.", hint="select tables, not views"))
    return ",".join(tables)
