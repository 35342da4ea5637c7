"""What a log keeps of a configuration: no secrets, by their names or in their values."""

from pathlib import Path

import pytest

from weir.graph.analysis import AnalysisDeferred, Graph, ResolvedFlow, ResolvedSink
from weir.model.definitions import QueryFlow, Sink
from weir.model.names import Namespace
from weir.model.origin import Origin
from weir.model.secrets import REDACTED, redacted
from weir.model.settings import Selection, Settings
from weir.run.listeners.definition_events import create_update, definition_events

HERE = Origin("p.py", 1)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("api.Token", "abc", REDACTED),
        ("kafka.sasl.jaas.config", "abc", REDACTED),
        ("db.url", "jdbc:pg://h/d?user=ana&password=a.b", f"jdbc:pg://h/d?user=ana&password={REDACTED}"),
        ("db.url", "postgres://ana:abc@h/d", f"postgres://ana:{REDACTED}@h/d"),
        ("hub", "Endpoint=sb://h/;SharedAccessKey=a=;EntityPath=e", f"Endpoint=sb://h/;SharedAccessKey={REDACTED};EntityPath=e"),
        ("blob", "https://h/c?sv=1&sig=abc%3D", f"https://h/c?sv=1&sig={REDACTED}"),
        ("login", 'user="ana" password="a b";', f'user="ana" password={REDACTED};'),
        ("source", "events/2026", "events/2026"),
        ("kept", "design=1;passage=2", "design=1;passage=2"),
    ],
)  # fmt: skip
def test_an_entry_is_shown_without_what_is_secret(name: str, value: str, shown: str) -> None:
    assert redacted({name: value}) == {name: shown}


def test_no_event_of_an_update_tells_a_secret(tmp_path: Path) -> None:
    secrets = {"my.password": "abc", "source": "events"}
    settings = Settings("p", Namespace(), (), (), tmp_path, secrets)
    created = create_update("1a2b3c", "ana", settings, Selection(), "USER_ACTION")
    query = QueryFlow("f", "s", lambda: None, HERE, secrets)
    flow = ResolvedFlow(query, AnalysisDeferred(frozenset(), "it looks at data", streaming=True))
    sink = ResolvedSink(Sink("s", HERE, format="kafka", options=secrets), (flow,))
    defined = definition_events(Graph({"s": sink}))
    shown = [created.details["config"]["configuration"]]
    shown += [e.details.get("options") or e.details["spark_conf"] for e in defined]
    assert shown == [{"my.password": REDACTED, "source": "events"}] * 3
