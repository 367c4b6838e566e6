"""What the people of the benches say: two ways through one enrolment.

`typed`: everything is typed, up to the summary with its 17th question, and the partners are at rest: messages and
nothing else, on either side. `photo`: with a photo of the card, to the member number and the payment code, so that
Siaga's card reader and BPJS are asked thrice for each person; the peer asks nobody.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from msgspec import Struct
from sqlalchemy import func, select

from db.tables import conversations
from db.unit import Unit
from rules.card import Card, Field

SENT_AT = 1795222800
"""When the messages say they were sent, in seconds, until they are."""
FIRST = 1_000_000
"""The number of the first person who is measured; those of the warm-up come before."""
WARM_UP = 64
"""How many of them there are at most."""
DAYS = 9_000
"""Days on which people are born, so that every NIK is another."""
NIK = "(a NIK)"
PHOTO = None
SUMMARY = "1.review"
"""The question with all answers, which is confirmed before they are sent."""


class Story(Struct, frozen=True):
    """The messages of one person. `later` are those whose answer needs a partner, by place; without any the story ends
    at the summary."""

    name: str
    texts: tuple[str | None, ...]
    later: frozenset[int] = frozenset()

    @property
    def with_partners(self) -> bool:
        return bool(self.later)

    def said_by(self, number: int) -> Iterator[str | None]:
        """What the person of this number says."""
        return (nik(number) if text == NIK else text for text in self.texts)


STORIES = {
    story.name: story
    for story in (
        Story(
            "typed",
            (
                "/daftar", "1", "1", "1", NIK, "1", "Hasna", "Soppeng", "Dusun Lappa", "Jampu", "petani padi", "1",
                "0812 3456 7890", "La Baco", "1", "1", "1",
            ),
        ),
        Story(
            "photo",
            ("/daftar", "1", "1", PHOTO, "1", "petani padi", "1", "0812 3456 7890", "La Baco", "1", "1", "1", "ya"),
            frozenset({3, 12}),
        ),
    )
}  # fmt: skip


async def reached_the_end(unit: Unit, story: Story) -> int:
    """How many people's enrolments stand where the story ends."""
    end = conversations.c.ending == "done" if story.with_partners else conversations.c.step == SUMMARY
    ((count,),) = await unit.fetch(select(func.count()).where(conversations.c.flow == "enrol", end))
    return int(count)


def nik(number: int) -> str:
    """The NIK of the person of this number, from our reserved range."""
    return f"731202{_born(number):%d%m%y}99{_place(number) // DAYS:02}"


def card(number: int) -> Card:
    """What a reader sees of the card of the person of this number, without any doubt."""
    return Card(
        nik=Field(nik(number), 1.0), name=Field("HASNA", 1.0), birth_place=Field("SOPPENG", 1.0),
        birth_date=Field(_born(number).isoformat(), 1.0), sex=Field("male", 1.0), address=Field("DUSUN LAPPA", 1.0),
        village=Field("JAMPU", 1.0), district=Field("LILIRIAJA", 1.0),
    )  # fmt: skip


def _place(number: int) -> int:
    return number - FIRST + WARM_UP if number >= FIRST else number


def _born(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=_place(number) % DAYS)


def updates(story: Story) -> Callable[[int], list[bytes]]:
    """Telegram's updates of one person, by number."""
    photo = [{"file_id": "f", "file_unique_id": "u", "width": 1280, "height": 960}]

    def of(number: int) -> list[bytes]:
        sender = {"id": number, "is_bot": False, "first_name": "Hasna"}
        sent = {"date": SENT_AT, "chat": {"id": number, "type": "private", "first_name": "Hasna"}, "from": sender}
        return [
            json.dumps(
                {
                    "update_id": number * 100 + place,
                    "message": {**sent, "message_id": place + 1, **({"text": text} if text else {"photo": photo})},
                }
            ).encode()
            for place, text in enumerate(story.said_by(number))
        ]

    return of
