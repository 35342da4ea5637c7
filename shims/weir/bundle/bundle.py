"""`databricks.yml`: pipelines, targets and variables, as far as a local run needs them.

Keys that only a workspace needs are read past and named once; a misspelt key is a problem with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from weir.bundle.located_yaml import LocatedValue, load_yaml
from weir.bundle.made_elsewhere import python_notices
from weir.bundle.packages import dependency_notices
from weir.bundle.variables import REFERENCE, fields_of, variable_values
from weir.define.sql.parameters import PREFIX
from weir.model.folders import unfit
from weir.model.names import BadNameError, Namespace, identifier
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError, closest, unsupported
from weir.model.texts import value_text

BUNDLE_FILE = "databricks.yml"
TOP = frozenset({"bundle", "variables", "resources", "targets", "include", "definitions", "python"})
TOP_PAST = frozenset(
    [
        "workspace",
        "artifacts",
        "sync",
        "permissions",
        "run_as",
        "experimental",
        "presets",
        "scripts",
    ]
)
TARGET = frozenset({"default", "mode", "variables", "resources"})
TARGET_PAST = TOP_PAST | {"bundle", "git"}
PIPELINE = frozenset(
    [
        "name", "catalog", "schema", "target", "libraries", "root_path", "configuration", "continuous",
        "development", "environment", "gateway_definition", "ingestion_definition", "parameters",
    ]
)  # fmt: skip
PIPELINE_PAST = frozenset(
    [
        "allow_duplicate_names", "budget_policy_id", "channel", "clusters", "deployment", "edition",
        "event_log", "expected_last_modified",
        "filters", "id", "lifecycle", "notifications",
        "parent_path", "permissions", "photon", "restart_window", "run_as", "serverless",
        "serverless_compute_id", "storage", "tags", "trigger", "usage_policy_id",
    ]
)  # fmt: skip
LIBRARY = frozenset({"glob", "file", "notebook"})
LIBRARY_PAST = frozenset({"jar", "maven", "whl"})
MANAGED = ("ingestion_definition", "gateway_definition")  # pipelines without code


@dataclass(frozen=True, slots=True)
class BundlePipeline:
    """A pipeline resource with the chosen target applied.

    Attributes:
        refused: Why it can't run here.
    """

    name: str
    namespace: Namespace
    base: Path
    root: Path
    includes: tuple[tuple[str, Origin], ...]
    configuration: Mapping[str, str]
    development: bool = True
    continuous: bool = False
    refused: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Bundle:
    """What the file says for one target.

    Attributes:
        host: Address of the target's workspace.
        values: What may stand between `${` and `}` -> its value.
        resources: Of every kind, as they stand there.
        whole: All of it, with the target's part merged in.
    """

    file: Path
    target: str
    pipelines: Mapping[str, BundlePipeline]
    notices: tuple[str, ...] = ()
    name: str = ""
    host: str | None = None
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    resources: LocatedValue = field(default_factory=lambda: LocatedValue.empty(Path(BUNDLE_FILE)))
    whole: LocatedValue = field(default_factory=lambda: LocatedValue.empty(Path(BUNDLE_FILE)))

    @property
    def variables(self) -> Mapping[str, str]:
        """Name of a variable -> its value, where there is one."""
        return {n.removeprefix("var."): v for n, v in self.values.items() if n.startswith("var.")}

    def text(self, node: LocatedValue) -> str:
        """A value with the variables filled in; what only a workspace knows stays as it is.

        Raises:
            WeirError: A variable has no value.
        """
        reading = _Reading(self.file, variables=dict(self.values))
        text = _fill(node, reading)
        if reading.problems:
            raise WeirError(*reading.problems)
        return text


@dataclass
class _Reading:
    """The state of one reading: problems and keys read past pile up."""

    file: Path
    target: str = "default"
    development: bool = True
    variables: dict[str, str] = field(default_factory=dict[str, str])
    declared: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list[Problem])
    past: dict[str, None] = field(default_factory=dict[str, None])


def find_bundle(folder: Path) -> Path | None:
    """The `databricks.yml` of this folder or the nearest one above."""
    for place in (folder.resolve(), *folder.resolve().parents):
        if (place / BUNDLE_FILE).is_file():
            return place / BUNDLE_FILE
    return None


def default_storage(given: str | Path | None, folder: str | Path = ".") -> Path:
    """The given storage; else `.weir` beside the bundle of a folder, else in the folder.

    Raises:
        WeirError: Spark or Delta's libraries would look for it in another place.
    """
    bundle, at = find_bundle(Path(folder)), Path(folder).resolve()
    storage = Path(given).resolve() if given else (bundle.parent if bundle else at) / ".weir"
    wrong = unfit(str(storage))
    if wrong:
        message = (
            f"The path of the storage, {str(storage)!a}, holds {wrong!a}, which is read as another path."
        )
        raise WeirError(
            Problem("PIPELINE_STORAGE_ROOT_INVALID", message, hint="name another folder: --storage")
        )
    return storage


def required_bundle(folder: Path, target: str | None) -> Bundle:
    """The bundle of a folder or one above, read for a target.

    Raises:
        WeirError: There is none, or it can't be read.
    """
    file = find_bundle(folder)
    if file is None:
        text = f"No {BUNDLE_FILE} lies here or in a parent folder."
        raise WeirError(Problem("BUNDLE_NOT_FOUND", text, hint="go to the folder of the bundle"))
    return read_bundle(file, target)


def read_bundle(file: Path, target: str | None, known: Mapping[str, str] | None = None) -> Bundle:
    """Read a bundle for a target.

    Args:
        file: The `databricks.yml`.
        target: The target's name; the default one if None.
        known: What a workspace says may stand between `${` and `}` -> its value.

    Raises:
        WeirError: Broken YAML, a misspelt key, an unknown target or variable; all together.
    """
    reading = _Reading(file)
    top = load_yaml(file)
    for include in top.items_of("include"):
        for other in sorted(file.parent.glob(str(include.value))):
            top = top.merged(load_yaml(other))
    _check_keys(top, TOP, TOP_PAST, "", reading)
    chosen = _choose_target(top, target, reading)
    reading.declared = frozenset(top.get("variables").mapping())
    reading.variables = variable_values(top, chosen, reading.target, known or {})
    resources = top.get("resources").merged(chosen.get("resources"))
    reading.problems.extend(_keys_of_several_kinds(resources))
    reading.variables |= fields_of(resources, reading.variables)
    pipelines = {
        key: _pipeline(key, node, reading) for key, node in resources.get("pipelines").mapping().items()
    }
    for key in top.get("resources").mapping():
        if key not in {"pipelines", "schemas", "catalogs"}:
            reading.past[f"resources.{key}"] = None
    if reading.problems:
        raise WeirError(*reading.problems)
    values, whole = reading.variables, top.merged(chosen)
    host = top.get("workspace").merged(chosen.get("workspace")).get("host").value
    return Bundle(
        file,
        reading.target,
        pipelines,
        (*_notices(reading), *python_notices(whole), *dependency_notices(whole)),
        values["bundle.name"],
        value_text(host) if host is not None else None,
        values,
        resources,
        whole,
    )


def _keys_of_several_kinds(resources: LocatedValue) -> Iterator[Problem]:
    """Resources of different kinds that have one key, which the Databricks CLI refuses."""
    kinds: dict[str, str] = {}
    for kind, keyed in resources.mapping().items():
        for key, node in keyed.mapping().items():
            if key in kinds:
                message = f"`{key}` is the key of a resource in `{kinds[key]}` and of one in `{kind}`."
                hint = "give one of them another key; its `name` can stay"
                yield Problem("BUNDLE_DUPLICATE_KEY", message, node.key_origin, hint)
            kinds[key] = kind


def _notices(reading: _Reading) -> tuple[str, ...]:
    if not reading.past:
        return ()
    return (f"{BUNDLE_FILE}: ignored {', '.join(sorted(reading.past))} (only for a workspace)",)


def _choose_target(top: LocatedValue, wanted: str | None, reading: _Reading) -> LocatedValue:
    targets = top.get("targets").mapping()
    for name, node in targets.items():
        _check_keys(node, TARGET, TARGET_PAST, f"targets.{name}.", reading)
    if wanted is not None and wanted not in targets:
        raise WeirError(
            *reading.problems,
            Problem(
                "BUNDLE_TARGET_NOT_FOUND",
                f"There is no target `{wanted}`; there are: {', '.join(targets) or 'none'}.",
                top.get("targets").origin,
                closest(wanted, targets),
            ),
        )
    default = [n for n, node in targets.items() if node.get("default").value is True]
    name = wanted or next(iter(default or (list(targets) if len(targets) == 1 else [])), None)
    if name is None:
        return LocatedValue.empty(reading.file)
    reading.target = name
    reading.development = targets[name].get("mode").value != "production"
    return targets[name]


def _pipeline(key: str, node: LocatedValue, reading: _Reading) -> BundlePipeline:
    _check_keys(node, PIPELINE, PIPELINE_PAST, f"resources.pipelines.{key}.", reading)

    def text(name: str, default: str) -> str:
        return _fill(node.get(name), reading) if node.get(name).value is not None else default

    key_of_schema = "schema" if node.get("schema").value is not None else "target"
    schema, catalog = text(key_of_schema, "default"), text("catalog", "main")
    reading.problems.extend(_name_problems(schema, node.get(key_of_schema)))
    reading.problems.extend(_name_problems(catalog, node.get("catalog")))
    base = (node.origin and Path(node.origin.file).parent) or reading.file.parent
    values = {f"{PREFIX}{name}": value for name, value in node.get("parameters").mapping().items()}
    values |= node.get("configuration").mapping()
    configuration = {name: _fill(value, reading) for name, value in values.items()}
    return BundlePipeline(
        text("name", key) or key,
        Namespace(catalog, schema),
        base,
        (base / _here(text("root_path", "."), reading)).resolve(),
        tuple(_includes(key, node, reading)),
        configuration,
        _flag(node.get("development"), reading.development, reading),
        _flag(node.get("continuous"), False, reading),
        tuple(_managed(key, node)),
    )


def _managed(key: str, node: LocatedValue) -> Iterator[Problem]:
    for name in MANAGED:
        if node.get(name).value is not None:
            what, instead = f"The {name} of the pipeline `{key}`", "give its tables: --table NAME=FOLDER"
            yield from unsupported(what, instead, node.get(name).key_origin).problems


def _name_problems(name: str, node: LocatedValue) -> Iterator[Problem]:
    """A catalog or schema that Databricks refuses (§5.3); what only a workspace knows is let through."""
    if "${" in name:
        return
    try:
        identifier(name)
        why = f"`{name}` is a name of several parts" if "." in name else ""
    except BadNameError as error:
        why = str(error)
    if why:
        hint = "write a single name, without dots, slashes and control characters"
        yield Problem("INVALID_PARAMETER_VALUE", f"{why}.", node.origin, hint)


def _flag(node: LocatedValue, default: bool, reading: _Reading) -> bool:
    """A boolean, plain or out of a variable."""
    if node.value is None:
        return default
    text = _fill(node, reading)
    if text not in {"true", "false"}:
        reading.problems.append(
            Problem("BUNDLE_INVALID_VALUE", f"{text!r} is neither true nor false.", node.origin)
        )
    return text == "true"


def _includes(key: str, node: LocatedValue, reading: _Reading) -> Iterator[tuple[str, Origin]]:
    libraries = node.items_of("libraries")
    if not libraries and not any(_managed(key, node)):
        reading.problems.append(
            Problem(
                "PIPELINE_SOURCES_NOT_FOUND",
                f"The pipeline `{key}` lists no libraries.",
                node.origin,
                "add: libraries: [{glob: {include: pipelines/NAME/**}}]",
            )
        )
    for library in libraries:
        _check_keys(library, LIBRARY, LIBRARY_PAST, f"resources.pipelines.{key}.libraries.", reading)
        for path in (("glob", "include"), ("file", "path"), ("notebook", "path")):
            if library.get(*path).value is not None:
                yield _here(_fill(library.get(*path), reading), reading), library.origin


def _here(path: str, reading: _Reading) -> str:
    """A path of this machine for one of the bundle's files in a workspace."""
    there = reading.variables["workspace.file_path"]
    inside = Path(path).is_relative_to(there)
    return str(reading.file.parent.resolve() / Path(path).relative_to(there)) if inside else path


