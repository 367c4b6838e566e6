"""Paying: how the cover stands, for whom and until when to pay, a payment code for each.

Invariant: what a month costs is said before a code is asked for; nothing here is paid, that is BPJS's word alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.flows import periods
from bot.flows.asks import DuesMember, GetPaymentCode, MembersHere, RecordDuesCode
from bot.flows.at_bank import where
from bot.flows.periods import PERIODS
from bot.talk import ask
from bot.talk.awaited import Concerning, Say, Today
from bot.talk.flow import Flow
from rules import tariff
from rules.bpjs import PaymentCode
from rules.cover import Cover, cover
from rules.money import Rupiah
from rules.month import Month, MonthSpan
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
        await Say(_("Belum ada peserta lewat chat ini. Ketik daftar untuk mulai."))
        return
    chosen = await _for_whom(members, today)
    if len(chosen) == 1:
        await Concerning(chosen[0].name.title())
        if await _takes_old_code(chosen[0]):
            return
    span = await _span(chosen, today)
    if span is None:
        await Say(_("Baik, tidak jadi. Ketik bayar kapan saja."))
    else:
        await _codes(list(zip(chosen, _bills(chosen, today, span), strict=True)))


FLOW = Flow(
    name="pay", run=pay, title=_("Bayar iuran"), words=("bayar", "bayar iuran", "pay"),
    steps=("who", "months"),
)  # fmt: skip


async def _for_whom(members: Sequence[DuesMember], today: date) -> list[DuesMember]:
    """One of them, or all. Who is alone is only told how they stand."""
    if len(members) == 1:
        await Say(_standing(members[0], today))
        return list(members)
    labels = {str(member.person): _label(member, today) for member in members}
    chosen = await ask.Choice("who", _("Iuran siapa yang mau dibayar?"), {**labels, ALL: _("Semuanya")})
    return [member for member in members if chosen in (ALL, str(member.person))]


async def _takes_old_code(member: DuesMember) -> bool:
    """Whether a code that was given before will do: with two of them somebody pays twice."""
    old = member.unpaid
    if old is None:
        return False
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


def _standing(member: DuesMember, today: date) -> Text:
    """How the cover of a member stands, in one sentence."""
    name, found = member.name.title(), _cover(member, today)
    until = date.fromisoformat(member.protected_until) if member.protected_until else today
    match found.standing:
        case "not-paid-yet":
            return _("{name} belum pernah bayar, jadi belum terlindungi.", name=name)
        case "protected" if found.days_left == 0:
            return _("{name} terlindungi sampai hari ini saja.", name=name)
        case "protected":
            return _(
                "{name} terlindungi sampai {until}, sisa {days} hari.", name=name, until=until, days=found.days_left
            )
        case "arrears" if found.unpaid > 1:
            return _(
                "Perlindungan {name} habis sejak {until}. Tunggakan {months} bulan ikut dihitung.",
                name=name, until=until, months=found.unpaid - 1,
            )  # fmt: skip
        case "arrears":
            return _("Perlindungan {name} habis sejak {until}.", name=name, until=until)
        case _:
            return _("{name} sudah tidak aktif. Bayar lagi untuk mulai lagi.", name=name)


def _label(member: DuesMember, today: date) -> Text:
    """The same in a few words."""
    name, found = member.name.title(), _cover(member, today)
    match found.standing:
        case "not-paid-yet":
            return _("{name}, belum bayar", name=name)
        case "protected":
            return _("{name}, sisa {days} hari", name=name, days=found.days_left)
        case "arrears":
            return _("{name}, sudah habis", name=name)
        case "inactive":
            return _("{name}, tidak aktif", name=name)


async def _span(members: Sequence[DuesMember], today: date) -> Span | None:
    """For how long. None: not after all."""
    choices = {count: _bills(members, today, count) for count in PERIODS}
    changes = next(filter(None, map(periods.change, choices[max(PERIODS)])), None)
    if changes is not None:
        await Say(changes)
    count = await ask.Count(
        "months", _("Mau bayar iuran untuk berapa bulan?"),
        {**periods.labels(choices), HARVEST: _("Panen: sampai panen berikutnya")}, details=periods.details(choices),
        words={HARVEST: ("panen", "sampai panen", "harvest")},
    )  # fmt: skip
    return count if count != HARVEST else await _harvest(members, today)


async def _harvest(members: Sequence[DuesMember], today: date) -> Month | None:
    """The month of the next harvest, as far as which is paid."""
    first = max(Month.of(today), min(_cover(member, today).next_month for member in members))
    labels = {str(month): Text("{month}", {"month": month}) for month in first.until(HARVESTS)}
    last = Month.parse(await ask.Choice("harvest", _("Bulan apa panen berikutnya?"), labels))
    amount = sum(map(tariff.cost, _bills(members, today, last)), Rupiah(0))
    agreed = await ask.Confirm(
        "harvest-price", _("Sampai {month}: {amount}. Lanjut?", month=last, amount=amount), about=(last, amount)
    )
    return last if agreed else None


async def _codes(bills: Sequence[tuple[DuesMember, Priced]]) -> None:
    """A code for each; whoever gets none is told so. Who is protected beyond the harvest already needs none."""
    given = [(member.name.title(), await _code(member, priced)) for member, priced in bills if priced]
    codes = [(name, code) for name, code in given if code is not None]
    if codes:
        await where(codes)


async def _code(member: DuesMember, priced: Priced) -> PaymentCode | None:
    months, name = tuple(month for month, _price in priced), member.name.title()
    answer = await GetPaymentCode(member.kpj, months, tariff.cost(priced))
    if not isinstance(answer, PaymentCode):
        await Say(_("{name}: BPJS tidak memberi kode bayar. {reason}", name=name, reason=answer.words))
        return None
    if not await RecordDuesCode(member.person, priced, answer):
        return None  # the member has moved to another phone meanwhile
    span = MonthSpan(months[0], months[-1])
    await Say(
        _("{name}, iuran {span}: {amount}, paling lambat {day}.", name=name, span=span, amount=answer.amount,
          day=answer.payable_until)
    )  # fmt: skip
    await Say(_("Kode bayar: {code}", code=answer.code))
    return answer


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
    return cover(date.fromisoformat(member.protected_until) if member.protected_until else None, today)
