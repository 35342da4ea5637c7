"""The parser in C, which reads bundles, tells what the one in Python tells: values, lines and what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from weir.bundle.located_yaml import LocatedValue, load_yaml
from weir.model.origin import Origin
from weir.model.problems import WeirError

ROOT = Path(__file__).parents[2]
ODD = {
    "scalars": "a: 1\nb: 1.5\nc: yes\nd: ~\ne: 2026-01-01\nf: 'it''s'\ng: \"t\\tab\\u00e9\"\nh: 0o7\ni: 1:30\n",
    "blocks": "a: |\n  one\n   two\n\nb: >-\n  folded\n  text\nc: |+\n  kept\n\n",
    "merges": "x: &x {a: 1, b: {c: 2}}\ny: &y {a: 3}\nz:\n  <<: [*x, *y]\n  b: 4\n",
    "not ascii": "niño 🐕: &ñ [é, 'ü']\nb: *ñ\n",
    "marks": "\ufeff%YAML 1.1\n---\na: 1\n...\n",
    "same key": "a: 1\na: 2\n",
    "windows": "a: 1\r\nb:\r\n  - 2\r\n",
    "empty": "",
    "comments": "# none\n\n  # here\n",
    "long key": f"{'k' * 2000}: 1\n",
    "tab": "a:\n\tb: 1\n",
    "colons": "a: b: c\n",
    "indentation": "a:\n  b: 1\n c: 2\n",
    "open quote": "a: 'b\n",
    "unknown alias": "a: *none\n",
    "unknown tag": "a: !mine 1\n",
    "control character": "a: 1\nb: 'x\x01y'\n",
    "two documents": "a: 1\n---\nb: 2\n",
}


def read(file: Path) -> LocatedValue | str:
    try:
        return load_yaml(file)
    except WeirError as error:
        return str(error.problems)


def test_yaml_is_read_by_the_parser_in_c() -> None:
    assert yaml.__with_libyaml__


@pytest.mark.parametrize("case", ODD)
def test_both_parsers_tell_the_same(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "databricks.yml").write_text(ODD[case], encoding="utf-8")
    files = [tmp_path / "databricks.yml", ROOT / "databricks.yml"]
    by_c = [read(file) for file in files]
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert by_c == [read(file) for file in files]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            b"a: 1\nb: !mine 1\n",
            "Broken YAML: could not determine a constructor for the tag '!mine'.",
        ),
        (b"a: 1\nb: ni\xf1o\n", "Broken YAML: the byte 0xf1 is no UTF-8."),
        (b"a: 1\nb: 'x\x01y'\n", "Broken YAML: the character U+0001 may not stand here."),
        (b"a: 1\nb: c: 2\n", "Broken YAML: mapping values are not allowed here."),
        (b"a: 1\nb: *none\n", "Broken YAML: found undefined alias 'none'."),
        (b"a: 1\nb: 2026-13-01\n", "Broken YAML: `2026-13-01` is no timestamp."),
        (b"a: 1\nb: !!bool x\n", "Broken YAML: `x` is no bool."),
        (b"a: 1\nb: !!timestamp x\n", "Broken YAML: `x` is no timestamp."),
        (b"a: 1\nb: !!int x\n", "Broken YAML: `x` is no int."),
    ],
)
def test_what_is_wrong_is_told_with_its_line(content: bytes, problem: str, tmp_path: Path) -> None:
    file = tmp_path / "databricks.yml"
    file.write_bytes(content)
    with pytest.raises(WeirError) as caught:
        load_yaml(file)
    (told,) = caught.value.problems
    assert (told.condition, told.message, told.origin) == ("YAML_SYNTAX_ERROR", problem, Origin(str(file), 2))
