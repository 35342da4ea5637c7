"""Names of a notebook that mean nothing here: refused when they are used, by the name that was used."""

from __future__ import annotations

from typing import Any, NoReturn

from weir.model.origin import here
from weir.model.problems import unsupported

CONFIGURATION = "take values from the configuration: spark.conf.get(key)"


class Absent:
    """A name of which nothing is here, or nothing but what a class below gives."""

    def __init__(self, name: str, instead: str = CONFIGURATION) -> None:
        self._name = name
        self._instead = instead

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # Python's own look for them is answered as usual
            raise AttributeError(name)
        self._refuse(name)

    def _refuse(self, name: str) -> NoReturn:
        raise unsupported(f"{self._name}.{name}", self._instead, here())


def absent_function(name: str, instead: str) -> Any:
    """A function that refuses its call."""

    def refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
        raise unsupported(name, instead, here())

    return refuse
