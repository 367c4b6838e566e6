"""What was read stays beside the word that it is only close to: in the row, in the file, and on the screen."""

from __future__ import annotations

import json
import random
import re
from datetime import date
from pathlib import Path

from msgspec.structs import replace

from bot.cards.journal import Journal
from bot.cards.row import rejected, row_of
from bot.cards.single import read_card
from rules.card import Card, Field
from tests.ktp import HASNA, draw_card, to_jpeg

TODAY = date(2026, 11, 21)
EXACT = Card(nik=Field(HASNA.nik, 0.95), name=Field("HASNA", 0.9))
MENDED = replace(
    EXACT,
    occupation=Field("PETANI/PEKEBUN", 0.93, printed="PETANI/PEKEBUM"),
    village=Field("JAMPU", 0.8, printed="JAMPUU"),
)


def test_a_row_keeps_it() -> None:
    row = row_of(MENDED, 1.0)

    assert row.printed == {"kel_desa": "JAMPUU", "pekerjaan": "PETANI/PEKEBUM"}
    assert (row.fields["kel_desa"], row.fields["pekerjaan"]) == ("JAMPU", "PETANI/PEKEBUN")
    assert row_of(EXACT, 1.0).printed == rejected("dark", 1.0).printed == {}


def test_the_file_keeps_it_and_a_row_written_before_there_was_any_is_still_understood(tmp_path: Path) -> None:
    out = tmp_path / "cards.json"
    with Journal(out) as journal:
        journal.add("mended.jpg", row_of(MENDED, 1.0))
        journal.add("exact.jpg", row_of(EXACT, 1.0))
        journal.finish()

    with Journal(out) as journal:
        kept = dict(journal.rows)

    written = json.loads(out.read_text())
    assert kept == {"exact.jpg": row_of(EXACT, 1.0), "mended.jpg": row_of(MENDED, 1.0)}
    assert written["mended.jpg"]["printed"] == {"kel_desa": "JAMPUU", "pekerjaan": "PETANI/PEKEBUM"}
    assert "printed" not in written["exact.jpg"]  # as before there was any


def test_read_card_tells_it_of_a_card_with_misprints(tmp_path: Path) -> None:
    misprinted = replace(HASNA, occupation="PETANI/PEKEBUM", village="JAMPUU")
    (tmp_path / "misprinted.jpg").write_bytes(to_jpeg(draw_card(misprinted, random.Random(1), scale=1.2), 85))

    told, _is_card = read_card(tmp_path / "misprinted.jpg", None, TODAY)

    assert [re.sub(r" +(\d+ %)?", " ", line).strip() for line in told.splitlines() if "tertulis" in line] == [
        "Kel/Desa JAMPU , tertulis: JAMPUU",
        "Pekerjaan PETANI/PEKEBUN , tertulis: PETANI/PEKEBUM",
    ]
