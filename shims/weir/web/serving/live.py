"""The one stream of a browser: what changed, as parts of pages that take the place of those they show."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

from starlette.concurrency import run_in_threadpool

from weir.web.pages.events import line
from weir.web.pages.graph import node_of
from weir.web.pages.listing import row
from weir.web.pages.update import status_of, tally
from weir.web.pages.view import IN_ADDRESS, View
from weir.web.reading.world import Changed, World
from weir.web.texts.html import join

GATHER, BEAT = 0.1, 15.0  # seconds


class Stream:
    """What is told to all browsers, until the server ends."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._over = asyncio.Event()

    def close(self) -> None:
        """End all streams: they would hold the end of the server."""
        self._over.set()

    async def messages(self, view: View, boot: str, since: int) -> AsyncIterator[str]:
        """Server-sent events, from a number on.

        Args:
            view: The language.
            boot: The server that made the page.
            since: The last change that the page has seen.
        """
        world = self._world
        yield "retry: 1000\n\n"
        if boot != world.boot:
            yield _sent(
                world.number, {"boot": world.boot, "number": world.number, "pipeline": None, "whole": True}
            )
            since = world.number
        last = time.monotonic()
        while not self._over.is_set():
            await run_in_threadpool(world.look)
            changes = world.since(since)
            if changes is None:
                changes = ()
                yield _sent(
                    world.number,
                    {"boot": world.boot, "number": world.number, "pipeline": None, "whole": True},
                )
                since = world.number
            for changed in changes:
                yield _sent(changed.number, await run_in_threadpool(patch, view, world, changed))
                since, last = changed.number, time.monotonic()
            if time.monotonic() - last > BEAT:
                yield "event: beat\ndata: 1\n\n"
                last = time.monotonic()
            await self._pause(GATHER)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._over.wait(), seconds)
        except TimeoutError:
            return


def patch(view: View, world: World, changed: Changed) -> dict[str, Any]:
    """A change, as a page takes it in."""
    update = world.update(changed.pipeline, changed.update)
    parts: dict[str, str] = {}
    if update is not None:
        datasets = [update.datasets[n] for n in changed.datasets if n in update.datasets]
        parts = {"status": status_of(view, update), "tally": tally(view, update)}
        parts |= {f"n:{d.name}": node_of(view, update, d) for d in datasets}
        parts |= {f"r:{d.name}": row(view, update, d, update.steps_of(d.name)) for d in datasets}
    return {
        "boot": world.boot,
        "number": changed.number,
        "pipeline": changed.pipeline,
        "update": changed.update[:IN_ADDRESS],
        "parts": parts,
        "lines": join(line(view, e) for e in changed.events),
        "whole": changed.whole,
    }


def _sent(number: int, message: dict[str, Any]) -> str:
    return f"id: {number}\ndata: {json.dumps(message, ensure_ascii=False)}\n\n"
