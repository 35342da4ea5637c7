"""A materialized view whose definition has changed in any way is not taken for unchanged."""

from dataclasses import fields, replace

import pytest

from weir.model.definitions import MaterializedView
from weir.model.governance import Protection
from weir.model.origin import Origin
from weir.plan.refreshes import TOLD_ELSEWHERE, definition_text

VIEW = MaterializedView("main.default.t", Origin("p.py", 1))
OTHER = {
    "comment": "people",
    "table_properties": {"quality": "gold"},
    "partition_cols": ("day",),
    "cluster_by": (("id",),),
    "private": True,
    "protection": Protection(private=True),
}


@pytest.mark.parametrize("field", sorted({f.name for f in fields(MaterializedView)} - TOLD_ELSEWHERE))
def test_each_field_of_a_definition_counts(field):
    assert definition_text(replace(VIEW, **{field: OTHER[field]})) != definition_text(VIEW)


def test_where_it_stands_does_not():
    moved = replace(VIEW, origin=Origin("q.py", 9))
    assert definition_text(moved) == definition_text(VIEW)
