"""Who may be registered, by age. The other conditions (working, not ill) are attested, not computed.

The limits are dated entries of rules/data/eligibility.toml. Invariant: an age counts from the birthday itself;
who is born on 29 February has it on 1 March of a common year.
"""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from rules.packaged import toml_table
from rules.words import Slip, _

TABLE = "rules/data/eligibility.toml"


class _Limit(Struct, frozen=True, forbid_unknown_fields=True):
    valid_from: date
    age_min: int
    age_below: int
    age_min_source: str
    age_below_source: str


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    limits: tuple[_Limit, ...]


def eligible(born: date, on: date) -> Slip | None:
    """None if a person born on `born` may be registered on the day `on`; otherwise words that say why not.

    LookupError for a day before the table begins.
    """
    limit = _in_force(on)
    if born > on:
        return Slip(_("Tanggal lahir ini belum terjadi. Coba periksa lagi tahunnya."))
    if on < _birthday(born, limit.age_min):
        first = _birthday(born, limit.age_min)
        return Slip(_("Pendaftaran mulai umur {age} tahun. Bisa daftar mulai {first}.", age=limit.age_min, first=first))
    if on >= _birthday(born, limit.age_below):
        return Slip(
            _(
                "Maaf, pendaftaran baru hanya untuk yang belum berumur {age} tahun. Kalau tanggal lahirnya keliru, "
                "petugas siap membantu.",
                age=limit.age_below,
            )
        )
    return None


def _birthday(born: date, age: int) -> date:
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)  # born on 29 February


def _in_force(on: date) -> _Limit:
    for limit in reversed(_LIMITS):
        if limit.valid_from <= on:
            return limit
    raise LookupError(f"{TABLE} begins on {_LIMITS[0].valid_from} and holds nothing for {on}")


_LIMITS = toml_table("eligibility.toml", _Table).limits
