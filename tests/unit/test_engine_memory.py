"""What a warm engine looks at while the workers of its JVM come and go."""

import subprocess
import sys

import psutil

from weir.run.machine.warm.engine import size


def test_a_process_that_has_ended_holds_nothing_and_ends_no_engine() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as worker:
        process = psutil.Process(worker.pid)
        assert size(process) > 0
        worker.kill()
    assert size(process) == 0
