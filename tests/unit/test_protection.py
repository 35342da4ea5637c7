"""Masks, row filters, functions and grants as they are written, and what is wrong with them."""

from __future__ import annotations

import pytest

import dlt
from weir.bundle.bundle import read_bundle
from weir.bundle.functions import create_temporary
from weir.bundle.governed import governance_of
from weir.define.protection import split_masks
from weir.define.registry import Registry, collecting, freeze
from weir.model.governance import FunctionCall, Protection, protection_from
from weir.model.names import Namespace
from weir.model.problems import DefinitionError, UnsupportedError, WeirError

BUNDLE = """
bundle: {name: shop}
include: [deploy/*.yml]
variables: {catalog: {default: shop}}
"""
DEPLOY = """
resources:
  schemas:
    silver:
      catalog_name: ${var.catalog}
      name: silver
      grants:
        - principal: analysts
          privileges: [USE_SCHEMA, SELECT]
        - principal: tellers
          privileges: [USE_SCHEMA]
        - principal: owners
          privileges: [ALL_PRIVILEGES]
  jobs:
    governance:
      tasks:
        - task_key: functions
          sql_task:
            warehouse_id: x
            parameters: {catalog: "${var.catalog}"}
            file: {path: functions.sql}
"""
FUNCTIONS = """
-- What a group sees of a person.
USE CATALOG IDENTIFIER(:catalog);

CREATE OR REPLACE FUNCTION rules.engineer() RETURNS BOOLEAN
RETURN is_account_group_member('engineers');

CREATE OR REPLACE FUNCTION rules.hide(value STRING COMMENT 'to hide; all', scale DECIMAL(10, 2))
RETURNS STRING
RETURN CASE WHEN rules.engineer() OR current_user() = value OR session_user = value THEN value ELSE '***' END;
"""


@pytest.fixture
def written(tmp_path):
    """A bundle with these files of its deployment."""

    def write(deploy=DEPLOY, functions=FUNCTIONS):
        (tmp_path / "deploy").mkdir(exist_ok=True)
        (tmp_path / "databricks.yml").write_text(BUNDLE)
        (tmp_path / "deploy" / "all.yml").write_text(deploy)
        (tmp_path / "deploy" / "functions.sql").write_text(functions)
        return governance_of(read_bundle(tmp_path / "databricks.yml", None))

    return write


def query():
    """Never called."""


def defined(functions=None, **options):
    registry = Registry()
    with collecting(registry):
        dlt.table(query, name="silver.people", **options)
    return freeze(registry, "p", Namespace("shop", "silver"), {}, functions)


def protection(**options):
    pipeline, problems = defined(**options)
    assert problems == ()
    return pipeline.datasets["shop.silver.people"].protection


def refusal(call, *arguments, **options):
    with pytest.raises(WeirError) as caught:
        call(*arguments, **options)
    return [(p.condition, p.hint) for p in caught.value.problems]


@pytest.mark.parametrize(
    ("ddl", "left", "masks"),
    [
        ("id INT", "id INT", {}),
        ("mail STRING MASK f", "mail STRING ", {"mail": FunctionCall("f", ("`mail`",))}),
        ("mask STRING, x INT", "mask STRING, x INT", {}),
        ("mask STRING MASK mask", "mask STRING ", {"mask": FunctionCall("mask", ("`mask`",))}),
        ("a STRING COMMENT 'MASK me, ('", "a STRING COMMENT 'MASK me, ('", {}),
        (
            "`odd, name` DECIMAL(10, 2) NOT NULL MASK a.b.`f g` COMMENT 'x', b INT",
            "`odd, name` DECIMAL(10, 2) NOT NULL  COMMENT 'x', b INT",
            {"odd, name": FunctionCall("a.b.`f g`", ("`odd, name`",))},
        ),
        (
            "s STRUCT<a: INT, mask: MAP<STRING, DECIMAL(3, 2)>> mask r.f using columns (b, 'it', 3, NULL), b INT",
            "s STRUCT<a: INT, mask: MAP<STRING, DECIMAL(3, 2)>> , b INT",
            {"s": FunctionCall("r.f", ("`s`", "`b`", "'it'", "3", "NULL"))},
        ),
        (
            "a INT GENERATED ALWAYS AS (b < 3), b INT MASK f, CONSTRAINT pk PRIMARY KEY (a)",
            "a INT GENERATED ALWAYS AS (b < 3), b INT , CONSTRAINT pk PRIMARY KEY (a)",
            {"b": FunctionCall("f", ("`b`",))},
        ),
    ],
)
def test_masks_are_taken_out_of_a_schema(ddl, left, masks):
    found = split_masks(ddl)
    assert (found.ddl, found.masks) == (left, masks)


