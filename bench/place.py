"""Where a contender runs and with what: the same Java, jars and environment for all."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from weir.run.machine import archive, jars, java
from weir.run.machine.cache import cache_root
from weir.run.machine.session import launch_of

BIN = Path(sys.executable).parent
GRAPHS = Path(__file__).with_name("graphs")


@dataclass(frozen=True, slots=True)
class Tools:
    """What is found once for all runs."""

    java: java.Java
    jars: tuple[Path, ...]

    @classmethod
    def find(cls) -> Tools:
        """As Weir finds them."""
        found = java.find(cache_root())
        return cls(found, jars.delta_jars(cache_root(), found, print))

    @property
    def archived(self) -> bool:
        """Whether Weir has its class archive: without, a run is no measurement of it."""
        with TemporaryDirectory() as folder:
            launch = launch_of(Path(folder, "spark.log"), {}, print)
        return bool(archive.options(launch.jdk.home, cache_root() / "classes", launch.jars, write=False))

    def environment(self) -> dict[str, str]:
        """The caller's, without what points to another Spark, with this Java and this Python."""
        ours = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK_", "PYSPARK_"))}
        path = os.pathsep.join(map(str, (BIN, self.java.home / "bin")))
        return {
            **ours,
            "JAVA_HOME": str(self.java.home),
            "PATH": f"{path}{os.pathsep}{ours.get('PATH', os.defpath)}",
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_LOCAL_IP": "127.0.0.1",
        }


@dataclass(frozen=True, slots=True)
class Place:
    """A contender's folder in a round; the landing folder is shared and only read."""

    folder: Path
    landing: Path
    tools: Tools
    env: Mapping[str, str]
