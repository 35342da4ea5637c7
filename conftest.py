"""The Python in README.md and docs/ is run as tests; fixtures are in tests/fixtures.py and workspaces.py."""

import gc

from hypothesis import settings
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

pytest_plugins = ["weir.pytest_plugin", "tests.fixtures", "tests.workspaces"]
pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()], patterns=["README.md", "docs/*.md"], fixtures=["spark", "tmp_path"]
).pytest()

# A machine that is busy is no fault of a test.
settings.register_profile("weir", deadline=None)
settings.load_profile("weir")


def pytest_collection_finish() -> None:
    """What is collected stays till the end: Python need not look through it for garbage again and again."""
    gc.freeze()
