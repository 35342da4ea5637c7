"""Two updates beside each other: what was defined otherwise, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from weir.model.names import short
from weir.web.pages.frame import badge, document, nothing, table
from weir.web.pages.view import SHORT, View, part, pipeline_path
from weir.web.states.state import DatasetState, UpdateState
from weir.web.texts.html import Child, Markup, join, tag

Change = tuple[str, str, str, str, str]  # added, gone or changed; what; whose; before; after


def changes(before: UpdateState, after: UpdateState) -> list[Change]:
    """What is defined otherwise: datasets, edges, rules, columns."""
    return [
        *_named(
            "dataset",
            "",
            {n: d.kind for n, d in before.datasets.items()},
            {n: d.kind for n, d in after.datasets.items()},
        ),
        *_named(
            "edge",
            "",
            {f"{a} → {b}": "" for a, b in before.edges},
            {f"{a} → {b}": "" for a, b in after.edges},
        ),
        *(
            c
            for n in before.datasets.keys() & after.datasets.keys()
            for c in _of_dataset(before.datasets[n], after.datasets[n])
        ),
    ]


def _of_dataset(before: DatasetState, after: DatasetState) -> Iterator[Change]:
    rules = [{r.name: f"{r.condition} ({r.action})" for r in d.rules} for d in (before, after)]
    yield from _named("rule", before.name, *rules)
    yield from _named("column", before.name, *({c.name: c.type for c in d.columns} for d in (before, after)))
    if before.definition and after.definition and before.definition != after.definition:
        yield ("changed", "definition", before.name, before.definition[:8], after.definition[:8])


def _named(what: str, whose: str, before: dict[str, str], after: dict[str, str]) -> Iterator[Change]:
    for name in sorted({**before, **after}):
        there, here = before.get(name), after.get(name)
        if there != here:
            kind = "added" if there is None else "gone" if here is None else "changed"
            yield (kind, what, f"{whose} {name}".strip(), there or "", here or "")


def compare(view: View, pipeline: str, before: UpdateState, after: UpdateState) -> str:
    """The page `/p/P/compare/A..B`."""
    found = changes(before, after)
    ids = (before.id[:SHORT], after.id[:SHORT])
    heads = ["", view.say("compare.what"), "", *ids]
    rows = [
        (
            tag("span", {"class": kind}, view.say(f"compare.{kind}")),
            what,
            tag("code", None, whose),
            tag("code", None, old),
            tag("code", None, new),
        )
        for kind, what, whose, old, new in found
    ]
    definitions = (
        table(view.say("compare.definitions"), heads, rows) if rows else nothing(view.say("compare.none"))
    )
    content = part(
        "view",
        "main",
        {"class": "page"},
        tag("div", {"class": "bar"}, tag("h1", None, view.say("compare.title"))),
        tag("h2", None, view.say("compare.definitions")),
        definitions,
        tag("h2", None, view.say("compare.results")),
        _results(view, pipeline, before, after),
    )
    crumbs = tag("h1", {"class": "crumb"}, tag("a", {"href": pipeline_path(pipeline)}, pipeline))
    return document(view, " .. ".join(ids), crumbs, content)


def _results(view: View, pipeline: str, before: UpdateState, after: UpdateState) -> Markup:
    names = dict.fromkeys([*after.datasets, *before.datasets])
    heads = [view.say("list.dataset")]
    for key in ("state", "written", "broken", "seconds"):
        heads += [f"{view.say(f'list.{key}')} {u.id[:SHORT]}" for u in (before, after)]

    def cells(name: str) -> list[Child]:
        both = [(u.datasets.get(name), u.seen_at or view.now) for u in (before, after)]
        link = tag("a", {"href": f"{pipeline_path(pipeline, after.id)}?d={name}"}, short(name))
        return [
            link,
            *(badge(view, d.status) if d else None for d, _ in both),
            *(view.number_text(d.written) if d else None for d, _ in both),
            *(view.number_text(d.broken) if d else None for d, _ in both),
            *(view.seconds(d.seconds(end)) if d else None for d, end in both),
        ]

    return join(table(view.say("compare.results"), heads, [cells(n) for n in names]))
