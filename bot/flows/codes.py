"""Payment codes for one member or several, asked of BPJS one after another and told together.

Invariant: whoever gets no code is told why; a code is told only in a chat that still speaks for its member.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from bot.flows.asks import DuesMember, GetDuesCode, MembersHere, RecordDuesCode
from bot.flows.at_bank import where
from bot.flows.notices import bank_received
from bot.talk.awaited import Say
from rules import tariff
from rules.bpjs import PaymentCode
from rules.money import Rupiah
from rules.month import Month, Months
from rules.tariff import Priced
from rules.words import Text, _

EACH_MAX = 2
"""So many codes are told one by one, as they come; more of them in one message, with their sum."""


class Given(Struct, frozen=True):
    """A code that can be paid, and whose it is."""

    name: str
    months: tuple[Month, ...]
    code: PaymentCode

    def words(self) -> Text:
        return _(
            "{name}, iuran {span}: {amount}, paling lambat {day}.", name=self.name, span=Months(self.months),
            amount=self.code.amount, day=self.code.payable_until,
        )  # fmt: skip


def given_before(member: DuesMember) -> Given:
    """The open code of a member who has one."""
    old = member.unpaid
    assert old is not None
    code = PaymentCode(old.code, Rupiah(old.amount), date.fromisoformat(old.payable_until))
    return Given(member.name.title(), tuple(map(Month.parse, old.months)), code)


async def get(bills: Sequence[tuple[DuesMember, Priced]], today: date, old: Sequence[DuesMember] = ()) -> None:
    """A code for each, told with those that are open. Since the choice was made somebody may have moved, or paid."""
    now = {member.person: member for member in await MembersHere(today.isoformat(), "codes")}
    one_by_one = len(old) + len(bills) <= EACH_MAX
    given = [given_before(member) for member in old if now.get(member.person) == member]
    if one_by_one:
        for one in given:
            await _tell(one)
    for member, priced in bills:
        found = await _get(member, priced, now.get(member.person))
        if found is not None and one_by_one:
            await _tell(found)
        given += [found] if found is not None else []
    if one_by_one and given:
        await where([(one.name, one.code) for one in given])
    elif given:
        await tell(given)


async def tell(given: Sequence[Given]) -> None:
    """All of them in one message."""
    for number, one in enumerate(given, 1):
        if len(given) <= EACH_MAX:
            await _tell(one)
        else:
            await Say(Text("{number} {words}", {"number": number, "words": one.words()}))
            await Say(_code(one))
    if len(given) > EACH_MAX:
        amount = sum((one.code.amount for one in given), Rupiah(0))
        await Say(_("Jumlah {count} kode: {amount}. Tiap kode dibayar sendiri.", count=len(given), amount=amount))
    await where([(one.name, one.code) for one in given])


async def _tell(one: Given) -> None:
    await Say(one.words())
    await Say(_code(one))


def _code(one: Given) -> Text:
    return _("Kode bayar: {code}", code=one.code.code)


async def _get(member: DuesMember, priced: Priced, now: DuesMember | None) -> Given | None:
    name, months = member.name.title(), tuple(month for month, _price in priced)
    if now is None:
        await Say(_moved(name))
    elif now.protected_until != member.protected_until:
        await Say(_("Perlindungan {name} baru saja berubah. Ketik bayar untuk mulai lagi.", name=name))
    elif now.unpaid is not None and now.unpaid.received:
        await Say(bank_received(name, Rupiah(now.unpaid.amount)))
    elif not priced:
        await Say(_("{name} sudah terlindungi lebih lama dari itu, jadi tidak perlu bayar.", name=name))
    else:
        answer = await GetDuesCode(member.kpj, months, tariff.cost(priced), name)
        if not isinstance(answer, PaymentCode):
            await Say(_("{name}: BPJS tidak memberi kode bayar. {reason}", name=name, reason=answer.words))
        elif await RecordDuesCode(member.person, priced, answer):
            return Given(name, months, answer)
        else:
            await Say(_moved(name))
    return None


def _moved(name: str) -> Text:
    return _("{name} sudah pindah ke HP sendiri, jadi iurannya tidak lagi lewat chat ini.", name=name)
