"""Masks on columns that tell who or where somebody is; the functions behind them: deploy/governance.sql."""

import re

# Column -> its type and its mask.
MASKS = dict.fromkeys(
    ["user_id", "rescuer_key", "auxiliar_id", "adoptante_id", "rescatista_id", "raw_data", "canton"],
    ("STRING", "gobierno.ocultar"),
) | {
    "payload": ("STRING", "gobierno.sin_lugar"),
    "latitud": ("DOUBLE", "gobierno.aproximar"),
    "longitud": ("DOUBLE", "gobierno.aproximar"),
}
# Those that tell it wherever they stand: a canton is also what a request is counted by.
PERSONAL = frozenset(MASKS) - {"canton", "latitud", "longitud"}


def masked(schema: str, *columns: str) -> str:
    """DDL with a mask on each of these columns, for a schema that is written elsewhere.

    Raises:
        ValueError: The schema has no such column.
    """
    for column in columns:
        kind, function = MASKS[column]
        schema, found = re.subn(rf"\b{column} {kind}\b", rf"\g<0> MASK {function}", schema, count=1)
        if not found:
            raise ValueError(f"no column {column} {kind} in {schema}")
    return schema


def bare(*columns: str) -> str:
    """SQL: no mask hid these columns, alone or inside a message, from the pipeline that read them."""
    return " AND ".join(f"coalesce({c} <> 'MASKED' AND {c} NOT LIKE '%\"MASKED\"%', true)" for c in columns)
