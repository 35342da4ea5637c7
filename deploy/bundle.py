"""The resources of a bundle as its target has them: pure, given what the workspace says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from deploy.facts import Facts
from deploy.kinds.all import OF_BUNDLES
from deploy.kinds.dashboards import canonical
from deploy.kinds.grants import text_of
from deploy.presets import NAMES, Presets, preset, presets_of
from deploy.values import Resource
from weir.bundle.bundle import Bundle
from weir.bundle.located_yaml import LocatedValue
from weir.model.problems import Problem, WeirError, unsupported

NOT_SENT = ("permissions", "grants", "lifecycle")
TEXTS = frozenset({"configuration", "tags", "custom_tags", "parameters", "spark_conf", "properties"})
PATHS = frozenset(
    [
        ("glob", "include"), ("file", "path"), ("notebook", "path"), ("spark_python_task", "python_file"),
        ("notebook_task", "notebook_path"),
    ]
)  # fmt: skip
FIELD = re.compile(r"\$\{resources\.([a-z_]+\.[\w-]+)\.([a-z_]+)\}")
NOTEBOOK = "Databricks notebook source"
OBJECTS = {
    "pipelines": "pipelines", "jobs": "jobs", "alerts": "alertsv2", "clusters": "clusters",
    "sql_warehouses": "sql/warehouses", "dashboards": "dashboards",
}  # fmt: skip
LEVELS = {
    ("jobs", "CAN_RUN"): "CAN_MANAGE_RUN", ("alerts", "CAN_VIEW"): "CAN_READ",
    ("dashboards", "CAN_VIEW"): "CAN_READ",
    ("clusters", "CAN_VIEW"): "CAN_ATTACH_TO", ("clusters", "CAN_RUN"): "CAN_RESTART",
    ("secret_scopes", "CAN_MANAGE"): "MANAGE", ("secret_scopes", "CAN_VIEW"): "READ",
    ("secret_scopes", "CAN_RUN"): "READ", ("sql_warehouses", "CAN_RUN"): "CAN_USE",
}  # fmt: skip
SECURABLES = {
    "catalogs": ("catalog", ("name",)),
    "schemas": ("schema", ("catalog_name", "name")),
    "volumes": ("volume", ("catalog_name", "schema_name", "name")),
    "external_locations": ("external_location", ("name",)),
}


def resources_of(facts: Facts) -> Iterator[Resource]:
    """Everything that the bundle declares, with its permissions and grants as resources of their own."""
    declared = list(_declared(facts))
    fields = {r.address: r.fields for r in declared}
    for resource in declared:
        yield replace(resource, name=filled(resource.name, fields), fields=filled(resource.fields, fields))


def filled(value: Any, fields: Mapping[str, Mapping[str, Any]]) -> Any:
    """A value with the fields of other resources for the references to them, `${resources.KIND.KEY.FIELD}`.

    >>> filled(["${resources.schemas.s.name}", "${resources.jobs.j.id}"], {"schemas.s": {"name": "gold"}})
    ['gold', '${resources.jobs.j.id}']
    """
    if isinstance(value, Mapping):
        return {key: filled(inner, fields) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, fields) for inner in value]
    if not isinstance(value, str):
        return value
    return FIELD.sub(lambda match: str(fields.get(match[1], {}).get(match[2], match[0])), value)


def _declared(facts: Facts) -> Iterator[Resource]:
    bundle = facts.bundle
    presets = target_presets(facts)
    shared = bundle.whole.items_of("permissions")
    for kind in OF_BUNDLES:
        for key, node in bundle.resources.get(kind).mapping().items():
            resource = _resource(facts, kind, key, node, presets)
            yield resource
            yield from _permissions(bundle, resource, [*shared, *node.items_of("permissions")])
            yield from _grants(bundle, resource, node)


def unknown_kinds(bundle: Bundle) -> Iterator[Problem]:
    """Resources of kinds that only the Databricks CLI deploys."""
    for kind, node in bundle.resources.mapping().items():
        if kind not in OF_BUNDLES and node.mapping():
            instead = "put the Databricks CLI on PATH, which deploys it"
            yield from unsupported(f"A resource of the kind `{kind}`", instead, node.key_origin).problems
    skips = bundle.whole.get("experimental", "skip_name_prefix_for_schema").value
    if (
        bundle.whole.get("mode").value == "development"
        and not skips
        and bundle.resources.get("schemas").value
    ):
        origin = bundle.resources.get("schemas").key_origin
        what = "A prefix on schemas, which tables in code don't follow,"
        yield from unsupported(what, "set experimental.skip_name_prefix_for_schema: true", origin).problems


def target_presets(facts: Facts) -> Presets:
    """The presets of the target."""
    whole = facts.bundle.whole
    given = {n: _value(facts, whole.get(n)) for n in ("mode", "presets", "run_as")}
    return presets_of(given, facts.short_name)


def _resource(facts: Facts, kind: str, key: str, node: LocatedValue, presets: Presets) -> Resource:
    value = _value(facts, node)
    fields = preset(kind, {k: v for k, v in value.items() if k not in NOT_SENT and v != ""}, presets)
    if kind == "pipelines" and node.get("root_path").value is not None:
        fields["root_path"] = _remote_path(facts, node.get("root_path"))
    if kind in {"alerts", "dashboards"}:
        fields.setdefault("parent_path", f"{facts.root}/resources")
    if kind == "dashboards":
        fields = {"embed_credentials": False, **fields, "published": True, **_content(facts, node)}
        fields.pop("file_path", None)
    if kind in SECURABLES:
        name = ".".join(str(fields.get(n, "")) for n in SECURABLES[kind][1])
    else:
        name = str(fields.get(NAMES.get(kind, "name"), key))
    protected = node.get("lifecycle", "prevent_destroy").value is True
    return Resource(kind, key, name, fields, node.key_origin, protected)


def _content(facts: Facts, node: LocatedValue) -> dict[str, str]:
    """What a dashboard shows, which stands in a file beside the one that names it."""
    place = node.get("file_path")
    if place.value is None:
        return {"serialized_dashboard": canonical(facts.bundle.text(node.get("serialized_dashboard")))}
    file = Path(place.origin.file).parent / facts.bundle.text(place)
    try:
        return {"serialized_dashboard": canonical(file.read_text(encoding="utf-8"))}
    except (OSError, ValueError) as error:
        text = f"The dashboard `{file.name}` can't be read: {error}."
        hint = "name a .lvdash.json file, from beside the file that names it"
        raise WeirError(Problem("BUNDLE_FILE_NOT_READABLE", text, place.origin, hint)) from error


def _permissions(bundle: Bundle, resource: Resource, given: list[LocatedValue]) -> Iterator[Resource]:
    entries: dict[str, str] = {}
    for node in given:
        kind = next(k for k in ("group_name", "user_name", "service_principal_name") if k in node.mapping())
        level = bundle.text(node.get("level"))
        entries[f"{kind}/{bundle.text(node.get(kind))}"] = LEVELS.get((resource.kind, level), level)
    if resource.kind == "secret_scopes":
        for principal, level in entries.items():
            short = principal.partition("/")[2]
            key, name = f"{resource.key}.{short}", f"{resource.name}/{short}"
            yield Resource("scope_acls", key, name, {"permission": level}, resource.origin)
    elif entries and resource.kind in OBJECTS:
        name = f"{OBJECTS[resource.kind]}/${{resources.{resource.address}.id}}"
        yield Resource("permissions", resource.address, name, entries, resource.origin)


def _grants(bundle: Bundle, resource: Resource, node: LocatedValue) -> Iterator[Resource]:
    given = {
        bundle.text(grant.get("principal")): text_of(str(p.value) for p in grant.items_of("privileges"))
        for grant in node.items_of("grants")
    }
    if given and resource.kind in SECURABLES:
        name = f"{SECURABLES[resource.kind][0]}/{resource.name.lower()}"
        yield Resource("grants", resource.address, name, given, node.get("grants").origin)


def _value(facts: Facts, node: LocatedValue, above: str = "", key: str = "") -> Any:
    """A value as JSON, with variables filled in and paths as the workspace has them."""
    value = node.value
    if isinstance(value, dict):
        inner = {k: _value(facts, child, key, k) for k, child in value.items()}
        return {k: str(v) if not isinstance(v, (dict, list)) else v for k, v in inner.items()} if (
            key in TEXTS) else inner  # fmt: skip
    if isinstance(value, list):
        return [_value(facts, child, above, key) for child in value]
    if (above, key) in PATHS and not str(value).startswith("/"):
        return _remote_path(facts, node)
    if not isinstance(value, str):
        return value
    text = facts.bundle.text(node)
    return _typed(text) if value.startswith("${") and value.endswith("}") and above not in TEXTS else text


def _typed(text: str) -> Any:
    """The value of a variable that stands alone: what it looks like."""
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if text.isdigit() else text


def _remote_path(facts: Facts, node: LocatedValue) -> str:
    """Where a file, which is named from beside the file that names it, lies in the workspace."""
    text = facts.bundle.text(node)
    base = Path(node.origin.file).parent
    local = (base / text).resolve()
    path = local.relative_to(facts.bundle.file.parent.resolve()).as_posix()
    if local.suffix in {".py", ".sql"} and local.is_file() and _is_notebook(local):
        path = path.removesuffix(local.suffix)
    return facts.files if path == "." else f"{facts.files}/{path}"


def _is_notebook(file: Path) -> bool:
    return NOTEBOOK in next(iter(file.read_text(encoding="utf-8").splitlines()), "")


def pipelines_in_order(bundle: Bundle) -> list[str]:
    """The pipelines, each after those that a job's tasks run before it."""
    order: list[str] = []
    jobs: Mapping[str, LocatedValue] = bundle.resources.get("jobs").mapping()
    for job in jobs.values():
        tasks = {str(t.get("task_key").value): t for t in job.items_of("tasks")}
        for key in tasks:
            _after_its_own(key, tasks, order)
    return [*order, *(key for key in bundle.pipelines if key not in order)]


def _after_its_own(key: str, tasks: Mapping[str, LocatedValue], order: list[str]) -> None:
    task = tasks[key]
    for before in task.items_of("depends_on"):
        name = str(before.get("task_key").value)
        if name in tasks:
            _after_its_own(name, tasks, order)
    pipeline = str(task.get("pipeline_task", "pipeline_id").value)
    name = pipeline.removeprefix("${resources.pipelines.").removesuffix(".id}")
    if name != pipeline and name not in order:
        order.append(name)
