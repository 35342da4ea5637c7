"""What a rule is."""

from dataclasses import dataclass
from typing import Literal

Action = Literal["warn", "drop", "fail"]


@dataclass(frozen=True)
class Rule:
    """`condition` is SQL on the columns of the dataset `tag`; NULL is broken."""

    tag: str
    action: Action
    name: str
    condition: str
