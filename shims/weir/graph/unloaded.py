"""What follows from sources that did not load: it is told as such, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from weir.model.names import last_part
from weir.model.origin import shorten
from weir.model.problems import Problem

_LACKING = re.compile(r"`(.+)` is neither a dataset|.* writes into `(.+)`, which is not defined")
_IDLE = re.compile(r"Nothing writes into `(.+?)`\.")


def without_consequences(problems: Iterable[Problem], unloaded: Iterable[Path]) -> Iterator[Problem]:
    """The problems but for tables whose flow stands in a file that did not load.

    A name that is missing is looked for there, too, and the file named as the place that may define it.

    Args:
        unloaded: The sources that failed.
    """
    texts = {file: file.read_text("utf-8", "replace") for file in unloaded}
    for problem in problems:
        lacking, idle = _LACKING.match(problem.message), _IDLE.match(problem.message)
        file = _that_names((lacking or idle), texts)
        if file is None:
            yield problem
        elif lacking:
            yield replace(problem, hint=f"{shorten(str(file))}, which did not load, may define it")


def _that_names(name: re.Match[str] | None, texts: dict[Path, str]) -> Path | None:
    last = last_part(next(filter(None, name.groups()))) if name else ""
    word = re.compile(rf"(?<!\w){re.escape(last)}(?!\w)", re.IGNORECASE)
    return next((file for file, text in texts.items() if last and word.search(text)), None)
