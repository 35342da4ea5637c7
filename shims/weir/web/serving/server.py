"""The server: from HTTP to a page, an action or the stream, for who is let in."""

from __future__ import annotations

import json
import os
import re
import socket
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

import psutil
import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from weir.model.problems import WeirError
from weir.model.texts import encodable, fingerprint
from weir.web.pages.view import View, whole
from weir.web.processes.place import Running, forget, write_down
from weir.web.reading.world import World
from weir.web.serving.acting import Acting
from weir.web.serving.guard import HEADERS, Call, Guard
from weir.web.serving.live import Stream
from weir.web.serving.page import MissingError
from weir.web.serving.site import page_of, segments
from weir.web.texts.phrases import language_of

PORT = 4747  # none of Spark's
LARGEST = 1_000_000  # bytes of an action's body
KINDS = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
FILES = {f.name: f.read_bytes() for f in files("weir.web").joinpath("static").iterdir()}
MODULES = (
    "live.js",
    "graph.js",
    "acts.js",
    "keys.js",
    "weir.js",
)  # in the order in which a browser runs them


def _one_module() -> bytes:
    """The modules as one file, which is one request: no name stands at the top of two of them."""
    text = b"".join(FILES[name] for name in MODULES)
    return re.sub(rb"^import .*\n|^export (?=\w)", b"", text, flags=re.MULTILINE)


STATIC = {**{k: v for k, v in FILES.items() if k not in MODULES}, "weir.js": _one_module()}


@dataclass
class Site:
    """The page as an ASGI application.

    Attributes:
        acting: What its buttons do; None where it is only to be read.
    """

    world: World
    guard: Guard
    stream: Stream
    acting: Acting | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http":
            await (await self._guarded(Request(scope, receive)))(scope, receive, send)

    async def _guarded(self, request: Request) -> Response:
        token = request.query_params.get("t")
        headers = {k.lower(): v for k, v in request.headers.items()}
        call = Call(request.method, headers, token)
        refusal = self.guard.refusal(call)
        if refusal is not None:
            response = Response(refusal.text, refusal.status, media_type="text/plain")
        elif token is not None:
            response = self._let_in(request, call)
        else:
            response = await self._answer(request)
        response.headers.update(HEADERS)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _let_in(self, request: Request, call: Call) -> Response:
        """To the same page without the token, which is spent."""
        if self.guard.brings_token(call):
            self.guard.renew()
            self.write_down()
        query = urlencode([(k, v) for k, v in request.query_params.multi_items() if k != "t"])
        path = f"/{request.url.path.lstrip('/')}"  # two slashes would lead to another host
        response = RedirectResponse(f"{path}{f'?{query}' if query else ''}", HTTPStatus.SEE_OTHER)
        response.set_cookie(self.guard.cookie, self.guard.session, httponly=True, samesite="strict", path="/")
        return response

    def write_down(self) -> None:
        """Tell other commands where this server is, with the token that is good now."""
        started = psutil.Process().create_time()
        running = Running(self.guard.port, self.guard.token, os.getpid(), started, self.acting is None)
        write_down(self.world.project.own, running)

    async def _answer(self, request: Request) -> Response:
        path = request.scope.get("raw_path", b"").decode("ascii", "replace").partition("?")[0]
        parts, as_json = segments(path)
        view = self._view(request, path)
        if request.method == "POST":
            return await self._act(request, view, parts)
        if parts[:1] == ("static",):
            return _static(request, parts[-1])
        if parts == ("live",):
            return self._live(request, view)
        try:
            page = await run_in_threadpool(page_of, self.world, view, parts)
            content = await run_in_threadpool(page.json if as_json else page.html)
        except MissingError:
            return Response(view.say("frame.missing"), HTTPStatus.NOT_FOUND, media_type="text/plain")
        if as_json:
            return _json(content)
        response = Response(encodable(str(content)), page.status, media_type="text/html")
        if request.query_params.get("lang") == view.language:
            response.set_cookie("weir_lang", view.language, samesite="strict", path="/")
        return response

    def _view(self, request: Request, path: str) -> View:
        query = dict(request.query_params)
        accepted = request.headers.get("accept-language", "")
        language = language_of(query.pop("lang", None), request.cookies.get("weir_lang"), accepted)
        return View(path, query, language, self.acting is not None, self.world.boot, self.world.number)

    def _live(self, request: Request, view: View) -> Response:
        since = request.headers.get("last-event-id") or view.query.get("since", "")
        messages = self.stream.messages(view, view.query.get("boot", ""), whole(since) or 0)
        return StreamingResponse(messages, media_type="text/event-stream")

    async def _act(self, request: Request, view: View, parts: tuple[str, ...]) -> Response:
        if self.acting is None:
            return _json({"message": view.say("act.read_only")}, HTTPStatus.FORBIDDEN)
        body = await request.body()
        try:
            values = json.loads(body[:LARGEST] or b"{}")
            texts = {str(k): str(v) for k, v in values.items()}
            return _json(await run_in_threadpool(self.acting.act, view, parts, texts))
        except (ValueError, AttributeError):
            return _json({"message": view.say("act.unreadable")}, HTTPStatus.BAD_REQUEST)
        except MissingError:
            return _json({"message": view.say("frame.missing")}, HTTPStatus.NOT_FOUND)
        except WeirError as error:
            problem = error.problems[0]
            status = (
                HTTPStatus.CONFLICT if "RUNNING" in problem.condition else HTTPStatus.UNPROCESSABLE_ENTITY
            )
            return _json({"condition": problem.condition, "message": problem.message}, status)


def _static(request: Request, name: str) -> Response:
    content = STATIC.get(name)
    if content is None:
        return Response(status_code=HTTPStatus.NOT_FOUND)
    tag = f'"{fingerprint([content.decode()])[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, headers=headers, media_type=KINDS[name.rsplit(".", 1)[-1]])


def _json(content: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    text = encodable(json.dumps(content, default=str, ensure_ascii=False))
    return Response(text, status, media_type="application/json")


class _Uvicorn(uvicorn.Server):
    """Ends open streams before it waits for its connections to close."""

    stream: Stream | None = None

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.stream is not None:
            self.stream.close()
        await super().shutdown(sockets)


@dataclass
class Server:
    """A page that listens on loopback.

    Attributes:
        port: Where; another free one if the default is taken.
    """

    world: World
    read_only: bool = False
    port: int = PORT
    site: Site = field(init=False)
    _socket: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        """Take the port."""
        self._socket = _bound(self.port)
        self.port = self._socket.getsockname()[1]
        acting = None if self.read_only else Acting(self.world)
        self.site = Site(self.world, Guard(self.port), Stream(self.world), acting)
        self.site.write_down()

    @property
    def address(self) -> str:
        """What a browser opens."""
        return f"http://127.0.0.1:{self.port}/?t={self.site.guard.token}"

    def serve(self) -> None:
        """Answer until a signal comes."""
        config = uvicorn.Config(
            self.site, log_level="error", access_log=False, lifespan="off", ws="none",
            timeout_graceful_shutdown=1, server_header=False,
        )  # fmt: skip
        server = _Uvicorn(config)
        server.stream = self.site.stream
        try:
            server.run(sockets=[self._socket])
        finally:
            forget(self.world.project.own, os.getpid())


def _bound(port: int) -> socket.socket:
    """A socket at a port, or at any free one if it is taken; with TCP by name asyncio sends at once."""
    for wanted in (port, 0):
        taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", wanted))
        except OSError:
            taken.close()
            continue
        taken.listen()
        return taken
    raise OSError(f"no port is free on 127.0.0.1, not even beside {port}")
