"""\"Sudah bayar": BPJS is asked about every code of the last weeks that isn't known to be paid, or, after "2 sudah",
about those of the second person in the last reminder. Nothing is booked by that: what was paid, and when, comes by
BPJS's webhook."""

from __future__ import annotations

import re

from bot.flows.asks import CheckPayment, UnpaidCode, UnpaidCodes
from bot.flows.notices import LISTED_MAX
from bot.talk.awaited import Called, Say, Today
from bot.talk.flow import Flow
from bot.talk.fold import fold
from rules.words import Text, _

_FORMS = ("{} sudah", "{} sudah bayar", "{} sdh", "{} lunas", "no {} sudah", "nomor {} sudah", "sudah {}", "{} paid")
NUMBERED = tuple(form.format(number) for form in _FORMS for number in range(1, LISTED_MAX + 1))
"""How somebody answers a reminder of several people."""
_NUMBER = re.compile(r"\d+", re.ASCII)


async def check() -> None:
    """Each open code, one after another; all that BPJS says in one message."""
    said = _NUMBER.search(fold(await Called()))
    number = int(said[0]) if said else 0
    today = await Today("today")
    codes = await UnpaidCodes(today.isoformat(), number)
    if codes is None:
        await Say(
            _("Nomor {number} tidak ada di pengingat terakhir. Ketik sudah bayar untuk cek semua.", number=number)
        )
    elif not codes:
        await Say(_("Tidak ada kode bayar yang menunggu. Ketik status untuk melihat perlindungan."))
    else:
        for words in [await _checked(code) for code in codes]:
            await Say(words)


async def _checked(one: UnpaidCode) -> Text:
    code, name = one.code, one.name.title()
    found = await CheckPayment(code)
    if found.paid:
        return _("{name}: BPJS sudah mencatat pembayaran kode {code}. Tanda terimanya kami kirim ke sini.",
                 name=name, code=code)  # fmt: skip
    return _("{name}: BPJS belum mencatat pembayaran kode {code}. Kalau baru bayar, tunggu sebentar.",
             name=name, code=code)  # fmt: skip


FLOW = Flow(
    name="check", run=check, title=_("Cek pembayaran"), heeds=True,
    words=("sudah bayar", "sudah", "sdh bayar", "sudah saya bayar", "paid", *NUMBERED),
)  # fmt: skip
