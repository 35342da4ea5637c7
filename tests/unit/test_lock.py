"""Who may update a pipeline when another does, did, or died while doing so."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.killing import PATIENCE, ends, mortal
from weir.model.problems import WeirError
from weir.run.lake.lock import update_lock

HOLDER = """
import sys
from pathlib import Path
from weir.run.lake.lock import update_lock
with update_lock(Path(sys.argv[1]), "pets", "an-update") as lock:
    if len(sys.argv) > 2:
        lock.names_jvm(int(sys.argv[2]))
    print("holds", flush=True)
    sys.stdin.read()
"""
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a Python child that ends when its input does."""
    children: list[subprocess.Popen[str]] = []

    def begin(*arguments: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, "-c", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        children.append(child)
        return mortal(child)

    yield begin
    for child in children:
        child.kill()
        child.communicate(timeout=PATIENCE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "locks" / "pets.lock"


def holds(start: Start, path: Path, *jvm: int) -> subprocess.Popen[str]:
    child = start(HOLDER, str(path), *map(str, jvm))
    assert child.stdout is not None
    assert child.stdout.readline() == "holds\n"
    return child


def killed(start: Start, path: Path, jvm: int) -> None:
    """An update that was killed; its JVM is another process."""
    child = holds(start, path, jvm)
    child.kill()
    ends(child)


def test_a_second_update_is_refused_and_told_who_holds_the_lock(start: Start, path: Path) -> None:
    child = holds(start, path)
    since = json.loads(path.read_text())["since"]
    with pytest.raises(WeirError) as caught, update_lock(path, "pets"):
        pass
    assert str(caught.value) == (
        "[UPDATE_ALREADY_RUNNING] An update of pipeline `pets` is running: process "
        f"{child.pid} on {socket.gethostname()}, since {since}.\n"
        "  hint: wait for it, or end that process; another --storage is another pipeline"
    )


def test_a_second_update_within_one_process_is_refused_too(path: Path) -> None:
    with update_lock(path, "pets"):
        with pytest.raises(WeirError, match=f"process {os.getpid()} on"), update_lock(path, "pets"):
            pass
        assert json.loads(path.read_text())["pid"] == os.getpid()


def test_other_pipelines_are_free(path: Path) -> None:
    with update_lock(path, "pets"), update_lock(path.with_name("people.lock"), "people"):
        pass


def test_the_record_names_the_update_and_its_jvm(start: Start, path: Path) -> None:
    jvm = psutil.Process(start("input()").pid)
    with update_lock(path, "pets", "the-update") as lock:
        lock.names_jvm(jvm.pid)
        record = json.loads(path.read_text())
    assert record == {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "started": psutil.Process().create_time(),
        "update_id": "the-update",
        "since": record["since"],
        "jvm_pid": jvm.pid,
        "jvm_started": jvm.create_time(),
    }


def test_a_clean_end_and_an_error_leave_no_record(path: Path) -> None:
    with pytest.raises(ZeroDivisionError), update_lock(path, "pets"):
        raise ZeroDivisionError
    assert path.read_text() == ""
    with update_lock(path, "pets"):
        pass
    assert path.read_text() == ""


def test_what_may_still_write_stays_on_record(start: Start, path: Path) -> None:
    jvm = start("input()")
    with update_lock(path, "pets") as lock:
        lock.names_jvm(jvm.pid)
        lock.kept = True
    with pytest.raises(WeirError, match=f"its Java process {jvm.pid} still runs"):
        update_lock(path, "pets", patience=0).__enter__()


def test_a_killed_holder_whose_jvm_is_gone_is_followed_at_once(start: Start, path: Path) -> None:
    jvm = start("input()")
    killed(start, path, jvm.pid)
    jvm.communicate("\n")
    said: list[str] = []
    with update_lock(path, "pets", say=said.append, patience=0):
        pass
    assert said == []


def test_a_surviving_jvm_is_waited_for(start: Start, path: Path) -> None:
    jvm = start("input()")
    killed(start, path, jvm.pid)
    said: list[str] = []

    def end_it(text: str) -> None:
        said.append(text)
        jvm.communicate("\n")

    with update_lock(path, "pets", say=end_it):
        pass
    assert said == [f"waiting for Java process {jvm.pid} of a killed update to end"]


def test_a_jvm_that_does_not_end_is_named_and_stays_on_record(start: Start, path: Path) -> None:
    jvm = start("input()")
    killed(start, path, jvm.pid)
    record = json.loads(path.read_text())
    for _ in range(2):
        with pytest.raises(WeirError) as caught, update_lock(path, "pets", patience=0):
            pass
        assert str(caught.value) == (
            f"[UPDATE_ALREADY_RUNNING] The last update of pipeline `pets` (process {record['pid']} on "
            f"{record['host']}, since {record['since']}) was killed, but its Java process {jvm.pid} "
            f"still runs and may write.\n  hint: end it: kill {jvm.pid}"
        )


def test_a_dead_jvm_that_nobody_collects_is_dead(start: Start, path: Path) -> None:
    jvm = start("input()")
    killed(start, path, jvm.pid)
    assert jvm.stdout is not None
    jvm.kill()
    jvm.stdout.read()  # its end: from here on it is a zombie until somebody waits for it
    with update_lock(path, "pets", patience=5):
        pass


def test_another_process_with_the_same_number_is_no_reason_to_wait(path: Path) -> None:
    record = {"host": socket.gethostname(), "pid": 1, "started": 1.0, "update_id": "", "since": "then",
              "jvm_pid": os.getpid(), "jvm_started": 1.0}  # fmt: skip
    path.parent.mkdir()
    path.write_text(json.dumps(record))
    with update_lock(path, "pets", patience=0):
        pass


def test_our_own_jvm_is_not_waited_for(start: Start, path: Path) -> None:
    jvm = start("input()")
    killed(start, path, jvm.pid)
    with update_lock(path, "pets", own_jvm=jvm.pid, patience=0):
        pass


def test_what_died_on_another_machine_is_left_to_a_person(path: Path) -> None:
    record = {"host": "elsewhere", "pid": 7, "started": 1.0, "update_id": "", "since": "then",
              "jvm_pid": 8, "jvm_started": 1.0}  # fmt: skip
    path.parent.mkdir()
    path.write_text(json.dumps(record))
    with pytest.raises(WeirError) as caught, update_lock(path, "pets"):
        pass
    assert str(caught.value) == (
        "[UPDATE_ALREADY_RUNNING] The last update of pipeline `pets` did not end cleanly: process 7 on "
        "elsewhere, since then; this machine can't tell whether it is still writing.\n"
        f"  hint: make sure that it is gone on elsewhere, then remove {path}"
    )


def test_a_system_without_file_locks_is_refused_by_name(tmp_path: Path) -> None:
    program = "import sys; sys.modules['fcntl'] = None; from weir.cli import main; main()"
    (tmp_path / "p.py").write_text("")
    ended = subprocess.run([sys.executable, "-c", program, "run", "p.py"], cwd=tmp_path, capture_output=True,
                           text=True, check=False)  # fmt: skip
    assert (ended.returncode, ended.stderr) == (
        2,
        "[Unsupported] Windows is not supported here.\n"
        "  hint: run Weir in WSL, the Windows Subsystem for Linux\n1 problem\n",
    )
