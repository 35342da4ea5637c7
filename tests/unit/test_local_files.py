"""The class that sets permissions without a process: compiled once, done without where it can't be."""

from pathlib import Path
from zipfile import ZipFile

from tests.unit.test_jars import fake_java
from weir.run.machine import java
from weir.run.machine.cache import cache_root
from weir.run.machine.local_files import CLASSES, entries, local_files

FOUND = java.find(cache_root())


def test_it_is_compiled_once(tmp_path: Path) -> None:
    (jar,) = local_files(tmp_path, FOUND)
    made = jar.stat().st_mtime_ns
    with ZipFile(jar) as files:
        assert tuple(files.namelist()) == CLASSES
    assert [*jar.parent.iterdir()] == [jar]
    assert (local_files(tmp_path, FOUND), jar.stat().st_mtime_ns) == ((jar,), made)
    assert entries((jar,)) == {"spark.hadoop.fs.file.impl": "weir.LocalFiles"}


def test_where_it_cant_be_compiled_or_kept_hadoops_own_class_stays(tmp_path: Path) -> None:
    assert local_files(tmp_path, fake_java(tmp_path / "fails", "exit 1")) == ()
    assert local_files(tmp_path, fake_java(tmp_path / "idle", "exit 0")) == ()
    assert [*(tmp_path / "local-files").iterdir()] == []
    (tmp_path / "file").touch()
    assert local_files(tmp_path / "file", FOUND) == ()
    assert entries(()) == {}
