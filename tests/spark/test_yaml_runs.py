"""YAML tests run: rows arrive, tables are updated, and what differs is told with file and line."""

from __future__ import annotations

import pyarrow as pa
import pytest
from click.testing import CliRunner
from deltalake import write_deltalake

import weir as weir_package
from tests.pages import BLOCK
from tests.projects import ROOT
from weir.cli import weir
from weir.model.problems import WeirError
from weir.testing.unit_runs import run_unit_test
from weir.testing.unit_tests import read_unit_tests
from weir.verbs.test import run_tests

SOURCE = """
import dlt
from pyspark.sql import functions as F

@dlt.view
@dlt.expect_or_drop("named", "name IS NOT NULL")
def people():
    return dlt.read_stream("bronze")

@dlt.table(schema="id BIGINT, name STRING, day DATE")
def bronze():
    return spark.readStream.table("raw")

@dlt.table(name="s.silver")
@dlt.expect("recent", "day >= '2025-01-01'")
def silver():
    return dlt.read_stream("people").withColumn("at", F.current_timestamp())

@dlt.table
@dlt.expect_or_fail("few", "n < 3")
def gold():
    return dlt.read("s.silver").groupBy("name").agg(F.count("*").alias("n"))
"""
RIGHT = """
sources: [p.py]
tests:
  - name: a person without a name is dropped
    now: 2025-06-01 12:00:00Z
    given:
      bronze: |
        id | name | day
        1  | ana  | 2025-02-03
        2  |      | 2024-02-03
    expect:
      people: [{id: 1}]
      silver:
        rows: [{id: 1, day: 2025-02-03, at: 2025-06-01 12:00:00Z}]
        rules: {recent: {passed: 1, failed: 0}}
  - name: names are counted until there are too many of one
    runs:
      - given: {raw: [{id: 1, name: ana}, {id: 2, name: bo}, {id: 3, name: ana}]}
        expect:
          gold: [{name: ana, n: 2}, {name: bo, n: 1}]
          silver: {rules: {recent: {failed: 3}}}
      - given: {raw: [{id: 4, name: ana}]}
        expect: {gold: {stopped_by: [few]}}
"""
WRONG = """
sources: [p.py]
tests:
  - name: wrong numbers
    given:
      bronze: [{id: 1, name: ana}, {id: 2, name: bo}]
    expect:
      silver:
        rows: [{id: 1, name: ana}, {id: 2, name: eva}]
        key: id
        rules:
          recent: {passed: 1, failed: 2}
          recnt: {passed: 1}
      gold: {stopped_by: [few]}
  - name: stopped
    given: {silver: [{name: ana}, {name: ana}, {name: ana}]}
    expect: {gold: []}
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "p.py").write_text(SOURCE)
    return tmp_path / "people.unit_tests.yml"


def told(file, text, spark):
    file.write_text(text)
    tests = read_unit_tests(file)
    folders = [file.parent / f"run{n}" for n in range(len(tests.tests))]
    failures = [run_unit_test(tests, test, spark, f) for test, f in zip(tests.tests, folders, strict=True)]
    return [[(f.origin.line, f.lines) for f in of_test] for of_test in failures]


def test_what_is_as_expected_passes(file, spark):
    assert told(file, RIGHT, spark) == [[], []]


def test_the_example_of_the_docs_passes(tmp_path, spark):
    blocks = BLOCK.findall((ROOT / "docs/testing.md").read_text(encoding="utf-8"))
    for name, text in {name: text for kind, name, text in blocks if name}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    tests = read_unit_tests(tmp_path / "tests/orders.unit_tests.yml")
    runs = [run_unit_test(tests, test, spark, tmp_path / test.name) for test in tests.tests]
    assert runs == [(), ()]


def test_all_that_differs_is_told_with_its_line(file, spark):
    wrong, stopped = told(file, WRONG, spark)
    assert wrong == [
        (8, (
            "the rows of silver differ",
            "rows: 1 as expected, 1 different (key: id)",
            "  - missing, + not expected, ~ expected -> found",
            "  id | name",
            "~ 2  | eva -> bo",
        )),
        (8, ("the rule recent of silver: passed 0, failed 2; expected passed 1, failed 2",)),
        (8, ("silver has no rule recnt; did you mean `recent`?",)),
        (14, ("default.gold is stopped by no rule, not by few",)),
    ]  # fmt: skip
    ((line, (first, why)),) = stopped
    assert (line, first) == (17, "default.gold: FAILED")
    assert "Violated expectations: 'few'" in why


@pytest.mark.parametrize(
    ("given", "expect", "problem"),
    [
        ("bronze: [{id: x}]", "silver: []", "In row 1, `id`: 'x' is no BIGINT."),
        ("bronze: [{ids: 1}]", "silver: []", "The input has no column `ids`."),
        ("old: [{id: 1}]", "bronze: []",
         "Rows are given for `old`, which nothing reads that the test expects."),
        ("bronze: [{id: 1}]", "silvr: []", "The pipeline has no table `silvr`."),
        ("bronze: [{id: 1}]", "silver: [{idd: 1}]", "The input has no column `idd`."),
    ],
)  # fmt: skip
def test_a_test_that_names_what_there_is_not_says_so(file, spark, given, expect, problem):
    raw = ", raw: [{id: 1, name: a, day: 2025-01-01}]" if "old" in given else ""
    text = f"sources: [p.py]\ntests:\n  - name: x\n    given: {{{given}{raw}}}\n    expect: {{{expect}}}\n"
    with pytest.raises(WeirError) as caught:
        told(file, text, spark)
    (told_problem,) = caught.value.problems
    assert (told_problem.message, told_problem.origin.line) == (problem, 3)


def test_pytest_collects_them_and_counts_their_rules(file, spark, capfd, monkeypatch):
    monkeypatch.chdir(file.parent)
    file.write_text(RIGHT.split("  - name: names", maxsplit=1)[0])
    arguments = ["-p", "no:cacheprovider", f"--rootdir={file.parent}", "--rule-coverage", str(file)]
    assert run_tests(arguments, as_json=False) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[-1].startswith("Tests PASSED: 1 passed, 0 failed; ")
    assert "1 of 3 rules were seen passing and failing (33 %); 2 of 4 datasets were built by no test" in lines


PEOPLE = """
import dlt
from pyspark.sql import functions as F

