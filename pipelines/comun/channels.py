"""Where alerts go: to Slack by a webhook, or by e-mail. Chosen by configuration, the standard library alone.

What fails is told by its kind only: the texts of errors carry addresses, and a webhook's is its secret.
"""

import json
import smtplib
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from http.client import HTTPConnection, HTTPSConnection
from typing import Protocol
from urllib.parse import urlsplit

SECONDS = 2.0  # for each answer that is waited for
Get = Callable[[str], str]


class Channel(Protocol):
    """What takes messages."""

    def send(self, subject: str, text: str) -> None:
        """Send a message, or raise anything."""
        ...


class RefusedError(Exception):
    """The server's answer was another than yes."""


@dataclass(frozen=True)
class Slack:
    """A channel of Slack."""

    webhook: str = field(repr=False)

    def send(self, subject: str, text: str) -> None:
        """Post a message.

        Raises:
            RefusedError: Slack did not take it.
            OSError: It can't be reached.
        """
        url = urlsplit(self.webhook)
        kind = HTTPConnection if url.scheme == "http" else HTTPSConnection
        connection = kind(url.netloc, timeout=SECONDS)
        body = json.dumps({"text": f"*{subject}*\n{text}"})
        try:
            connection.request("POST", url.path, body, {"Content-Type": "application/json"})
            status = connection.getresponse().status
        finally:
            connection.close()
        if status != 200:  # noqa: PLR2004 - what Slack says yes with
            raise RefusedError(f"HTTP {status}")


@dataclass(frozen=True)
class Email:
    """An address that gets e-mail.

    Attributes:
        server: `smtps://HOST:PORT`, or `smtp://HOST:PORT`, which is not encrypted and gets no password.
    """

    address: str
    server: str
    sender: str
    password: str | None = field(repr=False)

    def send(self, subject: str, text: str) -> None:
        """Send a message.

        Raises:
            SMTPException: The server did not take it.
            OSError: It can't be reached.
        """
        mail, domain = EmailMessage(), self.sender.rpartition("@")[2]
        mail["From"], mail["To"], mail["Subject"] = self.sender, self.address, subject
        mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain=domain)
        mail.set_content(text)
        with self._connected(domain) as server:
            if self.password is not None:
                server.login(self.sender, self.password)
            server.send_message(mail)

    def _connected(self, name: str) -> smtplib.SMTP:
        """`name` is what this machine calls itself: to find its own could take long."""
        url = urlsplit(self.server)
        host, port = url.hostname or "", url.port or 0
        if url.scheme == "smtp":
            return smtplib.SMTP(host, port, name, SECONDS)
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, name, timeout=SECONDS, context=context)


def configured(notifications: Iterable[str], conf: Get, secret: Get) -> dict[str, Channel]:
    """Notification -> its channel, of those that the configuration turns on.

    Args:
        notifications: Such as `slack://CHANNEL` and `email://ADDRESS`.
        conf: Gives an entry of the configuration.
        secret: Gives the secret of a name.
    """
    on = {name.strip() for name in conf("altrupets.alerts.channels").split(",")}
    wanted = {n: n.partition("://") for n in notifications}
    return {n: _channel(kind, target, conf, secret) for n, (kind, _, target) in wanted.items() if kind in on}


def _channel(kind: str, target: str, conf: Get, secret: Get) -> Channel:
    if kind == "slack":
        return Slack(secret(f"slack-{target}"))
    server = conf("altrupets.alerts.smtp")
    password = None if server.startswith("smtp://") else secret("smtp-password")
    return Email(target, server, conf("altrupets.alerts.sender"), password)


def failure(channel: Channel, subject: str, text: str) -> str | None:
    """Send a message; what kind of failure there was, if one."""
    try:
        channel.send(subject, text)
    except RefusedError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - whatever it is: its kind is told, its text is not
        return type(error).__name__
    return None
