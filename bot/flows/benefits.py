"""What the family would get: after a death of illness or at work, an accident at work, and for the children's school.

Invariant: a sum is told with its rule and its day; whose cover doesn't hold is told so and no sum; who isn't a member
is told what a new one gets, said as such. Of who has died only where the claim is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from bot.flows.benefit_asks import CoveredMember, CoverHistory
from bot.flows.status import condolence
from bot.talk import ask
from bot.talk.awaited import Concerning, Say, Today
from bot.talk.flow import Flow
from rules.benefits import (
    More,
    Promise,
    children_max,
    if_died_at_work,
    if_died_of_illness,
    if_injured,
    scholarship,
    school_years,
)
from rules.cover import cover
from rules.history import History, newcomer
from rules.money import Rupiah
from rules.words import Text, _

Event = Literal["illness", "work-death", "accident", "school"]
EVENTS: dict[Event, Text] = {
    "illness": _("Meninggal karena sakit"), "work-death": _("Meninggal saat kerja"),
    "accident": _("Kecelakaan kerja"), "school": _("Sekolah anak"),
}  # fmt: skip
CALLED: dict[Event, tuple[str, ...]] = {
    "illness": ("karena sakit", "meninggal sakit"), "work-death": ("saat kerja", "meninggal kerja"),
    "accident": ("celaka", "celaka saat kerja"), "school": ("beasiswa", "uang sekolah"),
}  # fmt: skip
LOWEST = 1
"""The tier that is told to who has none yet."""


async def benefits() -> None:
    """For whom, of what, and the answer."""
    today = await Today("today")
    member = await _whom(await CoverHistory(today.isoformat()))
    if member is not None:
        await Concerning(member.name.title())
        if member.has_died:
            await Say(condolence(member.name))
            return
        if _has_ended(member, today):
            await _tell(_ended(member, today))
            return
    event = await ask.Choice("event", _("Mau tahu santunan untuk kejadian apa?"), EVENTS, words=CALLED)
    if member is not None and member.history.covers(today):
        await _tell(_answer(event, member.name.title(), member.history, today))
        await Say(_way_on(event, member.history, today))
    else:
        await Say(_not_yet(member))
        tier = member.history.tier if member is not None else LOWEST
        await _tell(_answer(event, _("peserta baru"), newcomer(tier, today), today))
        await Say(_("Ketik bayar untuk kode bayar.") if member is not None else _("Ketik daftar untuk mulai."))


FLOW = Flow(
    name="benefits", run=benefits, title=_("Manfaat"),
    words=("manfaat", "santunan", "apa yang didapat", "dapat apa", "benefits"),
)  # fmt: skip


async def _whom(members: Sequence[CoveredMember]) -> CoveredMember | None:
    """One of them; None if nobody here is a member."""
    if len(members) < 2:
        return members[0] if members else None
    chosen = await ask.Choice(
        "who", _("Keluarga siapa?"), {str(one.person): Text(one.name.title()) for one in members},
        hint=_("Balas angkanya. Kalau namanya tidak ada di sini, ketik petugas."),
    )  # fmt: skip
    return next(one for one in members if str(one.person) == chosen)


async def _tell(sentences: Sequence[Text]) -> None:
    for sentence in sentences:
        await Say(sentence)


def _has_ended(member: CoveredMember, today: date) -> bool:
    until = member.history.protected_until
    return until is not None and until < today


def _ended(member: CoveredMember, today: date) -> list[Text]:
    """No sum for whom nothing is paid; what happened while it was paid can still be claimed."""
    until, name = member.history.protected_until, member.name.title()
    assert until is not None
    told = [
        _("Perlindungan {name} habis sejak {until}, jadi santunan belum bisa kami janjikan.", name=name, until=until)
    ]
    if cover(until, today).standing == "inactive":
        told.append(
            _("Kalau bayar lagi, hitungan bulan mungkin mulai dari awal. Ini belum dipastikan BPJS.")
        )  # fmt: skip
    return [*told, _("Ketik bayar. Kalau kejadiannya sebelum habis, ketik klaim.")]


def _not_yet(member: CoveredMember | None) -> Text:
    """Whom the answer is about, if not about a protected member."""
    if member is None:
        return _("Ini untuk peserta baru yang mulai hari ini dengan iuran terendah.")
    return _(
        "{name} belum terlindungi sekarang. Ini untuk peserta baru yang iurannya sudah masuk.", name=member.name.title()
    )


def _answer(event: Event, name: str | Text, history: History, today: date) -> list[Text]:
    """At most three sentences: the sum, what it is made of or waits for, the rule and the day."""
    match event:
        case "illness":
            return _of_illness(name, if_died_of_illness(history, today), today)
        case "work-death":
            promise = if_died_at_work(history, today)
            total = promise.total
            return [
                _("Kalau {name} meninggal saat kerja, keluarga dapat {amount}.", name=name, amount=total),
                _parts(promise),
                _rule(promise, today),
            ]
        case "accident":
            return _injured(name, if_injured(history, today), today)
        case "school":
            return _school(name, history, today)


def _of_illness(name: str | Text, promise: Promise, today: date) -> list[Text]:
    if promise.more is None:
        return [
            _("Kalau {name} meninggal karena sakit, keluarga dapat {amount}.", name=name, amount=promise.total),
            _parts(promise),
            _rule(promise, today),
        ]
    more = promise.more
    return [
        _("Kalau {name} meninggal karena sakit, keluarga dapat biaya pemakaman {amount} saja dulu.",
          name=name, amount=promise.total),
        _rises(more),
        _rule(promise, today),
    ]  # fmt: skip


def _rises(more: More) -> Text:
    if more.unconfirmed:
        return _(
            "Iuran pernah putus, jadi hitungan mungkin mulai dari awal (BPJS belum memastikan): "
            "paling lambat {day} jadi {amount}, asal tidak putus lagi.",
            day=more.on, amount=more.total,
        )  # fmt: skip
    return _("Mulai {day} jadi {amount}, asal iuran tidak putus.", amount=more.total, day=more.on)


def _parts(promise: Promise) -> Text:
    """Of a death."""
    death, periodic, funeral = promise.benefits
    return _("Rinciannya: {death}, {periodic}, {funeral}.", death=death, periodic=periodic, funeral=funeral)


def _rule(promise: Promise, today: date) -> Text:
    return _("Menurut {source}, per {day}.", source=promise.source, day=today)


def _injured(name: str | Text, promise: Promise, today: date) -> list[Text]:
    first, later = promise.named("sick-pay-months-1-6"), promise.named("sick-pay-later")
    disabled = sum((promise.named(one).amount or Rupiah(0) for one in ("total-disability", "work-periodic")), Rupiah(0))
    return [
        _("Kalau {name} celaka saat kerja, biaya berobat ditanggung sesuai kebutuhan.", name=name),
        _("Selama belum bisa kerja dapat {first} sebulan, sesudah setahun {later}; "
          "kalau cacat total {disabled} sekaligus.",
          first=first.amount or Rupiah(0), later=later.amount or Rupiah(0), disabled=disabled),
        _rule(promise, today),
    ]  # fmt: skip


def _school(name: str | Text, history: History, today: date) -> list[Text]:
    at_work = scholarship("primary", children_max(today), "work", history, today)
    after_illness = scholarship("primary", children_max(today), "other", history, today)
    primary, junior, senior, university = school_years(today)
    return [
        _("Kalau {name} meninggal atau cacat total karena kerja, uang sekolah {count} anak seluruhnya "
          "paling banyak {amount}.",
          name=name, count=children_max(today), amount=at_work.total),
        _("Setahun, menurut {source} per {day}: {primary}, {junior}, {senior}, {university}.",
          source=at_work.source, day=today, primary=primary, junior=junior, senior=senior, university=university),
        _school_after_illness(after_illness),
    ]  # fmt: skip


def _school_after_illness(promise: Promise) -> Text:
    more = promise.more
    if more is None:
        return _("Kalau karena sakit juga dapat, sebab iuran sudah tiga tahun tidak putus.")
    if more.unconfirmed:
        return _(
            "Kalau karena sakit, paling lambat mulai {day}, sebab pernah putus (BPJS belum memastikan).", day=more.on
        )
    return _("Kalau karena sakit, baru dapat mulai {day}, asal iuran tidak putus.", day=more.on)


def _way_on(event: Event, history: History, today: date) -> Text:
    """What to do now, if it has happened or if it hasn't."""
    if event == "illness" and if_died_of_illness(history, today).more is not None:
        return _("Ketik klaim kalau sudah terjadi, atau bayar supaya tidak putus.")
    return _("Ketik klaim kalau sudah terjadi.")
