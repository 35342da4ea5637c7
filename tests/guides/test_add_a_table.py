"""docs/add-a-table.md, executed in a copy of the project: its files are written, its commands run."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.projects import ROOT, copy_of_the_project

BLOCK = re.compile(r"^```(console|diff|py|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.long(
    "guides/test_testing_page.py::test_a_stranger_gets_from_nothing_to_a_failing_test_and_to_one_that_passes"
)
def test_from_an_idea_to_a_gold_table(warm, tmp_path):
    project = copy_of_the_project(tmp_path / "project")
    told = ""
    for kind, text in BLOCK.findall((ROOT / "docs/add-a-table.md").read_text()):
        match kind:
            case "py":
                name = text.splitlines()[0].removeprefix("# ")
                (project / name).write_text(text.split("\n", 1)[1])
            case "diff":
                patch = ["git", "apply", "--recount", "-C1", "-"]
                subprocess.run(patch, cwd=project, check=True, input=text, text=True)
            case "console":
                told = "".join(run(line, project) for line in text.splitlines())
            case _:
                assert_told(text, told)


def run(line: str, project: Path) -> str:
    command = line.removeprefix("$ ")
    ran = subprocess.run(command, shell=True, cwd=project, check=False, capture_output=True, text=True)  # noqa: S602
    assert ran.returncode == 0, f"{command}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


def assert_told(text: str, told: str) -> None:
    missing = [line for line in text.splitlines() if line not in told.splitlines()]
    assert missing == []
