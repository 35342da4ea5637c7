"""`weir init FOLDER`: a `weir.toml` with an entry for each thing that the sources of a folder lack here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from weir.bundle.bundle import BUNDLE_FILE
from weir.bundle.new_toml import missing_lines, toml_text
from weir.bundle.sources import defining_files
from weir.bundle.spec import find_spec
from weir.bundle.weir_toml import TOML_FILE, with_weir_toml
from weir.model.needs import Need
from weir.model.origin import Origin, shorten
from weir.model.problems import Problem, WeirError
from weir.model.texts import encodable
from weir.ui.output import only_ours, print_json, report
from weir.ui.screen import console
from weir.verbs.arguments import NO_FLAGS
from weir.verbs.missing import lack_of


def run_init(folder: str, *, force: bool, as_json: bool, **given: Any) -> int:
    """`weir init`: 0, whether or not something is missing."""
    base = Path(folder)
    file = base / TOML_FILE
    writes = force or not file.exists()
    flags = {**NO_FLAGS, **given, "as_json": as_json}
    with only_ours(as_json):
        lack = lack_of(base, flags if writes else with_weir_toml(flags, base))
    needs = {need: _place(origin, base) for need, origin in lack.needs.items()}
    later = [f"{_place(p.origin, base)}: {p.message}" for p in lack.later]
    if writes:
        _write(file, toml_text(_head(base, given), needs, later))
    if as_json:
        print_json({"file": str(file.resolve()), "written": writes, **lack.to_json()})
        return 0
    _tell(file, needs, later, written=writes)
    if lack.problems:
        console().say("weir validate will also say:", "bold")
        report(lack.problems, as_json=False)
        console().say("more may be missing behind these problems: call weir init again when they are mended")
    return 0


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(encodable(text), encoding="utf-8")
    except OSError as error:
        message = f"Can't write `{file}`: {error.strerror}."
        hint = "make the folder writable, or pass the flags with each call"
        raise WeirError(Problem("PATH_NOT_WRITABLE", message, hint=hint)) from error


def _head(base: Path, given: Mapping[str, Any]) -> dict[str, Any]:
    """What every call is to do with these sources; a bundle says most of it itself."""
    flags = {key: value for key, value in given.items() if value}
    if (base / BUNDLE_FILE).is_file() or find_spec(base):
        return flags
    return {"sources": list(defining_files(base)), "name": base.resolve().name, **flags}


def _place(origin: Origin | None, base: Path) -> str:
    """A place as one reads it beside the file."""
    if origin is None:
        return ""
    file = Path(origin.file)
    inside = file.is_relative_to(base.resolve())
    return str(replace(origin, file=str(file.relative_to(base.resolve()))) if inside else origin)


def _tell(file: Path, needs: Mapping[Need, str], later: list[str], *, written: bool) -> None:
    screen, shown = console(), shorten(str(file))
    if written:
        screen.say(f"wrote {shown}: {_counts(needs)}", "bold")
    elif needs or later:
        screen.say(f"{shown} is there already and stays as it is; it lacks {_counts(needs)}:", "bold")
        screen.print("\n".join(missing_lines(needs, later)), soft_wrap=True)
    else:
        screen.say(f"{shown} is there already, and nothing is missing", "bold green")
    if needs and written:
        screen.say("fill in what it names, then check it with weir validate", "dim")


def _counts(needs: Mapping[Need, str]) -> str:
    names = {"conf": "value", "map": "path", "table": "table", "stream": "stream", "env": "secret"}
    counts = {word: sum(need.kind == kind for need in needs) for kind, word in names.items()}
    parts = [f"{n} {word}{'s' if n > 1 else ''}" for word, n in counts.items() if n]
    return ", ".join(parts) or "nothing is missing"
