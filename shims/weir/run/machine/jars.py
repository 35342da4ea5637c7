"""Delta's jars, and those that formats need: as a lock says, in the cache folder, fetched by Spark's Ivy.

Which repository they come from is Ivy's own default, or what the Ivy settings file says that
`WEIR_IVY_SETTINGS` names. What arrives is used only if its hash is the lock's.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pyspark

from weir.model.problems import Problem, WeirError
from weir.run.machine.cache import made_whole
from weir.run.machine.classes import classes
from weir.run.machine.hadoop import no_cluster
from weir.run.machine.java import Java

LOCK = Path(__file__).with_name("jars.lock")
KAFKA = Path(__file__).with_name("kafka.lock")
AVRO = Path(__file__).with_name("avro.lock")
# What a format needs beside Delta -> its lock, and whose jars these are.
LOCKS: Mapping[str, tuple[Path, str]] = {"kafka": (KAFKA, "Kafka"), "avro": (AVRO, "Avro")}
MODULE = """\
<ivy-module version="2.0">
  <info organisation="weir" module="jars"/>
  <dependencies>{dependencies}</dependencies>
</ivy-module>
"""


@dataclass(frozen=True, slots=True)
class Jar:
    """A line of the lock: `group:artifact:version sha256`."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        """Its name in the folder."""
        return f"{self.artifact}-{self.version}.jar"


def locked(text: str) -> tuple[Jar, ...]:
    """The jars of a lock, in its order."""
    lines = (line.replace(":", " ").split() for line in text.splitlines())
    return tuple(Jar(*fields[:3], sha256=fields[3]) for fields in lines if fields)


def expected(cache: Path, lock: Path = LOCK) -> tuple[Path, tuple[Jar, ...]]:
    """The folder for the jars of a lock, and which they are."""
    text = lock.read_text(encoding="utf-8")
    return cache / "jars" / sha256(text.encode()).hexdigest()[:16], locked(text)


def first_jars(cache: Path, java: Java, say: Callable[[str], None]) -> tuple[Path, ...]:
    """What stands on the class path before Spark's own jars, see `fetched`."""
    delta = delta_jars(cache, java, say)
    return *no_cluster(cache), *classes(cache, java, delta), *delta


def delta_jars(cache: Path, java: Java, say: Callable[[str], None]) -> tuple[Path, ...]:
    """Delta's files for the driver's class path, see `fetched`."""
    return fetched(LOCK, "Delta", cache, java, say)


def more_jars(name: str, cache: Path, java: Java, say: Callable[[str], None]) -> tuple[Path, ...]:
    """The files of one of `LOCKS`, for a pipeline that reads or writes what needs them, see `fetched`."""
    lock, what = LOCKS[name]
    return fetched(lock, what, cache, java, say)


def fetched(lock: Path, what: str, cache: Path, java: Java, say: Callable[[str], None]) -> tuple[Path, ...]:
    """The files of a lock.

    Args:
        lock: The file that names them.
        what: Whose jars they are, for people.
        cache: The cache folder.
        java: What Ivy runs on.
        say: Told when something is fetched.

    Raises:
        WeirError: They are not there and can't be fetched, or are not what the lock says.
    """
    folder, wanted = expected(cache, lock)
    if not all((folder / jar.file).is_file() for jar in wanted):
        say(f"fetching {what} {wanted[0].version} ({len(wanted)} jars) into {folder}")
        with made_whole(folder) as draft:
            output = _fetch(draft, java, wanted)
            _check(draft, folder, what, wanted, output)
    return tuple(folder / jar.file for jar in wanted)


def module(wanted: tuple[Jar, ...]) -> str:
    """Ivy's description of what is wanted: these and not what they depend on, which Spark has."""
    return MODULE.format(
        dependencies="".join(
            f'<dependency org="{jar.group}" name="{jar.artifact}" rev="{jar.version}" transitive="false"/>'
            for jar in wanted
        )
    )


def _fetch(folder: Path, java: Java, wanted: tuple[Jar, ...]) -> str:
    """Lets Ivy put the jars into the folder; what it printed, also of why it could not."""
    ivy = next((Path(pyspark.__file__).parent / "jars").glob("ivy-*.jar"))
    settings = os.environ.get("WEIR_IVY_SETTINGS")
    with TemporaryDirectory(prefix="weir-ivy") as temporary:
        description = Path(temporary, "ivy.xml")
        description.write_text(module(wanted), encoding="utf-8")
        command = [java.program, f"-Divy.default.ivy.user.dir={temporary}", "-jar", ivy, "-warn"]
        command += ["-settings", settings] if settings else []
        command += ["-cache", temporary, "-ivy", description, "-types", "jar", "bundle"]
        command += ["-retrieve", f"{folder}/[artifact]-[revision].[ext]"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def _check(draft: Path, folder: Path, what: str, wanted: tuple[Jar, ...], output: str) -> None:
    missing = [jar.file for jar in wanted if not (draft / jar.file).is_file()]
    if missing:
        raise WeirError(
            Problem(
                "JARS_NOT_FETCHED",
                f"{what}'s jars could not be fetched: {', '.join(missing)}.",
                hint="run once with network; or name a mirror's Ivy settings file in "
                f"WEIR_IVY_SETTINGS; or put the files into {folder}",
                detail=output,
            )
        )
    for jar in wanted:
        digest = sha256((draft / jar.file).read_bytes()).hexdigest()
        if digest != jar.sha256:
            raise WeirError(
                Problem(
                    "JARS_NOT_TRUSTED",
                    f"{jar.file} has the SHA-256 {digest}, but the lock file says {jar.sha256}.",
                    hint="the file was changed in transit or at its source: check the repository or proxy",
                )
            )
