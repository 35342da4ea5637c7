"""What `weir --help` says: one whole sentence a command, and no command that the README leaves out."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from weir.cli import weir

README = Path(__file__).parents[2] / "README.md"


@pytest.mark.parametrize("group", [[], ["bi"], ["contracts"]])
def test_the_list_of_commands_cuts_no_sentence_short(group):
    shown = CliRunner().invoke(weir, [*group, "--help"]).output.split("Commands:")[1]
    lines = [line for line in shown.splitlines() if line]
    assert [line for line in lines if not re.fullmatch(r"  [\w-]+ +[A-Z][^.].*[^.]\.", line)] == []


def test_the_readme_has_a_row_for_each_command():
    rows = re.findall(r"^\| `weir ([a-z-]+)", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(weir.commands) - set(rows) - {"events", "quality"} == set()
