"""An update as one page that needs no server, no script and no other file: for CI artefacts and mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from weir.model.names import short
from weir.model.origin import shorten
from weir.web.pages.draw import STYLE, graph_svg
from weir.web.pages.frame import badge, table
from weir.web.pages.rules import counted
from weir.web.pages.view import SHORT, View
from weir.web.states.state import DatasetState, Failure, RuleState, UpdateState
from weir.web.texts.html import Child, Markup, tag

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
LOOKS = """
:root {
  --back: #fff; --soft: #f5f7fa; --line: #c5ccd6; --text: #1a1d21; --dim: #56606c; --good: #137333;
  --bad: #b3261e; --warn: #8a4b00; --move: #0b57d0; color-scheme: light dark;
}
@media (prefers-color-scheme: dark) { :root {
  --back: #14181e; --soft: #1c222b; --line: #4a5461; --text: #e8ecf1; --dim: #a3adb9; --good: #5fd07c;
  --bad: #ff8f87; --warn: #f3b65b; --move: #8ab8ff;
} }
body { margin: 2rem; font: 14px/1.45 system-ui, sans-serif; background: var(--back); color: var(--text); }
h1 { font-size: 1.3rem; }
h2 { font-size: 1.05rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .7rem; border-bottom: 1px solid var(--line); }
th { background: var(--soft); white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
.badge { font-weight: 600; white-space: nowrap; }
.scroll { overflow-x: auto; }
code, pre { font: .9em ui-monospace, monospace; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--soft); padding: .6rem; }
.failure { border-left: 4px solid var(--bad); padding-left: .8rem; margin: 1rem 0; }
.dim { color: var(--dim); }
[class*="s-"], .outside { color: var(--dim); fill: currentColor; }
.s-COMPLETED { color: var(--good); }
.s-FAILED, .s-LOST { color: var(--bad); }
.s-SKIPPED, .s-STOPPED, .s-CANCELED { color: var(--warn); }
.s-RUNNING, .s-STARTING, .s-STOPPING { color: var(--move); }
"""
DATASETS = ("dataset", "kind", "state", "rows", "written", "dropped", "broken", "seconds", "how", "version")
RULES = ("rule", "condition", "action", "passed", "failed", "share")
NUMBERS = frozenset(
    {"rows", "written", "dropped", "broken", "seconds", "version", "passed", "failed", "share"}
)


def report_page(update: UpdateState, view: View) -> str:
    """The page.

    Args:
        view: In which language it is written, and when.
    """
    title = view.say("report.title", pipeline=update.pipeline, update=update.id[:SHORT])
    policy = tag("meta", {"http-equiv": "Content-Security-Policy", "content": POLICY})
    style = tag("style", None, Markup(LOOKS + STYLE))
    head = tag("head", None, tag("meta", {"charset": "utf-8"}), policy, tag("title", None, title), style)
    command = f"weir report --update {update.id[:SHORT]}"
    made = view.say("report.made", command=command, time=f"{view.now:%Y-%m-%d %H:%M:%S} UTC")
    body = tag(
        "body",
        None,
        tag("h1", None, title),
        _summary(view, update),
        _failures(view, update),
        _graph(view, update),
        _datasets(view, update),
        _rules(view, update),
        tag("p", {"class": "dim"}, made),
    )
    return f"<!doctype html>\n{tag('html', {'lang': view.language}, head, body)}\n"


def _summary(view: View, update: UpdateState) -> Markup:
    summary, at = update.summary, update.summary.started_at
    parts = [
        f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else None,
        view.seconds(summary.seconds(view.now)),
        view.say(f"mode.{summary.mode}"),
        summary.user,
        summary.cause,
        update.runtime,
    ]
    return tag("p", None, badge(view, update.status), f" · {' · '.join(p for p in parts if p)}")


def _section(title: str, *content: Child) -> Markup:
    return tag("section", None, tag("h2", None, title), *content)


def _listed(title: str, heads: Mapping[str, str], rows: Sequence[Sequence[Child]]) -> Markup | None:
    numbers = [at for at, column in enumerate(heads) if column in NUMBERS]
    return _section(title, table(title, list(heads.values()), rows, numbers=numbers)) if rows else None


def _failures(view: View, update: UpdateState) -> Markup | None:
    failures = [_failure(view, update, f) for f in update.failures]
    return _section(view.say("update.failures"), failures) if failures else None


def _failure(view: View, update: UpdateState, failure: Failure) -> Markup:
    dataset = update.datasets.get(failure.dataset or "")
    parts: list[Child] = [tag("strong", None, short(dataset.name))] if dataset else []
    if failure.flow and failure.flow != failure.dataset:
        parts.append(f" {view.say('report.flow', name=short(failure.flow))}")
    if failure.causes:
        parts.append(f" {view.say('report.after', names=', '.join(map(short, failure.causes)))}")
    elif dataset and dataset.origin:
        parts.append(tag("span", {"class": "dim"}, f" {dataset.origin}"))
    message = tag("pre", None, failure.message) if failure.message else None
    return tag("div", {"class": "failure"}, parts, message)


def _graph(view: View, update: UpdateState) -> Markup:
    drawn = tag("div", {"class": "scroll"}, graph_svg(view, update)) if update.datasets else None
    return _section(view.say("view.graph"), drawn or view.say("report.none"))


def _datasets(view: View, update: UpdateState) -> Markup | None:
    rows = [_dataset(view, update, d) for d in update.datasets.values()]
    heads = {**{c: view.say(f"list.{c}") for c in DATASETS}, "place": view.say("report.place")}
    return _listed(view.say("list.title"), heads, rows)


def _dataset(view: View, update: UpdateState, dataset: DatasetState) -> list[Child]:
    counts = (dataset.rows, dataset.written, dataset.dropped, dataset.broken)
    return [
        short(dataset.name),
        view.say(f"kind.{dataset.kind}"),
        badge(view, dataset.status),
        *map(view.number_text, counts),
        view.seconds(dataset.seconds(update.seen_at or view.now)),
        _how(update, dataset),
        view.number_text(dataset.version),
        f"{shorten(dataset.origin.file)}:{dataset.origin.line}" if dataset.origin else None,
    ]


def _how(update: UpdateState, dataset: DatasetState) -> str:
    """What became of a materialized view, and the steps of the plan, each with its why."""
    techniques = [f"{f.technique} {f.issue or ''}".strip() for f in dataset.flows if f.technique]
    steps = [f"{s.verb}: {s.why}" if s.why else s.verb for s in update.steps_of(dataset.name)]
    return "; ".join(dict.fromkeys([*techniques, *steps]))


def _rules(view: View, update: UpdateState) -> Markup | None:
    rows = [_rule(view, d, rule) for d in update.datasets.values() for rule in d.rules]
    own = {"rule": "quality.rule", "action": "quality.action"}
    heads = {"dataset": view.say("list.dataset"), **{c: view.say(own.get(c, f"report.{c}")) for c in RULES}}
    return _listed(view.say("report.rules"), heads, rows)


def _rule(view: View, dataset: DatasetState, rule: RuleState) -> list[Child]:
    return [
        short(dataset.name),
        rule.name,
        tag("code", None, rule.condition),
        view.say(f"action.{rule.action}"),
        *counted(view, rule),
    ]
