"""The header of a CSV file is its first line, whatever ends it (specification §7.2)."""

from __future__ import annotations

import gzip

import pytest

from weir.run.files.headers import by_first_line
from weir.run.files.listing import SourceFile


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (b"id,n\n1,2\n", {}), (b"id,n\r1,2\r", {}), (b"id,n\r\n1,2\r\n", {}), (b"id,n", {}),
        (b"\n \t\r\n\xef\xbb\xbfid,n\n", {}), (b"#x\nid,n\n", {"comment": "#"}), (b";id,n;1\n,2;", {"linesep": ";"}),
        ("id,n\r\n1,2".encode("utf-16"), {"encoding": "UTF-16"}),
    ],
)  # fmt: skip
def test_the_first_line_with_a_sign_is_the_header(tmp_path, content, options):
    (tmp_path / "1.csv").write_bytes(content)
    (tmp_path / "2.csv.gz").write_bytes(gzip.compress(content))
    files = [SourceFile(str(tmp_path / name), 0, 1) for name in ("1.csv", "2.csv.gz")]
    assert by_first_line(files, options) == {"id,n": files}


def test_files_without_a_line_have_no_header(tmp_path):
    (tmp_path / "1.csv").write_bytes(b" \n\r\n")
    assert by_first_line([SourceFile(str(tmp_path / "1.csv"), 0, 4)], {}) == {}
