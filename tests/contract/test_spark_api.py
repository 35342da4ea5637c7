"""Every public method of Spark's classes is known: left alone, answered, an action, or refused by name."""

from __future__ import annotations

import inspect

import pytest
from pyspark.sql.classic import dataframe as classic
from pyspark.sql.connect import dataframe as connect

from tests.contract.untouched import UNTOUCHED
from weir.run.code.actions import LOOKS_AT_DATA
from weir.run.code.families import CLASSIC, connect_family
from weir.run.code.intercept import PATCHES
from weir.run.code.patching import patched
from weir.run.code.refusals import public

CLASSES = [*((c.__qualname__, c) for c in CLASSIC), *connect_family()]
OWNERS = sorted({name for name, _ in CLASSES})


def methods(owner):
    """The public names of a class in either family, those that it inherits from Spark's classes included."""
    own = {"pyspark", "delta"}
    lines = [c.__mro__ for name, c in CLASSES if name == owner]
    return {n for line in lines for c in line if c.__module__.split(".")[0] in own for n in public(c)}


@pytest.mark.parametrize("owner", OWNERS)
def test_no_method_is_unknown_and_none_is_known_twice(owner):
    patches = [p.name for p in PATCHES if p.owner == owner]
    untouched = UNTOUCHED.get(owner, "").split()
    assert sorted(patches + untouched) == sorted(methods(owner))


@pytest.mark.parametrize("family", [classic, connect])
def test_what_looks_at_data_under_stat_and_na_does_so_through_the_frame(family):
    for owner in (family.DataFrameStatFunctions, family.DataFrameNaFunctions):
        for name in public(owner):
            assert f"self.df.{name}" in inspect.getsource(getattr(owner, name)) or name in {"drop", "fill"}
    known = set(public(family.DataFrameStatFunctions))
    assert known & set(LOOKS_AT_DATA["DataFrame"]) == {"approxQuantile", "corr", "cov", "crosstab"}


def test_patched_methods_keep_sparks_own_signatures_and_are_given_back():
    def signatures():
        return {
            (owner, patch.name): inspect.signature(function)
            for name, owner in CLASSES
            for patch in PATCHES
            if patch.owner == name and callable(function := getattr(owner, patch.name, None))
        }

    def members():
        return {
            (owner, patch.name): owner.__dict__.get(patch.name) for _, owner in CLASSES for patch in PATCHES
        }

    before, own = signatures(), members()
    with patched(CLASSES, PATCHES):
        during = signatures()
        assert members() != own
    assert during == before
    assert members() == own
