"""Databricks accepts what the pipelines use: each file imports against its real `dlt` stub.

The stub's dependencies would overwrite pyspark's files, and its licence forbids shipping it: it is
fetched once and unpacked aside, into the user's cache folder, and never installed.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import dlt
from weir.run.machine.cache import cache_root, made_whole

ROOT = Path(__file__).parents[2]
FILES = sorted(f for f in (ROOT / "pipelines").rglob("*.py") if "comun" not in f.parts)
DATASETS = [f for f in FILES if "@dlt.on_event_hook" not in f.read_text(encoding="utf-8")]
STUB = "databricks-dlt==0.3.0"
SHA256 = "232f97e0fc93bae7bbc100f17880fd88c2777c92cbf002e5b5e7810572df2c4a"

# `spark` is a global there; during the import this one can be asked for entries of an empty configuration.
IMPORT = """
import json, runpy, sys, traceback, warnings
from types import SimpleNamespace
import dlt

assert dlt.__file__.startswith(sys.argv[1]), dlt.__file__
warnings.simplefilter("ignore")  # each call warns that it is a stub's
dlt.enable_local_execution()
spark = SimpleNamespace(conf=SimpleNamespace(get=lambda name, default: default))

def error_of(file):
    try:
        runpy.run_path(file, init_globals={"spark": spark})
    except Exception:
        return traceback.format_exc()

print(json.dumps({file: error_of(file) for file in sys.argv[2:]}))
"""


@pytest.fixture(scope="session")
def stub() -> Path:
    folder = cache_root() / STUB
    if not folder.is_dir():
        with made_whole(folder) as draft:
            unpack(draft)
    return folder


def unpack(folder: Path) -> None:
    python = Path(sys.base_prefix) / "bin" / "python3"  # the environment itself has no pip
    pip = [str(python), "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--dest", str(folder), STUB], check=True)
    wheel = next(folder.glob("*.whl"))
    assert hashlib.sha256(wheel.read_bytes()).hexdigest() == SHA256
    zipfile.ZipFile(wheel).extractall(folder)


def errors(stub: Path, files: list[Path]) -> dict[Path, str | None]:
    """What each file fails with as it is imported; all in one process, as Databricks does it."""
    imported = subprocess.run(
        [sys.executable, "-c", IMPORT, stub, *files],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(stub), str(ROOT)])},
        stdout=subprocess.PIPE,
        check=True,
    )
    return {Path(file): error for file, error in json.loads(imported.stdout).items()}


def test_databricks_accepts_every_file(stub: Path) -> None:
    assert errors(stub, FILES) == dict.fromkeys(FILES)


@pytest.mark.parametrize("file", DATASETS, ids=lambda file: file.stem)
def test_a_file_defines_the_dataset_that_it_is_named_after(file: Path) -> None:
    source = file.read_text()
    pipeline, *layer = file.parent.relative_to(ROOT / "pipelines").parts
    schema = "_".join([pipeline.replace("monolito", "altrupets"), *layer])
    contract = re.findall(r'published\("([\w.]+)"\)', source)
    names = re.findall(r'name=(?:"([\w.]+)"|\w+\.table),\n    comment', source)
    views = re.findall(r"@dlt\.view\(comment=.*\n(?:@.*\n)*def (\w+)\(", source)

    found = [name or contract[0] for name in names] + views
    assert found in ([f"{schema}.{file.stem}"], [file.stem])


def test_what_the_stub_lacks_is_refused(stub: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer.py"
    newer.write_text("import dlt\n\n@dlt.materialized_view\ndef newer():\n    return None\n")

    refused = errors(stub, [newer])[newer]

    assert refused is not None
    assert "AttributeError: module 'dlt' has no attribute 'materialized_view'" in refused


SIGNATURES = """
import inspect, json
import dlt
functions = {name: value for name, value in vars(dlt).items() if callable(value)}
print(json.dumps({name: [*inspect.signature(value).parameters] for name, value in functions.items()}))
"""


def signatures_in(path: Path) -> dict[str, list[str]]:
    """The parameters of each function of a module `dlt`."""
    told = subprocess.run(
        [sys.executable, "-c", SIGNATURES],
        env=os.environ | {"PYTHONPATH": str(path)},
        capture_output=True,
        check=True,
    )
    return json.loads(told.stdout)


@pytest.fixture(scope="module")
def their_signatures(stub: Path) -> dict[str, list[str]]:
    return signatures_in(stub)


@pytest.fixture(scope="module")
def our_signatures() -> dict[str, list[str]]:
    return signatures_in(ROOT / "shims")


EXPORTED = [
    "create_view", "create_table", "create_streaming_live_table", "create_streaming_table",
    "create_target_table", "view", "table", "append_flow", "read", "read_stream", "readStream", "expect",
    "expect_or_fail", "expect_or_drop", "expect_all_or_fail", "expect_all_or_drop", "expect_all",
    "apply_changes", "apply_changes_from_snapshot", "on_event_hook", "enable_local_execution",
]  # fmt: skip
OLD = {"create_view": "view", "create_table": "table", "create_streaming_live_table": "create_streaming_table",
       "create_target_table": "create_streaming_table"}  # fmt: skip


@pytest.mark.parity("same", "1.2", "Names and order of the parameters of every function of their stub")
@pytest.mark.parametrize("name", EXPORTED)
def test_our_functions_take_what_theirs_take_in_the_same_order(
    their_signatures: dict[str, list[str]], our_signatures: dict[str, list[str]], name: str
) -> None:
    theirs = their_signatures[OLD.get(name, name)]  # old names take anything there
    assert our_signatures[name][: len(theirs)] == theirs


def test_the_stub_exports_no_more(stub: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import dlt; print(*dlt.__all__)"],
        env=os.environ | {"PYTHONPATH": str(stub)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(told.stdout.split()) | {"on_event_hook", "enable_local_execution"} == set(EXPORTED)


def test_all_their_names_can_be_imported_from_ours() -> None:
    exported = [
        "create_view",
        "create_table",
        "create_streaming_live_table",
        "create_streaming_table",
        "create_target_table",
        "view",
        "table",
        "append_flow",
        "read",
        "read_stream",
        "readStream",
        "expect",
        "expect_or_fail",
        "expect_or_drop",
        "expect_all_or_fail",
        "expect_all_or_drop",
        "expect_all",
        "apply_changes",
        "apply_changes_from_snapshot",
        "on_event_hook",
        "enable_local_execution",
        "create_sink",
        "foreach_batch_sink",
        "create_auto_cdc_flow",
        "create_auto_cdc_from_snapshot_flow",
        "materialized_view",
        "temporary_view",
        "update_flow",
    ]
    assert [n for n in exported if not hasattr(dlt, n)] == []
