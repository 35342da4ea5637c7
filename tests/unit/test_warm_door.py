"""Who asks for a warm JVM: what it trusts, and what it passes by."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from weir.model.problems import WeirError
from weir.run.machine.warm.client import warm_session
from weir.run.machine.warm.door import ask
from weir.run.machine.warm.fit import Needs, unfit
from weir.run.machine.warm.place import private_folder, project_of, socket_path
from weir.run.machine.warm.worker import obey

NEEDS = Needs({"Java": "/jdk", "PySpark": "4.2.0"}, ("/jars/delta.jar 10 20",), {})


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a warm JVM would be asked for."""
    folder = tmp_path / "engine"
    private_folder(folder)
    monkeypatch.setenv("WEIR_ENGINE", str(folder / "e.sock"))
    return folder / "e.sock"


@pytest.fixture
def listener(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))
        sock.listen()
        yield sock


@pytest.fixture
def remarks(path: Path, tmp_path: Path) -> Callable[[], list[str]]:
    """What is said when there is no warm session."""

    def call() -> list[str]:
        said: list[str] = []
        assert warm_session(NEEDS, tmp_path / "log4j2.properties", said.append) is None
        return said

    return call


def answering(listener: socket.socket, answer: bytes) -> threading.Thread:
    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread


def test_where_there_is_none_nothing_is_said(remarks: Callable[[], list[str]]) -> None:
    assert remarks() == []


def test_the_socket_of_a_killed_engine_is_passed_by(
    remarks: Callable[[], list[str]], path: Path, listener: socket.socket
) -> None:
    listener.close()
    assert path.exists()
    assert remarks() == ["the warm engine is not used: [Errno 111] Connection refused"]


def test_a_folder_that_others_can_enter_is_not_trusted(
    remarks: Callable[[], list[str]], path: Path, listener: socket.socket
) -> None:
    path.parent.chmod(0o755)
    assert remarks() == [f"the warm engine is not used: {path.parent} is not yours alone"]
    with pytest.raises(WeirError, match="FOLDER_NOT_PRIVATE"):
        private_folder(path.parent)


def test_a_link_to_a_folder_is_not_trusted(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(path.parent)
    with pytest.raises(PermissionError):
        ask(link / path.name, {"wish": "state"})


def test_one_that_does_not_answer_is_not_waited_for(path: Path, listener: socket.socket) -> None:
    with pytest.raises(TimeoutError):
        ask(path, {"wish": "state"}, seconds=0.05)


@pytest.mark.parametrize(
    ("answer", "remark"),
    [
        (b"", "the other side has gone"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "Expecting value: line 1 column 1 (char 0)"),
        (b"[]\n", "it answers in another language"),
        (b'{"hello": 1}\n', "it answers in another language"),
        (b'{"refusal": "another process has it"}\n', "another process has it"),
    ],
)
def test_what_it_answers_instead(
    answer: bytes, remark: str, remarks: Callable[[], list[str]], listener: socket.socket
) -> None:
    thread = answering(listener, answer)
    assert remarks() == [f"the warm engine is not used: {remark}"]
    thread.join(10)


def test_a_user_can_do_without(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert socket_path(path.parent) == path
    monkeypatch.setenv("WEIR_ENGINE", "off")
    assert socket_path(path.parent) is None


def test_all_folders_of_a_bundle_share_one_and_projects_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WEIR_ENGINE", raising=False)
    inner = tmp_path / "a" / "pipelines"
    inner.mkdir(parents=True)
    (tmp_path / "a" / "databricks.yml").touch()
    assert project_of(inner) == tmp_path / "a"
    assert socket_path(project_of(inner)) == socket_path(tmp_path / "a") != socket_path(tmp_path)


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (NEEDS, None),
        (replace(NEEDS, jars=()), None),
        (replace(NEEDS, facts={"Java": "/jdk", "PySpark": "4.3.0"}), "it has another PySpark"),
        (replace(NEEDS, facts={"umask": "0o77"}), "it has another umask"),
        (replace(NEEDS, jars=("/jars/delta.jar 10 21",)), "it was started without delta.jar"),
    ],
)
def test_what_must_be_the_same(wanted: Needs, reason: str | None) -> None:
    assert unfit(NEEDS, wanted) == reason


def test_a_worker_becomes_as_its_client_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "environ", {"PYTHONPATH": "/spark", "OF_THE_ENGINE": "1", "WEIR_WORKER": "x"})
    (tmp_path / "there").mkdir()
    obey('{"folder": "there", "environment": {"PYTHONPATH": "/client", "OF_THE_CLIENT": "2"}}')
    assert Path.cwd() == tmp_path / "there"
    assert os.environ == {"PYTHONPATH": "/spark", "OF_THE_CLIENT": "2", "WEIR_WORKER": "x"}
