"""Fixtures of all tests beside those of the kit: a pipeline from a text, in a folder of its own."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.copies import made_in
from tests.warm import lent
from weir.run.machine.jars import LOCKS
from weir.run.machine.warm.place import NAMED
from weir.testing import PipelineUnderTest
from weir.testing.found import session_of_run

Make = Callable[..., PipelineUnderTest]
os.environ[NAMED] = "off"  # the processes of tests start a JVM, unless a test has `warm`
# A file, not a folder: with a folder on its class path a JVM neither writes nor uses a class archive.
CONF = Path(__file__).with_name("spark-defaults.conf")
os.environ["PYSPARK_SUBMIT_ARGS"] = f"--properties-file {shlex.quote(str(CONF))} pyspark-shell"


@pytest.fixture(scope="session")
def weir_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """The kit's, with all jars that a pipeline may ask for: its processes can use this JVM, too."""
    with session_of_run(tmp_path_factory.mktemp("weir"), LOCKS) as session:
        yield session


@pytest.fixture(scope="session")
def engine(spark: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where processes get a session in this test run's JVM."""
    path = tmp_path_factory.mktemp("engine") / "e.sock"
    with lent(spark, path):
        yield path


@pytest.fixture
def warm(engine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes of this test start no JVM: what it is about is not how they start."""
    monkeypatch.setenv(NAMED, str(engine))


@pytest.fixture
def pipeline(spark: object, tmp_path: Path) -> Make:
    """Make a pipeline from the text of its files."""

    def make(files: Mapping[str, str] | str, **options: object) -> PipelineUnderTest:
        return made_in(tmp_path, spark, files, **options)

    return make
