"""What must be the same for a client to use the JVM of another process."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import pyspark

from weir.run.machine.conf import CONF

PROTOCOL = 1  # of the questions and answers of `door.py`
# What a JVM and Spark's scripts read of their environment, for as long as they run.
READ_BY_JVMS = ("AWS_", "AZURE_", "GOOGLE_", "GCS_", "HADOOP_", "KRB5", "SPARK_LOCAL", "PYTHON")
ALSO_READ = frozenset({
    "HOME", "HTTP_PROXY", "HTTPS_PROXY", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "NO_PROXY",
    "PYSPARK_PIN_THREAD", "PYSPARK_SUBMIT_ARGS", "SPARK_CONF_DIR", "SPARK_DIST_CLASSPATH", "SPARK_HOME",
    "TMPDIR", "TZ", "USER",
})  # fmt: skip
SET_BY_SPARK = "PYTHONHASHSEED"


@dataclass(frozen=True, slots=True)
class Needs:
    """What a client needs of a JVM, or what a JVM was started with.

    Attributes:
        facts: What it is about, for people -> a value that must be the same.
        jars: On the class path, with their sizes and dates; a JVM may have more than is needed.
        settings: The `spark.*` entries that are not Weir's own.
    """

    facts: Mapping[str, str]
    jars: tuple[str, ...]
    settings: Mapping[str, str]


def needs(java: Path, jars: tuple[Path, ...], settings: Mapping[str, str]) -> Needs:
    """What this process needs."""
    facts = {
        "Weir": f"{version('weir')} {PROTOCOL}",
        "PySpark": pyspark.__version__,
        "Java": str(java),
        "Python": f"{_place(sys.executable)} {sys.version}",
        "Python for workers": _place(os.environ.get("PYSPARK_PYTHON") or sys.executable),
        "configuration": _digest(CONF),
        "environment": _digest(_environment()),
        "umask": oct(_umask()),
    }
    stats = [(str(jar), jar.stat()) for jar in jars]
    named = tuple(f"{name} {s.st_size} {s.st_mtime_ns}" for name, s in stats)
    return Needs(facts, named, {k: v for k, v in settings.items() if k.startswith("spark.")})


def unfit(has: Needs, wanted: Needs) -> str | None:
    """Why a JVM does not fit, in a few words; None if it does, as far as it can be told without asking it.

    >>> unfit(Needs({"Java": "/jdk17"}, (), {}), Needs({"Java": "/jdk21"}, (), {}))
    'it has another Java'
    >>> unfit(Needs({}, ("delta.jar 1 2",), {}), Needs({}, ("delta.jar 1 2", "kafka.jar 3 4"), {}))
    'it was started without kafka.jar'
    """
    for name, value in wanted.facts.items():
        if has.facts.get(name) != value:
            return f"it has another {name}"
    missing = [jar.split()[0].rpartition("/")[2] for jar in wanted.jars if jar not in has.jars]
    return f"it was started without {', '.join(missing)}" if missing else None


def _environment() -> dict[str, str]:
    def is_read(name: str) -> bool:
        return name.upper() in ALSO_READ or name.startswith(READ_BY_JVMS)

    return {k: v for k, v in os.environ.items() if is_read(k) and k != SET_BY_SPARK}


def _place(python: str) -> str:
    """Also by way of a link to its environment; the program itself is a link to one outside of it."""
    return str(Path(python).parent.resolve() / Path(python).name)


def _umask() -> int:
    """Tables are written with the JVM's."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _digest(value: Mapping[str, str]) -> str:
    return sha256(repr(sorted(value.items())).encode()).hexdigest()[:16]
