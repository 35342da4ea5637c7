"""Tells of incidents what an event of an update says of alerts' rules: once each, and once when it is over.

Of which somebody was told stands in a file. It is written after the message is sent: a message that can't be
sent is tried again at the next update, and one may come twice where a process dies in between.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from expectations.alerts import Alert
from pipelines.comun.channels import Channel, failure


class NotSentError(Exception):
    """Somebody should have been told and was not."""


@dataclass(frozen=True)
class Told:
    """The incidents of which somebody was told and that are not over: rule -> since when."""

    folder: Path

    def read(self) -> dict[str, str]:
        """All of them."""
        return json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}

    def write(self, incidents: Mapping[str, str]) -> None:
        """All or nothing: a process that dies leaves what was there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(incidents, indent=2), encoding="utf-8")
        new.replace(self._file)

    @property
    def _file(self) -> Path:
        return self.folder / "incidentes.json"


@dataclass(frozen=True)
class Watch:
    """What hears events and tells people.

    Attributes:
        channels: Notification -> its channel; alerts without one are not told.
    """

    alerts: Sequence[Alert]
    channels: Mapping[str, Channel]
    told: Told

    def hear(self, event: Mapping[str, Any]) -> None:
        """Tell what is new in an event.

        Raises:
            NotSentError: A message was not sent.
        """
        broken = _broken(event)
        wanted = [alert for alert in self.alerts if broken and alert.notification in self.channels]
        told = [self._tell(alert, broken) for alert in wanted]
        if failed := [text for text in told if text]:
            raise NotSentError("; ".join(failed))

    def _tell(self, alert: Alert, broken: Mapping[str, bool]) -> str | None:
        """Tell of an alert's tables; after a failure no more, or each would wait for the same server."""
        known, now = self.told.read(), datetime.now(UTC).isoformat(timespec="seconds")
        rules = {alert.rule(table): table for table in alert.tables}
        begun = [rule for rule in rules if broken.get(rule) and rule not in known]
        over = [rule for rule in rules if broken.get(rule) is False and rule in known]
        with_begun = known | dict.fromkeys(begun, now)
        without_over = {rule: since for rule, since in with_begun.items() if rule not in over}
        for found, subject, then in (
            (begun, f"🔴 {alert.name}: {alert.text}", with_begun),
            (over, f"✅ {alert.name}: resuelto", without_over),
        ):
            tables = "\n".join(f"• {rules[rule]}" for rule in found)
            if not found:
                continue
            if failed := failure(self.channels[alert.notification], subject, tables):
                return f"{alert.name} to {alert.notification}: {failed}"
            self.told.write(then)
        return None


def _broken(event: Mapping[str, Any]) -> dict[str, bool]:
    """Rule -> whether rows break it, of the rules that an event counts."""
    progress = event["details"].get("flow_progress") or {}
    counted = (progress.get("data_quality") or {}).get("expectations") or ()
    return {rule["name"]: rule["failed_records"] > 0 for rule in counted}
