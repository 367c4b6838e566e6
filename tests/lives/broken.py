"""What must never be, counted over the whole run: words at the wrong time, promises broken, things lost or doubled.

Invariant: counted by what rang on the phones and when, and by the tables of all sides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time

from rules.quiet import WITA
from tests.lives.phones import Rang
from tests.lives.run import Run
from tests.lives.sources import Sources, micros

MORNING, EVENING = time(7, 30), time(20)
A_MONTH_MAX = 3
_REMINDS = "STOP untuk berhenti diingatkan"
_ABOUT_CLAIMS = re.compile(r"[Kk]laim|[Ll]aporan")


async def broken(run: Run, sources: Sources) -> dict[str, list[str]]:
    """Each time that it happened, in a few words without a name; nothing for all that is well."""
    unasked = await _unasked(run, sources)
    reminders = [one for one in run.phones.rang if _REMINDS in one.text]
    stopped = run.visits.stopped
    by_day = Counter((one.phone, one.at.astimezone(WITA).date()) for one in reminders)
    by_month = Counter(_people_a_month(run, reminders))
    return {
        "unasked at night": [_told(one) for one in unasked if not MORNING <= _time(one) < EVENING],
        "reminders after STOP": [_told(one) for one in reminders if _is_after(stopped.get(one.phone), one.at)],
        "unasked about the dead, but their claims": [_told(one) for one in unasked if _is_about_the_dead(run, one)],
        "more than one reminder a chat and day": [f"{one}: {count}" for one, count in by_day.items() if count > 1],
        f"more than {A_MONTH_MAX} reminders a person and month": [
            f"{phone} {month}: {count}" for (phone, _name, month), count in by_month.items() if count > A_MONTH_MAX
        ],
        "promises of claims passed without a message": [*await _silent(sources), *run.late_promises],
        "errands lost": await _errands_lost(sources),
        "messages lost or unknown": await _messages_lost(sources, run.world.clock.now),
        "requests accepted twice": await _accepted_twice(sources),
        "messages of people that could not be handled": await sources.names(
            "SELECT parked FROM inbound WHERE parked IS NOT NULL"
        ),
        "questions that nobody understood": run.visits.at_a_loss,
    }  # fmt: skip


async def _unasked(run: Run, sources: Sources) -> list[Rang]:
    rows = {number for (number,) in await sources.ours("SELECT id FROM outbox WHERE kind IN ('notice', 'reminder')")}
    return [one for one in run.phones.rang if one.row in rows]


def _told(rang: Rang) -> str:
    return f"{rang.phone} {rang.at.astimezone(WITA):%Y-%m-%d %H:%M} {rang.text}"


def _time(rang: Rang) -> time:
    return rang.at.astimezone(WITA).time()


def _is_after(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and at > moment


def _is_about_the_dead(run: Run, rang: Rang) -> bool:
    if _ABOUT_CLAIMS.search(rang.text):
        return False
    return any(_is_after(at, rang.at) and _names(name, rang.text) for name, at in run.visits.died.items())


def _people_a_month(run: Run, reminders: list[Rang]) -> Iterator[tuple[str, str, str]]:
    for one in reminders:
        for person in run.on_phone[one.phone]:
            if _names(person.name, one.text):
                yield one.phone, person.name, f"{one.at.astimezone(WITA):%Y-%m}"


def _names(name: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", text) is not None


async def _silent(sources: Sources) -> list[str]:
    """Steps that the clock took, and no message to the chat of the claim in the same transaction; but of those whose
    words were erased since nothing can be known."""
    return await sources.names(
        "SELECT 'claim ' || claims.number FROM claim_steps JOIN claims ON claims.id = claim_steps.claim_id "
        "WHERE claim_steps.actor = 'clock' AND NOT EXISTS (SELECT 1 FROM outbox WHERE "
        "outbox.chat_id = claims.chat_id AND outbox.kind = 'notice' AND outbox.created_at = claim_steps.at) "
        "AND NOT EXISTS (SELECT 1 FROM erasures WHERE erasures.done_at >= claim_steps.at "
        "AND (erasures.person_id = claims.person_id OR erasures.chat_id = claims.chat_id))"
    )


async def _errands_lost(sources: Sources) -> list[str]:
    """Errands that never ended or ended badly; members and codes at BPJS that never came here."""
    ours = set(await sources.names("SELECT kpj FROM memberships UNION SELECT code FROM payment_codes"))
    theirs = sources.bpjs("select kpj from members where nik not like '%9994' union select code from payments")
    unknown = [f"at BPJS only: {row[0]}" for row in theirs if row[0] not in ours]
    return unknown + await sources.names(
        "SELECT lane || ' ' || state || ' ' || coalesce(last_error, '') FROM outbox "
        "WHERE kind = 'errand' AND state <> 'done'"
    )


async def _messages_lost(sources: Sources, now: datetime) -> list[str]:
    return await sources.names(
        "SELECT kind || ' ' || state || ' ' || id FROM outbox WHERE kind <> 'errand' AND "
        "(state IN ('refused', 'gone', 'unknown') OR (done_at IS NULL AND due_at <= :now))", now=micros(now),
    )  # fmt: skip


async def _accepted_twice(sources: Sources) -> list[str]:
    """A NIK registered twice; more codes, claims or postings at BPJS than we asked for."""
    registered = "select count(*) from registrations where outcome like '%\"registered\"%' group by nik"
    codes = "SELECT count(*) FROM payment_codes"
    sent = "SELECT count(*) FROM claims WHERE reference IS NOT NULL"
    pairs = {
        "registrations of one NIK": (max((row[0] for row in sources.bpjs(registered)), default=0), 1),
        "codes": (sources.bpjs("select count(*) from payments")[0][0], (await sources.ours(codes))[0][0]),
        "claims": (sources.bpjs("select count(*) from claims")[0][0], (await sources.ours(sent))[0][0]),
        "postings": (
            sources.bpjs("select count(*) from answers where key like 'posting %'")[0][0],
            (await sources.ours("SELECT count(*) FROM bank_payments"))[0][0],
        ),
    }
    return [f"{what}: {there} at BPJS, {here} from us" for what, (there, here) in pairs.items() if there > here]
