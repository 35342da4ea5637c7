"""YAML values that know the line they stand on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import ConstructorError, SafeConstructor
from yaml.reader import ReaderError

from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError

Content = (
    dict[str, "LocatedValue"] | list["LocatedValue"] | str | bytes | float | dt.date | None
)  # a bool and an int are floats, a time is a date


@dataclass(frozen=True, slots=True)
class LocatedValue:
    """A scalar, list or mapping of YAML with the places of its value and of its key."""

    value: Content
    origin: Origin
    key_origin: Origin

    @classmethod
    def empty(cls, file: Path) -> LocatedValue:
        """Nothing: what stands where a key is missing."""
        return cls(None, Origin(str(file), 1), Origin(str(file), 1))

    @property
    def line(self) -> str:
        """The file and line of the key, as a notice has them."""
        return f"{Path(self.key_origin.file).name}:{self.key_origin.line}"

    def mapping(self) -> dict[str, LocatedValue]:
        """The entries of a mapping; nothing for any other value."""
        return self.value if isinstance(self.value, dict) else {}

    def get(self, *path: str) -> LocatedValue:
        """The value under nested keys; an empty one where a key is missing."""
        node = self
        for key in path:
            node = node.mapping().get(key, LocatedValue(None, node.origin, node.origin))
        return node

    def items_of(self, key: str) -> list[LocatedValue]:
        """The entries of the list under a key."""
        value = self.get(key).value
        return value if isinstance(value, list) else []

    def merged(self, other: LocatedValue) -> LocatedValue:
        """Mappings merge key by key, lists grow, scalars are replaced: as bundles do."""
        if isinstance(self.value, dict) and isinstance(other.value, dict):
            both = dict(self.value)
            for key, node in other.value.items():
                both[key] = both[key].merged(node) if key in both else node
            return LocatedValue(both, self.origin, self.key_origin)
        if isinstance(self.value, list) and isinstance(other.value, list):
            return LocatedValue(self.value + other.value, self.origin, self.key_origin)
        return self if other.value is None else other


def load_yaml(file: Path) -> LocatedValue:
    """Read a YAML file.

    Raises:
        WeirError: The file can't be read or is no YAML, or merges what Databricks' CLI does not take, with
            the lines.
    """
    try:
        return _read(file)
    except OSError as error:
        raise WeirError(
            Problem("PATH_NOT_READABLE", f"Can't read `{file.name}`: {error.strerror}.")
        ) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        what, hint = f"the byte 0x{error.object[error.start]:02x} is no UTF-8", "save the file as UTF-8"
        raise _broken(what, Origin(str(file), line), hint) from error
    except ReaderError as error:
        line = file.read_text(encoding="utf-8").count("\n", 0, error.position) + 1
        what, hint = f"the character U+{error.character:04X} may not stand here", "remove it at this line"
        raise _broken(what, Origin(str(file), line), hint) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what, hint = error.problem or error.context, "check the indentation and the colons at this line"
        if isinstance(error, ConstructorError):
            hint = "write a plain value, or put it in quotes"
        raise _broken(str(what), Origin(str(file), mark.line + 1 if mark else 1), hint) from error


def _broken(what: str, origin: Origin, hint: str) -> WeirError:
    return WeirError(Problem("YAML_SYNTAX_ERROR", f"Broken YAML: {what}.", origin, hint))


def _read(file: Path) -> LocatedValue:
    node = _node(file.read_text(encoding="utf-8"))
    if node is None:
        return LocatedValue.empty(file)
    if problems := [_no_alias(key, file) for key, merged in _merges(node) if not _is_alias(key, merged)]:
        raise WeirError(*problems)
    return _located(node, str(file), Origin(str(file), 1))


def _node(text: str) -> yaml.Node | None:
    """The document: the parser in C is many times as fast, and not in every build of the package."""
    try:
        return getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text).get_single_node()
    except yaml.YAMLError:
        return yaml.SafeLoader(text).get_single_node()  # whose sentences say more of what is wrong


def _merges(node: yaml.Node) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """Each `<<` with what stands behind it; what an alias names is looked at where it is written."""
    children: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            if key.value == "<<":
                yield key, child
            children.append(child)
    elif isinstance(node, yaml.SequenceNode):
        children = node.value
    for child in children:
        if child.start_mark.index > node.start_mark.index:
            yield from _merges(child)


def _is_alias(key: yaml.Node, merged: yaml.Node) -> bool:
    """An alias stands for a node that was written before it."""
    aliases = merged.value if isinstance(merged, yaml.SequenceNode) else [merged]
    return all(alias.start_mark.index < key.start_mark.index for alias in aliases)


def _no_alias(key: yaml.Node, file: Path) -> Problem:
    return Problem(
        "YAML_SYNTAX_ERROR",
        "`<<` is followed by a mapping, and the Databricks CLI takes only an alias or a list of aliases.",
        Origin(str(file), key.start_mark.line + 1),
        "name it under a key of its own (definitions: {shared: &shared {...}}), then write: <<: *shared",
    )


def _located(node: yaml.Node, file: str, key_origin: Origin) -> LocatedValue:
    origin = Origin(file, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        entries: dict[str, LocatedValue] = {}
        for key, child in node.value:
            place = Origin(file, key.start_mark.line + 1)
            entries[str(key.value)] = _located(child, file, place)
        value = {**_merged_in(entries.pop("<<", None)), **entries}
    elif isinstance(node, yaml.SequenceNode):
        value = [_located(child, file, origin) for child in node.value]
    else:
        value = _scalar(node)
    return LocatedValue(value, origin, key_origin)


def _scalar(node: yaml.Node) -> Content:
    constructor: Any = SafeConstructor()  # whose stub does not say what it takes
    try:
        return constructor.construct_object(node)
    except (ValueError, LookupError, AttributeError) as error:  # each of its types fails in a way of its own
        what = f"`{node.value}` is no {node.tag.rpartition(':')[2]}"
        raise ConstructorError(None, None, what, node.start_mark) from error


def _merged_in(merge: LocatedValue | None) -> dict[str, LocatedValue]:
    """The entries of what `<<: *anchor` names, one mapping or several of which the first wins."""
    if merge is None:
        return {}
    several = merge.value if isinstance(merge.value, list) else [merge]
    return {key: node for one in reversed(several) for key, node in one.mapping().items()}
