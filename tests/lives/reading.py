"""What a person reads on the phone: codes to pay with, receipts, news of claims.

Pure. Invariant: only what the bot said is known here; nothing is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from gateway import qris
from tests.lives.people import Person
from tests.lives.phones import Rang

MONTHS = (
    "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()
)  # fmt: skip
_KPJ = re.compile(r"Nomor peserta \(KPJ\): (\d{11})")
_CODE = re.compile(r"Kode bayar: (88\d{13})")
_AMOUNT = re.compile(r"Rp([\d.]+)")
_ACCOUNT = re.compile(r"Nomor virtual account: (\d{15,})")
_NO_BANK = re.compile(r"bank belum bisa\. Kode bayarnya tetap berlaku: (88\d{13})")
_PAID = re.compile(r"^Pembayaran Rp([\d.]+) sudah diterima BPJS\. .* terlindungi sampai (\d+) (\w+) (\d{4})\. "
                   r"Tanda terima (\d+), iuran (.+)\.$", re.MULTILINE)  # fmt: skip
_CLAIM = re.compile(r"[Kk]laim (?:nomor )?(\d+)[, ]")
_SPAN = re.compile(r"(\w+) (\d{4})")


class Code(Struct, frozen=True):
    """A payment code."""

    person: Person
    code: str
    amount: int
    is_first: bool


class Bill(Struct, frozen=True):
    """What can be paid at the bank instead."""

    person: Person
    number: str
    amount: int


class NoBank(Struct, frozen=True):
    """The bank makes no bill; the code is paid."""

    person: Person
    code: str


class Receipt(Struct, frozen=True):
    """BPJS has it. `months` as they are told, ("2026-11", "2027-01") for three."""

    person: Person
    number: int
    amount: int
    until: date
    months: tuple[str, str]


class ClaimNews(Struct, frozen=True):
    """Something about a claim; `number` is 0 where the phone serves others, too."""

    number: int
    text: str


Read = Code | Bill | NoBank | Receipt | ClaimNews


def read(rang: Rang, people: Sequence[Person]) -> Iterator[Read]:
    """What stands in a message, on the phone of these people."""
    text = rang.text
    for found in _PAID.finditer(text):
        amount, day, month, year, number, span = found.groups()
        until = date(int(year), MONTHS.index(month) + 1, int(day))
        yield Receipt(_whom(text, people), int(number), _rupiah(amount), until, _months(span))
    for found in _KPJ.finditer(text):
        _whom(text[: found.start()], people).kpj = found[1]
    for found in _CODE.finditer(text):
        person = _whom(text[: found.start()], people)
        yield Code(person, found[1], _amount(text), "terdaftar" in text[: found.start()])
    for found in _NO_BANK.finditer(text):
        yield NoBank(_whom(text, people), found[1])
    for found in _ACCOUNT.finditer(text):
        yield Bill(_whom(text[: found.start()], people), found[1], _amount(text))
    if rang.code:
        paid_by = qris.parse(rang.code)
        assert isinstance(paid_by, qris.Qris) and paid_by.amount is not None
        yield Bill(_whom(text, people), paid_by.bill, paid_by.amount.amount)
    if "Ketik klaim untuk membacanya" in text:
        yield ClaimNews(0, text)
    for found in _CLAIM.finditer(text):
        yield ClaimNews(int(found[1]), text)
        return


def _whom(text: str, people: Sequence[Person]) -> Person:
    """Of whom it is last spoken there; of who is alone, in any case."""
    if len(people) == 1:
        return people[0]
    return max(people, key=lambda one: text.rfind(one.name))


def _amount(text: str) -> int:
    found = _AMOUNT.findall(text)
    return _rupiah(found[-1]) if found else 0


def _rupiah(written: str) -> int:
    return int(written.replace(".", ""))


def _months(span: str) -> tuple[str, str]:
    months = [f"{year}-{MONTHS.index(month) + 1:02}" for month, year in _SPAN.findall(span)]
    return months[0], months[-1]
