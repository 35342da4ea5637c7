"""Files that Hadoop writes here have the permissions that its own class, by a process each, would give them."""

from __future__ import annotations

import pytest


def files_of(spark, name):
    jvm = spark._jvm  # noqa: SLF001
    files = jvm.Class.forName(name).getDeclaredConstructor(None).newInstance(None)
    files.initialize(jvm.java.net.URI("file:///"), spark._jsc.hadoopConfiguration())  # noqa: SLF001
    return files


def mode(path):
    return path.stat().st_mode & 0o7777


def test_the_session_uses_it(spark, tmp_path):
    path = spark._jvm.org.apache.hadoop.fs.Path(str(tmp_path))  # noqa: SLF001
    files = path.getFileSystem(spark._jsc.hadoopConfiguration())  # noqa: SLF001
    assert files.getClass().getName() == "weir.LocalFiles"


@pytest.mark.parametrize("permission", ["644", "600", "750", "1777", "000"])
def test_permissions_are_hadoops(spark, tmp_path, permission):
    fs = spark._jvm.org.apache.hadoop.fs  # noqa: SLF001
    set_to = {}
    for name in ("weir.LocalFiles", "org.apache.hadoop.fs.LocalFileSystem"):
        files, folder = files_of(spark, name), tmp_path / name
        files.create(fs.Path(f"{folder}/é ü/file")).close()
        before = [mode(file) for file in sorted(folder.rglob("*"))]
        files.setPermission(fs.Path(f"{folder}/é ü/file"), fs.permission.FsPermission(permission))
        set_to[name] = before, [mode(file) for file in sorted(folder.rglob("*"))]
    ours, hadoops = set_to.values()
    assert ours == hadoops
    assert ours[1][-1] == int(permission, 8)


def test_a_file_that_is_not_there_has_no_permissions_to_set(spark, tmp_path):
    fs = spark._jvm.org.apache.hadoop.fs  # noqa: SLF001
    with pytest.raises(Exception, match="NoSuchFileException"):
        files_of(spark, "weir.LocalFiles").setPermission(
            fs.Path(f"{tmp_path}/none"), fs.permission.FsPermission("644")
        )
