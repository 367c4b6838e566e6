"""How the cover of a member stands, told in one sentence that is always true.

Invariant: nobody else words this. It follows from the day until which BPJS says the member is protected, and from the
day on which it is told; after the end it never says "terlindungi".
"""

from __future__ import annotations

from datetime import date

from rules.cover import cover
from rules.words import Text, _


def sentence(name: str, protected_until: date | None, today: date) -> Text:
    """For somebody of this name, as the card writes it. `protected_until` is None before the first payment."""
    name, found = name.title(), cover(protected_until, today)
    until = protected_until or today
    match found.standing:
        case "not-paid-yet":
            return _("{name} belum pernah bayar, jadi belum terlindungi.", name=name)
        case "protected" if found.days_left == 0:
            return _("{name} terlindungi sampai hari ini saja.", name=name)
        case "protected":
            return _(
                "{name} terlindungi sampai {until}, sisa {days} hari.", name=name, until=until, days=found.days_left
            )
        case "arrears" if found.unpaid > 1:
            return _(
                "Perlindungan {name} habis sejak {until}. Tunggakan {months} bulan ikut dihitung.",
                name=name, until=until, months=found.unpaid - 1,
            )  # fmt: skip
        case "arrears":
            return _("Perlindungan {name} habis sejak {until}.", name=name, until=until)
        case "inactive":
            return _("{name} sudah tidak aktif. Bayar lagi untuk mulai lagi.", name=name)


def label(name: str, protected_until: date | None, today: date) -> Text:
    """The same in a few words, for a button."""
    name, found = name.title(), cover(protected_until, today)
    match found.standing:
        case "not-paid-yet":
            return _("{name}, belum bayar", name=name)
        case "protected":
            return _("{name}, sisa {days} hari", name=name, days=found.days_left)
        case "arrears":
            return _("{name}, sudah habis", name=name)
        case "inactive":
            return _("{name}, tidak aktif", name=name)
