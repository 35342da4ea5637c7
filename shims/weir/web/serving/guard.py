"""Who may see and do something: a browser on this machine that brought the token, from our own page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from secrets import token_urlsafe

SECRET_BYTES = 24  # 192 bits
OURS = frozenset({"none", "same-origin"})
READS, ACTS = frozenset({"GET", "HEAD"}), "POST"
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Call:
    """What of a request decides whether it is let in.

    Attributes:
        headers: Names in small letters.
        token: What its address has behind `t=`.
    """

    method: str
    headers: Mapping[str, str]
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not let in."""

    status: HTTPStatus
    text: str


@dataclass(slots=True)
class Guard:
    """The door of one server.

    Attributes:
        port: Where it listens.
        token: Opens the door once; then there is another one.
        session: What the browser's cookie holds from then on.
    """

    port: int
    token: str = field(default_factory=lambda: token_urlsafe(SECRET_BYTES))
    session: str = field(default_factory=lambda: token_urlsafe(SECRET_BYTES))

    @property
    def cookie(self) -> str:
        """The cookie's name: ports share cookies."""
        return f"weir_ui_{self.port}"

    def refusal(self, call: Call) -> Refusal | None:
        """Why a request is refused; None for one that is let in, or that brings the token.

        The order matters: a page of others learns nothing about tokens.
        """
        return self._of_others(call) or (None if self.brings_token(call) else self._unknown(call))

    def brings_token(self, call: Call) -> bool:
        """Is it the first request, with the address that was printed?"""
        return call.method in READS and call.token is not None and _same(call.token, self.token)

    def renew(self) -> None:
        """A token is good once."""
        self.token = token_urlsafe(SECRET_BYTES)

    def _of_others(self, call: Call) -> Refusal | None:
        hosts = {f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        host, origin = call.headers.get("host", ""), call.headers.get("origin")
        if host.lower() not in hosts:
            return Refusal(HTTPStatus.MISDIRECTED_REQUEST, "This server has another name.")
        if origin is not None and origin.lower() != f"http://{host.lower()}":
            return Refusal(HTTPStatus.FORBIDDEN, "The request comes from another page.")
        if call.headers.get("sec-fetch-site", "none") not in OURS:
            return Refusal(HTTPStatus.FORBIDDEN, "The request comes from another page.")
        if call.method not in READS | {ACTS}:
            return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "Only GET, HEAD and POST are known here.")
        if call.method == ACTS and "x-weir" not in call.headers:
            return Refusal(HTTPStatus.FORBIDDEN, "An action needs the header X-Weir.")
        return None

    def _unknown(self, call: Call) -> Refusal | None:
        cookie = _cookie(call.headers.get("cookie", ""), self.cookie)
        if cookie is not None and _same(cookie, self.session):
            return None
        text = "This browser is not known here. `weir ui` prints an address that lets it in."
        return Refusal(HTTPStatus.UNAUTHORIZED, text)


def _same(given: str, secret: str) -> bool:
    return compare_digest(given.encode("utf-8", "surrogatepass"), secret.encode())


def _cookie(header: str, name: str) -> str | None:
    try:
        cookie = SimpleCookie(header).get(name)
    except CookieError:
        return None
    return cookie.value if cookie else None
