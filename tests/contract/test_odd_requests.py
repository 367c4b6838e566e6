"""Requests that no browser and no partner sends, and no contract speaks of: each is refused, none meets a bug."""

from __future__ import annotations

import httpx
import pytest

from tests.contract.signing import Signature
from tests.contract.whole import OWN, Whole

DIGITS = "9" * 5000
"""Python refuses to read more than 4,300 (docs.python.org/3/library/stdtypes.html#int-max-str-digits)."""
DEEP = b"[" * 30_000
ODD_ORIGINS = ("http://[", "http://[::1", "null", "//", "http://\udcff".encode("utf-8", "surrogateescape"))
ODD_PATHS = (
    f"/chat/photos/{DIGITS}", f"/chat/crops/{DIGITS}", f"/chat/papers/{DIGITS}", f"/chat/lines?after={DIGITS}",
    "/chat/lines?after=%00", "/chat/lines?after=%FF", "/chat/lines?after=٣", "/contoh/%00", "/contoh/%2F",
    "/contoh/..%2Fhasna.jpg", "/chat/static/%00", "/chat/static/%2E%2E%2Fwebchat.html", f"/chat/static/{'a' * 3000}",
    "/chat/static/drawings", "/b/%00", "/b/%FF", "/b/.", f"/b/1.{'a' * 5000}", f"/b/{'f' * 5000}.a", "/b/%2E%2E/now",
    f"/chat/events?after={DIGITS}", "/hooks/whatsapp?hub.mode=subscribe&hub.verify_token=%FF&hub.challenge=%00",
)  # fmt: skip
POSTED = (
    "/chat/messages", "/hooks/telegram", "/hooks/whatsapp", "/webhooks/bpjs", "/webhooks/plkk", "/v1/membership-checks",
    "/v1.0/access-token/b2b", "/v1.0/transfer-va/inquiry", "/v1.0/transfer-va/payment", "/v1.0/qr/qr-mpm-notify",
)  # fmt: skip
BODIES = (b"", b"\x00", b"\xff\xfe", b'{"id":"\\ud800"}', b'{"id":' + DEEP, DEEP, b'{"a":1e999999}', b'{"id":1,"id":2}')


@pytest.mark.parametrize("origin", ODD_ORIGINS)
@pytest.mark.parametrize("path", ["/chat/messages", "/chat/photos"])
def test_a_strange_origin_is_not_our_own_page(path: str, origin: str, whole: Whole) -> None:
    answer = httpx.post(whole.url + path, json={"id": "o", "text": "halo"}, headers=[*OWN.items(), ("Origin", origin)])

    assert answer.status_code == 403


@pytest.mark.parametrize("path", ODD_PATHS, ids=lambda path: path[:40])
def test_a_strange_address_leads_nowhere(path: str, whole: Whole) -> None:
    answer = httpx.get(whole.url + path, headers=OWN, cookies=whole.browser)

    assert answer.status_code in (204, 400, 403, 404)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:20]))
@pytest.mark.parametrize("path", POSTED)
def test_a_strange_body_is_refused(path: str, body: bytes, whole: Whole, signature: Signature) -> None:
    """By whoever signed it; unsigned, the body isn't even looked at. What a channel's hook can't use is passed over."""
    answer = httpx.post(whole.url + path, content=body, headers={**OWN, **signature.headers(path, body)})

    assert 400 <= answer.status_code < 500 or (path.startswith("/hooks/") and answer.status_code == 200)


@pytest.mark.parametrize(
    "cookie", ["siaga_chat=", "siaga_chat=a.b", "siaga_chat=\xff\xfe.\xff", "siaga_page=\xff", ";;=;", "a" * 5000]
)
def test_a_strange_cookie_is_nobodys(cookie: str, whole: Whole) -> None:
    header = [(b"Cookie", cookie.encode("latin-1"))]

    assert httpx.get(f"{whole.url}/", headers=header).status_code == 200
    assert httpx.get(f"{whole.url}/chat/lines", headers=header).json() == {"lines": []}
    assert httpx.post(f"{whole.url}/b/{whole.token}/open", headers=[(b"X-Siaga", b"1"), *header]).status_code == 410
