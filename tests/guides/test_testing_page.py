"""docs/testing.md, executed: from a pipeline without tests to a failing test and to one that passes."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.pages import BLOCK, pattern
from tests.projects import ROOT

SECONDS = 240  # for one command
CI = ("CI", "BUILD_NUMBER")  # pytest writes its summary in full where they are set
PLUGIN = "-p weir.pytest_plugin -p no:cacheprovider"


def test_a_stranger_gets_from_nothing_to_a_failing_test_and_to_one_that_passes(warm, tmp_path):
    told, codes = "", []
    for kind, name, text in BLOCK.findall((ROOT / "docs/testing.md").read_text()):
        match kind:
            case "console":
                code, told = ran(tmp_path, text.removeprefix("$ ").strip())
                codes.append(code)
            case "output":
                assert re.fullmatch(pattern(text), told), told
            case _:
                (tmp_path / name).parent.mkdir(exist_ok=True)
                (tmp_path / name).write_text(text)
    assert codes == [1, 0]


def ran(folder: Path, command: str) -> tuple[int, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    terminal = {name: value for name, value in os.environ.items() if name not in CI}
    environment = {**terminal, "PATH": path, "PYTEST_ADDOPTS": PLUGIN, "COLUMNS": "80"}
    done = subprocess.run(  # noqa: S602
        command, shell=True, cwd=folder, env=environment, check=False, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=SECONDS,
    )  # fmt: skip
    return done.returncode, done.stdout
