"""SQL of a group's session: tables become governed views, also as they were at a version or a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sqlglot.errors import TokenError

from weir.define.sql.resolution import StandIn
from weir.define.sql.source import SqlText
from weir.define.sql.statement import read
from weir.define.sql.tree import Reference
from weir.define.tokens import is_name, tokens_of
from weir.model.names import join
from weir.run.governed.fence import no_file, refused

StandInOf = Callable[[str, Mapping[str, str]], StandIn]
TRAVEL = {"versionasof": "versionAsOf", "timestampasof": "timestampAsOf"}
TEMP_VIEW = re.compile(
    r"\s*CREATE\s+(?:OR\s+REPLACE\s+)?TEMP(?:ORARY)?\s+VIEW\s+(?:`([^`]+)`|(\w+))\s+AS\s+(?=\S)(.*)",
    re.IGNORECASE | re.DOTALL,
)
_VERSION = re.compile(r"v(\d+)", re.IGNORECASE)


def rewritten(text: str, stand_in_of: StandInOf) -> str:
    """The text with each table replaced by the view that stands for it.

    Args:
        stand_in_of: Gives what stands for a name and the options of its reader.

    Raises:
        WeirError: A path is read, or `stand_in_of` refuses.
    """
    statement = read(SqlText(text, lambda _: None), {})
    stand_ins = {r.start: _stand_in(r, stand_in_of) for r in statement.references}
    return statement.over(stand_ins, _no_path)


def _stand_in(reference: Reference, stand_in_of: StandInOf) -> StandIn:
    if reference.computed:
        raise refused("A time that is not a text")
    for option in reference.options:
        if option.lower() not in TRAVEL:
            raise refused(f"The reader's option `{option}`")
    return stand_in_of(join(reference.parts), reference.options)


def _no_path(path: str) -> str:
    raise no_file(path)


def with_clauses(text: str) -> str:
    """`t@v1` as `t VERSION AS OF 1`."""
    try:
        tokens = tokens_of(text)
    except TokenError:
        return text
    for before, at, version in reversed(list(zip(tokens, tokens[1:], tokens[2:], strict=False))):
        number = _VERSION.fullmatch(version.text)
        joined = before.end + 1 == at.start and at.end + 1 == version.start
        if at.text == "@" and number and joined and is_name(before):
            text = f"{text[: at.start]} VERSION AS OF {number[1]}{text[version.end + 1 :]}"
    return text
