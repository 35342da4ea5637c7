"""A text that reads streams, over batches that stand for them."""

from __future__ import annotations

import pytest

from weir.define.sql.resolution import StandIn
from weir.define.sql.source import SqlText
from weir.define.sql.statement import read
from weir.model.origin import Origin


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT id FROM STREAM orders", "SELECT id FROM b0 AS `orders`"),
        ("SELECT o.id FROM STREAM(main.default.orders) o", "SELECT o.id FROM b0 o"),
        (
            "SELECT orders.id FROM STREAM s.orders WITH (skipChangeCommits = true) JOIN x USING (id)",
            "SELECT orders.id FROM b0 AS `orders` JOIN b1 AS `x` USING (id)",
        ),
        ("SELECT * FROM STREAM -- of a shop\norders", "SELECT * FROM \nb0 AS `orders`"),
    ],
)
def test_the_word_stream_goes_where_a_batch_stands_for_one(text, expected):
    statement = read(SqlText(text, lambda _: Origin("a.sql", 1)), {})
    places = enumerate(statement.references)
    batches = {r.start: StandIn(f"b{n}", r.parts, list, batch=True) for n, r in places}
    assert statement.over(batches, str) == expected
