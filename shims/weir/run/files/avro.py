"""The schemas at the beginning of Avro files: Spark takes that of one file for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from weir.run.files.listing import SourceFile

_MAGIC = b"Obj\x01"


def by_schema(files: Iterable[SourceFile]) -> list[list[SourceFile]]:
    """Files by the schemas in their headers; one whose header can't be read is alone.

    Args:
        files: Avro files.
    """
    groups: dict[bytes, list[SourceFile]] = {}
    for file in files:
        groups.setdefault(_schema(Path(file.path)) or file.path.encode(), []).append(file)
    return list(groups.values())


def _schema(path: Path) -> bytes | None:
    """The text of a file's schema; None if it has none."""
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            return None
        try:
            return _metadata(file).get(b"avro.schema")
        except (IndexError, OverflowError):
            return None


def _metadata(file: BinaryIO) -> dict[bytes, bytes]:
    """The map in a header, which comes in blocks; a block with a negative count has its size before it."""
    entries: dict[bytes, bytes] = {}
    while count := _number(file):
        if count < 0:
            _number(file)
        for _ in range(abs(count)):
            key = file.read(_number(file))
            entries[key] = file.read(_number(file))
    return entries


def _number(file: BinaryIO) -> int:
    """A number of Avro's: seven bits a byte, the lowest first, the lowest of all for the sign."""
    value, shift, more = 0, 0, True
    while more:
        byte = file.read(1)[0]
        value |= (byte & 0x7F) << shift
        shift, more = shift + 7, bool(byte & 0x80)
    return (value >> 1) ^ -(value & 1)
