"""Local files without a process `chmod` for each: Hadoop starts one where its native library is missing.

A file and its checksum take two, 12 ms of processor time; an update of four tables makes some hundred files.
`LocalFiles.java` sets the same permissions by a call of the JVM. The compiler that Spark carries for its
own generated code compiles it, once for each cache folder.
"""

from __future__ import annotations

import os
import subprocess
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pyspark

from weir.run.machine.cache import made_whole
from weir.run.machine.java import Java

SOURCE = Path(__file__).with_name("LocalFiles.java")
CLASSES = ("weir/LocalFiles.class", "weir/LocalFiles$Raw.class")
JAR = "local-files.jar"
COMPILER = "org.codehaus.commons.compiler.samples.CompilerDemo"
# The compiler, and what the source extends, with what that speaks of.
NEEDED = ("janino-", "commons-compiler-", "hadoop-client-api-", "slf4j-api-")


def local_files(cache: Path, java: Java) -> tuple[Path, ...]:
    """The jar with the class, for the class path; none where it can't be made.

    Args:
        cache: The cache folder, in which it is made once.
        java: What the compiler runs on.
    """
    folder = cache / "local-files" / sha256(SOURCE.read_bytes()).hexdigest()[:16]
    jar = folder / JAR
    try:
        if not jar.is_file():
            with made_whole(folder) as draft:
                _compile(draft / JAR, java)
    except (OSError, subprocess.CalledProcessError):
        return ()
    return (jar,)


def entries(jars: tuple[Path, ...]) -> dict[str, str]:
    """Spark's entries that let Hadoop use the class, if its jar is one of these."""
    if all(jar.name != JAR for jar in jars):
        return {}
    return {"spark.hadoop.fs.file.impl": "weir.LocalFiles"}


def _compile(jar: Path, java: Java) -> None:
    carried = (Path(pyspark.__file__).parent / "jars").iterdir()
    path = os.pathsep.join(str(file) for file in carried if file.name.startswith(NEEDED))
    with TemporaryDirectory(prefix="weir-classes") as classes, ZipFile(jar, "w") as files:
        command = [java.program, "-cp", path, COMPILER, "-classpath", path, "-d", classes, SOURCE]
        subprocess.run(command, capture_output=True, check=True)
        for file in CLASSES:
            files.write(Path(classes, file), file)
