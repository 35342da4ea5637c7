"""Projects with one mistake: each gets a place, a sentence and a hint, and nobody sees a traceback of ours."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tests.mutants import CONFIGURATION, MUTANTS, PROJECT

ORDERS = pa.schema(
    [("id", pa.int64()), ("status", pa.string()), ("amount", pa.float64()), ("region", pa.string()),
     ("customer", pa.string())]
)  # fmt: skip


def problems(pipeline, files):
    p = pipeline(files, configuration=CONFIGURATION)
    p.sources = [p.sources[0] / "src"]
    p.feed("shop.orders", [], ORDERS)
    p.feed("crm.customers", [], pa.schema([("name", pa.string())]))
    return p.problems()


def test_the_project_is_good_before_it_is_changed(pipeline):
    assert problems(pipeline, PROJECT) == ()


@pytest.mark.parity("same", "1.6", "Each mistake of a project has a place, a sentence and a hint")
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mistake_has_its_place_and_a_hint(pipeline, tmp_path, mutant):
    file, text, wrong, *told = mutant
    assert text in PROJECT[file]
    found = problems(pipeline, {**PROJECT, file: PROJECT[file].replace(text, wrong, 1)})
    first = found[0]
    where = f"{first.origin.file.rpartition('/')[2]}:{first.origin.line}"
    assert [first.condition, where, first.hint.replace(str(tmp_path / "sources/src"), "{src}")] == told
    assert all(p.origin is not None and p.hint for p in found)
    assert not any("Traceback" in p.message or "\n" in p.message for p in found)
