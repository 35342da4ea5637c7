"""Real servers on loopback: one that takes Slack's webhooks, one that takes e-mail over TLS after a login."""

from __future__ import annotations

import datetime as dt
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "127.0.0.1"


def free_port() -> int:
    """Where nobody listens."""
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return taken.getsockname()[1]


@dataclass
class Webhook:
    """What was posted, and what is answered: a status with a reason that repeats the secret path.

    Attributes:
        silent: No answer comes until it is set.
    """

    port: int = 0
    status: int = 200
    posted: list[tuple[str, str]] = field(default_factory=list)
    silent: threading.Event | None = None

    def url(self, path: str) -> str:
        return f"http://{HOST}:{self.port}{path}"

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.posted]


@contextmanager
def webhook() -> Iterator[Webhook]:
    taken = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            taken.posted.append((self.path, body["text"]))
            if taken.silent is not None:
                taken.silent.wait(300)
            self.send_response(taken.status, f"no such hook: {self.path}")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    taken.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield taken
    finally:
        server.shutdown()
        thread.join(60)
        server.server_close()


@dataclass
class Mailbox:
    """What came by e-mail: to whom, subject, text. Who has another password gets it told back."""

    password: str
    port: int = 0
    mails: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtps://localhost:{self.port}"

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it so
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if not session.authenticated:
            return "530 Authentication required"
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append((mail["To"], mail["Subject"], mail.get_content().strip()))
        return "250 OK"

    def login(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: object
    ) -> AuthResult:
        if isinstance(data, LoginPassword) and data.password == self.password.encode():
            return AuthResult(success=True)
        shown = data.password.decode() if isinstance(data, LoginPassword) else ""
        return AuthResult(success=False, handled=False, message=f"535 no such password: {shown}")


@contextmanager
def mailbox(certificate: Path, password: str) -> Iterator[Mailbox]:
    """A server with a certificate, of which `trusted` made the file."""
    taken = Mailbox(password)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    # It knows nothing of TLS from the start on; who has not logged in is refused in `handle_DATA`.
    options = {"authenticator": taken.login, "auth_require_tls": False}
    taken.port = free_port()
    controller = Controller(taken, HOST, taken.port, ssl_context=context, **options)
    controller.start()
    try:
        yield taken
    finally:
        controller.stop()


def trusted(folder: Path) -> Path:
    """A certificate and its key for `localhost`; whoever trusts the file trusts the server."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    today = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address(HOST))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(pem, form, serialization.NoEncryption())
    file.write_bytes(secret + made.public_bytes(pem))
    return file
