"""When nothing is said without being asked: at night.

20:00 to 07:30 WITA is our own choice, to be tested with the people of Soppeng; no rule names hours.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone

WITA = timezone(timedelta(hours=8), "WITA")
"""Keppres 41/1987; without summer time."""
EVENING, MORNING = time(20, 0), time(7, 30)


def allowed_from(moment: datetime) -> datetime:
    """The first moment, from this aware one on, at which something may be said unasked."""
    here = moment.astimezone(WITA)
    if MORNING <= here.time() < EVENING:
        return moment
    day = here.date() + timedelta(days=1) if here.time() >= EVENING else here.date()
    return datetime.combine(day, MORNING, WITA)
