"""What Python adds to a bundle when the Databricks CLI reads it: functions that make or change resources."""

from __future__ import annotations

from collections.abc import Iterator

from weir.bundle.located_yaml import LocatedValue

PLACES = (("python",), ("experimental", "python"))


def python_notices(whole: LocatedValue) -> Iterator[str]:
    """A sentence about the functions of each kind, which are not called here.

    Args:
        whole: The bundle with its target's part merged in.
    """
    for place in PLACES:
        for kind in ("resources", "mutators"):
            if functions := whole.get(*place).items_of(kind):
                names = ", ".join(str(function.value) for function in functions)
                where = whole.get(*place, kind).line
                yield f"{where}: not called: {names}; what Python makes of the bundle is not seen"
