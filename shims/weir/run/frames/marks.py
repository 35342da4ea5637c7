"""A row that must not be written fails the job that reads it: the error's message carries it as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F


def raised(mark: str, value: Column) -> Column:
    """An expression that fails.

    Args:
        mark: Tells such errors from others.
        value: A struct with what the message shall carry.
    """
    return F.raise_error(F.concat(F.lit(mark), F.to_json(value, {"ignoreNullFields": "false"})))


def carried(mark: str, text: str, *names: str) -> Mapping[str, Any] | None:
    """What the first message with a mark carries in the texts of an error; None if there is none.

    Args:
        names: The fields that it has.
    """
    for part in text.split(mark)[1:]:
        try:
            values, _ = json.JSONDecoder().raw_decode(part)
        except ValueError:
            continue  # the plan of a query, which holds the mark too, or a text of the user's
        if isinstance(values, dict) and values.keys() >= set(names):
            return values
    return None
