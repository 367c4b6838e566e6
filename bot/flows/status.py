"""How the people of this chat stand: submitted, registered, paid until when."""

from __future__ import annotations

from datetime import date

from bot.flows import standing
from bot.flows.asks import Standing, Standings
from bot.flows.notices import bank_received
from bot.talk.awaited import Say, Today
from bot.talk.flow import Flow
from rules.money import Rupiah
from rules.words import Text, _


async def status() -> None:
    """A line or two a person."""
    today = await Today("today")
    people = await Standings(today.isoformat())
    if not people:
        await Say(_("Belum ada yang terdaftar lewat chat ini. Ketik daftar untuk mulai."))
    for person in people:
        for line in _lines(person, today):
            await Say(line)
    if any(person.movable and not person.has_died for person in people):
        await Say(_("Kalau orangnya punya HP sendiri, ketik pindah."))


def condolence(name: str) -> Text:
    """Of who has died, by what somebody reported, perhaps from another phone."""
    return _(
        "Kami turut berduka atas {name}. Ketik klaim untuk melihat santunannya. Kalau kabar ini keliru, ketik petugas.",
        name=name.title(),
    )


def _lines(person: Standing, today: date) -> list[Text]:
    """How somebody stands, and the code that can be paid. Of who has died nothing but where the claim is found."""
    if person.has_died:
        return [condolence(person.name)]
    lines = [_standing(person, today)]
    if (code := person.unpaid) is not None and code.received:
        lines.append(bank_received(person.name, Rupiah(code.amount)))
    elif code is not None:
        day = date.fromisoformat(code.payable_until)
        lines.append(_("Kode bayar {name}: {code}, {amount}, sampai {day}.", name=person.name.title(), code=code.code,
                       amount=Rupiah(code.amount), day=day))  # fmt: skip
    return lines


def _standing(person: Standing, today: date) -> Text:
    name = person.name.title()
    until = date.fromisoformat(person.protected_until) if person.protected_until is not None else None
    if until is not None or person.state == "registered":
        return _("{standing} KPJ {kpj}.", standing=standing.sentence(person.name, until, today), kpj=person.kpj or "-")
    match person.state:
        case "submitted":
            return _("{name}: data sudah dikirim, menunggu jawaban BPJS.", name=name)
        case "already-member":
            return _("{name} sudah peserta menurut BPJS. Ini dicatat untuk diperiksa petugas.", name=name)
        case "refused":
            return _("{name}: BPJS menolak data. Ini dicatat untuk diperiksa petugas.", name=name)


FLOW = Flow(name="status", run=status, title=_("Status"), words=("status", "cek status", "cek", "my status"))
