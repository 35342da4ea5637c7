"""The page without a browser and without a server."""

import asyncio
from types import SimpleNamespace

import pytest

from weir.run.lake.storage import Storage
from weir.web.reading.world import Project, World
from weir.web.serving.acting import Acting
from weir.web.serving.guard import Guard
from weir.web.serving.live import Stream
from weir.web.serving.server import Site

GUARD = Guard(4747, "the-token", "the-session")
KNOWN = {"host": "127.0.0.1:4747", "cookie": "weir_ui_4747=the-session"}


@pytest.fixture
def ask(tmp_path):
    """Sends a request to the page of a storage, as a server would hand it on."""
    world = World(Project(Storage(tmp_path), tmp_path))
    sites = {
        acts: Site(world, GUARD, Stream(world), Acting(world) if acts else None) for acts in (True, False)
    }

    def send(path, method="GET", headers=KNOWN, body=b"", acts=True):
        return asyncio.run(_answer(sites[acts], method, path, headers, body))

    return send


async def _answer(site, method, path, headers, body):
    raw, _, query = path.partition("?")
    scope = {"type": "http", "method": method, "path": raw, "raw_path": raw.encode(), "query_string": query.encode(),
             "headers": [(k.encode(), v.encode()) for k, v in headers.items()]}  # fmt: skip
    sent = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    await site(scope, receive, send)
    content = b"".join(m.get("body", b"") for m in sent).decode()
    return SimpleNamespace(status=sent[0]["status"], text=content,
                           headers={k.decode(): v.decode() for k, v in sent[0]["headers"]})  # fmt: skip
