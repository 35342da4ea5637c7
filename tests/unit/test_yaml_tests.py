"""`*.unit_tests.yml`: what a file says, and what is wrong in it, with the line."""

import datetime as dt
from pathlib import Path

import pytest

from weir.model.origin import Origin
from weir.model.problems import WeirError
from weir.testing.unit_tests import Expected, Run, UnitTest, UnitTests, read_unit_tests

WHOLE = """\
sources: [p.py]
configuration: {limit: 3}
tests:
  - name: adults are kept
    now: 2025-03-01 12:00:00
    given:
      raw:
        - {id: 1, age: 40}
        - {id: 2}
    expect:
      s.silver:
        rows: |
          id | age
          1  | 40
        key: id
        rules:
          adult: {passed: 1, failed: 1}
  - name: what comes later is added
    runs:
      - given: {raw: {csv: first.csv}}
        expect: {gold: []}
      - expect:
          gold: {stopped_by: [few]}
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "first.csv").write_text("id\n1\n")
    return tmp_path / "silver.unit_tests.yml"


def wrong(file, text):
    file.write_text(text)
    with pytest.raises(WeirError) as caught:
        read_unit_tests(file)
    assert {p.condition for p in caught.value.problems} == {"INVALID_UNIT_TEST"}
    assert {p.origin.file for p in caught.value.problems} == {str(file)}
    return [(p.origin.line, p.message, p.hint) for p in caught.value.problems]


def test_a_file_is_read_into_values(file):
    file.write_text(WHOLE)

    def at(line):
        return Origin(str(file), line)

    silver = Expected(
        "s.silver", at(11), "id | age\n1  | 40\n", ("id",), {"adult": {"passed": 1, "failed": 1}}
    )
    kept = Run({"raw": [{"id": 1, "age": 40}, {"id": 2}]}, (silver,))
    first = Run({"raw": file.parent / "first.csv"}, (Expected("gold", at(21), []),))
    second = Run({}, (Expected("gold", at(23), stopped_by=("few",)),))
    assert read_unit_tests(file) == UnitTests(
        Path(file),
        ("p.py",),
        None,
        {"limit": "3"},
        (
            UnitTest("adults are kept", at(4), (kept,), dt.datetime(2025, 3, 1, 12)),  # noqa: DTZ001
            UnitTest("what comes later is added", at(18), (first, second)),
        ),
    )


def test_all_that_is_wrong_is_told_with_its_line(file):
    told = wrong(file, """\
source: p.py
tests:
  - name: one
    given:
      raw: [1, {id: 2}]
      old: 7
      more: {csv: nothing.csv}
    expect:
      silver:
        rules: {adult: {passed: -1, fail: 2}}
        stopped_by: [[few]]
      gold: {}
  - name: one
    runs: []
    expect: {gold: []}
  - given: {raw: "a | b\\n1"}
    now: noon
""")  # fmt: skip
    assert [(line, message) for line, message, _ in told] == [
        (1, "`source` is no key of a file of tests."),
        (5, "A row of `raw` is no mapping."),
        (6, "`old` has no rows that can be read."),
        (7, f"Can't read `{file.parent / 'nothing.csv'}`: No such file or directory."),
        (11, "`stopped_by` has what is no text: ['few']."),
        (10, "`fail` is no key of what the rule `adult` saw."),
        (10, "`passed` of the rule `adult` is no number of rows: -1."),
        (12, "Nothing is expected of `gold`."),
        (15, "`expect` stands beside `runs`."),
        (13, "The test expects nothing."),
        (16, "A test has no name."),
        (16, "Line 2 of the text table has 1 cells, the header has 2."),
        (16, "The test expects nothing."),
        (17, "`now` is no time: 'noon'."),
        (13, "There is another test `one`, in line 3."),
    ]
    hints = {line: hint for line, _, hint in told}
    assert (hints[1], hints[6]) == (
        "did you mean `sources`?",
        "write a list of {column: value}, a text table, or csv: FILE",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", [(1, "There are no tests.", "write a list under tests:")]),
        ("- a", [(1, "A file of tests is no mapping.", "write key: value")]),
        ("tests: [a]", [(1, "A test is no mapping.", "write key: value")]),
        ("tests: {a: b}", [(1, "There are no tests.", "write a list under tests:")]),
    ],
)  # fmt: skip
def test_a_file_that_is_none(file, text, told):
    assert wrong(file, text) == told
