"""Where a payment code is paid: as it is or, if the operator has a bank, by a bill there that stands for it.

Invariant: the code can be paid in any case; a bill at the bank is one way more, and pays nothing by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.flows.asks import GetBankBill, RecordBankBill, WaysToPay
from bot.talk import ask
from bot.talk.awaited import Say
from bot.talk.message import Paper
from rules.bank import BankBill, BankRefused, Kind
from rules.bpjs import PaymentCode
from rules.words import Text, _

CODE = "code"
"""The choice beside the ways of the bank: the payment code itself."""

AT_COUNTERS = _("Bayar di bank, kantor pos, atau minimarket. Tanda terimanya kami kirim ke sini begitu lunas.")


async def where(codes: Sequence[tuple[str, PaymentCode]]) -> None:
    """Tell, or ask, where these codes are paid, each with the name of whom it is for."""
    ways = await WaysToPay()
    way = await _way(ways) if ways else None
    made = [await _bill(name, code, way) for name, code in codes] if way else [False]
    if any(made):
        await Say(_("Begitu bank menerima uangnya, kami kabari di sini."))
    if not all(made):
        await Say(AT_COUNTERS)


async def _way(ways: Sequence[Kind]) -> Kind | None:
    """One of the bank's ways; None: the code itself."""
    labels: dict[str, Text] = {"va": _("Virtual account"), "qris": _("QRIS")}
    chosen = await ask.Choice(
        "way", _("Mau bayar lewat apa?"), {CODE: _("Kode bayar"), **{way: labels[way] for way in ways}}
    )
    return next((way for way in ways if way == chosen), None)


async def _bill(name: str, code: PaymentCode, way: Kind) -> bool:
    """A bill at the bank instead of this code. Whether there is one."""
    answer = await GetBankBill(way, code.code, name, code.amount, code.payable_until)
    if isinstance(answer, BankRefused):
        await Say(_("{name}: bank belum bisa. Kode bayarnya tetap berlaku: {code}", name=name, code=code.code))
        return False
    if await RecordBankBill(code.code, answer):
        await _tell(name, answer, code.payable_until)
    return True  # or the member has moved to another phone meanwhile, and it isn't for this chat to read


async def _tell(name: str, bill: BankBill, day: date) -> None:
    await Say(_("{name}: {amount}, paling lambat {day}.", name=name, amount=bill.amount, day=day))
    if bill.kind == "va":
        await Say(_("Nomor virtual account: {number}", number=bill.number))
    else:
        paper = Paper(kind="qr", of=bill.payload, name="qris.png", media="image/png", private=False)
        await Say(_("Buka aplikasi bank atau dompet, lalu pindai gambar ini."), paper=paper)
