"""`spark-pipeline.yml`: a pipeline of Spark's own, without Databricks (specification §1.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from weir.bundle.located_yaml import LocatedValue, load_yaml
from weir.model.names import Namespace
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError, closest

SPEC_FILES = ("spark-pipeline.yaml", "spark-pipeline.yml")
FIELDS = ("name", "storage", "catalog", "database", "schema", "configuration", "libraries")
REQUIRED = ("name", "storage")


@dataclass(frozen=True, slots=True)
class Spec:
    """The file's content.

    Attributes:
        includes: Files, and folders ending in `/**`, relative to the file's folder.
    """

    file: Path
    name: str
    namespace: Namespace
    includes: tuple[tuple[str, Origin], ...]
    configuration: Mapping[str, str]

    @property
    def notices(self) -> tuple[str, ...]:
        """What has no effect here."""
        return (f"{self.file.name}: ignored storage (tables and checkpoints lie where --storage says)",)


def find_spec(folder: Path) -> Path | None:
    """The file of a folder.

    Raises:
        WeirError: There are two.
    """
    found = [folder / name for name in SPEC_FILES if (folder / name).is_file()]
    if len(found) > 1:
        text = f"Multiple pipeline spec files found in the directory `{folder}`."
        raise WeirError(
            Problem("MULTIPLE_PIPELINE_SPEC_FILES_FOUND", text, Origin(str(found[0]), 1), "remove one")
        )
    return next(iter(found), None)


def read_spec(file: Path) -> Spec:
    """Read the file.

    Raises:
        WeirError: It is broken, lacks a field or has one that is none; all problems.
    """
    top = load_yaml(file)
    problems = (*_fields(top), *_configuration(top), *_libraries(top))
    if problems:
        raise WeirError(*problems)
    database = top.get("database").value or top.get("schema").value or "default"
    return Spec(
        file,
        str(top.get("name").value),
        Namespace(str(top.get("catalog").value or "main"), str(database)),
        tuple((str(one.get("glob", "include").value), one.origin) for one in top.items_of("libraries")),
        {key: str(node.value) for key, node in top.get("configuration").mapping().items()},
    )


def _fields(top: LocatedValue) -> Iterator[Problem]:
    for key, node in top.mapping().items():
        if key not in FIELDS:
            text = f"Pipeline spec field `{key}` is unexpected."
            hint = closest(key, FIELDS) or f"its fields are {', '.join(FIELDS)}"
            yield Problem("PIPELINE_SPEC_UNEXPECTED_FIELD", text, node.key_origin, hint)
    for key in REQUIRED:
        if top.get(key).value is None:
            text = f"Pipeline spec missing required field `{key}`."
            yield Problem("PIPELINE_SPEC_MISSING_REQUIRED_FIELD", text, top.origin, f"add {key}: ...")


def _configuration(top: LocatedValue) -> Iterator[Problem]:
    for key, node in top.get("configuration").mapping().items():
        if not isinstance(node.value, str):
            text = f"For pipeline spec field `configuration`, value for key `{key}` should be a string."
            yield Problem("PIPELINE_SPEC_DICT_VALUE_NOT_STRING", text, node.origin, "put it into quotes")


def _libraries(top: LocatedValue) -> Iterator[Problem]:
    for library in top.items_of("libraries"):
        include = library.get("glob", "include").value
        if include is None:
            text = "A library of the pipeline spec has no `glob: {include: ...}`."
            yield Problem("PIPELINE_SPEC_MISSING_REQUIRED_FIELD", text, library.origin, "add the pattern")
        elif any(sign in str(include).removesuffix("/**") for sign in "*?["):
            text = f"Invalid glob pattern `{include}` in libraries."
            hint = "only file paths, or folder paths ending with /** are allowed"
            yield Problem("PIPELINE_SPEC_INVALID_GLOB_PATTERN", text, library.origin, hint)
