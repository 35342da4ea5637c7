"""The server: from HTTP to a handler and back, one call at a time."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http import HTTPStatus
from pathlib import Path
from typing import Any

import uvicorn
from databricks.sdk import WorkspaceClient
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as Path_

from weir.workspace.calls import Answer, ApiError, Call, Json, Raw, Route, wrong
from weir.workspace.fields import unknown_fields
from weir.workspace.routes import PUBLIC, ROUTES
from weir.workspace.world import ADMIN, World

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(slots=True)
class Server:
    """A workspace that listens on loopback.

    Attributes:
        world: What it knows and can do.
        url: Its address.
    """

    world: World
    url: str
    _socket: socket.socket
    _uvicorn: uvicorn.Server = field(init=False)

    @classmethod
    def of(cls, world: World, port: int = 0) -> Server:
        """A server that does not listen yet.

        Args:
            world: What it knows and can do.
            port: Where it will listen; any free one if 0.
        """
        # With TCP by name asyncio sends answers at once; else each waits 40 ms for an acknowledgement.
        taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        world.url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        return cls(world, world.url, taken)

    def serve(self) -> None:
        """Answer until Ctrl-C, or until `stop`."""
        config = uvicorn.Config(
            application(self.world), log_level="error", access_log=False, lifespan="off", ws="none"
        )
        self._uvicorn = uvicorn.Server(config)
        self._uvicorn.run(sockets=[self._socket])

    def start(self) -> None:
        """Answer in a thread; the socket takes calls at once."""
        self._socket.listen()
        threading.Thread(target=self.serve, name="weir workspace", daemon=True).start()

    def token_of(self, user: str, *groups: str) -> str:
        """The token of a user, who is let in where nobody knows it yet, as a member of these groups."""
        known = next((token for token, name in self.world.tokens.items() if name == user), None)
        if known is None:
            known = f"dapi-{user}"
            self.world.add_user(user, known, groups)
        return known

    def client(self, user: str = ADMIN, *groups: str) -> WorkspaceClient:
        """Databricks' own client for a user, as `token_of`."""
        return WorkspaceClient(host=self.url, token=self.token_of(user, *groups), auth_type="pat")

    def stop(self) -> None:
        """End the updates and whatever else runs for the workspace.

        The thread sees within 0.1 s that it should end, and closes the socket: nobody waits for that.
        """
        self.world.close()
        self._uvicorn.force_exit = self._uvicorn.should_exit = True  # clients keep their connections open


def application(world: World) -> Starlette:
    """The routes as Starlette has them; what is in none of them is refused by name."""
    known = [
        Path_(route.path, _endpoint(world, route), methods=[route.method]) for route in (*PUBLIC, *ROUTES)
    ]
    return Starlette(routes=[*known, Path_("/{rest:path}", _endpoint(world, None), methods=METHODS)])


def _endpoint(world: World, route: Route | None) -> Callable[..., Any]:
    async def answer(request: Request) -> Response:
        content = await request.body()
        return await run_in_threadpool(_response, world, route, request, content)

    return answer


def _response(world: World, route: Route | None, request: Request, content: bytes) -> Response:
    try:
        if route in PUBLIC:
            return _success(_handled(world, route, _call(request, content, "")))
        user = world.user_of(request.headers.get("authorization", ""))
        call = _call(request, content, user)
        fault = world.faults.of(call.method, call.path)
        if fault is not None and fault.when == "before" and not fault.kills:
            return _failure(HTTPStatus(fault.status), "TEMPORARILY_UNAVAILABLE", "A fault before the call.")
        response = _success(_handled(world, _known(route, call), call))
        if fault is None:
            return response
        if fault.kills:
            fault.kills()
        return _failure(HTTPStatus(fault.status), "TEMPORARILY_UNAVAILABLE", "A fault after the call.")
    except ApiError as error:
        return _failure(error.status, error.code, str(error))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        text = f"{request.method} {request.url.path} can't take this request: {type(error).__name__}: {error}"
        return _failure(HTTPStatus.BAD_REQUEST, "INVALID_PARAMETER_VALUE", text)


def _known(route: Route | None, call: Call) -> Route:
    if route is None:
        text = f"{call.method} {call.path} is not supported: `weir workspace --support` lists what is."
        raise ApiError(HTTPStatus.NOT_IMPLEMENTED, "NOT_IMPLEMENTED", text)
    return route


def _handled(world: World, route: Route, call: Call) -> Answer:
    """The handler's answer, with the fields of request and answer checked."""
    if route.takes is not None and (unknown := unknown_fields(call.body, route.takes)):
        raise wrong(f"Could not parse request object: {', '.join(unknown)}", "MALFORMED_REQUEST")
    with world.state.lock:
        if call.method in {"GET", "HEAD"}:
            world.state.reads_behind()
        try:
            result = route.handler(world, call)
        finally:
            world.state.ends_call()
    answer = result() if callable(result) else result
    if route.gives is not None and isinstance(answer, dict) and (lost := unknown_fields(answer, route.gives)):
        text = f"{route.method} {route.path} answers what the SDK does not know: {', '.join(lost)}"
        raise ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", text)
    return answer


def _call(request: Request, content: bytes, user: str) -> Call:
    body = _body(request.headers.get("content-type", ""), content)
    names, query = dict(request.path_params), dict(request.query_params)
    return Call(request.method, request.url.path, user, names, query, body, content)


def _body(kind: str, content: bytes) -> Json:
    if kind.startswith("multipart/form-data"):
        return _form(kind, content)
    if "json" not in kind or not content:
        return {}
    try:
        body = json.loads(content)
    except ValueError as error:
        raise wrong(f"Could not parse request object: {error}", "MALFORMED_REQUEST") from error
    return body if isinstance(body, dict) else {}


def _form(kind: str, content: bytes) -> Json:
    """The fields of a form; files as bytes."""
    message = message_from_bytes(f"Content-Type: {kind}\n\n".encode() + content, policy=policy.HTTP)
    parts = {p.get_param("name", header="content-disposition"): p for p in message.iter_parts()}
    return {
        str(name): part.get_payload(decode=True) if part.get_filename() else part.get_content().strip()
        for name, part in parts.items()
    }


def _success(answer: Answer) -> Response:
    if isinstance(answer, Raw):
        return Response(answer.content, headers=dict(answer.headers))
    return _json(answer or {}, HTTPStatus.OK)


def _failure(status: HTTPStatus, code: str, message: str) -> Response:
    return _json({"error_code": code, "message": message}, status)


def _json(content: Mapping[str, Any], status: HTTPStatus) -> Response:
    return Response(json.dumps(content, default=str), status, media_type="application/json")


def folder_of(storage: Path) -> Path:
    """Where a workspace keeps its files, beside the tables."""
    return storage / "workspace"
