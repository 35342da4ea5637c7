"""What a pipeline lacks of the world outside of it, as hints of problems name it."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

VALUES = {"conf": "VALUE", "map": "FOLDER", "table": "FOLDER", "stream": "FOLDER"}
_FLAG = re.compile(rf"--({'|'.join(VALUES)}) (\S|\S.*?\S)=(?:VALUE|FOLDER)\b")
_VARIABLE = re.compile(r"set the environment variable (\w+)$")
ANY = frozenset({"PREFIX", "NAME", "KEY"})  # stand in a hint that can't name one


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """One thing that is missing.

    Attributes:
        kind: The flag that gives it, or `env` for a variable of the environment, which holds a secret.
        key: What it is missing for: an entry, a path, a table, a stream, the name of the variable.
    """

    kind: str
    key: str

    @property
    def flag(self) -> str:
        """The flag as one writes it in a shell.

        >>> Need("map", "/mnt/my files").flag
        "--map '/mnt/my files'=FOLDER"
        """
        return f"--{self.kind} {shlex.quote(self.key)}={VALUES[self.kind]}"

    @property
    def told(self) -> str:
        """What is to be done about it."""
        return f"environment variable {self.key}" if self.kind == "env" else self.flag


def need_in(hint: str | None) -> Need | None:
    """What a hint asks for; None if it asks for nothing, does not know its name, or knows a better cure.

    >>> need_in("pass --conf 'my key'=VALUE"), need_in("set the environment variable KAFKA_KEY")
    (Need(kind='conf', key='my key'), Need(kind='env', key='KAFKA_KEY'))
    """
    if hint is None or hint.startswith("did you mean"):
        return None
    if variable := _VARIABLE.match(hint):
        return Need("env", variable[1])
    flag = _FLAG.search(hint)
    key = shlex.split(flag[2])[0] if flag else ""
    return Need(flag[1], key) if flag and key not in ANY else None
