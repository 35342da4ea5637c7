"""A broker that does not answer is told at once, and as something that can pass."""

import socket

import pytest

from weir.model.origin import Origin
from weir.model.problems import WeirError
from weir.run.flow.retry import can_pass
from weir.run.queues.broker import check_broker

HERE = Origin("p.py", 5)


@pytest.fixture
def closed():
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    return f"127.0.0.1:{port}"


def test_one_of_several_servers_answers(closed):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        check_broker({"bootstrapServers": f"{closed}, SSL://127.0.0.1:{listening.getsockname()[1]}"}, HERE)
    check_broker({"kafka.bootstrap.servers": "no-port"}, HERE)  # Kafka's client says what is wrong with it


def test_none_answers(closed):
    with pytest.raises(WeirError) as found:
        check_broker({"Kafka.Bootstrap.Servers": closed, "subscribe": "orders"}, HERE)
    (problem,) = found.value.problems
    assert (problem.condition, problem.origin) == ("KAFKA_BROKER_NOT_FOUND", HERE)
    assert problem.message.startswith(f"No Kafka broker answers at {closed}: ")
    assert problem.hint == "start one there, or pass --stream orders=FOLDER"
    assert can_pass(found.value)
