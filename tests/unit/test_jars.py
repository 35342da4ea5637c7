"""The lock of Delta's jars, and what happens when what it asks for is not what there is."""

from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import pytest

from weir.model.problems import WeirError
from weir.run.machine import jars
from weir.run.machine.hadoop import HIDDEN, NOTHING, no_cluster
from weir.run.machine.java import Java

LOCKED = jars.locked(jars.LOCK.read_text(encoding="utf-8"))


def fake_java(home: Path, script: str) -> Java:
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return Java(home, 17, bundled=False)


def test_the_lock_follows_the_installed_packages() -> None:
    spark = ".".join(version("pyspark").split(".")[:2])
    assert {jar.version for jar in LOCKED} == {version("delta-spark")}
    assert f"delta-spark_{spark}_2.13" in {jar.artifact for jar in LOCKED}


def test_kafkas_connector_is_the_installed_sparks() -> None:
    connector = [
        j for j in jars.locked(jars.KAFKA.read_text(encoding="utf-8")) if j.group == "org.apache.spark"
    ]
    assert {jar.version for jar in connector} == {version("pyspark")}


def test_ivy_is_asked_for_each_jar_and_not_for_what_it_depends_on() -> None:
    [line] = jars.locked("io.delta:delta-storage:4.4.0 abc")
    assert line == jars.Jar("io.delta", "delta-storage", "4.4.0", "abc")
    assert jars.module((line,)).split("\n")[2].strip() == (
        '<dependencies><dependency org="io.delta" name="delta-storage" rev="4.4.0" '
        'transitive="false"/></dependencies>'
    )


def test_jars_that_are_there_are_not_fetched(tmp_path: Path) -> None:
    folder = tmp_path / "jars" / sha256(jars.LOCK.read_bytes()).hexdigest()[:16]
    folder.mkdir(parents=True)
    for jar in LOCKED:
        (folder / jar.file).touch()
    said: list[str] = []
    found = jars.delta_jars(tmp_path, fake_java(tmp_path / "jdk", "exit 1"), said.append)
    assert found == tuple(folder / jar.file for jar in LOCKED)
    assert said == []


def test_the_jar_that_hides_clusters_is_made_once_and_done_without_where_none_can_be_made(
    tmp_path: Path,
) -> None:
    (jar,) = no_cluster(tmp_path / "cache")
    made = jar.stat().st_mtime_ns
    with ZipFile(jar) as files:
        assert {name: files.read(name) for name in files.namelist()} == dict.fromkeys(
            HIDDEN, NOTHING.encode()
        )
    assert (no_cluster(tmp_path / "cache"), jar.stat().st_mtime_ns) == ((jar,), made)
    (tmp_path / "file").touch()
    assert no_cluster(tmp_path / "file") == ()


def test_without_network_the_error_names_what_is_missing_and_where_it_goes(tmp_path: Path) -> None:
    java = fake_java(tmp_path / "jdk", "echo UNRESOLVED; exit 1")
    said: list[str] = []
    with pytest.raises(WeirError) as caught:
        jars.delta_jars(tmp_path / "cache", java, said.append)
    [problem] = caught.value.problems
    assert problem.condition == "JARS_NOT_FETCHED"
    assert all(jar.file in problem.message for jar in LOCKED)
    assert str(tmp_path / "cache" / "jars") in (problem.hint or "")
    assert problem.detail == "UNRESOLVED\n"
    assert len(said) == 1
    assert list((tmp_path / "cache" / "jars").iterdir()) == []


def test_a_jar_that_is_not_the_locked_one_is_refused(tmp_path: Path) -> None:
    # Ivy's last argument is the pattern of the files to write.
    script = 'for pattern; do :; done; folder="${pattern%/*}"\n' + "\n".join(
        f'echo other > "$folder/{jar.file}"' for jar in LOCKED
    )
    with pytest.raises(WeirError, match="JARS_NOT_TRUSTED"):
        jars.delta_jars(tmp_path / "cache", fake_java(tmp_path / "jdk", script), print)
    assert list((tmp_path / "cache" / "jars").iterdir()) == []
