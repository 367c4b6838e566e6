"""Where on a card everything is printed: one style a card, drawn from the seed, and the words placed by it.

The order of the rows is that of Permendagri 74/2015. Units are those of the ID-1 format at 300 dots per inch,
1011 x 638. Invariant: whatever the style, every word lies within the card and no row runs into the portrait.
"""

from __future__ import annotations

import random
from datetime import date

from msgspec import Struct

from tests.ktp.faces import BOLD, Type, a_number_face, a_text_face, installed, set_in_type
from tests.ktp.people import Person

WIDTH, HEIGHT = 1011, 638
RIGHT, BOTTOM = 996, 622  # no ink beyond
PORTRAIT_HEIGHT = 284
GAP = 8  # between a value and the portrait or the blood type
NARROWEST = 0.6  # a value without room is set narrower, down to this

SEX = {"female": "PEREMPUAN", "male": "LAKI-LAKI"}
ROWS = (
    ("name", False, ("Nama",)),
    ("birth", False, ("Tempat/Tgl Lahir", "Tempat / Tgl Lahir", "Tempat/Tgl. Lahir")),
    ("sex", False, ("Jenis Kelamin", "Jenis kelamin", "Jenis Kelamin")), ("address", False, ("Alamat",)),
    ("rt_rw", True, ("RT/RW", "RT / RW", "RT/RW")), ("village", True, ("Kel/Desa", "Kel / Desa", "Kel/Desa")),
    ("district", True, ("Kecamatan",)), ("religion", False, ("Agama",)),
    ("marital_status", False, ("Status Perkawinan",)), ("occupation", False, ("Pekerjaan",)),
    ("citizenship", False, ("Kewarganegaraan",)), ("valid_until", False, ("Berlaku Hingga",)),
)  # fmt: skip
"""Name, indented, how an office may print the label; the NIK stands above them."""


class Style(Struct, frozen=True):
    """How one office's printer prints. Lengths in card units; `wrap` is the pitch of a wrapped line over a row's;
    `centred` puts the label between the two lines of its value."""

    label: Type
    value: Type
    header: Type
    nik: Type
    small: Type
    label_x: float
    value_x: float
    number_x: float  # of the colon of the NIK, which stands in no column
    blood_x: float
    indent: float
    nik_y: float
    first_y: float
    pitch: float
    wrap: float
    centred: bool
    header_y: tuple[float, float]
    portrait: tuple[float, float, float]  # left, top, width
    tilt: float  # how far the print is turned on the card, in units over its width
    colon: str
    wording: int  # which of an office's ways to print labels
    comma: str  # between place and date of birth
    blood_label: str
    issued_y: float
    ink: tuple[int, int, int]
    darkness: float
    softness: float
    patchiness: float


class Placed(Struct, frozen=True):
    """Words on the card: `x` of their left edge, `y` of their middle, what they are the value of (or None)."""

    words: str
    x: float
    y: float
    how: Type
    field: str | None = None

    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        ink = set_in_type(self.words, self.how).getbbox() or (0, 0, 0, 0)
        return self.x + ink[0], self.y - self.how.size / 2, self.x + ink[2], self.y + self.how.size / 2


def any_style(chance: random.Random) -> Style:
    """One more way to print a card."""
    face, bold = a_text_face(chance), chance.choice(installed(BOLD))
    size = chance.uniform(19.5, 24.0)
    look = {"stretch": chance.uniform(0.84, 1.03), "spacing": chance.choice((0.0, 0.0, 0.4, 0.9, -0.3))}
    weight = chance.uniform(-0.6, 1.0)
    value_x = chance.uniform(236, 312)
    number_x = chance.choice((value_x - 16, chance.uniform(150, value_x - 16)))
    top = chance.uniform(30, 40)
    return Style(
        label=Type(face if chance.random() < 0.8 else a_text_face(chance), size * chance.uniform(0.9, 1.0),
                   weight=weight, **look),
        value=Type(face, size, weight=weight, **look),
        header=Type(bold, chance.uniform(25, 31), stretch=chance.uniform(0.85, 1.0)),
        nik=Type(a_number_face(chance), chance.uniform(33, 42), chance.uniform(-0.5, 3.5), chance.uniform(0.85, 1.02),
                 chance.uniform(-0.8, 1)),
        small=Type(face, chance.uniform(15, 18), stretch=look["stretch"]),
        label_x=chance.uniform(22, 46), value_x=value_x, number_x=number_x, blood_x=chance.uniform(value_x + 190, 575),
        indent=chance.choice((0, 24, 40, 40)),
        nik_y=chance.uniform(112, 130), first_y=chance.uniform(160, 180), pitch=chance.uniform(31.5, 36),
        wrap=chance.choice((1.0, 1.0, 0.82)), centred=chance.random() < 0.15,
        header_y=(top, top + chance.uniform(30, 36)),
        portrait=(chance.uniform(738, 766), chance.uniform(104, 148), chance.uniform(196, 216)),
        tilt=chance.uniform(-4, 4), colon=chance.choice((":", ":", ": ")),
        wording=chance.randrange(3), comma=chance.choice((", ", ", ", ",")),
        blood_label=chance.choice(("Gol. Darah :", "Gol. Darah :", "Gol.Darah:", "Gol Darah :")),
        issued_y=chance.uniform(14, 26),
        ink=chance.choice(((24, 26, 34), (40, 38, 40), (20, 24, 56), (58, 56, 60), (12, 12, 14))),
        darkness=chance.uniform(0.78, 1.0), softness=chance.uniform(0.25, 0.8), patchiness=chance.uniform(0, 0.22),
    )  # fmt: skip


