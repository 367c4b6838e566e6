"""Paying: how the cover stands, for whom and until when to pay, a payment code for each.

Invariant: what the months cost is said on the day of the choice, before a code is asked for, and no second code is
made where one is open, unless somebody asks for it; nothing here is paid, that is BPJS's word alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.flows import codes, periods, standing
from bot.flows.asks import DuesMember, MembersHere, Standings
from bot.flows.at_bank import where
from bot.flows.notices import bank_received
from bot.flows.periods import PERIODS
from bot.flows.status import condolence
from bot.talk import ask
from bot.talk.awaited import Concerning, Say, Today
from bot.talk.flow import Flow
from rules import tariff
from rules.bpjs import PaymentCode
from rules.cover import Cover, cover, death_benefit_waits
from rules.money import Rupiah
from rules.month import Month
from rules.tariff import Priced
from rules.words import Text, _

ALL = "all"
HARVEST = 0
"""The choice beside the numbers of months: to pay as far as the next harvest."""
HARVESTS = 5
"""Months among which the next harvest is picked."""

Span = int | Month
"""A number of months, or the last month."""


async def pay() -> None:
    """The whole conversation."""
    today = await Today("today")
    members = await MembersHere(today.isoformat())
    if not members:
        await _nobody(today)
        return
    chosen = await _for_whom(members, today)
    if len(chosen) > 1:
        await _for_several(chosen, today)
        return
    await Concerning(chosen[0].name.title())
    if not await _takes_old_code(chosen[0]):
        await _pay_for(chosen, today)


FLOW = Flow(
    name="pay", run=pay, title=_("Bayar iuran"), words=("bayar", "bayar iuran", "pay"),
    steps=("who", "months"),
)  # fmt: skip


async def _nobody(today: date) -> None:
    mourned = [person for person in await Standings(today.isoformat()) if person.has_died]
    for person in mourned:
        await Say(condolence(person.name))
    if not mourned:
        await Say(_("Belum ada peserta lewat chat ini. Ketik daftar untuk mulai."))


async def _for_whom(members: Sequence[DuesMember], today: date) -> list[DuesMember]:
    """One of them, or all. Who is alone is only told how they stand. The list may be longer than five: people are
    picked by number, and one's own are soon found."""
    if len(members) == 1:
        await Say(standing.sentence(members[0].name, _until(members[0]), today))
        return list(members)
    labels = {str(member.person): standing.label(member.name, _until(member), today) for member in members}
    chosen = await ask.Choice(
        "who", _("Iuran siapa yang mau dibayar?"), {**labels, ALL: _("Semuanya")}, about=list(labels)
    )
    return [member for member in members if chosen in (ALL, str(member.person))]


async def _takes_old_code(member: DuesMember) -> bool:
    """Whether a code that was given before will do: with two of them somebody pays twice."""
    old = member.unpaid
    if old is None:
        return False
    if old.received:
        await Say(bank_received(member.name, Rupiah(old.amount)))
        return True
    amount, day = Rupiah(old.amount), date.fromisoformat(old.payable_until)
    agreed = await ask.Confirm(
        "old-code",
        _("Kode bayar {name} masih berlaku: {code}, {amount}, sampai {day}. Pakai kode itu?", code=old.code,
          name=member.name.title(), amount=amount, day=day),
        yes=_("Pakai kode itu"), no=_("Buat kode baru"), about=old,
    )  # fmt: skip
    if agreed:
        await where([(member.name.title(), PaymentCode(old.code, amount, day))])
    return agreed


async def _for_several(members: Sequence[DuesMember], today: date) -> None:
    """Codes that are open are told again, at the end; only the others get new ones. Whose money the bank has waits."""
    left: list[DuesMember] = []
    for member in members:
        if member.unpaid is not None and member.unpaid.received:
            await Say(bank_received(member.name, Rupiah(member.unpaid.amount)))
        else:
            left.append(member)
    old = [member for member in left if member.unpaid is not None]
    if len(old) == len(left):
        if old:
            await codes.tell([codes.given_before(member) for member in old])
        return
    for member in old:
        await Say(_("{name} sudah punya kode bayar yang masih berlaku.", name=member.name.title()))
    await _pay_for([member for member in left if member.unpaid is None], today, old)


async def _pay_for(members: Sequence[DuesMember], today: date, old: Sequence[DuesMember] = ()) -> None:
    if any(_cover(member, today).standing == "inactive" for member in members):
        await Say(
            _("Kalau mulai lagi, santunan kematian penuh mungkin baru berlaku setelah {months} bulan. BPJS belum "
              "memastikannya.", months=death_benefit_waits(today))
        )  # fmt: skip
    bills = await _chosen(members)
    if bills is None:
        await Say(_("Baik, tidak jadi. Ketik bayar kapan saja."))
    else:
        await codes.get(list(zip(members, bills, strict=True)), today, old)


async def _chosen(members: Sequence[DuesMember]) -> list[Priced] | None:
    """What each pays, for as long as is chosen, at the prices of the day of the choice. None: not after all."""
    today = await Today("months")
    choices = {count: _bills(members, today, count) for count in PERIODS}
    names = [member.name.title() for member in members]
    for change in periods.changes(list(zip(names, choices[max(PERIODS)], strict=True))):
        await Say(change)
    count = await ask.Count(
        "months", _("Mau bayar iuran untuk berapa bulan?"),
        {**periods.labels(choices), HARVEST: _("Panen: sampai panen berikutnya")}, details=periods.details(choices),
        words={HARVEST: ("panen", "sampai panen", "harvest")},
        about=[(one.person, one.protected_until, bill) for one, bill in zip(members, choices[PERIODS[0]], strict=True)],
    )  # fmt: skip
    return _bills(members, today, count) if count != HARVEST else await _harvest(members)


async def _harvest(members: Sequence[DuesMember]) -> list[Priced] | None:
    """What each pays as far as the month of the next harvest."""
    today = await Today("harvest")
    first = max(Month.of(today), min(_cover(member, today).next_month for member in members))
    labels = {str(month): Text("{month}", {"month": month}) for month in first.until(HARVESTS)}
    last = Month.parse(await ask.Choice("harvest", _("Bulan apa panen berikutnya?"), labels, about=first))
    bills = _bills(members, await Today("harvest-price"), last)
    amount = sum(map(tariff.cost, bills), Rupiah(0))
    agreed = await ask.Confirm(
        "harvest-price", _("Sampai {month}: {amount}. Lanjut?", month=last, amount=amount), about=(last, amount)
    )
    return bills if agreed else None


def _bills(members: Sequence[DuesMember], today: date, span: Span) -> list[Priced]:
    """What each would pay for so long."""
    return [
        tariff.priced(_months(member, today, span), tier=member.tier, sector=member.sector, payer="self")
        for member in members
    ]


def _months(member: DuesMember, today: date, span: Span) -> tuple[Month, ...]:
    """The months that a payment for so long would be for; what is owed comes on top of their number."""
    found = _cover(member, today)
    if isinstance(span, Month):
        return found.next_month.through(span)
    return found.next_month.until(max(0, found.unpaid - 1) + span if found.standing == "arrears" else span)


def _cover(member: DuesMember, today: date) -> Cover:
    return cover(_until(member), today)


def _until(member: DuesMember) -> date | None:
    return date.fromisoformat(member.protected_until) if member.protected_until else None
