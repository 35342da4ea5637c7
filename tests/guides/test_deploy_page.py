"""docs/deploy.md, executed: from a workspace on this machine to a deployment without drift."""

import os
import re
import runpy
import shlex
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.deployments import first_tables
from tests.killing import mortal
from tests.pages import BLOCK, pattern
from tests.projects import ROOT, copy_of_the_project
from weir.testing.workspace import workspace

PORT = "8989"  # on the page
COMMENT = re.compile(r"  +# .*")
WORDS = {"NOMBRE": "NAME", "ID-DE-APLICACION": "APPLICATION-ID"}


class Reader:
    """Does what the page says, in a copy of the project; the updates of its workspace are recorded.

    Attributes:
        codes: How each `python -m deploy` ended.
    """

    def __init__(self, project, recorded, patch, printed):
        self.codes, self._told, self._running = [], "", ExitStack()
        self._project, self._recorded, self._patch, self._printed = project, recorded, patch, printed

    def follows(self, page):
        with self._running:
            for kind, name, text in BLOCK.findall(page):
                if kind == "output":
                    assert re.fullmatch(pattern(text), self._told), self._told
                elif name:
                    file = Path(name).expanduser()
                    file.parent.mkdir(exist_ok=True)
                    file.write_text(text)
                else:
                    for line in text.splitlines():
                        self.runs(shlex.split(line.removeprefix("$ "), comments=True))

    def runs(self, words):
        match words:
            case ["export", *pairs]:
                for pair in pairs:
                    self._patch.setenv(*pair.split("=", 1))
            case ["weir", "workspace", "--port", port, *_]:
                groups = words[5::2]
                self._told = served_once(words, groups)
                self.serves(int(port), groups)
            case ["python", *script]:
                self.runs_python(script)

    def serves(self, port, groups):
        place = self._project / ".weir"
        server = self._running.enter_context(workspace(place, recorded=self._recorded, port=port))
        for group in groups:
            server.token_of(f"{group}@weir.local", group)

    def runs_python(self, script):
        module, code = script[0] == "-m", 0
        self._patch.setattr(sys, "argv", script[module:])
        self._patch.delitem(sys.modules, f"{script[module]}.__main__", raising=False)  # other tests import it
        try:
            (runpy.run_module if module else runpy.run_path)(script[module], run_name="__main__")
        except SystemExit as end:
            code = end.code
        self._told = "".join(self._printed.readouterr())
        if "deploy" in script:
            self.codes.append(code)
        else:
            assert code == 0, self._told


def served_once(words, groups):
    """What the command prints of itself and its users; then a workspace with recorded updates takes its place."""
    command = [str(Path(sys.executable).parent / words[0]), *words[1:]]
    begun = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)
    with mortal(begun) as process:
        told = [process.stdout.readline() for _ in ("address", "heading", "admin", *groups)]
        process.send_signal(signal.SIGINT)
        process.wait(60)
    return "".join(told)


@pytest.fixture
def reader(tmp_path, monkeypatch, capsys):
    project = copy_of_the_project(tmp_path / "project")
    monkeypatch.chdir(project)
    monkeypatch.setenv("HOME", str(tmp_path))
    return Reader(project, first_tables(project, "prod_aws"), monkeypatch, capsys)


def test_the_page_leads_from_nothing_to_a_deployment_without_drift(reader):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    reader.follows((ROOT / "docs/deploy.md").read_text().replace(PORT, port))
    assert reader.codes == [3, 2, 2, 0, 0, 0], "what is missing, two plans, apply, run, drift"


def test_both_languages_give_the_same_commands_files_and_outputs():
    english, spanish = (
        BLOCK.findall(COMMENT.sub("", (ROOT / "docs" / name).read_text()))
        for name in ("deploy.md", "despliegue.md")
    )
    assert [[translated(part) for part in block] for block in spanish] == [list(block) for block in english]


def translated(text):
    for theirs, ours in WORDS.items():
        text = text.replace(theirs, ours)
    return text
