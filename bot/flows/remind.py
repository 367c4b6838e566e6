"""Reminders again, after STOP: the same consent as in the enrolment."""

from __future__ import annotations

from bot.flows.asks import GiveConsent
from bot.talk import ask
from bot.talk.awaited import Say, StopReminders, Today
from bot.talk.flow import Flow
from rules.consent import current
from rules.words import _


async def remind() -> None:
    """One question."""
    consent = current("reminders", await Today("remind"))
    agreed = await ask.Confirm(
        "remind", consent.words, yes=_("Setuju"), no=_("Tidak setuju"), about=consent.digest
    )  # fmt: skip
    if not agreed:
        await StopReminders()
        await Say(_("Baik. Kami tidak mengirim pengingat."))
        return
    await GiveConsent("reminders", consent.version, consent.words.msgid, "self")
    await Say(_("Baik, kami ingatkan lagi. Balas STOP untuk berhenti."))


FLOW = Flow(
    name="remind", run=remind, title=_("Pengingat"), words=("ingatkan", "ingatkan saya", "pengingat", "remind me")
)
