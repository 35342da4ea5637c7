"""What pytest loads of Weir: fixtures, and what a failed assertion shows.

It is loaded in every test run of an environment that has Weir, so the rest of the kit is imported when a test
asks for it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

COVERAGE = "--rule-coverage"
BETA = "pyspark.pipelines.testing"
MARKER = (
    "pipeline(*sources, target=None, conf=None): the pipeline of the fixture `pipeline`, else it is found"
)


@pytest.fixture(scope="session")
def weir_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The one Spark session of the test run: the active one, or one in the warm engine, or a new one."""
    with import_module("weir.testing.found").session_of_run(tmp_path_factory.mktemp("weir")) as session:
        yield session


@pytest.fixture(scope="session")
def spark(weir_session: Any) -> Any:
    """The one Spark session of the test run."""
    return weir_session


@pytest.fixture
def pipeline(request: pytest.FixtureRequest, weir_session: Any, tmp_path: Path) -> Any:
    """The pipeline of `weir.toml` or `databricks.yml`, or of the marker `pipeline`, with tables of its own.

    Returns:
        A `weir.testing.PipelineUnderTest`.
    """
    marker = request.node.get_closest_marker("pipeline")
    sources, options = (marker.args, marker.kwargs) if marker else ((), {})
    found = import_module("weir.testing.found")
    folder = found.project_of(request.path.parent, request.config.rootpath)
    return found.pipeline_in(folder, weir_session, tmp_path, sources, **options)


@pytest.fixture(autouse=True)
def _views_end_with_their_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """All tests share a session: what one leaves in it is gone before the next."""
    if not {"spark", "weir_session"} & {*request.fixturenames}:
        yield
        return
    session = request.getfixturevalue("weir_session" if "weir_session" in request.fixturenames else "spark")
    with import_module("weir.testing.found").without_new_views(session):
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of rule coverage."""
    group = parser.getgroup("weir")
    group.addoption(COVERAGE, action="store_true", help="show the rules that no test saw passing and failing")
    group.addoption(f"{COVERAGE}-json", metavar="FILE", help="write the coverage of rules to this file")
    group.addoption(
        f"{COVERAGE}-min", metavar="PERCENT", type=float, help="fail if less of the rules is covered"
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Files of YAML tests."""
    if not file_path.name.endswith((".unit_tests.yml", ".unit_tests.yaml")):
        return None
    return import_module("weir.testing.yaml_items").YamlFile.from_parent(parent, path=file_path)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and Databricks' module for tests of pipelines; measure rules where it is wanted.

    Raises:
        pytest.UsageError: The threshold is no percentage.
    """
    minimum = config.getoption(f"{COVERAGE}-min")
    if minimum is not None and not 0 <= minimum <= 100:  # noqa: PLR2004 - per cent
        raise pytest.UsageError(f"{COVERAGE}-min: {minimum:g} is not between 0 and 100")
    if config.getoption(COVERAGE) or config.getoption(f"{COVERAGE}-json") or minimum is not None:
        report = import_module("weir.testing.coverage_report").RuleCoverage(config, minimum)
        config.pluginmanager.register(report, "weir-rule-coverage")
    config.addinivalue_line("markers", MARKER)
    finder = _Beta()
    sys.meta_path.append(finder)
    config.add_cleanup(lambda: sys.meta_path.remove(finder))


def pytest_assertrepr_compare(op: str, left: object, right: object) -> Sequence[str] | None:
    """Where rows and rule counts differ."""
    rows: Any = sys.modules.get("weir.testing.rows")
    return rows.explanation(left, right) if op == "==" and rows is not None else None


class _Beta(MetaPathFinder, Loader):
    """Gives `pyspark.pipelines.testing` where PySpark has none."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        """The way to the module, if it is the one."""
        del path, target
        return ModuleSpec(fullname, self) if fullname == BETA else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Weir's own."""
        del spec
        return import_module("weir.testing.beta")

    def exec_module(self, module: ModuleType) -> None:
        """It has its content already."""
