"""Whose data it is about, and whether who writes may see them.

Invariant: where a chat speaks for several people, nothing of one of them is told before their birth year was given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.flows.data_asks import CheckBirthYear, Mine
from bot.talk.awaited import Concerning, Say
from bot.talk.pick import Pick
from bot.talk.year import Year
from rules import folding
from rules.folding import Found
from rules.words import Text, _

YEARS_MAX = 3
"""Years that are asked for in one conversation."""


class Somebody(Protocol):
    """A person as a chat knows them."""

    @property
    def person(self) -> int: ...
    @property
    def name(self) -> str: ...


class _People:
    """The people of a chat as a list to pick from."""

    def __init__(self, people: Sequence[Mine]) -> None:
        names = [one.name for one in people]
        self._names = {
            str(one.person): f"{one.name.title()}, {one.kpj or '-'}"
            if names.count(one.name) > 1 else one.name.title()
            for one in people
        }  # fmt: skip

    def items(self, group: str) -> Sequence[str]:
        return () if group else tuple(self._names)

    def find(self, text: str) -> Found[str]:
        return folding.find(text, {key: (name,) for key, name in self._names.items()})

    def label(self, code: str) -> Text:
        return Text("{name}", {"name": self._names.get(code, code)})

    def __contains__(self, code: object) -> bool:
        return code in self._names


async def whose(people: Sequence[Mine]) -> Mine | None:
    """One of them; None if who writes doesn't know the birth year. Who is alone is not asked anything."""
    if len(people) == 1:
        return people[0]
    of_number = {str(one.person): one for one in people}
    chosen = await Pick("whose", _("Data siapa? Ketik namanya, atau pilih:"), _People(people), tuple(of_number))
    one = of_number[chosen]
    await Concerning(one.name.title())
    return one if await knows_birth_year(one) else None


async def knows_birth_year(one: Somebody) -> bool:
    """Whether who writes knows when this person was born."""
    for number in range(1, YEARS_MAX + 1):
        year = await Year(
            f"year{number}", _("Tahun lahir {name}? Contoh: 1979.", name=one.name.title()), about=one.person,
            hint=_("Chat ini dipakai untuk beberapa orang. Tahun lahir menjaga data tiap orang."),
        )  # fmt: skip
        match await CheckBirthYear(one.person, year, number):
            case "right":
                return True
            case "too-many":
                break
            case "wrong" if number < YEARS_MAX:
                await Say(_("Tahun lahir itu tidak cocok."))
    await Say(_("Tahun lahirnya tidak cocok, jadi datanya tidak dibuka. Coba lagi besok, atau ketik petugas."))
    return False
