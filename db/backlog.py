"""What waits in the outbox for a partner that was away.

Invariant: once the partner is back, what was asked for first is due first; nothing is due that a partner has taken and
answers later.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select, update

from db.tables import outbox
from db.unit import PerDialect, Unit, for_each


def wake(unit: Unit, lanes: Iterable[str]) -> None:
    """Errands of these lanes that wait for another try are due now: the outbox takes what is due in the order in which
    it was asked for."""
    unit.change(_WAKE, lanes=sorted(lanes), now=unit.now)


_ASLEEP = for_each(
    "lanes",
    select(outbox.c.id)
    .where(
        outbox.c.kind == "errand", outbox.c.state == "ready", outbox.c.done_at.is_(None),
        outbox.c.due_at > bindparam("now"), outbox.c.reference.is_(None),
    )
    .order_by(outbox.c.id)
    .with_for_update(skip_locked=True),
    outbox.c.lane,
)  # fmt: skip
_WAKE = PerDialect(
    *(
        update(outbox).where(outbox.c.id.in_(asleep)).values(due_at=bindparam("now"))
        for asleep in (_ASLEEP.sqlite, _ASLEEP.postgresql)
    )
)
