"""A real Kafka broker on loopback: one node, KRaft, its jars from the lock beside this file."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from weir.run.machine import jars, java
from weir.run.machine.cache import cache_root

LOCK = Path(__file__).with_name("broker.lock")
SMALL = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
controller.listener.names=CONTROLLER
log.dirs={folder}/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
"""


@dataclass(frozen=True)
class Broker:
    """A broker that runs, and Kafka's own console tools to talk to it."""

    java: java.Java
    class_path: str
    servers: str
    process: subprocess.Popen[bytes]

    def produce(self, topic: str, lines: list[str], *, keyed: bool = False) -> None:
        """Send records; the first call waits until the broker is up.

        Args:
            keyed: A tabulator stands between a record's key and its value.
        """
        tool = self._tool("org.apache.kafka.tools.ConsoleProducer", topic)
        if keyed:
            tool += ["--reader-property", "parse.key=true", "--reader-property", "key.separator=\t"]
        subprocess.run(tool, input="\n".join(lines), text=True, check=True, capture_output=True, timeout=90)

    def records(self, topic: str) -> list[str]:
        """All records of a topic, in their order: until none came for a while."""
        tool = self._tool("org.apache.kafka.tools.consumer.ConsoleConsumer", topic)
        tool += ["--from-beginning", "--timeout-ms", "4000", "--formatter-property", "print.key=true"]
        return subprocess.run(
            tool, text=True, check=False, capture_output=True, timeout=90
        ).stdout.splitlines()

    def _tool(self, name: str, topic: str) -> list[str]:
        command = program(self.java, self.class_path, "64m", name)
        return [*command, "--bootstrap-server", self.servers, "--topic", topic]


def program(jdk: java.Java, class_path: str, memory: str, name: str) -> list[str]:
    """The command line that runs a class of Kafka."""
    return [str(jdk.program), f"-Xmx{memory}", *SMALL, "-cp", class_path, name]


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all of them different."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


@contextmanager
def running(folder: Path) -> Iterator[Broker]:
    """A broker for the length of the block, with the records of before; its process is stopped at the end."""
    jdk = java.find(cache_root())
    files = jars.fetched(LOCK, "Kafka's broker", cache_root(), jdk, print)
    class_path = os.pathsep.join(map(str, files))
    port, controller = free_ports(2)
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "server.properties"
    settings.write_text(PROPERTIES.format(port=port, controller=controller, folder=folder.resolve()))
    if not (folder / "data").exists():
        new = program(jdk, class_path, "64m", "kafka.tools.StorageTool")
        new += ["format", "-t", "AAAAAAAAAAAAAAAAAAAAAA", "-c", str(settings)]
        subprocess.run(new, check=True, capture_output=True)
    serve = [*program(jdk, class_path, "256m", "kafka.Kafka"), str(settings)]
    with (folder / "broker.log").open("wb") as log:
        broker = subprocess.Popen(serve, stdout=log, stderr=log)
        try:
            yield Broker(jdk, class_path, f"127.0.0.1:{port}", broker)
        finally:
            broker.terminate()
            broker.wait(30)
