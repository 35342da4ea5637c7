"""One read of a queue as a value: its options checked, and what stands for each of its streams here."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError, closest
from weir.model.settings import TOPIC
from weir.model.texts import value_text
from weir.run.queues.formats import QUEUES, Field, Options, Queue

MISSING = "STREAM_NOT_FOUND"
# What Kafka's client on Databricks has and the plain one has not.
_DATABRICKS_ALONE = ("servicecredential=", "software.amazon.msk.auth")


@dataclass(frozen=True, slots=True)
class Feed:
    """What stands for a stream.

    Attributes:
        place: A folder, or `kafka://servers/topic`.
    """

    stream: str
    place: str

    @property
    def topic(self) -> tuple[str, str] | None:
        """The servers and the name of a topic; None for a folder."""
        match = TOPIC.fullmatch(self.place)
        return (match[1], match[2]) if match else None


@dataclass(frozen=True, slots=True)
class QueueRead:
    """A read.

    Attributes:
        feeds: In the order of their streams' names, which is that of the sources in a checkpoint.
    """

    format: str
    fields: tuple[Field, ...]
    feeds: tuple[Feed, ...]
    streams: bool
    origin: Origin | None

    @property
    def queue(self) -> Queue:
        """The reader."""
        return QUEUES[self.format]

    @property
    def brokers(self) -> list[dict[str, str]]:
        """What finds the topics that stand for streams."""
        topics = [(feed.stream, feed.topic) for feed in self.feeds if feed.topic is not None]
        return [{"kafka.bootstrap.servers": t[0], "subscribe": stream} for stream, t in topics]


def queue_read(
    name: str, given: Mapping[str, Any], known: Mapping[str, str], origin: Origin | None, *,
    streams: bool, function: bool = False,
) -> QueueRead | None:  # fmt: skip
    """The read that options mean; None for one of a broker, which they name.

    Args:
        given: Options as they were written.
        known: Stream -> the folder or topic that stands for it here.
        function: They are arguments of the SQL function.

    Raises:
        WeirError: Options are wrong or missing, or nothing stands for a stream; all of these.
    """
    queue = QUEUES[name]
    options = {_key(k, function=function): value_text(v) for k, v in given.items() if v is not None}
    check = _Check(name, options, origin)
    wrong = [*check.missing(), *check.unknown(), *check.values()]
    if not streams and not queue.batch:
        hint = f"STREAM read_{name}(...)" if function else f'spark.readStream.format("{name}")'
        text = f"The format {name} is read as a stream only."
        wrong.append(Problem(f"{name.upper()}_IS_A_STREAM", text, origin, hint))
    if wrong:
        raise WeirError(*wrong)
    streams_read = sorted(set(queue.streams(options, known)))
    if name == "kafka" and known.keys().isdisjoint(streams_read) and not _needs_databricks(options):
        return None
    absent = [_not_here(name, stream, known, origin) for stream in streams_read if stream not in known]
    if absent:
        raise WeirError(*absent)
    feeds = tuple(Feed(stream, known[stream]) for stream in streams_read)
    return QueueRead(name, _fields(queue, options, function=function), feeds, streams, origin)


def _key(key: str, *, function: bool) -> str:
    lower = key.lower()
    return "kafka.bootstrap.servers" if function and lower == "bootstrapservers" else lower


@dataclass(frozen=True, slots=True)
class _Check:
    """What is wrong with the options of a reader."""

    format: str
    options: Options
    origin: Origin | None

    @property
    def queue(self) -> Queue:
        return QUEUES[self.format]

    def missing(self) -> Iterator[Problem]:
        for group in self.queue.needs:
            given = [name for name in group if self.options.get(name.lower())]
            listed = " or ".join(f"`{name}`" for name in group)
            if not given:
                yield self._problem("REQUIRED_PARAMETER_NOT_FOUND", f"has no {listed}", "add the option")
            elif len(given) > 1:
                both = " and ".join(f"`{name}`" for name in given)
                yield self._problem("INVALID_PARAMETER_VALUE", f"has both {both}", "keep one of them")
        string = self.options.get("eventhubs.connectionstring")
        if string and not self.queue.streams(self.options, ()):
            yield self._problem("REQUIRED_PARAMETER_NOT_FOUND", "names no event hub", "add EntityPath=NAME")

    def unknown(self) -> Iterator[Problem]:
        known = self.queue.options
        for key in self.options if known else ():
            if key not in known:
                near = get_close_matches(key, known, 1, 0.7)
                hint = f"did you mean `{known[near[0]]}`?" if near else "leave it out"
                yield self._problem("UNRECOGNIZED_PARAMETER_NAME", f"has no option `{key}`", hint)

    def values(self) -> Iterator[Problem]:
        for name, choices in self.queue.choices.items():
            value = self.options.get(name.lower(), choices[0])
            if value.lower() not in choices and not value.strip().startswith("{"):
                text = f"has {name} = {value!r}, which is none of {', '.join(choices)}"
                yield self._problem("INVALID_PARAMETER_VALUE", text, closest(value.lower(), choices))

    def _problem(self, condition: str, text: str, hint: str | None) -> Problem:
        return Problem(condition, f"The reader of {self.format} {text}.", self.origin, hint)


def _needs_databricks(options: Options) -> bool:
    texts = (f"{key}={value}" for key, value in options.items() if value)
    return any(word in text.lower() for text in texts for word in _DATABRICKS_ALONE)


def no_folder(read: QueueRead, feed: Feed) -> WeirError:
    """A folder that was given is not there."""
    text = f"Path does not exist: {feed.place}."
    hint = f"it was given for the stream `{feed.stream}`: --stream {shlex.quote(feed.stream)}=FOLDER"
    return WeirError(Problem("PATH_NOT_FOUND", text, read.origin, hint))


def _not_here(name: str, stream: str, known: Collection[str], origin: Origin | None) -> Problem:
    """Nothing stands for a stream, and how to say what does."""
    near = closest(stream, known)
    flag = f"pass --stream {shlex.quote(stream)}=FOLDER, or =kafka://HOST:PORT/TOPIC"
    hint = f"{near} ({flag})" if near else flag
    return Problem(MISSING, f"The {name} stream `{stream}` is not on this machine.", origin, hint)


def _fields(queue: Queue, options: Options, *, function: bool) -> tuple[Field, ...]:
    chosen = {**options, "function": str(function)}
    added = (f for name, f in queue.added.items() if chosen.get(name.lower(), "").lower() == "true")
    return (*queue.fields, *added)


def broker_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `read_kafka` as options of Spark's own reader."""
    options = {_key(k, function=True): plain(v) for k, v in given.items()}
    return {k: v for k, v in options.items() if v is not None}


def plain(value: Any) -> Any:
    """A value of an option of Kafka's client, without the packages that Databricks has put it into."""
    return value.replace("kafkashaded.", "") if isinstance(value, str) else value
