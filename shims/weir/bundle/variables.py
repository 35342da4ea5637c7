"""The variables of a bundle for a target, with the values that are known without a workspace."""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from weir.bundle.located_yaml import LocatedValue, load_yaml
from weir.model.texts import value_text

REFERENCE = re.compile(r"\$\{([A-Za-z0-9_.\-]+)\}")


def variable_values(
    top: LocatedValue, target: LocatedValue, name: str, known: Mapping[str, str]
) -> dict[str, str]:
    """What may stand between `${` and `}` -> its value: the bundle's facts and its variables (§5.3).

    Args:
        top: The whole file.
        target: The chosen target.
        name: Its name.
        known: What a workspace says of itself, which goes before everything else.

    Returns:
        A variable that is looked up in a workspace, or names itself, has its reference as its value.
    """
    values = {
        "bundle.name": str(top.get("bundle", "name").value or ""),
        "bundle.target": name,
        "workspace.current_user.short_name": _user(),
        "workspace.file_path": str(_folder(top)),
        **{f"var.{variable}": value for variable, value in _given(top, target, _overrides(top, name))},
        **known,
    }
    return {key: _filled(value, values, (key,)) for key, value in values.items()}


def fields_of(resources: LocatedValue, values: Mapping[str, str]) -> dict[str, str]:
    """The texts of resources, as others refer to them: `${resources.schemas.KEY.catalog_name}`."""
    return {
        f"resources.{kind}.{key}.{field}": _filled(value_text(node.value), values, ())
        for kind, keyed in resources.mapping().items()
        for key, resource in keyed.mapping().items()
        for field, node in resource.mapping().items()
        if isinstance(node.value, str)
    }


def _folder(top: LocatedValue) -> Path:
    """The folder of the bundle, whose files a workspace has below its `file_path`."""
    return Path(top.origin.file).resolve().parent


def _overrides(top: LocatedValue, target: str) -> LocatedValue:
    """The values that the Databricks CLI takes from a file of this machine."""
    file = _folder(top) / ".databricks" / "bundle" / target / "variable-overrides.json"
    return load_yaml(file) if file.is_file() else LocatedValue.empty(file)


def _given(top: LocatedValue, target: LocatedValue, overrides: LocatedValue) -> Iterator[tuple[str, str]]:
    of_target = target.get("variables").mapping()
    for name, node in top.get("variables").mapping().items():
        given = of_target.get(name)
        value = given.get("default").value if given and given.mapping() else given and given.value
        value = node.get("default").value if value is None else value
        value = value if overrides.get(name).value is None else overrides.get(name).value
        value = os.environ.get(f"BUNDLE_VAR_{name}", value)  # as for the Databricks CLI
        if value is not None:
            yield name, value_text(value)
        elif node.get("lookup").mapping():
            yield name, f"${{var.{name}}}"


def _filled(text: str, values: Mapping[str, str], above: tuple[str, ...]) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in values or name in above:
            return match[0]
        return _filled(values[name], values, (*above, name))

    return REFERENCE.sub(value, text)


def _user() -> str:
    """Who works here; in a workspace it is the name of the account there."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        name = "user"
    return re.sub(r"\W", "_", name.lower())
