"""What the bot tells without being asked. A notice never touches an unfinished conversation."""

from __future__ import annotations

from rules.bpjs import Paid
from rules.words import Text, _


def paid(name: str, payment: Paid) -> Text:
    """BPJS says that the contribution is paid."""
    return _(
        "Pembayaran {amount} sudah diterima BPJS. {name} terlindungi sampai {until}.",
        amount=payment.amount, name=name.title(), until=payment.protected_until,
    )  # fmt: skip


def moved(name: str) -> Text:
    """To who helped: the member has taken the membership over."""
    return _(
        "{name} sudah pindah ke HP sendiri dengan kode 6 angka. Kabarnya tidak ke sini lagi. "
        "Kalau salah, ketik petugas.",
        name=name.title(),
    )  # fmt: skip
