"""The folder of class archives keeps what can be used and what is being written, and nothing else."""

import os
import time
from pathlib import Path

import pytest

from weir.run.machine.archive import KEEP, ONE_WRITER_IN, options
from weir.run.machine.java import Java
from weir.run.machine.session import Launch

WRITTEN = b"\xf0\x0b\xab\xa8"


def draft(folder: Path, name: str, content: bytes, *, age: float = 0.0) -> None:
    file = folder / name
    file.write_bytes(content)
    moment = time.time() - age
    os.utime(file, (moment, moment))


def test_a_finished_draft_becomes_the_archive(tmp_path):
    (written,) = (o for o in options(tmp_path / "java", tmp_path, (), write=True) if "AtExit" in o)
    Path(written.partition("=")[2]).write_bytes(WRITTEN)

    used = options(tmp_path / "java", tmp_path, (), write=True)

    (archive,) = tmp_path.glob("*.jsa")
    assert used[0] == f"-XX:SharedArchiveFile={archive}"
    assert list(tmp_path.glob("*.draft")) == []


@pytest.mark.parametrize("agent", ["-agentpath:/opt/profiler.so=start", "-Xmx1g -javaagent:tracer.jar"])
def test_a_jvm_with_an_agent_writes_none(tmp_path, monkeypatch, agent):
    """It would end: JVMs don't write archives under agents."""
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", agent)
    assert options(tmp_path / "java", tmp_path, (), write=True) == []
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Xmx1g")
    assert "-XX:ArchiveClassesAtExit" in " ".join(options(tmp_path / "java", tmp_path, (), write=True))


@pytest.mark.parametrize(
    ("entry", "value", "sign"),
    [
        ("spark.driver.extraClassPath", "/theirs.jar", os.pathsep),
        ("spark.driver.extraJavaOptions", "-Dx=1", " "),
    ],
)
def test_what_a_user_adds_to_the_jvm_stands_behind_ours_and_in_no_archive(
    tmp_path, monkeypatch, entry, value, sign
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def conf(settings):
        jdk = Java(tmp_path / "java", 17, bundled=False)
        return Launch(tmp_path / "spark.log", jdk, (Path("/delta.jar"),), (), settings, lasting=False).conf()

    joined = conf({entry: value})
    ours = conf({})
    assert "-XX:ArchiveClassesAtExit" in ours["spark.driver.extraJavaOptions"]
    assert joined[entry].endswith(sign + value)
    assert ours["spark.driver.extraClassPath"] in joined["spark.driver.extraClassPath"]
    assert "-Dlog4j2.configurationFile" in joined["spark.driver.extraJavaOptions"]
    assert "-XX:ArchiveClassesAtExit" not in joined["spark.driver.extraJavaOptions"]
    both = conf({"spark.sql.extensions": "org.example.More"})["spark.sql.extensions"]
    assert both == ours["spark.sql.extensions"] + ",org.example.More"
    other = conf({"spark.driver.extraJavaOptions": "-XX:+UseG1GC"})["spark.driver.extraJavaOptions"]
    assert [o for o in other.split() if o.endswith("GC")] == ["-XX:+UseG1GC"]


def test_drafts_of_class_paths_that_nobody_has_any_more_go(tmp_path):
    """Each change of the jars has another class path, and a draft takes 200 MB."""
    draft(tmp_path, "0123.1.draft", WRITTEN, age=ONE_WRITER_IN + 60)
    draft(tmp_path, "0124.1.draft", bytes(8), age=ONE_WRITER_IN + 60)
    draft(tmp_path, "0125.1.draft", bytes(8))

    options(tmp_path / "java", tmp_path, (), write=True)

    assert [f.name for f in tmp_path.glob("*.draft")] == ["0125.1.draft"]


def test_the_newest_archives_stay(tmp_path):
    for number in range(KEEP + 2):
        draft(tmp_path, f"{number}.jsa", WRITTEN, age=100.0 - number)

    options(tmp_path / "java", tmp_path, (), write=True)

    assert sorted(f.name for f in tmp_path.glob("*.jsa")) == [f"{n}.jsa" for n in range(2, KEEP + 2)]
