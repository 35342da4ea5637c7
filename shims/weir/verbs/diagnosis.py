"""`weir doctor FOLDER`: what of a project Weir refuses, what is missing, and how much it read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from weir.bundle.sources import source_files
from weir.bundle.weir_toml import with_weir_toml
from weir.define.mentions import executed
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError
from weir.request import Request
from weir.run.code.preview import refusals_in
from weir.ui.output import only_ours, print_json
from weir.ui.screen import Screen, console
from weir.ui.tables import problems_view, rows_table
from weir.verbs.arguments import NO_FLAGS, requests_in
from weir.verbs.missing import Lack, look_at

Place = tuple[str, int] | None
IN_CELL = ", cell "  # between a Jupyter notebook and the number of its cell
PLACES = 5  # of one refusal in one file, as people are shown them


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was read, and what is wrong with it.

    Attributes:
        files: Sources of its pipelines.
        others: Further files below the folder that could be sources; no pipeline has them, and none is run.
        cells: Language -> how many cells have it.
        refusals: What is refused, by the text of the sources or when they were opened.
        lack: What their datasets are, what is missing, and what is wrong otherwise.
    """

    files: tuple[Path, ...]
    others: tuple[Path, ...]
    cells: Counter[str]
    refusals: tuple[Problem, ...]
    lack: Lack = field(default_factory=Lack)

    @property
    def exit_code(self) -> int:
        """0 if nothing is refused or wrong; what is missing is not."""
        return 1 if self.refusals or self.lack.problems else 0

    def counts(self) -> Iterator[dict[str, Any]]:
        """How much there is of each kind."""
        kinds = Counter(str(d.kind).replace("_", " ") for d in self.lack.datasets.values())
        suffixes = Counter(file.suffix for file in self.files)
        yield {"what": "source files", "count": len(self.files), "of which": _listed(suffixes)}
        yield {"what": "cells", "count": sum(self.cells.values()), "of which": _listed(self.cells)}
        yield {"what": "datasets", "count": sum(kinds.values()), "of which": _listed(kinds)}
        yield {
            "what": "other files",
            "count": len(self.others),
            "of which": "no pipeline has them as sources",
        }


def run_diagnosis(folder: str, storage: str | None, as_json: bool) -> int:
    """`weir doctor FOLDER`: 0 if nothing is refused or wrong, else 1."""
    base = Path(folder)
    flags = with_weir_toml({**NO_FLAGS, "storage": storage, "as_json": as_json}, base)
    with only_ours(as_json):
        requests, problems = requests_in(base, flags)
        diagnosis = diagnosed(base, requests, problems)
    if as_json:
        print_json(_json(diagnosis))
    else:
        _show(diagnosis, console())
    return diagnosis.exit_code


def diagnosed(base: Path, requests: tuple[Request, ...], problems: Sequence[Problem] = ()) -> Diagnosis:
    """Read the sources, then open the pipelines, if this machine can.

    Args:
        problems: What keeps other pipelines of the folder from being opened.
    """
    sources = {file: request.settings.roots for request in requests for file in request.settings.files}
    cells = [cell for file, roots in sources.items() for cell in executed(file, roots) if cell.text.strip()]
    refused = [problem for file, roots in sources.items() for problem in refusals_in(file, roots)]
    try:
        lack = look_at(requests, problems)
    except WeirError as error:  # no Java: what the texts say is told without it
        lack = Lack(problems=[*problems, *error.problems])
    places = {_place(problem) for problem in refused} - {None}
    known = [p for p in lack.problems if p.condition == "Unsupported" and _place(p) not in places]
    lack.problems = [p for p in lack.problems if p.condition != "Unsupported"]
    read = {*map(str, sources), *(cell.origin.file.split(IN_CELL)[0] for cell in cells)}
    others = tuple(file for file in source_files(base) if str(file) not in read)
    languages = Counter(cell.language for cell in cells)
    return Diagnosis(tuple(sources), others, languages, (*refused, *known), lack)


def _place(problem: Problem) -> Place:
    return (problem.origin.file, problem.origin.line) if problem.origin else None


def _show(diagnosis: Diagnosis, screen: Screen) -> None:
    screen.print(rows_table(("what", "count", "of which"), diagnosis.counts()))
    lack = diagnosis.lack
    for title, problems in (("Refused", _grouped(diagnosis.refusals)), ("Other problems", lack.problems)):
        if problems:
            screen.print()
            screen.say(f"{title}:", "bold")
            screen.print(problems_view(problems), soft_wrap=True)
    if lack.needs:
        rows = [
            {"missing": n.told, "needed at": str(origin or "")} for n, origin in sorted(lack.needs.items())
        ]
        screen.print()
        screen.print(rows_table(("missing", "needed at"), rows))
        screen.say("weir init writes a weir.toml with these", "dim")
    if diagnosis.exit_code:
        screen.say("more may be missing behind these problems", "dim")
    if lack.notices:
        screen.print()
    for sentence in lack.notices:
        screen.say(sentence, "dim")
    if not diagnosis.exit_code:
        screen.print()
        screen.say("nothing is refused", "bold green")


def _grouped(problems: Iterable[Problem]) -> list[Problem]:
    """One problem for what is the same in one file, with its places."""
    groups: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        file = problem.origin.file.split(IN_CELL)[0] if problem.origin else ""
        groups.setdefault((file, problem.message), []).append(problem)
    return [_with_places(group) for group in groups.values()]


def _with_places(group: list[Problem]) -> Problem:
    others = [_short(p.origin) for p in group[1:] if p.origin]
    if not others:
        return group[0]
    shown = ", ".join(others[:PLACES]) + (f" and {len(others) - PLACES} more" if len(others) > PLACES else "")
    return replace(group[0], message=f"{group[0].message} Also at {shown}.")


def _short(origin: Origin) -> str:
    cell = origin.file.partition(IN_CELL)[2]
    return f"cell {cell}, line {origin.line}" if cell else f"line {origin.line}"


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{n} {what}" for what, n in counts.most_common())


def _json(diagnosis: Diagnosis) -> dict[str, Any]:
    datasets = [{"name": name, "kind": str(d.kind)} for name, d in sorted(diagnosis.lack.datasets.items())]
    return {
        "files": [str(file) for file in diagnosis.files],
        "other_files": [str(file) for file in diagnosis.others],
        "cells": dict(diagnosis.cells),
        "datasets": datasets,
        "refused": [problem.to_json() for problem in diagnosis.refusals],
        **diagnosis.lack.to_json(),
    }
