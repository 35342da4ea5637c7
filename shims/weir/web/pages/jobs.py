"""What came of verbs that were started from here: plans, checks, rows that break rules, output."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from weir.web.pages.frame import copyable, document, nothing, table
from weir.web.pages.graph import graph
from weir.web.pages.rows import cell
from weir.web.pages.view import View, part, pipeline_path, time_of
from weir.web.processes.jobs import Job
from weir.web.states.state import UpdateState
from weir.web.texts.html import Child, Markup, join, tag


def parsed(output: str) -> Mapping[str, Any] | None:
    """The one JSON object that a verb printed; None before it did."""
    try:
        content = json.loads(output)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def job_page(view: View, job: Job, output: str, log: str, update: UpdateState | None) -> str:
    """The page of a job: its answer where it has one, and always its command and its output.

    Args:
        view: How it is looked at.
        job: What was started.
        output: What it printed on stdout, and `log` on stderr.
        update: The newest of its pipeline, whose graph a plan lies over.
    """
    answer = parsed(output)
    content: Child = None
    if answer is not None and "problems" in answer:
        content = _validation(view, answer)
    elif answer is not None and job.verb == "plan":
        content = _plan(view, answer, update)
    elif answer is not None and job.verb == "show":
        content = _rows(view, answer)
    elif answer is not None and job.verb == "quality":
        content = _broken(view, answer)
    texts = [t for t in (log, output if answer is None else "") if t.strip()]
    whole = tag(
        "details",
        {"open": content is None},
        tag("summary", None, view.say("jobs.output")),
        (tag("pre", {"class": "output", "tabindex": 0}, t) for t in texts),
    )
    body = part(
        "view",
        "main",
        {"class": "page", "data-poll": job.runs},
        tag("div", {"class": "bar"}, tag("h1", None, _title(view, job)), state(view, job)),
        copyable(view, job.command),
        _exactly(view, job) if job.foretells and job.code == 0 and view.acts else None,
        content,
        whole if texts else None,
    )
    crumbs = tag("h1", {"class": "crumb"}, tag("a", {"href": pipeline_path(job.pipeline)}, job.pipeline))
    return document(view, job.command, None if job.pipeline == "*" else crumbs, body)


def jobs_page(view: View, jobs: Sequence[Job]) -> str:
    """The page `/jobs`."""
    rows = [
        (
            tag("a", {"href": f"/jobs/{j.id}"}, time_of(datetime.fromisoformat(j.at), date=True)),
            j.pipeline,
            tag("code", None, j.command),
            state(view, j),
        )
        for j in jobs
    ]
    heads = [view.say(k) for k in ("history.at", "tables.owner", "jobs.command", "list.state")]
    content = table(view.say("jobs.title"), heads, rows) if rows else nothing(view.say("jobs.none"))
    title = tag("div", {"class": "bar"}, tag("h1", None, view.say("jobs.title")))
    runs = any(j.runs for j in jobs)
    return document(
        view,
        view.say("jobs.title"),
        None,
        part("view", "main", {"class": "page", "data-poll": runs}, title, content),
    )


def state(view: View, job: Job) -> Markup:
    """Whether it runs, else how it ended."""
    if job.runs:
        return tag("span", {"class": "badge s-RUNNING"}, "▶ ", view.say("job.runs"))
    if job.code is None:
        return tag("span", {"class": "badge s-UNKNOWN"}, "? ", view.say("job.gone"))
    status = "COMPLETED" if job.code == 0 else "FAILED"
    return tag(
        "span",
        {"class": f"badge s-{status}"},
        "✓ " if job.code == 0 else "✕ ",
        view.say("job.code", code=job.code),
    )


def _title(view: View, job: Job) -> str:
    keys = {"plan": "plan.title", "validate": "validate.title", "quality": "why.title", "show": "data.group"}
    return view.say(keys[job.verb]) if job.verb in keys else job.verb


def _exactly(view: View, job: Job) -> Markup:
    """Does what the job has told would be done."""
    path = f"{pipeline_path(job.pipeline)}/act/exactly"
    form = {"type": "button", "class": "first", "data-act": path, "data-name": job.id}
    return tag("button", form, view.say("plan.run"))


def _plan(view: View, answer: Mapping[str, Any], update: UpdateState | None) -> Child:
    steps = [s for s in answer.get("steps", ()) if isinstance(s, dict)]
    verbs: dict[str, list[str]] = {}
    for step in steps:
        verbs.setdefault(str(step.get("table")), []).append(str(step.get("step")))
    heads = [view.say(k) for k in ("plan.step", "plan.table", "flow.name", "plan.why")]
    rows = [(s.get("step"), s.get("table"), s.get("flow"), s.get("why")) for s in steps]
    drawn = graph(view, update, list(update.datasets), None, verbs) if update and update.datasets else None
    return join(
        [tag("p", {"class": "trouble"}, n) for n in answer.get("notices", ())],
        tag("div", {"class": "plan"}, drawn) if drawn else None,
        table(view.say("plan.title"), heads, rows),
    )


def _validation(view: View, answer: Mapping[str, Any]) -> Child:
    problems = answer["problems"]
    if not problems:
        return tag(
            "p",
            {"class": "badge s-COMPLETED"},
            "✓ ",
            view.say("validate.none", count=len(answer.get("datasets", ()))),
        )
    heads = [view.say(k) for k in ("validate.problem", "validate.place", "validate.hint")]
    rows = [
        (
            join(tag("strong", None, p["condition"]), " ", p["message"]),
            f"{p['file']}:{p['line']}" if p.get("file") else None,
            p.get("hint"),
        )
        for p in problems
    ]
    return table(view.say("validate.title"), heads, rows, classes="wrap")


def _rows(view: View, answer: Mapping[str, Any]) -> Child:
    """What a group sees of a table."""
    columns = list(answer["columns"])
    rows = [[cell(r.get(c)) for c in columns] for r in answer["rows"]]
    return table(f"{view.say('data.group')} {answer['as']}", columns, rows, classes="data")


def _broken(view: View, answer: Mapping[str, Any]) -> Child:
    rows = answer.get("rows", ())
    columns = list(dict.fromkeys(c for r in rows for c in r["row"]))
    cells = [
        [
            tag("strong", {"class": "s-FAILED"}, ", ".join(r["broken"])),
            *(cell(r["row"].get(c)) for c in columns),
        ]
        for r in rows
    ]
    counted = view.say("why.count", shown=answer.get("shown", 0), all=answer.get("failing", 0))
    return join(
        tag("p", None, counted), table(view.say("why.title"), [view.say("why.broken"), *columns], cells)
    )
