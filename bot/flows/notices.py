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
