"""One call of the REST API, what may answer it, and the errors that clients know."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from weir.workspace.fields import Takes

Json = dict[str, Any]


class ApiError(Exception):
    """An answer that tells what is wrong.

    Attributes:
        status: Of HTTP.
        code: As Databricks' API names the condition.
    """

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def not_found(message: str) -> ApiError:
    """What is asked for does not exist."""
    return ApiError(HTTPStatus.NOT_FOUND, "RESOURCE_DOES_NOT_EXIST", message)


def exists(message: str) -> ApiError:
    """A name is taken."""
    return ApiError(HTTPStatus.CONFLICT, "RESOURCE_ALREADY_EXISTS", message)


def wrong(message: str, code: str = "INVALID_PARAMETER_VALUE") -> ApiError:
    """A request says what it can't."""
    return ApiError(HTTPStatus.BAD_REQUEST, code, message)


def denied(message: str) -> ApiError:
    """The caller may not."""
    return ApiError(HTTPStatus.FORBIDDEN, "PERMISSION_DENIED", message)


@dataclass(frozen=True, slots=True)
class Call:
    """A call.

    Attributes:
        names: What the path names, such as `pipeline_id`.
        user: Name of the caller.
        body: The JSON object that was sent, or the fields of a form.
        content: The bytes that were sent.
    """

    method: str
    path: str
    user: str
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Json = field(default_factory=dict[str, Any])
    content: bytes = b""

    def needs(self, name: str) -> Any:
        """A field of the body or of the query that can't be left out.

        Raises:
            ApiError: It is left out.
        """
        value = self.body.get(name, self.query.get(name))
        if value in (None, ""):
            raise wrong(f"Missing required field: {name}")
        return value

    def flag(self, name: str) -> bool:
        """Is a field true?"""
        return str(self.body.get(name, self.query.get(name, ""))).lower() == "true"


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer that is no JSON."""

    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Answer = Json | Raw | None
Later = Callable[[], Answer]  # called without the lock: it may take long
Handler = Callable[[Any, Call], "Answer | Later"]


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the support list.

    Attributes:
        path: With `{name}` for what a call names.
        takes: The SDK's class or method that knows the fields of a request; None takes any.
        gives: The SDK's class of the answer; None where it has none.
    """

    method: str
    path: str
    handler: Handler
    takes: Takes | None = None
    gives: type | None = None

    @property
    def does(self) -> str:
        """What it does, in a sentence."""
        text = getattr(self.handler, "func", self.handler).__doc__
        return (text or "").split("\n")[0]


def page(call: Call, key: str, values: Sequence[Json], size: int = 100, limit: str = "max_results") -> Json:
    """One page of a list, with the token of the next one where there is one.

    Args:
        key: Under which the values stand in the answer.
        size: How many values a page has where the caller does not say.
        limit: The field in which the caller says it.

    Raises:
        ApiError: The token is none of ours.
    """
    token = call.query.get("page_token") or "0"
    count = int(call.query.get(limit) or 0) or size
    if not token.isdigit():
        raise wrong(f"Invalid page_token: {token}")
    begin, end = int(token), int(token) + min(count, size)
    following = {"next_page_token": str(end)} if end < len(values) else {}
    return {key: list(values[begin:end]), **following}
