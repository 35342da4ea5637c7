"""`python -m simulator.kafka FOLDER`: the next data arrives through a Kafka broker, and all tables follow.

The broker keeps its records below the folder and is stopped at the end; the tables lie there too.
"""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

from simulator.__main__ import arrive
from simulator.broker import Broker, running
from simulator.files import write

# Feed -> its event hub, which is a topic here, and the field of a record that says whose it is.
FEEDS = {
    "events/streaming": ("altrupets-events", "user_id"),
    "users": ("altrupets-users", "user_id"),
    "solicitudes/rescate": ("altrupets-solicitudes-rescate", "auxiliar_id"),
    "solicitudes/adopcion": ("altrupets-solicitudes-adopcion", "adoptante_id"),
    "eventos/auxilio": ("altrupets-eventos-auxilio", "aggregate_id"),
    "eventos/rescate": ("altrupets-eventos-rescate", "aggregate_id"),
}
WEIR = Path(sys.executable).with_name("weir")


def deliver(broker: Broker, landing: Path, files: dict[str, str]) -> None:
    """Records of the feeds go to their topics, all else is written as files."""
    for feed, (topic, key) in FEEDS.items():
        lines = [
            line for name in sorted(files) if name.startswith(f"{feed}/") for line in files[name].splitlines()
        ]
        broker.produce(topic, [f"{_owner(line, key)}\t{line}" for line in lines], keyed=True)
    rest = {name: text for name, text in files.items() if not name.startswith(tuple(f"{f}/" for f in FEEDS))}
    write(landing, rest)


def update(broker: Broker, folder: Path, *what: str) -> list[str]:
    """The command that updates what is named from the broker's records."""
    conf = {"altrupets.landing": str(folder / "landing"), "altrupets.source": "event_hubs"}
    entries = [f"--conf={name}={value}" for name, value in conf.items()]
    topics = [f"--stream={topic}=kafka://{broker.servers}/{topic}" for topic, _ in FEEDS.values()]
    return [str(WEIR), "run", *what, f"--storage={folder / 'storage'}", *entries, *topics]


def _owner(line: str, key: str) -> str:
    """Whose record it is, as far as its JSON can be read."""
    try:
        return str(json.loads(line).get(key) or "")
    except json.JSONDecodeError:
        return ""


def main() -> None:
    """Start a broker, let one arrival of data come through it, and update all pipelines."""
    folder = Path(sys.argv[1]).resolve()
    with running(folder / "broker") as broker:
        arrive(folder / "landing", {}, partial(deliver, broker))
        sys.exit(subprocess.run(update(broker, folder, "--all"), check=False).returncode)


if __name__ == "__main__":
    main()
