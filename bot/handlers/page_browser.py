"""Which browser a link belongs to: a random name in a cookie that is only sent to that link's page.

Invariant: the name itself is kept nowhere but in the browser; what is stored is good for one link only.
"""

from __future__ import annotations

import hashlib
import re
import secrets

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "siaga_page"
COOKIE_S = 2 * 3600
"""Longer than any link lives: who comes back is told what became of it."""
NAME = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)
NAME_BYTES = 24


def browser_of(request: Request) -> str:
    """A digest of the browser's name, 64 characters; "" for one that has none."""
    name = _name(request)
    return _digest(request, name) if name else ""


def remember(request: Request, response: Response, *, secure: bool) -> str:
    """Give the browser a name, unless it has one; its digest."""
    name = _name(request)
    if name is None:
        name, path = secrets.token_urlsafe(NAME_BYTES), f"/b/{request.path_params['token']}"
        response.set_cookie(COOKIE, name, COOKIE_S, path=path, secure=secure, httponly=True, samesite="lax")
    return _digest(request, name)


def _name(request: Request) -> str | None:
    name = request.cookies.get(COOKIE, "")
    return name if NAME.fullmatch(name) else None


def _digest(request: Request, name: str) -> str:
    return hashlib.sha256(f"{request.path_params['token']} {name}".encode()).hexdigest()
