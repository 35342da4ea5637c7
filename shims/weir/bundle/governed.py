"""What a bundle says of who may see what: grants of its schemas, functions that its jobs make."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from weir.bundle.bundle import Bundle
from weir.bundle.functions import read_functions
from weir.bundle.located_yaml import LocatedValue
from weir.model.governance import Function, Governance, Grant
from weir.model.names import fold, join
from weir.model.problems import Problem, WeirError, closest

PRIVILEGES = frozenset(
    [
        "ALL_PRIVILEGES", "APPLY_TAG", "BROWSE", "CREATE_FUNCTION", "CREATE_MATERIALIZED_VIEW",
        "CREATE_MODEL", "CREATE_TABLE", "CREATE_VOLUME", "EXECUTE", "EXTERNAL_USE_SCHEMA", "MANAGE",
        "MODIFY", "READ_VOLUME", "REFRESH", "SELECT", "USE_SCHEMA", "WRITE_VOLUME",
    ]
)  # fmt: skip


def governance_of(bundle: Bundle) -> Governance:
    """The grants and functions of a bundle for its target.

    Raises:
        WeirError: A privilege is misspelt, or a file of functions can't be read.
    """
    schemas = bundle.resources.get("schemas").mapping().values()
    problems = [p for schema in schemas for p in _misspelt(schema)]
    if problems:
        raise WeirError(*problems)
    grants = tuple(grant for schema in schemas for grant in _grants(schema, bundle))
    files = [file for job in bundle.resources.get("jobs").mapping().values() for file in _files(job)]
    functions = {f.name: f for task in files for f in _functions(task, bundle)}
    return Governance(grants, functions if files else None)


def _misspelt(schema: LocatedValue) -> Iterator[Problem]:
    for grant in schema.items_of("grants"):
        for privilege in grant.items_of("privileges"):
            if privilege.value not in PRIVILEGES:
                yield Problem(
                    "PRIVILEGE_NOT_APPLICABLE",
                    f"`{privilege.value}` is not a privilege on a schema.",
                    privilege.origin,
                    closest(str(privilege.value), PRIVILEGES)
                    or f"available: {', '.join(sorted(PRIVILEGES))}",
                )


def _grants(schema: LocatedValue, bundle: Bundle) -> Iterator[Grant]:
    parts = (bundle.text(schema.get(key)) for key in ("catalog_name", "name"))
    name = join(map(fold, parts))
    for grant in schema.items_of("grants"):
        privileges = frozenset(str(p.value) for p in grant.items_of("privileges"))
        yield Grant(bundle.text(grant.get("principal")), name, privileges)


def _files(job: LocatedValue) -> Iterator[LocatedValue]:
    for task in job.items_of("tasks"):
        if task.get("sql_task", "file", "path").value is not None:
            yield task.get("sql_task")


def _functions(task: LocatedValue, bundle: Bundle) -> tuple[Function, ...]:
    path = task.get("file", "path")
    parameters = {name: bundle.text(value) for name, value in task.get("parameters").mapping().items()}
    return read_functions(Path(path.origin.file).parent / bundle.text(path), parameters)
