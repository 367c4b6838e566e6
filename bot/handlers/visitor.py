"""Who writes in the web chat: a random name in a signed cookie, and whether the request is our own page's.

Invariant: a missing or forged cookie is nobody's; it starts a new chat and opens none.
"""

from __future__ import annotations

import hashlib
import secrets
from urllib.parse import urlsplit

from itsdangerous import BadSignature, Signer
from starlette.requests import Request
from starlette.responses import Response

COOKIE = "siaga_chat"
COOKIE_DAYS = 400
"""The longest that browsers keep one (RFC 6265bis, section 5.6.1); every visit starts it anew."""
NAME_BYTES = 24
OWN_PAGE = "x-siaga"
"""A header that no other site can send here without asking first."""


class Visitors:
    """Reads and writes the cookie."""

    def __init__(self, secret: str, secure: bool) -> None:
        if not secret:
            raise ValueError("the web chat needs a cookie secret")
        self._signer = Signer(secret, salt="siaga.webchat", digest_method=hashlib.sha256)
        self._secure = secure

    def known(self, request: Request) -> str | None:
        """The visitor who sent it; None if the cookie is missing or not ours."""
        try:
            return self._signer.unsign(request.cookies.get(COOKIE, "")).decode()
        except BadSignature:
            return None

    def new(self) -> str:
        """A name that can't be guessed, 32 characters."""
        return secrets.token_urlsafe(NAME_BYTES)

    def remember(self, visitor: str, response: Response) -> None:
        response.set_cookie(
            COOKIE,
            self._signer.sign(visitor).decode(),
            max_age=COOKIE_DAYS * 24 * 3600,
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )


def is_foreign(request: Request) -> bool:
    """Whether something else than our own page sends it. Old browsers send neither Sec-Fetch-Site nor Origin."""
    if request.headers.get(OWN_PAGE) != "1":
        return True
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site != "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and _host_of(origin) != request.headers.get("host")


def _host_of(origin: str) -> str | None:
    """With its port; None for what is no address."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None