@pytest.mark.parametrize(
    ("clause", "call"),
    [
        ("ROW FILTER shop.rules.f ON (region)", FunctionCall("shop.rules.f", ("`region`",))),
        ("row filter rules.f on (a, `b c`, 'x')", FunctionCall("shop.rules.f", ("`a`", "`b c`", "'x'"))),
        ("WITH ROW FILTER f ON ()", FunctionCall("shop.silver.f", ())),
    ],
)
def test_a_row_filter_names_a_function_and_what_it_is_given(clause, call):
    assert protection(row_filter=clause) == Protection(row_filter=call)


@pytest.mark.parametrize(
    "options",
    [
        {"row_filter": "ROW FILTER f"},
        {"row_filter": "ROW FILTER ON (a)"},
        {"row_filter": "FILTER f ON (a)"},
        {"row_filter": "ROW FILTER f ON (a) AND TRUE"},
        {"row_filter": "ROW FILTER f ON (a + 1)"},
        {"row_filter": "ROW FILTER f ON ('a)"},
        {"row_filter": ""},
        {"row_filter": 3},
        {"schema": "a STRING MASK"},
        {"schema": "a STRING MASK 'f'"},
        {"schema": "a STRING MASK f USING COLUMNS b"},
        {"schema": "a STRING MASK f USING COLUMNS (b c)"},
    ],
)
def test_a_malformed_clause_is_told_where_it_stands(options):
    with pytest.raises(DefinitionError) as caught:
        defined(**options)
    (problem,) = caught.value.problems
    assert (problem.condition, problem.origin.file) == ("PARSE_SYNTAX_ERROR", __file__)
    assert problem.hint.startswith("write ")


def test_what_is_declared_comes_back_from_the_properties_of_the_table():
    pipeline, problems = defined(
        schema="mail STRING MASK rules.hide USING COLUMNS (id), id INT",
        row_filter="ROW FILTER rules.near ON (id)",
        private=True,
    )
    assert problems == ()
    dataset = pipeline.datasets["shop.silver.people"]
    assert dataset.protection == Protection(
        {"mail": FunctionCall("shop.rules.hide", ("`mail`", "`id`"))},
        FunctionCall("shop.rules.near", ("`id`",)),
        private=True,
    )
    assert protection_from(dataset.table_properties) == dataset.protection
    assert protection_from({}) == Protection()
    assert defined()[0].datasets["shop.silver.people"].table_properties == {}


def test_a_streaming_table_is_declared_with_both():
    registry = Registry()
    with collecting(registry):
        dlt.create_streaming_table("t", schema="a STRING MASK f", row_filter="ROW FILTER g ON (a)")
    assert registry.datasets[0].protection == Protection(
        {"a": FunctionCall("f", ("`a`",))}, FunctionCall("g", ("`a`",))
    )


def test_functions_are_read_with_the_catalog_of_the_target(written):
    functions = written().functions
    assert {f.name: (f.parameters, f.origin.line) for f in functions.values()} == {
        "shop.rules.engineer": (0, 5), "shop.rules.hide": (2, 8),
    }  # fmt: skip
    made = create_temporary(functions["shop.rules.hide"], functions, "o'neil")
    assert made.startswith("CREATE OR REPLACE TEMPORARY FUNCTION `weir shop.rules.hide`(value STRING")
    assert "WHEN `weir shop.rules.engineer`() OR 'o\\'neil' = value OR 'o\\'neil' = value THEN" in made


