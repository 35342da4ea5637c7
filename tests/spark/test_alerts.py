"""The pipeline `monitoreo` on two tables, one falls ill and gets well, beside real servers that take its alerts."""

from __future__ import annotations

import datetime as dt
import subprocess
import threading

import pyarrow as pa
import pytest
import sqlglot
from deltalake import write_deltalake
from sqlglot import exp

from expectations.health import TABLES
from tests.lakes import ROOT, WEIR
from tests.servers import free_port, mailbox, trusted, webhook
from weir.run.listeners import hooks
from weir.testing import PipelineUnderTest, rows_of, write_sources

MONITOREO = ROOT / "pipelines" / "monitoreo"
HOOK, PASSWORD = "/services/T01/B02/planted-hook", "planted-password"
EVENTS, DAYS = "altrupets_silver.events", "altrupets_gold.date_dimension"
STALE = "*🔴 data_freshness: sin datos nuevos desde hace más de 2 horas*\n• altrupets_silver.events"
FRESH = "*✅ data_freshness: resuelto*\n• altrupets_silver.events"
WATCHED = (EVENTS, DAYS)  # each takes Delta half a second
FEW = [watched for watched in TABLES if watched.table in WATCHED]
TO = "data-team@altrupets.org"
THIN = (TO, "🔴 data_completeness: completa en menos del 95 %", "• altrupets_silver.events")
WHOLE = (TO, "✅ data_completeness: resuelto", "• altrupets_silver.events")
NUMBERS = {"date_key", "year", "quarter", "month"}


@pytest.fixture
def slack():
    with webhook() as taken:
        yield taken


