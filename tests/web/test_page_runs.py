"""The page's buttons on a pipeline that really runs: updates, a stop, a full refresh, a plan, rows and differences."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.killing import ends, mortal, until
from weir.run.lake.storage import Storage
from weir.testing import rows_of
from weir.web.processes.holders import holder_of

WEIR = Path(sys.executable).with_name("weir")
SOURCE = """
import dlt
from pyspark.sql import functions as F

@dlt.table(table_properties={"pipelines.reset.allowed": "false"})
def raw():
    files = spark.readStream.format("cloudFiles").option("cloudFiles.format", "json").schema("id BIGINT")
    return files.load(spark.conf.get("landing"))

@dlt.table
@dlt.expect("small", "id < 3")
def tested():
    return spark.readStream.table("raw")

@dlt.table
def doubled():
    return spark.read.table("tested").select((2 * F.col("id")).alias("twice"))
"""
MINUTE = 60_000


@pytest.fixture
def project(tmp_path: Path, storage: Path, warm: None) -> Path:
    """A file with a `weir.toml` whose pipeline has run once; children of the page take the test run's JVM."""
    (tmp_path / "p.py").write_text(SOURCE)
    (tmp_path / "weir.toml").write_text('name = "pets"\nsources = ["p.py"]\n[conf]\nlanding = "landing"\n')
    arrive(tmp_path, 1, 2, 3)
    weir(tmp_path, "run")
    return tmp_path


def arrive(folder: Path, *numbers: int) -> None:
    (folder / "landing").mkdir(exist_ok=True)
    lines = "\n".join(json.dumps({"id": n}) for n in numbers)
    (folder / f"landing/{numbers[0]}.json").write_text(lines)


def weir(folder: Path, verb: str, *arguments: str) -> dict:
    """What a verb tells in a terminal."""
    process = begun(folder, verb, *arguments)
    out, _ = process.communicate(timeout=300)
    assert process.returncode in {0, 1}
    return json.loads(out)


def begun(folder: Path, verb: str, *arguments: str) -> subprocess.Popen[str]:
    command = [WEIR, verb, "p.py", "--storage", str(folder / "weir"), "--json", *arguments]
    return mortal(subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True))


def press(page, action: str) -> None:
    """Press a button, also one in the menu that is closed."""
    page.locator(f'[data-act$="/act/{action}"]').first.dispatch_event("click")


def agree(page) -> str:
    """Do what a dialog asks; the command that it shows."""
    command = page.inner_text("#asks .command code")
    page.click('#asks button[value="do"]')
    return command


def done(page) -> list[tuple[str, int]]:
    """The commands that the page has started, newest first, with their exit codes, as soon as all have ended."""
    base = "/".join(page.url.split("/")[:3])

    def jobs() -> list[dict]:
        return page.request.get(f"{base}/jobs.json").json()["jobs"]

    until(lambda: page.wait_for_timeout(100) or all(job["code"] is not None for job in jobs()), 120)
    return [(shlex.join(["weir", *job["arguments"]]), job["code"]) for job in jobs()]


def commands(folder: Path, *arguments: str) -> str:
    first = ["weir", "run", str(folder / "p.py"), "--name", "pets", "--storage", str(folder / "weir")]
    return shlex.join([*first, *arguments])


def ids(folder: Path, table: str) -> list[int]:
    return sorted(next(iter(r.values())) for r in rows_of(folder / f"weir/tables/main/default/{table}"))


def test_an_update_and_a_selection_are_run_as_they_are_shown(visit, page, project):
    visit("/p/pets")
    first = page.get_attribute("#status", "data-update")
    arrive(project, 4)
    press(page, "run")
    assert agree(page) == commands(project)
    page.wait_for_selector(f'#status[data-status="COMPLETED"]:not([data-update="{first}"])', timeout=MINUTE)
    assert (done(page), ids(project, "tested")) == ([(commands(project), 0)], [1, 2, 3, 4])
    arrive(project, 5)
    page.click('.node[data-d="main.default.raw"]', modifiers=["Control"])
    press(page, "selection")
    agree(page)
    selected = commands(project, "--refresh", "main.default.raw")
    assert done(page)[0] == (selected, 0)
    assert (ids(project, "raw"), ids(project, "tested")) == ([1, 2, 3, 4, 5], [1, 2, 3, 4])
    assert holder_of(Storage(project / "weir").lock("pets")) is None


def test_an_update_that_a_terminal_has_started_is_stopped(visit, page, project):
    process = begun(project, "run", "--continuous")
    visit("/p/pets")
    page.wait_for_selector('#status[data-status="RUNNING"]', timeout=MINUTE)
    press(page, "stop")
    page.click('#asks button[value="do"]')
    page.wait_for_selector('#status[data-status="CANCELED"]', timeout=MINUTE)
    assert ends(process) == 0
    process.stdout.close()
    assert holder_of(Storage(project / "weir").lock("pets")) is None


def test_a_full_refresh_counts_what_is_lost_and_wants_the_name(visit, page, project):
    visit("/p/pets")
    press(page, "full")
    expect(page.locator("#asks tr")).to_have_count(3)
    lost = [" ".join(text.split()) for text in page.locator("#asks tr").all_inner_texts()]
    assert lost == [
        "main.default.tested 3 rows, generation 0",
        "main.default.doubled 3 rows, generation 0",
        "main.default.raw 3 rows, generation 0",
    ]
    page.click('#asks button[value="do"]')
    expect(page.locator("#asks .wrong")).to_contain_text("pets")
    assert done(page) == []
    page.fill('#asks input[name="typed"]', "pets")
    command = agree(page)
    assert done(page) == [(command, 0)]
    generations = {
        t: Storage(project / "weir").state(f"main.default.{t}").generation for t in ("raw", "tested")
    }
    assert (generations, ids(project, "tested")) == ({"raw": 0, "tested": 1}, [1, 2, 3])


def test_a_plan_broken_rows_and_differences_are_those_of_the_verbs(visit, page, project, spark):
    arrive(project, 7, 7)
    page = visit("/p/pets")
    press(page, "plan")
    page.wait_for_url("**/plan/*")
    expect(page.locator(".plan .node.p-append")).to_have_count(2, timeout=MINUTE)
    told = page.request.get(f"{page.url}.json").json()
    assert told["steps"] == weir(project, "plan")["steps"]
    press(page, "exactly")
    agree(page)
    assert [code for _, code in done(page)] == [0, 0]
    page = visit("/p/pets?d=main.default.tested&tab=rules")
    press(page, "why")
    page.wait_for_url("**/why/*")
    assert [code for _, code in done(page)] == [0, 0, 0]
    told = page.request.get(f"{page.url}.json").json()
    assert told == weir(project, "quality", "--why", "main.default.tested")
    page = visit("/p/pets?d=main.default.doubled&tab=data")
    table = str(project / "weir/tables/main/default/doubled")
    newer, older = (spark.read.format("delta").option("versionAsOf", v).load(table) for v in versions(page))
    came = newer.exceptAll(older).count()
    assert came == 2
    expect(page.locator(".panel")).to_contain_text(f"{came} rows came")


def versions(page) -> list[int]:
    """The two newest versions that the page offers."""
    offered = page.eval_on_selector_all('select[name="version"] option', "all => all.map(o => o.value)")
    return [int(v) for v in offered if v][:2]
