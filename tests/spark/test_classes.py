"""The classes that Weir brings into the JVM: compiled once, done without where they can't be."""

from pathlib import Path
from zipfile import ZipFile

from tests.unit.test_jars import fake_java
from weir.run.machine import java
from weir.run.machine.cache import cache_root
from weir.run.machine.classes import SOURCES, classes, entries, use
from weir.run.machine.jars import delta_jars

FOUND = java.find(cache_root())
DELTA = delta_jars(cache_root(), FOUND, print)


def test_they_are_compiled_once(tmp_path: Path) -> None:
    (jar,) = classes(tmp_path, FOUND, DELTA)
    made = jar.stat().st_mtime_ns
    with ZipFile(jar) as files:
        names = {Path(name).stem.partition("$")[0] for name in files.namelist()}
    assert names == {source.stem for source in SOURCES}
    assert [*jar.parent.iterdir()] == [jar]
    assert (classes(tmp_path, FOUND, DELTA), jar.stat().st_mtime_ns) == ((jar,), made)
    assert entries((jar,)) == {"spark.hadoop.fs.file.impl": "weir.LocalFiles"}


def test_where_they_cant_be_compiled_or_kept_hadoop_and_delta_do_it_themselves(tmp_path: Path) -> None:
    assert classes(tmp_path, fake_java(tmp_path / "fails", "exit 1"), DELTA) == ()
    assert classes(tmp_path, fake_java(tmp_path / "idle", "exit 0"), DELTA) == ()
    assert classes(tmp_path, FOUND, ()) == ()  # another Delta has other classes
    assert [*(tmp_path / "compiled").iterdir()] == []
    (tmp_path / "file").touch()
    assert classes(tmp_path / "file", FOUND, DELTA) == ()
    assert entries(()) == {}
    use(None, ())  # type: ignore[arg-type]
