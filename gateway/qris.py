"""QRIS, merchant presented: the text of a QR code with which any Indonesian bank or wallet pays.

Source: EMV QR Code Specification for Payment Systems, Merchant-Presented Mode 1.1 (EMVCo), with the national template
(tag 51, "ID.CO.QRIS.WWW") of Bank Indonesia, PADG 21/18/PADG/2019. Tags and lengths of two digits each, then the value;
at the end a CRC-16/CCITT-FALSE over everything before it, its own tag and length included.
Invariant: `parse` gives back what `make` was given, and never believes a text whose checksum doesn't hold.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from rules.money import Rupiah

PAYLOAD_CHARACTERS_MAX = 512
VALUE_CHARACTERS_MAX = 99
NAME_CHARACTERS_MAX, CITY_CHARACTERS_MAX, AMOUNT_CHARACTERS_MAX = 25, 15, 13
RUPIAH_CURRENCY = "360"  # ISO 4217
NATIONAL = "ID.CO.QRIS.WWW"
ACCOUNT_TAGS = tuple(f"{tag}" for tag in range(26, 46))
CRC_TAG = "6304"
_PRINTABLE = re.compile(r"[ -~]+")
_TLV = re.compile(r"([0-9]{2})([0-9]{2})")
_WHOLE = re.compile(r"([0-9]{1,13})(?:\.0{0,2})?")

Criteria = Literal["UMI", "UKE", "UME", "UBE", "URE"]
"""The size of the merchant."""
CRITERIA: tuple[Criteria, ...] = ("UMI", "UKE", "UME", "UBE", "URE")


class Account(Struct, frozen=True):
    """The merchant's account at an acquirer (tags 26 to 45)."""

    domain: str  # such as "ID.CO.EXAMPLE.WWW"
    pan: str
    merchant_id: str
    criteria: Criteria


class Qris(Struct, frozen=True):
    """A code. Without `amount` the payer types it (static)."""

    accounts: tuple[Account, ...]
    national_id: str  # NMID
    criteria: Criteria
    category: str  # MCC, 4 digits
    name: str
    city: str
    postal_code: str = ""
    amount: Rupiah | None = None
    bill: str = ""
    reference: str = ""
    terminal: str = ""


class NotQris(Struct, frozen=True):
    """It isn't a code of QRIS, or can't be made into one. `where` names the tag, never its value."""

    where: str


class _FaultyError(Exception):
    """Inside this file only: where it breaks."""


def make(code: Qris) -> str | NotQris:
    """The text of the code."""
    try:
        text = "".join(_tlv(tag, value) for tag, value in _fields(code) if value) + CRC_TAG
    except _FaultyError as fault:
        return NotQris(str(fault))
    return text + checksum(text) if len(text) + 4 <= PAYLOAD_CHARACTERS_MAX else NotQris("the whole: too long")


def parse(text: str) -> Qris | NotQris:
    """What a code says. Tags that we don't know are passed over, as EMVCo asks."""
    if not 0 < len(text) <= PAYLOAD_CHARACTERS_MAX or _PRINTABLE.fullmatch(text) is None:
        return NotQris("the whole: its length or its characters")
    if text[-8:-4] != CRC_TAG or checksum(text[:-4]) != text[-4:]:
        return NotQris("63: the checksum")
    try:
        return _qris(_split(text[:-8], ""))
    except _FaultyError as fault:
        return NotQris(str(fault))


def checksum(text: str) -> str:
    """CRC-16/CCITT-FALSE in four capital hexadecimal digits; of "123456789" it is 29B1."""
    return f"{binascii.crc_hqx(text.encode(), 0xFFFF):04X}"


