"""A machine without Java: the bundled one, Delta's jars from the cache, a table there and back."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from pathlib import Path

from weir.run.machine.session import start_session

table, log = sys.argv[1:]
spark = start_session(Path(log), {"spark.driver.memory": "1g"}, print)
spark.range(3).write.format("delta").save(table)
rows = sorted(row.id for row in spark.read.format("delta").load(table).collect())
version = spark._jvm.java.lang.System.getProperty("java.version").split(".")[0]
print(rows, int(version) >= 17)
"""


def test_spark_and_delta_start_without_a_java(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in Path("/usr/bin").iterdir():
        if tool.name != "java":
            (tools / tool.name).symlink_to(tool)
    env = {key: value for key, value in os.environ.items() if key != "JAVA_HOME"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "table"), str(tmp_path / "spark.log")],
        env={**env, "PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "[0, 1, 2] True"