def _fill(node: LocatedValue, reading: _Reading) -> str:
    """Replace `${var.x}` and `${bundle.x}`; what only a workspace knows stays as it is."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name in reading.variables:
            return reading.variables[name]
        if name.startswith("var."):
            reading.problems.append(_no_value(name.removeprefix("var."), node.origin, reading))
        return match[0]

    text = value_text(node.value)
    if "workspace.root_path" not in reading.variables:  # its files are those of the bundle
        text = text.replace("${workspace.root_path}/files", "${workspace.file_path}")
    return REFERENCE.sub(value, text)


def _no_value(variable: str, origin: Origin, reading: _Reading) -> Problem:
    known = [name.removeprefix("var.") for name in reading.variables if name.startswith("var.")]
    if variable in reading.declared:
        hint = f"give it one: export BUNDLE_VAR_{variable}=..., or a `default` under `variables`"
    else:
        hint = closest(variable, known) or "declare it under `variables`"
    text = f"The variable `var.{variable}` has no value."
    return Problem("BUNDLE_VARIABLE_NOT_FOUND", text, origin, hint)


def _check_keys(
    node: LocatedValue, used: frozenset[str], past: frozenset[str], where: str, reading: _Reading
) -> None:
    for key, child in node.mapping().items():
        if key in used:
            continue
        meant = None if key in past else closest(key, used | past)
        if meant:
            reading.problems.append(
                Problem(
                    "BUNDLE_UNKNOWN_KEY",
                    f"`{where}{key}` is not a key of a bundle.",
                    child.key_origin,
                    meant,
                )
            )
        else:
            # `resources.pipelines.*.serverless`: once for all pipelines.
            reading.past[re.sub(r"^(resources\.pipelines|targets)\.[^.]+", r"\1.*", where) + key] = None
