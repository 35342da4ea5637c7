"""What shall be done with a module is done when it is imported, and undone at the end."""

from __future__ import annotations

import importlib
import sys
from contextlib import contextmanager

import pytest

from weir.run.code.imports import on_import


@pytest.fixture
def said(tmp_path, monkeypatch):
    """Modules that were marked, in a folder with two of them."""
    for name in ("learned", "other"):
        (tmp_path / f"{name}.py").write_text("def answer():\n    return 42\n")
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    return []


def marked(said):
    @contextmanager
    def within(module):
        said.append(f"enter {module.__name__} {module.answer()}")
        yield
        said.append(f"leave {module.__name__}")

    return within


def test_a_module_is_met_when_it_is_imported_and_left_at_the_end(said):
    before = list(sys.meta_path)
    with on_import(["learned"], marked(said)):
        assert said == []
        importlib.import_module("learned")
        importlib.import_module("other")
        assert said == ["enter learned 42"]
    assert said == ["enter learned 42", "leave learned"]
    assert sys.meta_path == before


def test_one_that_is_there_is_met_at_once_and_again_in_a_context_within(said):
    importlib.import_module("learned")
    with on_import(["learned"], marked(said)), on_import(["learned"], marked(said)):
        assert said == ["enter learned 42"] * 2
    assert said[2:] == ["leave learned"] * 2
