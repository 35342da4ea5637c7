"""Weir's own classes in the JVM: what Hadoop does by a process for each file, and Delta by jobs of Spark.

`LocalFiles` sets permissions by a call of the JVM. Hadoop starts a process `chmod` where its native library
is missing: a file and its checksum take two, 12 ms of processor time.

`ShortLogs` replays the log of a table where it is read. Delta 4.4.0 computes which files a version
has, how long they are and which batch was last written by two or three jobs for each version of each table.

The compiler that Spark carries for its own generated code compiles them, once for each cache folder.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pyspark

from weir.run.machine.cache import made_whole
from weir.run.machine.java import Java

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SOURCES = tuple(sorted(Path(__file__).with_name("jvm").glob("*.java")))
JAR = "weir-classes.jar"
COMPILER = "org.codehaus.commons.compiler.samples.CompilerDemo"


def classes(cache: Path, java: Java, delta: tuple[Path, ...]) -> tuple[Path, ...]:
    """The jar with the classes, for the class path; none where it can't be made.

    Args:
        cache: The cache folder, in which it is made once.
        java: What the compiler runs on.
        delta: Delta's jars.
    """
    names = " ".join([pyspark.__version__, *(jar.name for jar in delta)])
    texts = b"".join([names.encode(), *(source.read_bytes() for source in SOURCES)])
    folder = cache / "compiled" / sha256(texts).hexdigest()[:16]
    jar = folder / JAR
    try:
        if not jar.is_file():
            with made_whole(folder) as draft:
                _compile(draft / JAR, java, delta)
    except (OSError, subprocess.CalledProcessError):
        return ()
    return (jar,)


def entries(jars: tuple[Path, ...]) -> dict[str, str]:
    """Spark's entries that let Hadoop use `LocalFiles`, if its jar is one of these."""
    return {"spark.hadoop.fs.file.impl": "weir.LocalFiles"} if _among(jars) else {}


def use(session: SparkSession, jars: tuple[Path, ...]) -> None:
    """Let Delta use `ShortLogs` in the JVM of this session, if its jar is one of these."""
    if _among(jars):
        jvm: Any = session._jvm  # noqa: SLF001
        with suppress(TypeError):  # a JVM that somebody else has started has no such class
            jvm.weir.ShortLogs.use()


def _among(jars: tuple[Path, ...]) -> bool:
    return any(jar.name == JAR for jar in jars)


def _compile(jar: Path, java: Java, delta: tuple[Path, ...]) -> None:
    carried = (Path(pyspark.__file__).parent / "jars").iterdir()
    path = os.pathsep.join(map(str, [*carried, *delta]))
    with TemporaryDirectory(prefix="weir-classes") as folder, ZipFile(jar, "w") as files:
        command = [java.program, "-cp", path, COMPILER, "-classpath", path, "-d", folder, *SOURCES]
        subprocess.run(command, capture_output=True, check=True)
        compiled = sorted(Path(folder, "weir").iterdir())
        if not compiled:
            raise FileNotFoundError(folder)
        for file in compiled:
            files.write(file, file.relative_to(folder))
