"""What a pipeline lacks of the world outside of it, as hints of problems name it."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

VALUES = {"conf": "VALUE", "map": "FOLDER", "table": "FOLDER", "stream": "FOLDER"}
_FLAG = re.compile(rf"--({'|'.join(VALUES)}) (\S|\S.*?\S)=(?:VALUE|FOLDER)\b")
_VARIABLE = re.compile(r"set the environment variable (\w+)$")
_MEANT = re.compile(r"did you mean `(.+?)`\?")
ANY = frozenset({"PREFIX", "NAME", "KEY", "/"})  # stand in a hint that can't name one


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
    if hint is None:
        return None
    if variable := _VARIABLE.match(hint):
        return Need("env", variable[1])
    flag = _FLAG.search(hint)
    key = shlex.split(flag[2])[0] if flag else ""
    if flag is None or key in ANY or _is_misspelt(key, hint):
        return None
    return Need(flag[1], key)


def _is_misspelt(key: str, hint: str) -> bool:
    """Does the hint know a like name in the same schema? In another schema it is another table."""
    meant = _MEANT.match(hint)
    return bool(meant) and meant[1].rpartition(".")[0] == key.rpartition(".")[0]
