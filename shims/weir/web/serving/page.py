"""What an address gives, before it is written out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True, slots=True)
class Page:
    """What an address gives.

    Attributes:
        html: As a person sees it.
        json: As a program does; only one of both is made.
    """

    html: Callable[[], str]
    json: Callable[[], Mapping[str, Any]]
    status: HTTPStatus = HTTPStatus.OK


class MissingError(Exception):
    """Nothing has this address."""
