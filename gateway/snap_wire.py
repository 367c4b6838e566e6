"""Money, numbers and times as SNAP BI writes them in its JSON, in both directions."""

from __future__ import annotations

import re

from rules.money import Rupiah

CURRENCY = "IDR"
SERVICE_ID_CHARACTERS, CUSTOMER_DIGITS_MAX = 8, 20
_VALUE = re.compile(r"([0-9]{1,13})\.00")


def money(amount: Rupiah) -> dict[str, str]:
    """Such as {"value": "16800.00", "currency": "IDR"}."""
    return {"value": f"{amount.amount}.00", "currency": CURRENCY}


def rupiah(value: str) -> Rupiah | None:
    """The amount that is written so, with two decimals; None if it isn't, or if the decimals aren't zero."""
    found = _VALUE.fullmatch(value)
    return Rupiah(int(found[1])) if found else None


def padded(service_id: str) -> str:
    """The number of a partner before every virtual account of theirs: eight characters, spaces on the left."""
    return service_id.rjust(SERVICE_ID_CHARACTERS)


def digits(account_no: str) -> str:
    """The number of a virtual account as people type it."""
    return account_no.strip(" ")
