"""Alerts as people get them: by a real web server and a real mail server, out of events as updates tell them."""

from __future__ import annotations

import threading
import time

import pytest

from expectations.alerts import ALERTS, Alert
from pipelines.comun import channels
from pipelines.comun.alerts import NotSentError, Told, Watch
from pipelines.comun.channels import Email, Slack, failure
from tests.servers import HOST, free_port, mailbox, trusted, webhook

OLD = Alert("data_freshness", ("a.x", "a.y"), "hours > 2", "slack://team", "sin datos nuevos")
THIN = Alert("data_completeness", ("a.x",), "percentage < 95", "email://data@altrupets.org", "incompleta")
HOOK, PASSWORD = "/services/T01/B02/planted-hook", "planted-password"
BEGUN = "*🔴 data_freshness: sin datos nuevos*\n"
OVER = "*✅ data_freshness: resuelto*\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return trusted(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def slack():
    with webhook() as taken:
        yield taken


@pytest.fixture
def mail(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mailbox(certificate, PASSWORD) as taken:
        yield taken


@pytest.fixture
def watch(slack, mail, tmp_path):
    to_team = Slack(slack.url(HOOK))
    to_data = Email("data@altrupets.org", mail.url, "alertas@altrupets.org", PASSWORD)
    return Watch(
        (OLD, THIN), {OLD.notification: to_team, THIN.notification: to_data}, Told(tmp_path / "told")
    )


def event(**failed):
    """What an update tells of its rules; `old_x` is the rule of freshness on a.x."""
    names = {"old_x": OLD.rule("a.x"), "old_y": OLD.rule("a.y"), "thin_x": THIN.rule("a.x")}
    counted = [
        {"name": names[key], "dataset": "d", "passed_records": 2 - n, "failed_records": n}
        for key, n in failed.items()
    ]
    return {"details": {"flow_progress": {"status": "RUNNING", "data_quality": {"expectations": counted}}}}


def test_an_incident_is_told_once_and_once_when_it_is_over(watch, slack, mail):
    told = []
    for update in (
        event(old_x=1, old_y=0, thin_x=0),
        event(old_x=1, old_y=0, thin_x=0),
        event(old_x=1, old_y=1, thin_x=1),
        event(old_x=0, old_y=0, thin_x=1),
        event(old_x=0, old_y=0, thin_x=0),
        event(old_x=1, old_y=0, thin_x=0),
    ):
        watch.hear(update)
        told.append((slack.texts, list(mail.mails)))
        slack.posted.clear()
        mail.mails.clear()
    to = "data@altrupets.org"
    assert told == [
        ([BEGUN + "• a.x"], []),
        ([], []),
        ([BEGUN + "• a.y"], [(to, "🔴 data_completeness: incompleta", "• a.x")]),
        ([OVER + "• a.x\n• a.y"], []),
        ([], [(to, "✅ data_completeness: resuelto", "• a.x")]),
        ([BEGUN + "• a.x"], []),
    ]


def test_what_could_not_be_sent_is_sent_at_the_next_update(watch, slack, mail):
    slack.status = 500
    with pytest.raises(NotSentError, match=r"^data_freshness to slack://team: HTTP 500$"):
        watch.hear(event(old_x=1, thin_x=1))
    slack.status = 200
    watch.hear(event(old_x=1, thin_x=1))
    slack.status = 404
    with pytest.raises(NotSentError, match="HTTP 404"):
        watch.hear(event(old_x=0, old_y=1, thin_x=1))
    slack.status = 200
    watch.hear(event(old_x=0, old_y=1, thin_x=1))
    assert slack.texts == [
        BEGUN + "• a.x", BEGUN + "• a.x", BEGUN + "• a.y", BEGUN + "• a.y", OVER + "• a.x",
    ]  # fmt: skip
    assert len(mail.mails) == 1


def test_events_that_count_no_rules_change_nothing(watch, slack, mail):
    watch.hear(event(old_x=1))
    for nothing in (
        {"details": {"update_progress": {"state": "RUNNING"}}},
        {"details": {"flow_progress": {"status": "COMPLETED"}}},
        {"details": {"flow_progress": {"status": "COMPLETED", "data_quality": None}}},
        event(),
    ):
        watch.hear(nothing)
    assert (slack.texts, mail.mails) == ([BEGUN + "• a.x"], [])


def test_an_alert_without_a_channel_is_kept_for_when_it_has_one(watch, slack):
    silent = Watch(watch.alerts, {}, watch.told)
    silent.hear(event(old_x=1))
    watch.hear(event(old_x=1))
    assert slack.texts == [BEGUN + "• a.x"]


def test_a_webhook_is_posted_where_its_secret_says(watch, slack):
    watch.hear(event(old_x=1))
    assert slack.posted == [(HOOK, BEGUN + "• a.x")]


def broken_channels(mail):
    gone, other = free_port(), "planted-other"
    return {
        "ConnectionRefusedError": Slack(f"http://{HOST}:{gone}{HOOK}"),
        "InvalidURL": Slack(f"http://{HOST}:{gone}/planted hook"),
        "gaierror": Slack("planted-hook-that-is-no-url"),
        "SMTPAuthenticationError": Email("a@b.org", mail.url, "c@d.org", other),
    }


def test_a_failure_is_told_by_its_kind_and_no_secret_is_shown(mail, monkeypatch):
    monkeypatch.setattr(channels, "SECONDS", 0.5)
    broken = broken_channels(mail)
    found = {kind: failure(channel, "s", "t") for kind, channel in broken.items()}
    assert found == {kind: kind for kind in broken}
    assert "planted" not in repr(list(broken.values()))


def test_a_certificate_that_nobody_vouches_for_gets_no_password(mail, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    channel = Email("a@b.org", mail.url, "c@d.org", PASSWORD)
    assert failure(channel, "s", "t") == "SSLCertVerificationError"
    assert mail.mails == []


def test_a_server_that_never_answers_is_given_up(watch, slack, monkeypatch):
    monkeypatch.setattr(channels, "SECONDS", 0.1)
    slack.silent = threading.Event()
    begin = time.monotonic()
    with pytest.raises(NotSentError, match="TimeoutError"):
        watch.hear(event(old_x=1, old_y=1))
    slack.silent.set()
    assert time.monotonic() - begin < 2


def test_the_alerts_are_those_of_the_mission():
    assert [(a.name, a.condition, a.notification) for a in ALERTS] == [
        ("data_freshness", "hours_since_update > 2", "slack://altrupets-data-team"),
        ("data_completeness", "completeness_percentage < 95", "email://data-team@altrupets.org"),
    ]
