"""The picture of the page in README.md: `make screenshots`, after `make run`.

It opens the page of a storage in Chromium (`apt install chromium`, or the one in the environment variable CHROMIUM).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "ui.png"
SIZE = {"width": 1440, "height": 860}
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def main(storage: str, pipeline: str, dataset: str) -> None:
    command = [
        sys.executable,
        "-m",
        "weir.cli",
        "ui",
        str(ROOT),
        "--storage",
        storage,
        "--no-open",
        "--json",
        "--port",
        "0",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            picture(json.loads(server.stdout.readline())["address"], f"/p/{pipeline}?d={dataset}&tab=rules")
        finally:
            server.terminate()


def picture(address: str, path: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"], timeout=60_000)
        page = browser.new_page(viewport=SIZE, color_scheme="light", locale="en-US", timezone_id="UTC")
        page.set_default_timeout(20_000)
        page.goto(address)
        page.goto(address.split("/?", maxsplit=1)[0] + path)
        page.wait_for_selector("html[data-ready]", state="attached")
        page.screenshot(path=PICTURE)
        browser.close()
    print(PICTURE)


if __name__ == "__main__":
    given = [
        *sys.argv[1:],
        *[".weir", "altrupets-monolito", "altrupets_catalog.altrupets_silver.events_enriched"][
            len(sys.argv) - 1 :
        ],
    ]
    main(*given)
