"""The sentence about the cover is true on every day, whatever was paid and when: thirty histories, and an oracle."""

from __future__ import annotations

from datetime import date

import pytest
from babel.dates import format_date

from bot.flows import standing
from bot.flows.asks import Standing, Standings
from bot.flows.status import status
from rules.month import Month
from tests.talk.driver import START, Chat
from tests.talk.small_flows import flow, house

HISTORIES: dict[str, tuple[str, str]] = {
    # name: (months paid for, each with the day on which it was paid; the day on which it is asked)
    "never": ("", "2026-11-21"),
    "the first day": ("2026-11@11-21", "2026-11-21"),
    "middle of the month": ("2026-11@11-21", "2026-11-25"),
    "the day before the last": ("2026-11@11-21", "2026-11-29"),
    "the last day": ("2026-11@11-21", "2026-11-30"),
    "the day after": ("2026-11@11-21", "2026-12-01"),
    "grace, last day of the first month": ("2026-11@11-21", "2026-12-31"),
    "grace, second month": ("2026-11@11-21", "2027-01-01"),
    "grace, third month": ("2026-11@11-21", "2027-02-01"),
    "grace, its last day": ("2026-11@11-21", "2027-02-28"),
    "inactive, its first day": ("2026-11@11-21", "2027-03-01"),
    "inactive for years": ("2026-11@11-21", "2029-06-09"),
    "month after month": ("2026-11@11-21 2026-12@12-03 2027-01@01-05", "2027-01-20"),
    "paid late, within the grace": ("2026-11@11-21 2026-12@12-20", "2026-12-21"),
    "double month": ("2026-11@11-21 2026-12@01-10 2027-01@01-10", "2027-01-11"),
    "triple month": ("2026-11@11-21 2026-12@02-10 2027-01@02-10 2027-02@02-10", "2027-02-28"),
    "the same month twice": ("2026-11@11-21 2026-11@11-22", "2026-11-30"),
    "three in advance": ("2026-11@11-21 2026-12@11-21 2027-01@11-21", "2026-12-15"),
    "six in advance": (" ".join(f"{Month(2026, 11) + n}@11-21" for n in range(6)), "2027-04-30"),
    "twelve in advance": (" ".join(f"{Month(2026, 11) + n}@11-21" for n in range(12)), "2027-10-31"),
    "twelve in advance, the day after": (" ".join(f"{Month(2026, 11) + n}@11-21" for n in range(12)), "2027-11-01"),
    "from harvest to harvest": ("2026-11@11-21 2026-12@11-23 2027-01@11-23 2027-02@11-23 2027-03@11-23", "2027-03-31"),
    "told out of order": ("2027-01@11-23 2026-12@11-23 2026-11@11-21", "2027-01-02"),
    "a gap, then a return": ("2026-11@11-21 2027-03@03-13", "2027-03-14"),
    "a gap, a return, the day after its end": ("2026-11@11-21 2027-03@03-13", "2027-04-01"),
    "two gaps": ("2026-11@11-21 2027-03@03-13 2027-08@08-02", "2027-08-31"),
    "two gaps, and inactive again": ("2026-11@11-21 2027-03@03-13 2027-08@08-02", "2027-12-01"),
    "over a leap day": ("2028-02@02-03", "2028-02-28"),
    "on a leap day": ("2028-02@02-03", "2028-02-29"),
    "after a leap day": ("2028-02@02-03", "2028-03-01"),
}
ENDS = {"2026-11": "2026-11-30", "2026-12": "2026-12-31", "2027-01": "2027-01-31", "2027-02": "2027-02-28",
        "2027-03": "2027-03-31", "2027-04": "2027-04-30", "2027-08": "2027-08-31", "2027-10": "2027-10-31",
        "2028-02": "2028-02-29"}  # fmt: skip
"""BPJS protects to the end of the last month that is paid."""


def oracle(months: set[str], today: date) -> str:
    """The sentence by counting day by day, month by month, and by no rule of ours."""
    if not months:
        return "Hasna belum pernah bayar, jadi belum terlindungi."
    until = date.fromisoformat(ENDS[max(months)])
    told = format_date(until, "d MMMM y", locale="id")
    if f"{today:%Y-%m}" in months or today <= until:
        left = sum(1 for day in range(today.toordinal() + 1, until.toordinal() + 1))
        return f"Hasna terlindungi sampai {told}, sisa {left} hari." if left else (
            "Hasna terlindungi sampai hari ini saja.")  # fmt: skip
    unpaid, month = [], until
    while (month := date(month.year + month.month // 12, month.month % 12 + 1, 1)) <= today:
        unpaid.append(month)
    if len(unpaid) > 3:
        return "Hasna sudah tidak aktif. Bayar lagi untuk mulai lagi."
    ended = f"Perlindungan Hasna habis sejak {told}."
    return ended if len(unpaid) == 1 else f"{ended} Tunggakan {len(unpaid) - 1} bulan ikut dihitung."


def test_there_are_thirty_of_them() -> None:
    assert len(HISTORIES) == 30


@pytest.mark.parametrize("history", HISTORIES)
def test_the_sentence_is_that_of_the_oracle(history: str) -> None:
    paid, asked_on = HISTORIES[history]
    months, today = {one.partition("@")[0] for one in paid.split()}, date.fromisoformat(asked_on)
    until = date.fromisoformat(ENDS[max(months)]) if months else None

    assert standing.sentence("HASNA", until, today).tell("id", str) == oracle(months, today)


@pytest.mark.parametrize("history", ["never", "the last day", "the day after", "grace, third month"])
def test_status_says_it_in_the_same_words(history: str) -> None:
    paid, asked_on = HISTORIES[history]
    months, today = {one.partition("@")[0] for one in paid.split()}, date.fromisoformat(asked_on)
    found = Standing("HASNA", "registered", "31754442421", ENDS[max(months)] if months else None)
    chat = Chat(house(flow(status)), {Standings: [found]})
    chat.now = START.replace(year=today.year, month=today.month, day=today.day)

    assert chat.tell("trip") == f"{oracle(months, today)} KPJ 31754442421."
