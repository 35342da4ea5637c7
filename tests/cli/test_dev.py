"""`weir dev` as a developer has it: an engine in the terminal, a save, other commands meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from queue import SimpleQueue

import psutil
import pytest

from weir.testing import rows_of

WEIR = Path(sys.executable).with_name("weir")
SOURCE = """
import dlt

@dlt.table
def numbers():
    return spark.range(3)
"""


@pytest.fixture
def dev(tmp_path):
    """`weir dev` in a folder, and its lines as they come."""
    (tmp_path / "p.py").write_text(SOURCE)
    (tmp_path / "engine").mkdir(mode=0o700)
    environment = os.environ | {"WEIR_ENGINE": str(tmp_path / "engine/e.sock")}
    process = subprocess.Popen(
        [WEIR, "dev", "p.py"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    lines = SimpleQueue()
    reader = threading.Thread(target=lambda: [lines.put(line) for line in process.stdout])
    reader.start()
    yield process, lines, lambda *words: weir(tmp_path, environment, *words)
    process.kill()
    process.wait(60)
    reader.join(60)
    process.stdout.close()


def weir(folder, environment, *words):
    ran = subprocess.run(
        [WEIR, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return ran.returncode, ran.stdout, ran.stderr


def until(lines, text):
    while text not in (line := lines.get(timeout=120)):
        pass
    return line


def test_an_engine_that_lives_through_saves_and_commands(dev, tmp_path):
    process, lines, call = dev
    until(lines, "COMPLETED: 1 completed")
    (tmp_path / "p.py").write_text(SOURCE.replace("3", "4"))
    assert until(lines, "saved") == "saved: p.py\n"
    until(lines, "COMPLETED: 1 completed")
    assert len(rows_of(tmp_path / ".weir/tables/main/default/numbers")) == 4
    code, _, said = call("validate", "p.py", "-v")
    assert (code, said) == (0, "the warm engine is used\n")
    assert f"process {process.pid}" in call("doctor")[1]
    assert call("dev", "--stop") == (0, f"process {process.pid} ends its engine\n", "")
    until(lines, "the warm engine ends: it was asked to")
    assert process.wait(60) == 0
    assert call("dev", "--stop") == (0, "no warm engine runs for this project\n", "")


@pytest.mark.long("cli/test_dev.py::test_an_engine_that_lives_through_saves_and_commands")
def test_an_engine_whose_jvm_dies_gets_another(dev):
    process, lines, call = dev
    until(lines, "COMPLETED: 1 completed")
    (jvm,) = (child for child in psutil.Process(process.pid).children() if child.name() == "java")
    jvm.kill()
    until(lines, "the warm engine ends: its JVM has gone")
    until(lines, "keeps an engine warm")
    assert call("dev", "--stop") == (0, f"process {process.pid} ends its engine\n", "")
    until(lines, "the warm engine ends: it was asked to")
    assert process.wait(60) == 0
