"""`siaga reconcile`: one day compared with BPJS's statement, told in plain lines.

Invariant: what is printed holds no personal data: codes of payments, references of claims, numbers of our own.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.app import opened
from bot.settings import Settings, SettingsError
from db.reconciliation import Difference, Found
from rules.quiet import WITA
from rules.reconciliation import Kind, Part

PARTS: dict[Part, str] = {"payment": "pembayaran", "member": "peserta", "claim": "klaim"}
KINDS: dict[Kind, str] = {
    "not-here": "ada di BPJS, tidak ada pada kita",
    "not-there": "ada pada kita, tidak ada di BPJS",
    "otherwise": "berbeda",
    "repeated": "disebut lebih dari sekali",
}


async def reconcile(settings: Settings, day: str) -> tuple[str, bool]:
    """What to print, and whether BPJS answered."""
    async with opened(settings) as service:
        wanted = _day(day, service.clock())
        late = await service.reconciling.reconcile(wanted)
        if late is not None:
            return f"BPJS belum bisa menjawab: {late.why}\n", False
        return tell(wanted, await service.reconciling.standing(wanted)), True


def tell(day: date, all_found: list[Found]) -> str:
    """The day's counts, and a line for each difference."""
    lines = [f"Pencocokan {day:%d-%m-%Y}"]
    for found in all_found:
        lines.append(f"{PARTS[found.part]}: {found.stated} disebut BPJS, {found.matched} cocok")
        lines += [f"  {_line(one)}" for one in found.differences]
    return "\n".join(lines) + "\n"


def _line(one: Difference) -> str:
    sums = [f"kita {one.ours}"] * (one.ours is not None) + [f"BPJS {one.theirs}"] * (one.theirs is not None)
    told = f"{KINDS[one.kind]}: {one.subject}" + (f" ({', '.join(sums)})" if sums else "")
    return f"{told}, sudah dibereskan" if one.settled else told


def _day(written: str, now: datetime) -> date:
    if not written:
        return now.astimezone(WITA).date() - timedelta(days=1)
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise SettingsError(f"--day {written}: a day is written as 2026-11-20") from None
