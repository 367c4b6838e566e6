"""What the imitated PLKK remembers: notices and how far each treatment is, in one SQLite file.

Invariant: neither a name nor a story is written down, and only masked NIKs of invented people (last four digits 9900 to
9999).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from gateway.sandbox.plkk_clinics import places
from gateway.sandbox.plkk_contract import NoticeBody, moment
from gateway.sandbox.store import Answer, Store

SLOW, FAILS_ONCE, DOWN, NONSENSE, NOBODY, REFUSED = "9980", "9981", "9982", "9983", "9984", "9985"
"""Magic last four digits of a NIK, or of the code of a village, which no real one has."""

ROWS_SHOWN_MAX = 50
NEXT = {"expected": "arrived", "arrived": "admitted", "admitted": "discharged"}

TABLES = """
create table if not exists treatments (
    reference text primary key, claim text not null, clinic text not null, nik text not null, state text not null,
    at text not null);
create table if not exists failed_once (what text primary key);
"""


class Registry(Store):
    """All that the sandbox knows. Answers are those of `plkk_contract`."""

    def __init__(self, database: Path, secret: str) -> None:
        super().__init__(database, secret, TABLES)

    def fails_now(self, what: str) -> bool:
        """True the first time for something that fails once."""
        stored = self.db.execute("insert or ignore into failed_once values (?)", (what,))
        return stored.rowcount == 1

    def notice(self, wanted: NoticeBody, key: str, now: datetime) -> Answer | None:
        """Take it or not. None: the key was used for another notice."""

        def decide() -> Answer:
            refusal = _refusal(wanted)
            if refusal is not None:
                return refusal
            reference = f"RAWAT-{self.token(key)}"
            self.db.execute(
                "insert into treatments values (?, ?, ?, ?, 'expected', ?)",
                (reference, wanted.claim, wanted.clinic, wanted.nik, moment(now)),
            )
            return {"status": "notice-taken", "reference": reference}

        return self.once(f"notice {key}", wanted.model_dump_json(), decide)

    def treatment(self, reference: str) -> Answer | None:
        """None: no such reference."""
        row = self.one("select reference, clinic, state, at from treatments where reference = ?", reference)
        return {"status": "treatment", **dict(row)} if row else None

    def next(self, reference: str, now: datetime) -> None:
        """The button: arrived, admitted, discharged, one after another. After that, and for an unknown one, nothing."""
        with self.transaction():
            row = self.one("select state from treatments where reference = ?", reference)
            state = NEXT.get(row["state"]) if row else None
            if state is None:
                return
            at = moment(now)
            self.db.execute("update treatments set state = ?, at = ? where reference = ?", (state, at, reference))
            self.add_event(f"{state}-{reference}", "treatment-changed", now, reference=reference, state=state, at=at)

    def latest(self) -> list[Answer]:
        """Treatments, the newest first."""
        rows = self.db.execute("select * from treatments order by rowid desc limit ?", (ROWS_SHOWN_MAX,))
        return [dict(row) for row in rows]


def _refusal(wanted: NoticeBody) -> Answer | None:
    if not wanted.nik.endswith(tuple(f"99{number:02}" for number in range(100))):
        return _refused(
            "not-invented", "Sandbox ini hanya menerima orang karangan: empat angka terakhir NIK 9900 sampai 9999."
        )
    if wanted.clinic not in {place.id for place in places()}:
        return _refused("unknown-clinic", "Klinik ini tidak ada di daftar.")
    if wanted.nik[-4:] == REFUSED:
        return _refused("no-room", "Klinik ini sedang penuh. Pilih klinik lain.")
    return None


def _refused(reason: str, words: str) -> Answer:
    return {"status": "notice-refused", "reason": reason, "words": words}
