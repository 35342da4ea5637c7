"""The door of `weir ui`: a table of requests, friendly and hostile, and what each of them gets."""

import pytest

from weir.web.serving.guard import HEADERS, Call, Guard

GUARD = Guard(4747, "the-token", "the-session")
COOKIE = "weir_ui_4747=the-session"
HOST = {"host": "127.0.0.1:4747"}
KNOWN = {**HOST, "cookie": COOKIE}
ACT = {**KNOWN, "x-weir": "1"}
LET_IN = None


@pytest.mark.parametrize(
    ("method", "headers", "token", "status"),
    [
        ("GET", KNOWN, None, LET_IN),
        ("HEAD", KNOWN, None, LET_IN),
        ("GET", HOST, "the-token", LET_IN),
        ("GET", {**KNOWN, "host": "localhost:4747"}, None, LET_IN),
        ("GET", {**KNOWN, "host": "LOCALHOST:4747"}, None, LET_IN),
        ("GET", {**KNOWN, "host": "[::1]:4747"}, None, LET_IN),
        ("GET", {**KNOWN, "sec-fetch-site": "none"}, None, LET_IN),
        ("GET", {**KNOWN, "cookie": f"a=b; {COOKIE}; c=d"}, None, LET_IN),
        ("POST", {**ACT, "origin": "http://127.0.0.1:4747", "sec-fetch-site": "same-origin"}, None, LET_IN),
        # who has no token, or a wrong one
        ("GET", HOST, None, 401),
        ("GET", HOST, "", 401),
        ("GET", HOST, "the-session", 401),
        ("GET", HOST, "the-tokem", 401),
        ("GET", HOST, "\udc80ñ", 401),
        ("GET", {**HOST, "cookie": "weir_ui_4747=the-token"}, None, 401),
        ("GET", {**HOST, "cookie": "weir_ui_4748=the-session"}, None, 401),
        ("GET", {**HOST, "cookie": "weir_ui_4747=ñ"}, None, 401),
        ("GET", {**HOST, "cookie": ";=;\x00,"}, None, 401),
        ("POST", {**HOST, "x-weir": "1"}, "the-token", 401),
        # another name for this address: DNS rebinding
        ("GET", {"cookie": COOKIE}, None, 421),
        ("GET", {**KNOWN, "host": "evil.example:4747"}, None, 421),
        ("GET", {**KNOWN, "host": "evil.example"}, "the-token", 421),
        ("GET", {**KNOWN, "host": "127.0.0.1"}, None, 421),
        ("GET", {**KNOWN, "host": "127.0.0.1:4748"}, None, 421),
        ("GET", {**KNOWN, "host": "127.0.0.1:4747.evil.example"}, None, 421),
        ("GET", {**KNOWN, "host": "localhost.evil.example:4747"}, None, 421),
        ("GET", {**KNOWN, "host": "user@127.0.0.1:4747"}, None, 421),
        # another page in the same browser
        ("GET", {**KNOWN, "origin": "http://evil.example"}, None, 403),
        ("GET", {**KNOWN, "origin": "null"}, None, 403),
        ("GET", {**KNOWN, "origin": "https://127.0.0.1:4747"}, None, 403),
        ("GET", {**KNOWN, "origin": "http://127.0.0.1:8080"}, None, 403),
        ("GET", {**KNOWN, "sec-fetch-site": "cross-site"}, None, 403),
        ("GET", {**KNOWN, "sec-fetch-site": "same-site"}, None, 403),
        ("GET", {**HOST, "sec-fetch-site": "cross-site"}, "the-token", 403),
        ("POST", KNOWN, None, 403),
        ("POST", {**ACT, "origin": "http://evil.example"}, None, 403),
        ("POST", {**ACT, "sec-fetch-site": "cross-site"}, None, 403),
        # methods that nobody needs
        *((method, ACT, None, 405) for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get")),
    ],
)  # fmt: skip
def test_each_request_gets_its_answer(method, headers, token, status):
    refusal = GUARD.refusal(Call(method, headers, token))
    assert (refusal.status if refusal else LET_IN) == status


def test_a_token_opens_the_door_once_and_the_cookie_stays():
    guard = Guard(4747)
    first, call = guard.token, Call("GET", HOST, guard.token)
    assert guard.brings_token(call)
    guard.renew()
    assert not guard.brings_token(call)
    assert guard.refusal(Call("GET", {**HOST, "cookie": f"{guard.cookie}={guard.session}"})) is None
    assert len({first, guard.token, guard.session}) == 3
    assert min(map(len, (first, guard.token, guard.session))) == 32  # 192 bits


def test_nothing_of_the_page_runs_that_is_not_a_file_of_ours():
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "worker-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert {HEADERS["X-Content-Type-Options"], HEADERS["Referrer-Policy"]} == {"nosniff", "no-referrer"}
    assert HEADERS["Cross-Origin-Resource-Policy"] == "same-origin"
