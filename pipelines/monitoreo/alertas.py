"""Tells people of incidents by an event hook: beside the update, which neither waits nor fails with it."""

from pathlib import Path
from typing import Any

import dlt
from expectations.alerts import ALERTS
from pipelines.comun.alerts import Told, Watch
from pipelines.comun.channels import configured


def conf(name: str) -> str:
    return str(spark.conf.get(name, ""))


def secret(name: str) -> str:
    return dbutils.secrets.get(conf("altrupets.alerts.scope"), name)


watch = Watch(
    ALERTS,
    configured([alert.notification for alert in ALERTS], conf, secret),
    Told(Path(conf("altrupets.alerts.state"))),
)


@dlt.on_event_hook
def alertas(event: dict[str, Any]) -> None:
    watch.hear(event)