def _fields(code: Qris) -> list[tuple[str, str]]:
    if not 1 <= len(code.accounts) <= len(ACCOUNT_TAGS):
        raise _FaultyError("26: one to twenty accounts are needed")
    accounts = [(tag, _account(tag, one)) for tag, one in zip(ACCOUNT_TAGS, code.accounts, strict=False)]
    national = _within("51", ("00", NATIONAL), ("02", code.national_id), ("03", code.criteria))
    more = _within("62", ("01", code.bill), ("05", code.reference), ("07", code.terminal))
    return [
        ("00", "01"),
        ("01", "11" if code.amount is None else "12"),
        *accounts,
        ("51", national),
        ("52", _checked("52", code.category, 4, digits=True)),
        ("53", RUPIAH_CURRENCY),
        ("54", _amount(code.amount)),
        ("58", "ID"),
        ("59", _checked("59", code.name, NAME_CHARACTERS_MAX)),
        ("60", _checked("60", code.city, CITY_CHARACTERS_MAX)),
        ("61", code.postal_code),
        ("62", more),
    ]


def _account(tag: str, one: Account) -> str:
    return _within(tag, ("00", one.domain), ("01", one.pan), ("02", one.merchant_id), ("03", one.criteria))


def _within(tag: str, *fields: tuple[str, str]) -> str:
    return "".join(_tlv(below, value, f"{tag}.") for below, value in fields if value)


def _amount(amount: Rupiah | None) -> str:
    if amount is None:
        return ""
    if amount.amount <= 0 or len(str(amount.amount)) > AMOUNT_CHARACTERS_MAX:
        raise _FaultyError("54")
    return str(amount.amount)


def _checked(tag: str, value: str, most: int, *, digits: bool = False) -> str:
    if not 0 < len(value) <= most or (digits and not re.fullmatch(rf"[0-9]{{{most}}}", value)):
        raise _FaultyError(tag)
    return value


def _tlv(tag: str, value: str, above: str = "") -> str:
    if len(value) > VALUE_CHARACTERS_MAX or _PRINTABLE.fullmatch(value) is None:
        raise _FaultyError(f"{above}{tag}")
    return f"{tag}{len(value):02}{value}"


def _split(text: str, above: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    at = 0
    while at < len(text):  # each step takes at least four characters
        head = _TLV.match(text, at)
        if head is None or at + 4 + int(head[2]) > len(text) or head[1] in fields:
            raise _FaultyError(f"{above}: a tag or a length")
        fields[head[1]] = text[head.end() : head.end() + int(head[2])]
        at = head.end() + int(head[2])
    return fields


def _qris(fields: Mapping[str, str]) -> Qris:
    if (fields.get("00"), fields.get("53"), fields.get("58")) != ("01", RUPIAH_CURRENCY, "ID"):
        raise _FaultyError("00, 53 or 58")
    is_static = {"11": True, "12": False}.get(fields.get("01", "11"))
    amount = fields.get("54")
    if is_static is None or (amount is None) != is_static:
        raise _FaultyError("01 and 54")
    accounts = tuple(_told_account(_split(fields[tag], tag)) for tag in ACCOUNT_TAGS if tag in fields)
    national, more = _split(fields.get("51", ""), "51"), _split(fields.get("62", ""), "62")
    if not accounts or national.get("00") != NATIONAL:
        raise _FaultyError("26 or 51")
    return Qris(
        accounts, national.get("02", ""), _criteria(national), _checked("52", fields.get("52", ""), 4, digits=True),
        _checked("59", fields.get("59", ""), NAME_CHARACTERS_MAX),
        _checked("60", fields.get("60", ""), CITY_CHARACTERS_MAX), fields.get("61", ""),
        None if amount is None else _rupiah(amount), more.get("01", ""), more.get("05", ""), more.get("07", ""),
    )  # fmt: skip


def _told_account(fields: Mapping[str, str]) -> Account:
    return Account(fields.get("00", ""), fields.get("01", ""), fields.get("02", ""), _criteria(fields))


def _criteria(fields: Mapping[str, str]) -> Criteria:
    found = next((one for one in CRITERIA if one == fields.get("03")), None)
    if found is None:
        raise _FaultyError("the size of the merchant")
    return found


def _rupiah(text: str) -> Rupiah:
    whole = _WHOLE.fullmatch(text)
    if whole is None or len(text) > AMOUNT_CHARACTERS_MAX or int(whole[1]) == 0:
        raise _FaultyError("54")
    return Rupiah(int(whole[1]))
