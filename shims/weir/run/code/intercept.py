"""Patches Spark's classes while user code runs: names and paths mean the pipeline's, nothing is written.

Classes are patched, not the `spark` object, since helpers take sessions from anywhere; a ContextVar says
which call is in force. Outside of one every method is Spark's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from types import ModuleType
from typing import Any

from weir.run.code.actions import ACTIONS
from weir.run.code.catalog import CATALOG
from weir.run.code.expressions import EXPRESSIONS
from weir.run.code.families import LEARNING, families, learning_classes
from weir.run.code.imports import on_import
from weir.run.code.modules import pipelines_modules
from weir.run.code.patching import patched
from weir.run.code.reads import READS
from weir.run.code.refusals import REFUSED
from weir.run.code.session_changes import CHANGES
from weir.run.code.threads import threads_of_calls

PATCHES = (*READS, *ACTIONS, *CATALOG, *CHANGES, *EXPRESSIONS, *REFUSED)


@contextmanager
def intercepted(names: Mapping[str, Any]) -> Iterator[None]:
    """Patch Spark's classes of all families for the length of the block.

    Args:
        names: The globals of source files.
    """

    def learning(module: ModuleType) -> AbstractContextManager[None]:
        return patched(learning_classes(module), PATCHES)

    with (
        patched(families(), PATCHES),
        on_import(LEARNING, learning),
        threads_of_calls(),
        pipelines_modules(names),
    ):
        yield
