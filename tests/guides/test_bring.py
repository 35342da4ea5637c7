"""docs/bring-your-pipeline.md, executed in a copy of a stranger's repository, with Weir out of its wheel.

The first command starts a JVM, as it does for the stranger; the others are lent the one of this test run.
"""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from shutil import copytree

import pytest

from tests.pages import BLOCK, pattern
from tests.projects import ROOT
from tests.warm import lent
from weir.run.machine.warm.place import NAMED

BUILD = "import hatchling.build as b, sys; print(b.build_wheel(sys.argv[1]))"
SECONDS = 240  # for one command


@pytest.fixture
def shop(spark, tmp_path, monkeypatch):
    shop = Shop(tmp_path)
    monkeypatch.setenv("PYTHONPATH", shop.environment["PYTHONPATH"])  # else the JVM is none for its processes
    with lent(spark, shop.engine):
        yield shop


def test_a_stranger_gets_from_the_wheel_to_a_tested_pipeline(shop):
    told = ""
    for kind, name, text in BLOCK.findall((ROOT / "docs/bring-your-pipeline.md").read_text()):
        match kind:
            case "console":
                told = "".join(shop.ran(line.removeprefix("$ ")) for line in text.splitlines())
            case "output":
                assert re.fullmatch(pattern(text), told), told
            case "diff":
                shop.ran("git apply --recount -", text)
            case "files":
                assert set(re.findall(r"^\S+", text, re.MULTILINE)) == shop.files()
            case _:
                shop.write(name, text)


class Shop:
    """A stranger's repository and shell."""

    def __init__(self, folder: Path) -> None:
        self.folder = copytree(ROOT / "tests/guides/bring", folder / "shop")
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = {**os.environ, "PATH": path, "PYTHONPATH": str(folder / "site"), "COLUMNS": "200"}
        self.engine = folder / "e.sock"

    def ran(self, command: str, given: str = "") -> str:
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            self.environment[name] = value
            return ""
        if command.startswith("pip install"):
            return installed(Path(self.environment["PYTHONPATH"]))
        done = subprocess.run(  # noqa: S602
            command, shell=True, cwd=self.folder, env=self.environment, check=False, input=given,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS,
        )  # fmt: skip
        assert done.returncode == (1 if command == "weir doctor ." else 0), f"{command}\n{done.stdout}"
        if command.startswith("weir"):
            self.environment[NAMED] = str(self.engine)
        return done.stdout

    def write(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text)

    def files(self) -> set[str]:
        return {str(f.relative_to(self.folder)) for f in self.folder.rglob("*") if f.is_file()}


def installed(site: Path) -> str:
    """What pip does with the wheel; the packages that it needs are those of this environment."""
    build = [sys.executable, "-c", BUILD, site.parent]
    done = subprocess.run(
        build, cwd=ROOT / "shims", capture_output=True, text=True, check=True, timeout=SECONDS
    )
    zipfile.ZipFile(site.parent / done.stdout.split()[-1]).extractall(site)
    where = [sys.executable, "-c", "import weir; print(weir.__file__)"]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    found = subprocess.run(
        where, env=environment, capture_output=True, text=True, check=True, timeout=SECONDS
    )
    assert found.stdout.strip() == str(site / "weir/__init__.py")
    return ""
