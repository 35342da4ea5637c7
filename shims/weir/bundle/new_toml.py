"""The text of a new `weir.toml`: an entry for each thing that is missing, with who needs it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from weir.model.needs import Need

BEGIN = "# What these sources need to run here. Paths are relative to this file; flags win over it."
# Kind of a need -> what its entries are.
SECTIONS = {
    "conf": "Values of the configuration, for spark.conf.get, widgets, ${key} and :name. Take the # away and "
    "write the value.",
    "map": "Folders of this machine that stand for paths elsewhere. Put a few files there.",
    "table": "Folders that stand for tables of other pipelines: Delta, JSON, CSV or Parquet.",
    "stream": "Folders with records of streams, subscriptions and topics; or kafka://HOST:PORT/TOPIC.",
}
FOLDERS = ("map", "table", "stream")
SECRETS = "Secrets are no part of this file. Set them in your shell:"
LATER = "Names that are made of missing values. When the values are set, weir validate tells them:"


def toml_text(
    head: Mapping[str, str | Sequence[str]], needs: Mapping[Need, str], later: Iterable[str] = ()
) -> str:
    """The text of the file.

    Args:
        head: Its first keys, such as the sources.
        needs: What is missing -> where it is needed.
        later: Sentences about what can't be known yet.
    """
    first = [f"{key} = {_quoted(value)}" for key, value in head.items()]
    return "\n".join([BEGIN, *first, *missing_lines(needs, later), ""])


def missing_lines(needs: Mapping[Need, str], later: Iterable[str] = ()) -> list[str]:
    """The lines for what is missing, table by table."""
    return [*_tables(needs), *_secrets(needs), *_later(later)]


def _tables(needs: Mapping[Need, str]) -> Iterator[str]:
    folders = sample_folders(needs)
    for kind, sentence in SECTIONS.items():
        entries = [need for need in sorted(needs) if need.kind == kind]
        if entries:
            yield from ("", f"# {sentence}", f"[{kind}]")
        for need in entries:
            value = folders.get(need)
            line = f"{_quoted(need.key)} = {_quoted(value or 'VALUE')}  # {needs[need]}"
            yield line if value else f"# {line}"


def _secrets(needs: Mapping[Need, str]) -> Iterator[str]:
    names = [need for need in sorted(needs) if need.kind == "env"]
    if names:
        yield from ("", f"# {SECRETS}")
    for need in names:
        yield f"#   export {need.key}=...  # {needs[need]}"


def _later(sentences: Iterable[str]) -> Iterator[str]:
    lines = [f"#   {sentence}" for sentence in sentences]
    if lines:
        yield from ("", f"# {LATER}", *lines)


def sample_folders(needs: Iterable[Need]) -> dict[Need, str]:
    """Where the files of each path, table and stream may lie: below `samples/`, by the last name or all.

    >>> sample_folders([Need("map", "/mnt/in"), Need("table", "a.s.t"), Need("table", "b.s.t")]).values()
    dict_values(['samples/in', 'samples/a.s.t', 'samples/b.s.t'])
    """
    names = {need: need.key.strip("/").split("://")[-1] for need in needs if need.kind in FOLDERS}
    last = {need: name.split("." if need.kind == "table" else "/")[-1] for need, name in names.items()}
    uses = Counter(last.values())
    return {need: f"samples/{last[need] if uses[last[need]] == 1 else name}" for need, name in names.items()}


def _quoted(value: str | Sequence[str]) -> str:
    """A text, or a list of texts, as TOML has them: as JSON has them, but for one sign."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
