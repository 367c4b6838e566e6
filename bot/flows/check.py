"""\"Sudah bayar": BPJS is asked about the latest open code of each member. Nothing is booked by that: what was paid,
and when, comes by BPJS's webhook."""

from __future__ import annotations

from bot.flows.asks import CheckPayment, DuesMember, MembersHere
from bot.talk.awaited import Say, Today
from bot.talk.flow import Flow
from rules.words import _

NUMBERED = tuple(f"{number} sudah" for number in range(1, 11))
"""How somebody answers a reminder of several people."""


async def check() -> None:
    """Each open code, one after another."""
    today = await Today("today")
    open_codes = [member for member in await MembersHere(today.isoformat()) if member.unpaid is not None]
    if not open_codes:
        await Say(_("Tidak ada kode bayar yang menunggu. Ketik status untuk melihat perlindungan."))
    for member in open_codes:
        await _check(member)


async def _check(member: DuesMember) -> None:
    assert member.unpaid is not None
    code, name = member.unpaid.code, member.name.title()
    found = await CheckPayment(code)
    if found.paid:
        await Say(_("{name}: BPJS sudah mencatat pembayaran kode {code}. Tanda terimanya kami kirim ke sini.",
                    name=name, code=code))  # fmt: skip
    else:
        await Say(_("{name}: BPJS belum mencatat pembayaran kode {code}. Kalau baru bayar, tunggu sebentar.",
                    name=name, code=code))  # fmt: skip


FLOW = Flow(
    name="check", run=check, title=_("Cek pembayaran"),
    words=("sudah bayar", "sudah", "sdh bayar", "sudah saya bayar", "paid", *NUMBERED),
)  # fmt: skip
