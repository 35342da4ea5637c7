"""The verbs that need Spark: from arguments to the engine, from its values to the terminal."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from rich.text import Text
from rich.tree import Tree

from weir import engine
from weir.graph.analysis import Graph
from weir.history.tables import first_rows
from weir.model.names import short
from weir.model.problems import WeirError
from weir.model.results import State, UpdateResult
from weir.pipeline import open_pipeline, plan_of
from weir.plan.plain import plan_json
from weir.request import Request
from weir.run.lake.storage import Storage
from weir.run.update.stop import Stop
from weir.ui.live import LiveUpdate
from weir.ui.output import JsonLines, only_ours, print_json, report
from weir.ui.screen import Screen, console, plain
from weir.ui.tables import (
    branch,
    closing_line,
    print_errors,
    rows_table,
    rules_table,
    steps_table,
)
from weir.ui.trees import print_tree, tree_of
from weir.verbs.arguments import request_from
from weir.views.graphs import dataset_json, graph_json


def run_update(arguments: Mapping[str, Any]) -> int:
    """`weir run`."""
    as_json, as_lines = arguments["as_json"], arguments["json_events"]
    screen = screen_for(arguments)
    request = replace(request_from(arguments), stop=Stop(signal.SIGINT, signal.SIGTERM))
    try:
        with only_ours(as_json or as_lines) as stdout:
            lines = (JsonLines(stdout),) if as_lines else ()
            with LiveUpdate(screen, endless=request.settings.continuous) as live:
                result = engine.run(replace(request, listeners=(*lines, live)))
    except WeirError as error:
        return report(error.problems, as_json=as_json, extra=not_run(request, State.FAILED))
    if as_json:
        print_json(result.to_json())
    else:
        show_result(screen, live, result, Storage(request.settings.storage))
    return result.exit_code


def screen_for(arguments: Mapping[str, Any]) -> Screen:
    """Where people look: stderr where stdout is for programs, nowhere beside one JSON object."""
    screen = console(stderr=arguments["as_json"] or arguments["json_events"])
    screen.quiet = arguments["as_json"]
    return screen


def not_run(request: Request, state: State) -> dict[str, Any]:
    """What `--json` tells of an update that there was not."""
    return {
        "update_id": None,
        "pipeline": request.settings.name,
        "state": str(state),
        "seconds": None,
        "datasets": [],
    }


def show_result(screen: Screen, live: LiveUpdate, result: UpdateResult, storage: Storage) -> None:
    """What an update did: its tables, its rules, the first rows of its last tables, its errors."""
    live.finished(result)
    rules = rules_table(result)
    if rules is not None:
        screen.print()
        screen.print(rules)
    for name in live.leaves:
        content = first_rows(storage.table(name), 3, None)
        if content is not None:
            cut = (
                f": {len(content.rows)} of {content.count} rows" if content.count > len(content.rows) else ""
            )
            screen.print()
            screen.print(rows_table(content.columns, content.rows, f"{short(name)}{cut}"))
    print_errors(screen, result)
    if result.state is State.FAILED:
        screen.say(f"Spark's own log: {storage.log(result.pipeline)}", "dim")
    screen.print()
    screen.say(closing_line(result), "bold")


def run_validate(arguments: Mapping[str, Any]) -> int:
    """`weir validate`."""
    request = request_from(arguments)
    with only_ours(arguments["as_json"]), open_pipeline(request) as opened:
        problems = opened.problems
        datasets = [dataset_json(d) for d in opened.graph.datasets.values()]
    code = 2 if problems else 0
    if arguments["as_json"]:
        print_json({"datasets": datasets, "problems": [p.to_json() for p in problems]})
        return code
    screen = console()
    columns = ("name", "kind", "schema")
    if datasets:
        screen.print(rows_table(columns, datasets))
    if problems:
        report(problems, as_json=False)
    else:
        screen.say(f"{len(datasets)} datasets, no problems", "bold green")
    return code


def run_plan(arguments: Mapping[str, Any]) -> int:
    """`weir plan`."""
    request = request_from(arguments)
    with only_ours(arguments["as_json"]), open_pipeline(request) as opened:
        plan = plan_of(opened, request.selection)
    steps = plan_json(plan)
    if arguments["as_json"]:
        print_json({"pipeline": request.settings.name, "steps": steps, "notices": list(plan.notices)})
        return 0
    screen = console()
    for notice in plan.notices:
        screen.say(notice, "yellow")
    screen.print(steps_table(steps))
    return 0


def run_graph(arguments: Mapping[str, Any]) -> int:
    """`weir graph`."""
    request = request_from(arguments)
    with only_ours(arguments["as_json"]), open_pipeline(request) as opened:
        graph, problems = opened.graph, opened.problems
    if arguments["as_json"]:
        print_json(graph_json(graph))
    else:
        print_tree(console(), graph_tree(graph, request.settings.name))
    if problems:
        report(problems, as_json=False)
    return 2 if problems else 0


def graph_tree(graph: Graph, name: str) -> Tree:
    """Datasets below what they read; one that reads several stands below each."""

    def labelled(datasets: Iterable[str]) -> Iterator[tuple[str, Text]]:
        for dataset in datasets:
            known = graph.datasets.get(dataset)
            yield dataset, branch(dataset, str(known.kind).replace("_", " ") if known else "outside")

    outside = {i for d in graph.datasets.values() for i in d.inputs} - set(graph.datasets)
    roots = [*sorted(outside), *(d.name for d in graph.datasets.values() if not d.inputs)]
    return tree_of(plain(name), labelled(roots), lambda dataset: labelled(graph.readers_of(dataset)))