def placed(person: Person, style: Style) -> tuple[Placed, ...]:
    """Everything that is printed, from top to bottom."""
    return (*_header(person, style), *_number(person, style), *_rows(person, style), *_issue(person, style))


def values(person: Person, comma: str = ", ") -> dict[str, str]:
    """The rows below the NIK as they are printed: "birth" holds place and date, dates are DD-MM-YYYY."""
    printed = {name: str(getattr(person, name, "")) for name, _, _ in ROWS}
    until = person.valid_until
    return printed | {
        "birth": f"{person.birth_place}{comma}{person.birth_date:%d-%m-%Y}",
        "sex": SEX[person.sex],
        "valid_until": f"{date.fromisoformat(until):%d-%m-%Y}" if until[:1].isdigit() else until,
    }


def _header(person: Person, style: Style) -> tuple[Placed, ...]:
    lines = (("province", f"PROVINSI {person.province}"), ("regency", person.regency))
    placed_lines = []
    for (field, words), y in zip(lines, style.header_y, strict=True):
        how = _narrowed(words, style.header, WIDTH - 60)
        placed_lines.append(Placed(words, (WIDTH - _wide(words, how)) / 2, y, how, field))
    return tuple(placed_lines)


def _number(person: Person, style: Style) -> tuple[Placed, ...]:
    big = Type(style.label.face, style.label.size * 1.3, stretch=style.label.stretch)
    left = style.number_x + 20
    how = _narrowed(person.nik, style.nik, style.portrait[0] - GAP - left)
    return (
        Placed("NIK", style.label_x, style.nik_y, big),
        Placed(":", style.number_x, style.nik_y, big),
        Placed(person.nik, left, style.nik_y, how, "nik"),
    )


def _rows(person: Person, style: Style) -> list[Placed]:
    printed = values(person, style.comma)
    lines = {name: _lines(name, printed[name], style) for name, _, _ in ROWS}
    extra = sum(len(parts) - 1 for parts in lines.values()) * style.wrap
    pitch = min(style.pitch, (BOTTOM - style.value.size / 2 - 2 - style.first_y) / (len(ROWS) - 1 + extra))
    found, y = [], style.first_y
    for name, indented, labels in ROWS:
        parts, label = lines[name], labels[style.wording % len(labels)]
        middle = y + (len(parts) - 1) * pitch * style.wrap / 2 * style.centred
        x = style.label_x + style.indent * indented
        how = _narrowed(label, style.label, style.value_x - 14 - x)
        found += [Placed(label, x, middle, how), Placed(style.colon, style.value_x - 13, middle, style.label)]
        for words in parts:
            found.append(Placed(words, style.value_x, y, _narrowed(words, style.value, _room(name, style)), name))
            y += pitch * style.wrap
        y += pitch * (1 - style.wrap)
        if name == "sex":
            found += _blood(person, style, middle)
    return found


def _blood(person: Person, style: Style, y: float) -> list[Placed]:
    room = style.portrait[0] - GAP - style.blood_x - 34
    how = _narrowed(style.blood_label, style.label, room)
    x = style.blood_x + _wide(style.blood_label, how) + 6
    return [
        Placed(style.blood_label, style.blood_x, y, how),
        Placed(person.blood_type, x, y, style.value, "blood_type"),
    ]


def _issue(person: Person, style: Style) -> tuple[Placed, ...]:
    """Place and day of issue, below the portrait."""
    left, top, wide = style.portrait
    place = person.regency.removeprefix("KABUPATEN ")
    day = f"{1 + int(person.nik[-2:]) % 28:02d}-{1 + int(person.nik[-3:]) % 12:02d}-{_issued_in(person)}"
    found = []
    for at, words in enumerate((place, day)):
        how = _narrowed(words, style.small, RIGHT - left)
        x = min(left + (wide - _wide(words, how)) / 2, RIGHT - _wide(words, how))
        found.append(Placed(words, max(left - 8, x), top + PORTRAIT_HEIGHT + style.issued_y + at * 20, how))
    return tuple(found)


def _issued_in(person: Person) -> int:
    """A dated card was valid for five years."""
    until = person.valid_until
    return int(until[:4]) - 5 if until[:1].isdigit() else 2013 + int(person.nik[8:10])


def _room(name: str, style: Style) -> float:
    if name == "sex":
        return style.blood_x - GAP - style.value_x
    return style.portrait[0] - GAP - style.value_x


def _lines(name: str, words: str, style: Style) -> list[str]:
    """The value as one line or two: only a name and an address wrap, and only between words."""
    room = _room(name, style)
    if name not in ("name", "address") or _wide(words, style.value) <= room:
        return [words]
    parts = words.split(" ")
    fits = [at for at in range(1, len(parts)) if _wide(" ".join(parts[:at]), style.value) <= room]
    return [" ".join(parts[: fits[-1]]), " ".join(parts[fits[-1] :])] if fits else [words]


def _narrowed(words: str, how: Type, room: float) -> Type:
    wide = _wide(words, how)
    if wide <= room:
        return how
    return Type(how.face, how.size, min(0.0, how.spacing), how.stretch * max(NARROWEST, room / wide), how.weight)


def _wide(words: str, how: Type) -> float:
    return set_in_type(words, how).width
