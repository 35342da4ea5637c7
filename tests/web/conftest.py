"""A real Chromium, one a worker, and servers of the page for it. Without Chromium these tests fail."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.killing import ends, mortal

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")  # apt install chromium
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--js-flags=--max-old-space-size=512"]
SECONDS, MILLISECONDS = 120, 10_000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=60_000)
        yield started
        started.close()


@dataclass
class Served:
    """A `weir ui` that runs."""

    process: subprocess.Popen[str]
    storage: Path

    @property
    def record(self) -> dict:
        return json.loads((self.storage / "ui" / "server.json").read_text(encoding="utf-8"))

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.record['port']}"

    @property
    def address(self) -> str:
        """With a token that is good now."""
        return f"{self.base}/?t={self.record['token']}"

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return ends(self.process, 20)


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    return tmp_path / "weir"


@pytest.fixture
def serve(storage: Path, tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Starts `weir ui` of the storage."""
    all_of: list[Served] = []

    def start(*options: str, folder: Path = tmp_path) -> Served:
        command = [sys.executable, "-m", "weir.cli", "ui", str(folder), "--storage", str(storage)]
        port = [] if "--port" in options else ["--port", "0"]
        process = subprocess.Popen(
            [*command, "--no-open", "--json", *port, *options],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ,
        )
        all_of.append(Served(mortal(process, SECONDS), storage))
        assert process.stdout is not None
        json.loads(process.stdout.readline())
        return all_of[-1]

    yield start
    for served in all_of:
        if served.process.poll() is None:
            served.process.kill()
        ends(served.process, 20)
        served.process.stdout.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US", timezone_id="UTC")
    made.set_default_timeout(MILLISECONDS)
    made.grant_permissions(["clipboard-read", "clipboard-write"])
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def visit(page: Page, serve: Callable[..., Served]) -> Callable[[str], Page]:
    """Opens a page of a server that is started for it."""
    served: list[Served] = []

    def go(path: str = "/") -> Page:
        if not served:
            served.append(serve())
            page.goto(served[0].address)
        page.goto(f"{served[0].base}{path}")
        ready(page)
        return page

    return go


def ready(page: Page) -> None:
    """Wait until the page moves."""
    page.wait_for_selector("html[data-ready]", state="attached")
