"""The names of tables in SQL texts of tests, which mean tables of the test."""

from __future__ import annotations

import pytest

from weir.testing.names_in_sql import renamed

KNOWN = {("cat", "s", "orders"), ("orders",)}


def here(parts, makes):
    return f"«{'.'.join(parts)}»" if makes or parts in KNOWN else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "CREATE OR REPLACE TABLE cat.s.new AS SELECT * FROM VALUES (1, 'x') AS t(id, name)",
            "CREATE OR REPLACE TABLE «cat.s.new» AS SELECT * FROM VALUES (1, 'x') AS t(id, name)",
        ),
        ("CREATE TABLE IF NOT EXISTS t AS (SELECT 1)", "CREATE TABLE IF NOT EXISTS «t» AS (SELECT 1)"),
        (
            "INSERT INTO cat.s.orders VALUES ('FROM orders')",
            "INSERT INTO «cat.s.orders» VALUES ('FROM orders')",
        ),
        ("TRUNCATE TABLE `cat`.`s`.orders -- orders", "TRUNCATE TABLE «cat.s.orders» -- orders"),
        (
            "SELECT cat.s.orders.id FROM cat.s.orders, (SELECT * FROM orders AS o) WHERE orders.id = 1.5",
            "SELECT cat.s.orders.id FROM «cat.s.orders», (SELECT * FROM «orders» AS o) WHERE orders.id = 1.5",
        ),
        ("WITH orders AS (SELECT 1) SELECT * FROM orders", "WITH orders AS (SELECT 1) SELECT * FROM orders"),
        (
            "MERGE INTO orders USING cat.s.unknown u ON true",
            "MERGE INTO «orders» USING cat.s.unknown u ON true",
        ),
        ("DROP TABLE IF EXISTS orders", "DROP TABLE IF EXISTS «orders»"),
        ("SELECT orders FROM range(3)", "SELECT orders FROM range(3)"),
    ],
)
def test_names_of_tables_are_replaced_in_every_statement(text, expected):
    assert renamed(text, here) == expected
