"""What must never be, counted over the whole run: words at the wrong time, promises broken, things lost or doubled.

Invariant: counted by what rang on the phones and when, and by the tables of all sides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time

from bench.lives.phones import Rang
from bench.lives.run import Run
from bench.lives.sources import Sources, micros
from rules.quiet import WITA

MORNING, EVENING = time(7, 30), time(20)
A_MONTH_MAX = 3
_REMINDS = "STOP untuk berhenti diingatkan"
_ABOUT_CLAIMS = re.compile(r"[Kk]laim|[Ll]aporan")


async def broken(run: Run, sources: Sources) -> dict[str, int]:
    """How often each happened; 0 for all that is well."""
    unasked = await _unasked(run, sources)
    reminders = [one for one in run.phones.rang if _REMINDS in one.text]
    by_day = Counter((one.phone, one.at.astimezone(WITA).date()) for one in reminders)
    by_month = Counter(_people_a_month(run, reminders))
    return {
        "unasked at night": sum(not MORNING <= one.at.astimezone(WITA).time() < EVENING for one in unasked),
        "reminders after STOP": sum(_is_after(run.stopped.get(one.phone), one.at) for one in reminders),
        "unasked about the dead, but their claims": sum(_is_about_the_dead(run, one) for one in unasked),
        "more than one reminder a chat and day": sum(count > 1 for count in by_day.values()),
        f"more than {A_MONTH_MAX} reminders a person and month": sum(
            count > A_MONTH_MAX for count in by_month.values()
        ),
        "promises of claims passed without a message": await _silent(sources) + run.late_promises,
        "errands lost": await _errands_lost(sources),
        "messages lost or unknown": await _messages_lost(sources, run.world.clock.now),
        "requests accepted twice": await _accepted_twice(sources),
        "messages of people that could not be handled": await _count(sources, "inbound", "parked IS NOT NULL"),
        "questions that nobody understood": len(run.at_a_loss),
    }


async def _unasked(run: Run, sources: Sources) -> list[Rang]:
    rows = {number for (number,) in await sources.ours("SELECT id FROM outbox WHERE kind = 'notice'")}
    return [one for one in run.phones.rang if one.row in rows]


def _is_after(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and at > moment


def _is_about_the_dead(run: Run, rang: Rang) -> bool:
    if _ABOUT_CLAIMS.search(rang.text):
        return False
    return any(_is_after(at, rang.at) and _names(name, rang.text) for name, at in run.died.items())


def _people_a_month(run: Run, reminders: list[Rang]) -> Iterator[tuple[str, str]]:
    for one in reminders:
        for person in run.on_phone[one.phone]:
            if _names(person.name, one.text):
                yield person.name, f"{one.at.astimezone(WITA):%Y-%m}"


def _names(name: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", text) is not None


async def _silent(sources: Sources) -> int:
    """Steps that the clock took, and no message to the chat of the claim in the same transaction."""
    return await _count(
        sources, "claim_steps JOIN claims ON claims.id = claim_steps.claim_id",
        "claim_steps.actor = 'clock' AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.chat_id = claims.chat_id "
        "AND outbox.kind = 'notice' AND outbox.created_at = claim_steps.at)",
    )  # fmt: skip


async def _errands_lost(sources: Sources) -> int:
    """Errands that never ended or ended badly; members and codes at BPJS that never came here."""
    ours = {row[0] for row in await sources.ours("SELECT kpj FROM memberships UNION SELECT code FROM payment_codes")}
    theirs = sources.bpjs("select kpj from members where nik not like '%9994' union select code from payments")
    return len({row[0] for row in theirs} - ours) + await _count(sources, "outbox", "kind = 'errand' AND state <> 'done'")


async def _messages_lost(sources: Sources, now: datetime) -> int:
    where = "kind <> 'errand' AND (state IN ('refused', 'gone', 'unknown') OR (done_at IS NULL AND due_at <= :now))"
    return await _count(sources, "outbox", where, now=micros(now))


async def _accepted_twice(sources: Sources) -> int:
    """A NIK registered twice, codes or claims at BPJS of which we asked for fewer, a bank's payment posted twice."""
    twice = len(sources.bpjs(
        "select nik from registrations where outcome like '%\"registered\"%' group by nik having count(*) > 1"
    ))  # fmt: skip
    codes = len(sources.bpjs("select code from payments")) - await _count(
        sources, "outbox", "lane = 'GetPaymentCode' AND state = 'done'"
    )
    claims = len(sources.bpjs("select reference from claims")) - await _count(
        sources, "claims", "reference IS NOT NULL"
    )
    posted = len(sources.bpjs("select key from answers where key like 'posting %'")) - await _count(
        sources, "bank_payments", "1 = 1"
    )
    return twice + max(0, codes) + max(0, claims) + max(0, posted)


async def _count(sources: Sources, table: str, where: str, **values: object) -> int:
    return int((await sources.ours(f"SELECT count(*) FROM {table} WHERE {where}", **values))[0][0])
