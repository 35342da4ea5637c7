"""Patches Spark's classes while user code runs: names and paths mean the pipeline's, nothing is written.

Classes are patched, not the `spark` object, since helpers take sessions from anywhere; a ContextVar says
which call is in force. Outside of one every method is Spark's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from weir.run.code.actions import ACTIONS
from weir.run.code.catalog import CATALOG
from weir.run.code.families import families
from weir.run.code.modules import pipelines_modules
from weir.run.code.patching import patched
from weir.run.code.reads import READS
from weir.run.code.refusals import REFUSED
from weir.run.code.session_changes import CHANGES
from weir.run.code.threads import threads_of_calls

PATCHES = (*READS, *ACTIONS, *CATALOG, *CHANGES, *REFUSED)


@contextmanager
def intercepted(names: Mapping[str, Any]) -> Iterator[None]:
    """Patch Spark's classes of both families for the length of the block.

    Args:
        names: The globals of source files.
    """
    with patched(families(), PATCHES), threads_of_calls(), pipelines_modules(names):
        yield
