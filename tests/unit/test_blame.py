"""Whose code a file is, and which line of the user's a message names."""

from __future__ import annotations

import functools
import json
import site
import sysconfig

import pytest

import dlt
import weir.model.origin
from weir.model.origin import is_users
from weir.model.problems import DefinitionError


def test_a_users_file_is_told_from_libraries_by_where_they_are_installed():
    users = [
        __file__,
        "/home/ana/lib/python-x/pipelines/p.py",
        "/srv/lib/python3.11/ours.py",
        f"{sysconfig.get_path('stdlib')}-of-ours/p.py",
    ]
    others = [
        json.__file__,
        pytest.__file__,
        dlt.__file__,
        weir.model.origin.__file__,
        f"{site.getusersitepackages()}/somebody.py",
        "/opt/spark/site-packages/pyspark/rdd.py",
        "<string>",
    ]
    assert [is_users(f) for f in users] == [True] * len(users)
    assert [is_users(f) for f in others] == [False] * len(others)


def test_a_mistake_that_is_made_through_a_library_has_the_users_line():
    class Name(str):
        __slots__ = ()
        read = functools.partialmethod(dlt.read)

    with pytest.raises(DefinitionError) as found:
        Name("orders").read()
    (problem,) = found.value.problems
    line = test_a_mistake_that_is_made_through_a_library_has_the_users_line.__code__.co_firstlineno + 6
    assert (problem.origin.file, problem.origin.line) == (__file__, line)