@dlt.table(schema="id INT, email STRING MASK rules.hide, day DATE")
def people():
    return spark.readStream.table("raw").selectExpr("CAST(id AS INT) AS id", "email", "CAST(day AS DATE) AS day")

@dlt.table
@dlt.expect("known", "email IS NOT NULL")
def mails():
    mails = dlt.read("people").groupBy("email").agg(F.count("*").alias("n"), F.max("day").alias("day"))
    return mails.withColumn("token", F.expr("uuid()")).withColumn("at", F.current_timestamp())
"""
MAILS = ["create-test", "mails", "p.py", "--personal", "day"]


@pytest.fixture
def lake(tmp_path, spark, monkeypatch):
    """A storage after an update, in the working directory."""
    (tmp_path / "p.py").write_text(PEOPLE)
    (tmp_path / "weir.toml").write_text('[table]\nraw = "raw"\n')
    rows = [(1, "ana@x.org", "2025-03-01"), (2, "ana@x.org", "2025-03-04"), (3, None, None)]
    write_deltalake(
        tmp_path / "raw",
        pa.Table.from_pylist([dict(zip(("id", "email", "day"), r, strict=True)) for r in rows]),
    )
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(weir, ["run", "p.py"]).exit_code == 0
    return tmp_path


def test_rows_of_a_run_become_a_test_that_passes_with_nobody_in_it(lake, spark):
    shown = CliRunner().invoke(weir, MAILS)
    assert shown.output.splitlines() == [
        "mails.unit_tests.yml: 3 rows of default.people; 2 rows are expected of default.mails",
        "stand-ins are in: day, email; read the file before you share it",
        "nothing is expected of what differs from run to run: token",
        "weir test mails.unit_tests.yml",
    ]
    file = lake / "mails.unit_tests.yml"
    tests = read_unit_tests(file)
    (test,) = tests.tests
    (run,) = test.runs
    (mails,) = run.expect
    assert (tests.sources, run.given) == (("p.py",), {"default.people": (
        "| id INT | email STRING | day DATE   |\n"
        "| 1      | email-1      | 2000-01-02 |\n"
        "| 2      | email-1      | 2000-01-03 |\n"
        "| 3      |              |            |\n"
    )})  # fmt: skip
    header, *rows = [[c.strip() for c in line.split("|")[1:-1]] for line in mails.rows.splitlines()]
    at = f"{test.now:%Y-%m-%d %H:%M:%S}+00:00"
    assert (header, sorted(rows)) == (
        ["email", "n", "day", "at"], [["", "1", "", at], ["email-1", "2", "2000-01-03", at]],
    )  # fmt: skip
    assert mails.rules == {"known": {"passed": 1, "failed": 1}}
    assert run_unit_test(tests, test, spark, lake / "again") == ()
    refused = CliRunner().invoke(weir, MAILS).exception.problems
    assert [(p.condition, p.message) for p in refused] == [
        ("PATH_ALREADY_EXISTS", "`mails.unit_tests.yml` is there already.")
    ]


def test_what_reads_no_table_is_refused(lake):
    (lake / "p.py").write_text(PEOPLE + "\n@dlt.table\ndef none():\n    return spark.range(1)\n")
    told = CliRunner().invoke(weir, ["create-test", "none", "p.py"]).exception.problems
    assert [(p.condition, p.message) for p in told] == [
        ("Unsupported", "A test of `main.default.none`, which reads no table, is not supported here.")
    ]
    assert not (lake / "none.unit_tests.yml").exists()


def test_a_preview_on_given_rows(lake):
    rows = [{"id": 1, "email": "bo@x.org"}, {"id": 2, "email": "bo@x.org"}, {"id": 3}]
    made = weir_package.preview("mails", "p.py", given={"people": rows})
    assert sorted((row["email"] or "", row["n"]) for row in made) == [("", 1), ("bo@x.org", 2)]
    (lake / "rows.yml").write_text("people: [{id: 1, email: bo@x.org}]\nraw: [{id: 1}]\n")
    told = CliRunner().invoke(weir, ["preview", "mails", "p.py", "--given", "rows.yml"]).exception.problems
    assert [(p.condition, p.message) for p in told] == [
        ("GIVEN_ROWS_NOT_READ", "Rows are given for `raw`, which `main.default.mails` does not read.")
    ]
