"""For how many months to pay: what each choice costs, how far it reaches, and why the months cost what they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from rules.money import Rupiah
from rules.month import Month
from rules.tariff import Priced, cost
from rules.words import Text, _

PERIODS = (1, 3, 6, 12)
"""Months that can be paid at once. Not found in a rule; the offices offer these."""


def labels(choices: Mapping[int, Sequence[Priced]]) -> dict[int, Text]:
    """Each choice in a few words, for a button; what is paid for several people is one sum."""
    return {count: _("{count} bulan: {amount}", count=count, amount=_sum(each)) for count, each in choices.items()}


def details(choices: Mapping[int, Sequence[Priced]]) -> dict[int, Text]:
    """Each choice with the day until which it reaches, where that is one day for all."""
    told: dict[int, Text] = {}
    for count, each in choices.items():
        last = {priced[-1][0] for priced in each}
        if len(last) == 1:
            day = last.pop().last_day
            told[count] = _("{count} bulan, sampai {day}: {amount}", count=count, day=day, amount=_sum(each))
    return told


def change(priced: Priced) -> Text | None:
    """Within these months the price changes: until when it is what, and what it is then."""
    found = _change(priced)
    if found is None:
        return None
    old, month, new = found
    return _("Iuran sebulan {old} sampai {month}, sesudah itu {new}.", old=old, month=month, new=new)


def changes(each: Sequence[tuple[str, Priced]]) -> list[Text]:
    """The same for several people, with their names where it isn't the same for all."""
    if len({_change(priced) for _name, priced in each}) == 1:
        told = change(each[0][1])
        return [] if told is None else [told]
    return [
        _("Iuran {name} sebulan {old} sampai {month}, sesudah itu {new}.", name=name, old=old, month=month, new=new)
        for name, priced in each if (found := _change(priced)) is not None
        for old, month, new in (found,)
    ]  # fmt: skip


def _change(priced: Priced) -> tuple[Rupiah, Month, Rupiah] | None:
    for (month, old), (_next, new) in pairwise(priced):
        if old != new:
            return old, month, new
    return None


def _sum(each: Sequence[Priced]) -> Rupiah:
    return sum(map(cost, each), Rupiah(0))
