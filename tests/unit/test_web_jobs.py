"""Verbs that the page starts: what they are called with, that two do not collide, that stopping asks the right one."""

import json
import os
import socket
import stat
import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from tests.killing import ends, mortal, until
from weir.model.problems import WeirError
from weir.run.lake.lock import Holder, update_lock
from weir.web.processes import holders
from weir.web.processes.holders import holder_of
from weir.web.processes.jobs import Jobs, command_of

NAME = "main.gold.`it's; rm -rf $HOME`"


@pytest.fixture
def jobs(tmp_path):
    return Jobs(tmp_path / "ui", tmp_path)


def finished(jobs, job):
    until(lambda: jobs.job(job.id).code is not None, 60)
    return jobs.job(job.id)


@pytest.fixture
def sleeper():
    process = mortal(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"]), 60)
    yield process
    process.kill()
    ends(process)


def held_by(process, path, **changes):
    holder = Holder(socket.gethostname(), process.pid, psutil.Process(process.pid).create_time(), "u", "noon")
    path.write_text(replace(holder, **changes).text, encoding="utf-8")
    return path


def test_a_job_is_the_verb_with_its_arguments_and_its_output_is_kept(jobs, tmp_path):
    job = jobs.start("pets", ("list", "--json", "--storage", str(tmp_path)), tmp_path / "lock")
    ended = finished(jobs, job)
    assert (ended.code, json.loads(jobs.output(ended, "out"))) == (0, {"pipelines": [], "tables": []})
    assert Jobs(tmp_path / "ui", tmp_path).all() == [ended]
    [action] = (tmp_path / "ui" / "actions.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(action)["command"] == f"weir list --json --storage {tmp_path}"


def test_what_fails_tells_it_in_its_log(jobs, tmp_path):
    ended = finished(jobs, jobs.start("pets", ("show", NAME, "--storage", str(tmp_path)), tmp_path / "lock"))
    assert (ended.code, jobs.output(ended, "out")) == (2, "")
    assert jobs.output(ended).startswith("[TABLE_OR_VIEW_NOT_FOUND]")


def test_no_shell_reads_a_name_and_a_copied_command_means_the_same():
    shown = subprocess.run(
        ["/bin/sh", "-c", f"weir() {{ printf '%s\\n' \"$@\"; }}; {command_of(('show', NAME))}"],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    assert shown.splitlines() == ["show", NAME]


def test_only_the_user_reads_what_is_kept(jobs, tmp_path):
    finished(jobs, jobs.start("pets", ("--version",), tmp_path / "lock"))
    modes = {stat.S_IMODE(f.stat().st_mode) for f in (tmp_path / "ui").rglob("*") if f.is_file()}
    assert modes == {0o600}


def test_an_update_does_not_begin_while_one_runs_and_a_question_does(jobs, tmp_path, sleeper):
    lock = held_by(sleeper, tmp_path / "lock")
    with pytest.raises(WeirError) as refused:
        jobs.start("pets", ("run", "pets"), lock)
    assert refused.value.problems[0].condition == "UPDATE_ALREADY_RUNNING"
    assert f"process {sleeper.pid} on {socket.gethostname()}, since noon" in str(refused.value)
    assert finished(jobs, jobs.start("pets", ("--version",), lock)).code == 0


def test_the_record_of_the_dead_and_of_others_holds_nothing(tmp_path, sleeper):
    path = held_by(sleeper, tmp_path / "lock")
    assert holder_of(path).pid == sleeper.pid
    assert holder_of(held_by(sleeper, path, started=1.0)) is None
    path.write_text("", encoding="utf-8")
    assert holder_of(path) is None
    assert holder_of(tmp_path / "none") is None
    assert holder_of(held_by(sleeper, path, host="elsewhere")).host == "elsewhere"


def test_looking_at_a_lock_never_takes_it(tmp_path):
    path = tmp_path / "lock"
    with update_lock(path, "pets", "u"):
        assert holder_of(path).pid == os.getpid()
    assert holder_of(path) is None


def test_stop_asks_the_process_that_was_started_anywhere(tmp_path, sleeper):
    assert holders.stop("pets", held_by(sleeper, tmp_path / "lock")) == sleeper.pid
    assert ends(sleeper, 60) == -15


@pytest.mark.parametrize(
    ("changes", "condition"),
    [({"started": 1.0}, "UPDATE_NOT_RUNNING"), ({"host": "elsewhere"}, "UPDATE_ELSEWHERE")],
)
def test_stop_touches_no_other_process(tmp_path, sleeper, changes, condition):
    with pytest.raises(WeirError) as refused:
        holders.stop("pets", held_by(sleeper, tmp_path / "lock", **changes))
    assert refused.value.problems[0].condition == condition
    assert sleeper.poll() is None
