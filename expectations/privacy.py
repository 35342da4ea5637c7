"""Masks on columns that tell who somebody is; the functions behind them stand in deploy/governance.sql."""

import re

PERSONAL = frozenset(["user_id", "rescuer_key", "auxiliar_id", "adoptante_id", "rescatista_id", "raw_data"])
HIDE = "MASK gobierno.ocultar"


def masked(schema: str, *columns: str) -> str:
    """DDL with a mask on each of these columns, for a schema that is written elsewhere.

    Raises:
        ValueError: The schema has no such column.
    """
    for column in columns:
        schema, found = re.subn(rf"\b{column} STRING\b", rf"\g<0> {HIDE}", schema, count=1)
        if not found:
            raise ValueError(f"no column {column} STRING in {schema}")
    return schema