@pytest.fixture
def mail(tmp_path, monkeypatch):
    certificate = trusted(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mailbox(certificate, PASSWORD) as taken:
        yield taken


@pytest.fixture
def monitoreo(spark, tmp_path, monkeypatch, slack, mail):
    monkeypatch.setenv("ALTRUPETS_SLACK_ALTRUPETS_DATA_TEAM", slack.url(HOOK))
    monkeypatch.setenv("ALTRUPETS_SMTP_PASSWORD", PASSWORD)
    configuration = {
        "altrupets.alerts.channels": "slack, email",
        "altrupets.alerts.scope": "altrupets",
        "altrupets.alerts.smtp": mail.url,
        "altrupets.alerts.sender": "alertas@altrupets.org",
        "altrupets.alerts.state": str(tmp_path / "alertas"),
    }
    folder, gold = tmp_path / "sources", MONITOREO / "gold"
    few = (gold / "measurements.py").read_text(encoding="utf-8")
    few = few.replace("(WATCHED)", f"([t for t in WATCHED if t.table in {WATCHED}])")
    sources = [
        write_sources(folder, {"measurements.py": few}),
        gold / "table_health.py",
        MONITOREO / "alertas.py",
    ]
    p = PipelineUnderTest(spark, tmp_path, sources, configuration)
    for watched in FEW:
        p.feed(watched.table, [], schema_of(watched))
    return p


def schema_of(watched):
    """The columns that are looked at: enough of a table to watch it."""
    texts = [*watched.filled, watched.newest or "NULL", *(rule.condition for rule in watched.rules)]
    columns = {c.name for text in texts for c in sqlglot.parse_one(text, "spark").find_all(exp.Column)}
    return pa.schema([(name, kind(name, watched.newest or "")) for name in sorted(columns)])


def kind(column, newest):
    if column in NUMBERS:
        return pa.int32()
    return pa.timestamp("us", "UTC") if "timestamp" in column or column in newest else pa.string()


def lay(p, hours, payloads):
    """The events as they now are: how old the newest is, and what each holds."""
    schema = schema_of(next(watched for watched in TABLES if watched.table == EVENTS))
    came = dt.datetime.now(dt.UTC) - dt.timedelta(hours=hours)
    rows = [
        {"event_id": str(n), "event_type": "vet_visit", "user_id": "u", "payload": payload,
         "event_timestamp": came, "ingestion_timestamp": came - dt.timedelta(minutes=n)}
        for n, payload in enumerate(payloads)
    ]  # fmt: skip
    write_deltalake(p.outside[f"main.{EVENTS}"], pa.Table.from_pylist(rows, schema), mode="overwrite")


def history(p, table):
    """What was measured of a table, the newest last."""
    rows = [r for r in p.rows("monitoreo_gold.table_health", "measured_at") if r["table_name"] == table]
    columns = ("total_records", "completeness_percentage", "failed_rules", "hours_since_update")
    return [tuple(round(v, 1) if (v := row[name]) is not None else None for name in columns) for row in rows]


def test_somebody_is_told_once_of_an_incident_and_once_when_it_is_over(monitoreo, slack, mail):
    told = []
    ill, well = (3, ["{}", None, None]), (1, ["{}"])
    for state in (ill, ill, well, ill):
        lay(monitoreo, *state)
        assert monitoreo.update().state == "COMPLETED"
        told.append((slack.texts, list(mail.mails)))
        slack.posted.clear()
        mail.mails.clear()
    assert told == [([STALE], [THIN]), ([], []), ([FRESH], [WHOLE]), ([STALE], [THIN])]
    assert history(monitoreo, EVENTS) == [
        (3, 86.7, 0, 3.0),
        (3, 86.7, 0, 3.0),
        (1, 100, 0, 1.0),
        (3, 86.7, 0, 3.0),
    ]
    assert history(monitoreo, DAYS) == [(0, None, 0, None)] * 4


def test_dead_servers_harm_no_update_and_no_secret_is_shown(monitoreo, slack, mail, capfd):
    said = []
    monitoreo.say = said.append
    lay(monitoreo, 3, [None])
    slack.silent = threading.Event()
    mail.password = "another"  # noqa: S105 - so that it refuses ours
    result = monitoreo.update()
    after = dt.datetime.now(dt.UTC)
    slack.silent.set()
    slack.silent, slack.status = None, 500
    monitoreo.configuration["altrupets.alerts.smtp"] = f"smtps://localhost:{free_port()}"
    again = monitoreo.update()

    assert (result.state, again.state) == ("COMPLETED", "COMPLETED")
    log = rows_of(monitoreo.storage.events("local"), "sequence['control_plane_seq_no']")
    waited = after - next(e["timestamp"] for e in log if e["message"].endswith("is COMPLETED."))
    assert waited.total_seconds() < hooks.GRACE + 1
    assert [e["message"].partition("NotSentError: ")[2] for e in log if e["event_type"] == "hook_progress"] == [
        f"data_freshness to slack://altrupets-data-team: {slack_error}; "
        f"data_completeness to email://{TO}: {mail_error}."
        for slack_error, mail_error in (
            ("TimeoutError", "SMTPAuthenticationError"), ("HTTP 500", "ConnectionRefusedError"),
        )
    ]  # fmt: skip
    assert (mail.mails, (monitoreo.folder / "alertas").exists()) == ([], False)
    shown = [str(result), str(again), *said, *capfd.readouterr(), str(monitoreo.events)]
    assert "planted" not in "".join(shown)
    assert [f for f in monitoreo.folder.rglob("*") if f.is_file() and b"planted" in f.read_bytes()] == []


def test_a_command_shows_no_secret(monitoreo, slack, warm):
    slack.status = 500
    lay(monitoreo, 3, [None])
    settings = {**monitoreo.configuration, "altrupets.alerts.smtp": f"smtps://localhost:{free_port()}"}
    options = [f"--conf={name}={value}" for name, value in settings.items()]
    options += [f"--table={name}={folder}" for name, folder in monitoreo.outside.items()]
    command = [
        WEIR,
        "run",
        *monitoreo.sources,
        "--json-events",
        "--storage",
        monitoreo.folder / "cli",
        *options,
    ]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    assert [path for path, _ in slack.posted] == [HOOK]
    assert "NotSentError: data_freshness to slack://altrupets-data-team: HTTP 500; " in ran.stdout
    assert "planted" not in ran.stdout + ran.stderr
    left = [f for f in (monitoreo.folder / "cli").rglob("*") if f.is_file()]
    assert [f.name for f in left if b"planted" in f.read_bytes()] == []
    assert any(f.suffix == ".log" for f in left)
