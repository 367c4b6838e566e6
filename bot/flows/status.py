"""How the people of this chat stand: submitted, registered, paid until when."""

from __future__ import annotations

from datetime import date

from bot.flows.asks import Standing, Standings
from bot.talk.awaited import Say, Today
from bot.talk.flow import Flow
from rules.words import Text, _


async def status() -> None:
    """One line a person."""
    today = await Today("today")
    people = await Standings(today.isoformat())
    if not people:
        await Say(_("Belum ada yang terdaftar lewat chat ini. Ketik daftar untuk mulai."))
    for standing in people:
        await Say(_line(standing))
    if any(standing.movable for standing in people):
        await Say(_("Kalau orangnya punya HP sendiri, ketik pindah."))


def _line(standing: Standing) -> Text:
    name = standing.name.title()
    if standing.protected_until is not None:
        until = date.fromisoformat(standing.protected_until)
        return _("{name} terlindungi sampai {until}. KPJ {kpj}.", name=name, until=until, kpj=standing.kpj or "-")
    if standing.payment_code is not None:
        return _("{name} terdaftar, belum bayar. Kode bayar {code}.", name=name, code=standing.payment_code)
    match standing.state:
        case "submitted":
            return _("{name}: data sudah dikirim, menunggu jawaban BPJS.", name=name)
        case "registered":
            return _("{name} terdaftar, KPJ {kpj}. Kode bayar menyusul.", name=name, kpj=standing.kpj or "-")
        case "already-member":
            return _("{name} sudah peserta menurut BPJS. Ini dicatat untuk diperiksa petugas.", name=name)
        case "refused":
            return _("{name}: BPJS menolak data. Ini dicatat untuk diperiksa petugas.", name=name)


FLOW = Flow(name="status", run=status, title=_("Status"), words=("status", "cek status", "cek", "my status"))
