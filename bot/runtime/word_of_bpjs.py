"""What BPJS's word does here, whether it came by webhook or stands in a statement of the night.

Invariant: an event has effect once, for ever, by its id; cover is written as BPJS stated it, and an older word doesn't
undo a newer one.
"""

from __future__ import annotations

import structlog

from bot.flows import notices
from bot.runtime.batch import Desk, notify
from bot.runtime.claims import Claims
from bot.talk.heard import Unread
from db import ledger, payments, talks
from db.talks import Stamp
from db.unit import Unit
from rules.bpjs import ClaimChanged, ClaimTaken, Paid

log = structlog.get_logger()

UNKNOWN_CLAIM = "claim-unknown"
"""The queue of claims at BPJS that we know nothing of."""


async def is_new(unit: Unit, event_id: str) -> bool:
    """Write down the event; whether it is heard for the first time."""
    stamp = Stamp("bpjs", "", event_id)
    return await talks.is_first(unit, talks.Arrived(unit.ids.next(), stamp, 0, Unread("unknown")))


async def paid(unit: Unit, desk: Desk, event: Paid) -> payments.PaidFor | None:
    """Book a payment and tell the chats that speak for its member. None if it is known, or isn't ours."""
    if not await is_new(unit, event.event_id):
        return None
    found = await payments.record_paid(unit, event)
    if found is None:
        log.warning("paid-nobody-told", partner="bpjs")
        return None
    texts = [notices.paid_otherwise(found.name, event, found.asked)]
    if (given := found.receipt) is not None:
        texts = notices.paid(found.name, event, given.amount, given.number, given.months)
    for chat in found.chats:
        await notify(unit, desk, chat, *texts)
    return found


async def claim(unit: Unit, claims: Claims, event: ClaimTaken | ClaimChanged) -> bool:
    """Write how a claim stands, and tell who reported it; whether it is one of ours. The same word twice changes
    nothing the second time."""
    try:
        await claims.said(unit, event)
    except LookupError:
        reference = event.reference if isinstance(event, ClaimTaken) else event.status.reference
        log.warning("claim-unknown", partner="bpjs")
        await ledger.set_aside_once(unit, UNKNOWN_CLAIM, reference)
        return False
    return True
