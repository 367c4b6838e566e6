"""One-time links to our own page, for what may not be asked or shown in a chat (WhatsApp: no identity numbers).

Invariant: an address carries a number of ours and its signature, nothing about a person; it opens one chat, in one
browser, for a short time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

from itsdangerous import BadSignature, Signer
from msgspec.structs import replace

from bot.talk import phrases
from bot.talk.message import Message
from db import links
from db.unit import Unit
from rules.words import Text

LIFE = timedelta(minutes=30)
PATH = "/b/"
ID_DIGITS_MAX = 16


class Links:
    """`public` is the address of our web server as people reach it, without a slash at its end."""

    def __init__(self, public: str, secret: str) -> None:
        self._public = public
        self._signer = Signer(secret, salt="siaga.link", sep=".", digest_method=hashlib.sha256)

    def page(self, unit: Unit, chat: int, message: Message, tell: Callable[[Text], str]) -> Message:
        """The message as words that lead to our page, which shows the message."""
        link = links.add(unit, chat, unit.now + LIFE)
        address = f"{self._public}{PATH}{self._signer.sign(f'{link:x}').decode()}"
        lead = phrases.ON_PAGE_PHOTO if message.wants == "photo" else phrases.ON_PAGE
        words = [tell(lead), address, tell(phrases.page_life(int(LIFE.total_seconds() // 60)))]
        return Message("\n".join(words), back=message.back, page=replace(message, page=None))

    def read(self, token: str) -> int | None:
        """The link of this address; None if it isn't ours."""
        try:
            number = self._signer.unsign(token).decode()
        except (BadSignature, UnicodeError):
            return None
        return int(number, 16) if len(number) <= ID_DIGITS_MAX else None
