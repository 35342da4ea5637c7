"""What a bundle says of who may see what: grants of its catalogs and schemas, functions of its jobs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from weir.bundle.bundle import Bundle
from weir.bundle.functions import read_functions
from weir.bundle.located_yaml import LocatedValue
from weir.model.governance import Function, Governance, Grant
from weir.model.names import fold, join
from weir.model.problems import Problem, WeirError, closest

# What can be granted on a kind of resource, and the keys that name one (the SDK's Privilege).
ON_SCHEMAS = frozenset(
    [
        "ALL_PRIVILEGES", "APPLY_TAG", "BROWSE", "CREATE_FUNCTION", "CREATE_MATERIALIZED_VIEW",
        "CREATE_MODEL", "CREATE_TABLE", "CREATE_VOLUME", "EXECUTE", "EXTERNAL_USE_SCHEMA", "MANAGE",
        "MODIFY", "READ_VOLUME", "REFRESH", "SELECT", "USE_SCHEMA", "WRITE_VOLUME",
    ]
)  # fmt: skip
PRIVILEGES = {
    "catalogs": ON_SCHEMAS | {"CREATE_SCHEMA", "USE_CATALOG"},
    "schemas": ON_SCHEMAS,
}
NAMED_BY = {"catalogs": ("name",), "schemas": ("catalog_name", "name")}


def governance_of(bundle: Bundle) -> Governance:
    """The grants and functions of a bundle for its target.

    Raises:
        WeirError: A privilege is misspelt, or a file of functions can't be read.
    """
    granted = [(kind, r) for kind in PRIVILEGES for r in bundle.resources.get(kind).mapping().values()]
    problems = [p for kind, resource in granted for p in _misspelt(kind, resource)]
    if problems:
        raise WeirError(*problems)
    grants = tuple(grant for kind, resource in granted for grant in _grants(kind, resource, bundle))
    catalogs = frozenset(_name(kind, r, bundle) for kind, r in granted if kind == "catalogs")
    files = [file for job in bundle.resources.get("jobs").mapping().values() for file in _files(job)]
    functions = {f.name: f for task in files for f in _functions(task, bundle)}
    return Governance(grants, functions if files else None, catalogs)


def _misspelt(kind: str, resource: LocatedValue) -> Iterator[Problem]:
    known = PRIVILEGES[kind]
    for grant in resource.items_of("grants"):
        for privilege in grant.items_of("privileges"):
            if privilege.value not in known:
                yield Problem(
                    "PRIVILEGE_NOT_APPLICABLE",
                    f"`{privilege.value}` is not a privilege on a {kind.removesuffix('s')}.",
                    privilege.origin,
                    closest(str(privilege.value), known) or f"available: {', '.join(sorted(known))}",
                )


def _grants(kind: str, resource: LocatedValue, bundle: Bundle) -> Iterator[Grant]:
    name = _name(kind, resource, bundle)
    for grant in resource.items_of("grants"):
        privileges = frozenset(str(p.value) for p in grant.items_of("privileges"))
        yield Grant(bundle.text(grant.get("principal")), name, privileges)


def _name(kind: str, resource: LocatedValue, bundle: Bundle) -> str:
    return join(fold(bundle.text(resource.get(key))) for key in NAMED_BY[kind])


def _files(job: LocatedValue) -> Iterator[LocatedValue]:
    for task in job.items_of("tasks"):
        if task.get("sql_task", "file", "path").value is not None:
            yield task.get("sql_task")


def _functions(task: LocatedValue, bundle: Bundle) -> tuple[Function, ...]:
    path = task.get("file", "path")
    parameters = {name: bundle.text(value) for name, value in task.get("parameters").mapping().items()}
    return read_functions(Path(path.origin.file).parent / bundle.text(path), parameters)
