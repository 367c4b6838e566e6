"""One-time links to our own page, for what may not be asked or shown in a chat (WhatsApp: no identity numbers).

Invariant: an address carries a number of ours and its signature, nothing about a person; it opens one chat, or one
paper of it, in one browser, for a short time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

from itsdangerous import BadSignature, Signer
from msgspec import Struct
from msgspec.structs import replace

from bot.talk import phrases
from bot.talk.message import Message
from db import links
from db.unit import Unit
from rules.words import Text

LIFE = timedelta(minutes=30)
PATH = "/b/"
ID_DIGITS_MAX = 16
PAPER = "p"
"""Before the number of a link that leads to a paper; no digit of the number."""


class Address(Struct, frozen=True):
    """What an address of ours leads to: the link of this number. `is_paper`: it is for one paper, not for questions."""

    link: int
    is_paper: bool


class Links:
    """`public` is the address of our web server as people reach it, without a slash at its end."""

    def __init__(self, public: str, secret: str) -> None:
        self._public = public
        self._signer = Signer(secret, salt="siaga.link", sep=".", digest_method=hashlib.sha256)

    def page(self, unit: Unit, chat: int, message: Message, tell: Callable[[Text], str]) -> Message:
        """The message as words that lead to our page, which shows the message."""
        link = links.add(unit, chat, unit.now + LIFE)
        lead = phrases.ON_PAGE_PHOTO if message.wants == "photo" else phrases.ON_PAGE
        words = self._leading(lead, f"{link:x}", tell)
        return Message(words, back=message.back, page=replace(message, page=None, paper=None), paper=message.paper)

    def paper(self, unit: Unit, chat: int, message: Message, tell: Callable[[Text], str]) -> Message:
        """The message with words before it that lead to its paper on our page."""
        paper = message.paper
        assert paper is not None
        if not self._public:
            return replace(message, text=f"{tell(phrases.paper_not_here(paper.name))}\n{message.text}", paper=None)
        link = links.add(unit, chat, unit.now + LIFE)
        words = self._leading(phrases.paper_on_page(paper.name), f"{PAPER}{link:x}", tell)
        return replace(message, text=f"{words}\n{message.text}".rstrip(), paper=replace(paper, link=link))

    def read(self, token: str) -> Address | None:
        """What this address leads to; None if it isn't ours."""
        try:
            signed = self._signer.unsign(token).decode()
        except (BadSignature, UnicodeError):
            return None
        number = signed.removeprefix(PAPER)
        return Address(int(number, 16), number != signed) if len(number) <= ID_DIGITS_MAX else None

    def _leading(self, lead: Text, signed: str, tell: Callable[[Text], str]) -> str:
        address = f"{self._public}{PATH}{self._signer.sign(signed).decode()}"
        return "\n".join([tell(lead), address, tell(phrases.page_life(int(LIFE.total_seconds() // 60)))])