def test_a_mask_calls_a_function_that_there_is_with_what_it_takes(written):
    functions = written().functions
    _, problems = defined(
        functions,
        schema="a STRING MASK rules.hid, b STRING MASK rules.hide, c STRING",
        row_filter="ROW FILTER rules.hide ON (b, c)",
    )
    assert [(p.condition, p.hint.split(" at ")[0], p.origin.file) for p in problems] == [
        ("UNRESOLVED_ROUTINE", "did you mean `shop.rules.hide`?", __file__),
        ("WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "it is made", __file__),
    ]
    assert defined(None, schema="a STRING MASK rules.hid")[1] == ()


@pytest.mark.parity(
    "refused",
    "1.3",
    "masks and row filters in Python, or that read tables",
    "write them in SQL over their arguments",
)
@pytest.mark.parametrize(
    ("functions", "error", "condition"),
    [
        ("CREATE TABLE t (a INT)", WeirError, "PARSE_SYNTAX_ERROR"),
        ("CREATE FUNCTION f RETURNS INT RETURN 1", WeirError, "PARSE_SYNTAX_ERROR"),
        ("USE CATALOG IDENTIFIER(:other)", WeirError, "PARSE_SYNTAX_ERROR"),
        ("CREATE FUNCTION f(a STRING) RETURNS STRING RETURN 'x", WeirError, "PARSE_SYNTAX_ERROR"),
        (
            "CREATE FUNCTION f(a STRING) RETURNS STRING LANGUAGE PYTHON AS 'x'",
            UnsupportedError,
            "Unsupported",
        ),
        ("CREATE FUNCTION f(a STRING) RETURNS INT RETURN (SELECT 1 FROM t)", UnsupportedError, "Unsupported"),
    ],
)
def test_a_file_of_functions_makes_sql_functions_alone(written, functions, error, condition):
    with pytest.raises(error) as caught:
        written(functions=functions)
    (problem,) = caught.value.problems
    assert (problem.condition, problem.origin.line) == (condition, 1)


def test_a_file_of_functions_that_is_not_there(written):
    assert refusal(written, DEPLOY.replace("functions.sql", "other.sql")) == [("PATH_NOT_READABLE", None)]


@pytest.mark.parity(
    "differs",
    "1.3",
    "privileges of who reads",
    "those on the bundle's schemas and on catalogs that it declares; those on tables are not checked",
)
def test_grants_say_what_a_group_lacks(written):
    governance = written()
    lacks = {
        group: sorted(governance.lacks(governance.member_of(group), "shop.silver.people"))
        for group in ("analysts", "tellers", "owners")
    }
    assert lacks == {"analysts": [], "tellers": ["SELECT"], "owners": []}
    assert sorted(governance.lacks("analysts", "shop.gold.people")) == ["SELECT", "USE_SCHEMA"]
    assert sorted(governance.lacks("analysts", "other.silver.people")) == ["SELECT", "USE_SCHEMA"]


CATALOG = """
  catalogs:
    shop:
      name: ${var.catalog}
      grants:
        - {principal: analysts, privileges: [USE_CATALOG]}
        - {principal: heads, privileges: [USE_CATALOG, USE_SCHEMA, SELECT]}
        - {principal: admins, privileges: [ALL_PRIVILEGES]}
"""


def test_a_catalog_of_the_bundle_must_be_granted_too_and_its_grants_reach_below(written):
    named = DEPLOY.replace("${var.catalog}", "${resources.catalogs.shop.name}", 1)
    governance = written(named + CATALOG)
    lacks = {
        group: sorted(governance.lacks(group, "shop.silver.people"))
        for group in ("analysts", "tellers", "owners", "heads", "admins")
    }
    assert lacks == {
        "analysts": [], "tellers": ["SELECT", "USE_CATALOG"], "owners": ["USE_CATALOG"], "heads": [], "admins": [],
    }  # fmt: skip


def test_an_unknown_group_and_a_misspelt_privilege(written):
    assert refusal(written().member_of, "analyst") == [
        ("PRINCIPAL_DOES_NOT_EXIST", "did you mean `analysts`?")
    ]
    assert refusal(written().member_of, "x") == [
        ("PRINCIPAL_DOES_NOT_EXIST", "available: analysts, owners, tellers")
    ]
    wrong = DEPLOY.replace("[USE_SCHEMA]", "[USE_SCHEMAS]")
    assert refusal(written, wrong) == [("PRIVILEGE_NOT_APPLICABLE", "did you mean `USE_SCHEMA`?")]


def test_a_bundle_without_functions_knows_none(written):
    assert written(DEPLOY.split("  jobs:", maxsplit=1)[0]).functions is None
