"""A `weir ui` that runs, and a Chromium that looks at it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from bench.screenshots import CHROMIUM

WEIR = (sys.executable, "-m", "weir.cli")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--js-flags=--max-old-space-size=512")
SECONDS = 600  # after which an update is ended
SIZE = {"width": 1440, "height": 900}


@dataclass(frozen=True, slots=True)
class Served:
    """The server of a storage.

    Attributes:
        base: Its address, without a path.
        opener: A client that is let in, by its `cookies`.
    """

    process: psutil.Popen
    base: str
    storage: Path
    opener: OpenerDirector
    cookies: CookieJar

    def fetch(self, path: str) -> bytes:
        """What a path answers, without a browser."""
        return self.opener.open(f"{self.base}{path}", timeout=60).read()

    @property
    def cpu(self) -> float:
        """Seconds that the server has computed."""
        times = self.process.cpu_times()
        return times.user + times.system

    @property
    def megabytes(self) -> float:
        """Its memory now."""
        return self.process.memory_info().rss / 1e6

    @contextmanager
    def page(self, browser: Browser) -> Iterator[Page]:
        """A page that is let in."""
        context = browser.new_context(viewport=SIZE, locale="en-US")
        context.add_cookies([{"name": c.name, "value": str(c.value), "url": self.base} for c in self.cookies])
        yield context.new_page()
        context.close()

    def open(self, page: Page, path: str) -> None:
        """Go to a path or an address, and wait until the page moves."""
        page.goto(path if "://" in path else f"{self.base}{path}")
        page.wait_for_selector("html[data-ready]", state="attached")

    def run(self, folder: Path) -> None:
        """One update of `p.py` in a folder."""
        command = [*WEIR, "run", "p.py", "--name", "pets", "--storage", str(self.storage), "--json"]
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, timeout=SECONDS, check=True)


@contextmanager
def served(storage: Path) -> Iterator[Served]:
    """Starts the server of a storage, and ends it."""
    command = [
        *WEIR,
        "ui",
        str(storage.parent),
        "--storage",
        str(storage),
        "--no-open",
        "--json",
        "--port",
        "0",
    ]
    process = psutil.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = json.loads(process.stdout.readline())["address"]
        cookies = CookieJar()
        opener = build_opener(HTTPCookieProcessor(cookies))
        opener.open(address, timeout=60).read()
        yield Served(process, address.split("/?", maxsplit=1)[0], storage, opener, cookies)
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser of our own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS), timeout=60_000)
        yield browser
        browser.close()
