"""What is kept of one file: the card's values under the names that are printed on it. Pure.

Invariant: every row has all keys; a value that wasn't read is None with confidence 0, and says so among the flags.
"""

from __future__ import annotations

from msgspec import Struct

from rules.card import Card, Field, Unusable

KEYS: dict[str, str] = {
    "nik": "nik", "nama": "name", "tempat_lahir": "birth_place", "tanggal_lahir": "birth_date",
    "jenis_kelamin": "sex", "gol_darah": "blood_type", "alamat": "address", "rt_rw": "rt_rw",
    "kel_desa": "village", "kecamatan": "district", "agama": "religion", "status_perkawinan": "marital_status",
    "pekerjaan": "occupation", "kewarganegaraan": "citizenship", "berlaku_hingga": "valid_until",
    "provinsi": "province", "kabupaten": "regency",
}  # fmt: skip
"""A row's keys, as printed on the card, and the fields of `Card` that they hold."""

MAY_MISS = ("gol_darah", "provinsi", "kabupaten")
"""Many cards have no blood type; the header says who issued the card, not who it is."""

NOT_READ = "not-read"
"""The photo took too long, or broke what reads: says nothing about the photo."""
UNREADABLE = "unreadable"
"""The file couldn't be opened."""

_KEY_OF = {field: key for key, field in KEYS.items()}
_AS_PRINTED = {"female": "PEREMPUAN", "male": "LAKI-LAKI"}


class Row(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`fields` and `confidence` (0 to 1) have the keys of KEYS; `flags` are doubts such as "nik-sex-mismatch",
    "low-confidence: nama", "not-read: nik"; `rejected` is None or why nothing was read; `seconds` is the time it took;
    `printed` has what was read of the values that are only close to it.
    """

    fields: dict[str, str | None]
    flags: tuple[str, ...]
    rejected: str | None
    confidence: dict[str, float]
    seconds: float
    printed: dict[str, str] = {}


def row_of(read: Card | Unusable | None, seconds: float) -> Row:
    """What the reader answered; None is `NOT_READ`."""
    if read is None:
        return rejected(NOT_READ, seconds)
    if isinstance(read, Unusable):
        return rejected(read.reason, seconds)
    fields: dict[str, Field | None] = {key: getattr(read, name) for key, name in KEYS.items()}
    missing = tuple(f"not-read: {key}" for key, field in fields.items() if field is None and key not in MAY_MISS)
    return Row(
        fields={key: _printed(key, field) for key, field in fields.items()},
        flags=(*(_flag(doubt) for doubt in read.doubts), *missing),
        rejected=None,
        confidence={key: round(field.confidence, 3) if field else 0.0 for key, field in fields.items()},
        seconds=round(seconds, 2),
        printed={key: field.printed for key, field in fields.items() if field and field.printed is not None},
    )


def rejected(reason: str, seconds: float, flags: tuple[str, ...] = ()) -> Row:
    """A file from which nothing was read."""
    return Row(dict.fromkeys(KEYS), flags, reason, dict.fromkeys(KEYS, 0.0), round(seconds, 2))


def _printed(key: str, field: Field | None) -> str | None:
    if field is None:
        return None
    return _AS_PRINTED.get(field.value, field.value) if key == "jenis_kelamin" else field.value


def _flag(doubt: str) -> str:
    """A doubt with the row's key in place of the card's field."""
    kind, colon, name = doubt.partition(": ")
    return f"{kind}{colon}{_KEY_OF.get(name, name)}"
