"""The Python in README.md and docs/ is run as tests; the other fixtures are in tests/fixtures.py."""

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

pytest_plugins = ["tests.fixtures"]
pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()], patterns=["README.md", "docs/*.md"], fixtures=["spark", "tmp_path"]
).pytest()
