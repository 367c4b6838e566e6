"""The photos in `tests/ktp/samples`, for trying the bot by hand; each name says what the photo is for.

Invariant: drawn anew from its seed, a sample shows the same person; all are 18 to 64 years old on 2026-11-21.
"""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

from PIL import Image

from rules.card import Fault
from tests.ktp.damage import photograph
from tests.ktp.draw import draw_card
from tests.ktp.lens import to_jpeg
from tests.ktp.people import HASNA, Person, invent
from tests.ktp.unusable import spoil

FOLDER = Path(__file__).parent / "samples"
BYTES_MAX = 150_000

SERIALS = {"slow": 9990, "fails-once": 9991, "nonsense": 9993, "already-a-member": 9994, "refused": 9995}
"""Serials that choose the answer of the BPJS sandbox."""

GOOD = {"hasna": "phone", "farmer": "phone", "in-the-field": "field", "photocopy": "photocopy"}
"""Photos that are read well, and the level at which they are taken."""

SPOILT: tuple[Fault, ...] = ("dark", "blurred", "cut-off", "glare-on-nik", "not-a-ktp")


def people() -> dict[str, Person]:
    """Who is on which readable sample."""
    chance = random.Random(7312)
    named = {"hasna": HASNA} | {name: invent(chance) for name in GOOD if name != "hasna"}
    return named | {name: invent(chance).with_serial(serial) for name, serial in SERIALS.items()}


def write(folder: Path = FOLDER) -> None:
    """Draws all samples, and `truth.jsonl` with what stands on the readable ones."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, person in people().items():
        chance = random.Random(name)
        card = draw_card(person, chance)
        (folder / f"{name}.jpg").write_bytes(_light(photograph(card, GOOD.get(name, "scan"), chance)))
    for fault in SPOILT:
        chance = random.Random(fault)
        (folder / f"{fault}.jpg").write_bytes(_light(spoil(draw_card(HASNA, chance), fault, chance)))
    truth = [json.dumps({"file": f"{name}.jpg", **person.truth()}) for name, person in people().items()]
    (folder / "truth.jsonl").write_text("\n".join(truth) + "\n")


def _light(photo: bytes) -> bytes:
    """As a messenger sends it: at most 1280 px, and small enough for the repository."""
    image = Image.open(io.BytesIO(photo))
    image.thumbnail((1280, 1280), Image.Resampling.LANCZOS)
    tries = (to_jpeg(image, quality) for quality in range(84, 30, -6))
    return next(photo for photo in tries if len(photo) < BYTES_MAX)
