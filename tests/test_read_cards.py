"""`read-cards`: a row for every file, whatever the file is and however the run ends; a sheet that computes nothing."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any, get_args

import openpyxl
import pytest
from msgspec.structs import replace

from bot.cards import CardsError, sheet, words
from bot.cards.folder import Run, read_cards
from bot.cards.journal import Journal
from bot.cards.row import KEYS, Row, rejected, row_of
from bot.ocr import Limits
from rules.card import Card, Fault, Field, Unusable
from tests.ktp.samples import FOLDER, people

TODAY = date(2026, 11, 21)
NIK = "7312025205799901"
CARD = Card(nik=Field(NIK, 0.95), name=Field("HASNA", 0.62), sex=Field("female", 0.9), doubts=("low-confidence: name",))
PRINTED = {
    "nik": "nik", "nama": "name", "tempat_lahir": "birth_place", "tanggal_lahir": "birth_date", "alamat": "address",
    "rt_rw": "rt_rw", "kel_desa": "village", "kecamatan": "district", "agama": "religion",
    "status_perkawinan": "marital_status", "pekerjaan": "occupation", "kewarganegaraan": "citizenship",
    "berlaku_hingga": "valid_until", "gol_darah": "blood_type",
}  # fmt: skip
SLOWLY = """
import signal
import sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background ignores it, and its children too
from bot.cards.folder import read_cards
from tests.test_read_cards import run
told, is_done = read_cards(run(Path(sys.argv[1]), "slowly"))
print(told, end="")
sys.exit(0 if is_done else 130)
"""
HOW_LONG = 60.0
"""Seconds that a test waits for another process."""


def run(place: Path, how: str = "at_once", **changes: Any) -> Run:
    """Of the photos in `place`/photos, into `place`/cards.json."""
    asked = Run(
        place / "photos", place / "cards.json", None, TODAY, 2, how={"at_once": _at_once, "slowly": _slowly}[how]
    )
    return replace(asked, **changes)


def _at_once(photo: bytes, today: date, limits: Limits) -> Card | Unusable | None:
    """Notes that it was asked, in the file that the photo names, and does what the photo says."""
    what, _, note = photo.decode().partition(" ")
    with Path(note).open("a") as asked:
        asked.write(f"{what}\n")
    match what:
        case "hangs":
            time.sleep(HOW_LONG)
        case "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        case "fails":
            raise ValueError(what)
        case _:
            pass
    return Card(name=Field(what.upper(), 0.9))


def _slowly(photo: bytes, today: date, limits: Limits) -> Card | Unusable | None:
    time.sleep(0.03)
    return _at_once(photo, today, limits)


def _photos(place: Path, names: list[str]) -> None:
    for name in names:
        path = place / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{path.stem} {place / 'asked'}")


def _asked(place: Path) -> Counter[str]:
    return Counter((place / "asked").read_text().split()) if (place / "asked").exists() else Counter()


def _rows(place: Path) -> dict[str, Any]:
    rows: dict[str, Any] = json.loads((place / "cards.json").read_text())
    return rows


def test_a_folder_becomes_a_row_for_each_file(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    (photos / "desa jampu").mkdir(parents=True)
    shutil.copy(FOLDER / "hasna.jpg", photos)
    shutil.copy(FOLDER / "photocopy.jpg", photos / "desa jampu")
    shutil.copy(FOLDER / "blurred.jpg", photos)
    (photos / "notes.txt").write_text("no photo")
    (photos / "lost.jpg").symlink_to("nowhere.jpg")
    os.mkfifo(photos / "pipe.jpg")
    (photos / "huge.jpg").touch()
    os.truncate(photos / "huge.jpg", Limits().photo_bytes_max + 1)
    before = _listing(photos)

    told, is_done = read_cards(Run(photos, tmp_path / "cards.json", tmp_path / "cards.xlsx", TODAY, 2))

    rows = _rows(tmp_path)
    assert is_done
    assert told.startswith("7 berkas: 2 terbaca, 0 diragukan, 5 ditolak")
    assert {name: row["rejected"] for name, row in rows.items()} == {
        "hasna.jpg": None, "desa jampu/photocopy.jpg": None, "blurred.jpg": "blurred", "notes.txt": "not-an-image",
        "lost.jpg": "unreadable", "pipe.jpg": "not-an-image", "huge.jpg": "too-large",
    }  # fmt: skip
    for file, person in (("hasna.jpg", "hasna"), ("desa jampu/photocopy.jpg", "photocopy")):
        row, truth = rows[file], people()[person].truth()
        assert {key: row["fields"][key] for key in PRINTED} == {key: truth[field] for key, field in PRINTED.items()}
        assert row["flags"] == [] and set(row["confidence"]) == set(row["fields"]) == set(KEYS)
    assert rows["hasna.jpg"]["fields"]["jenis_kelamin"] == "PEREMPUAN"
    assert _listing(photos) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cards.json", "cards.xlsx", "photos"]
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("cards.json", "cards.xlsx")} == {0o600}


def test_what_has_its_row_is_not_read_again(tmp_path: Path) -> None:
    _photos(tmp_path, ["a.jpg", "b.jpg"])
    read_cards(run(tmp_path))
    _photos(tmp_path, ["c.jpg"])
    (tmp_path / "photos/a.jpg").unlink()

    told, _is_done = read_cards(run(tmp_path))

    assert _asked(tmp_path) == {"a": 1, "b": 1, "c": 1}
    assert list(_rows(tmp_path)) == ["a.jpg", "b.jpg", "c.jpg"]
    assert "(1 sudah dari sebelumnya)" in told
    assert "1 baris lama tetap disimpan" in told


def test_what_could_not_be_opened_is_tried_again(tmp_path: Path) -> None:
    _photos(tmp_path, ["a.jpg"])
    (tmp_path / "photos/lost.jpg").symlink_to(tmp_path / "nowhere.jpg")
    read_cards(run(tmp_path))
    assert _rows(tmp_path)["lost.jpg"]["rejected"] == "unreadable"
    (tmp_path / "photos/lost.jpg").unlink()
    _photos(tmp_path, ["lost.jpg"])

    told, _is_done = read_cards(run(tmp_path))

    assert _asked(tmp_path) == {"a": 1, "lost": 1}
    assert list(_rows(tmp_path)) == ["a.jpg", "lost.jpg"]
    assert "(1 sudah dari sebelumnya)" in told


def test_a_photo_that_hangs_kills_or_fails_is_a_row_and_stops_no_other(tmp_path: Path) -> None:
    _photos(tmp_path, ["dies.jpg", "fails.jpg", "hangs.jpg", "x.jpg", "y.jpg"])

    told, is_done = read_cards(run(tmp_path, limit_s=2.0))

    rows = _rows(tmp_path)
    assert is_done and told.startswith("5 berkas: 0 terbaca, 2 diragukan, 3 ditolak")
    assert {name: row["rejected"] for name, row in rows.items()} == {
        "dies.jpg": "not-read", "fails.jpg": "not-read", "hangs.jpg": "not-read", "x.jpg": None, "y.jpg": None,
    }  # fmt: skip
    assert rows["fails.jpg"]["flags"] == ["error: ValueError"]


def test_killed_at_any_point_the_next_run_goes_on_and_ends_with_one_row_a_file(tmp_path: Path) -> None:
    names = [f"{at:02}.jpg" for at in range(24)]
    _photos(tmp_path, names)
    for lines in (1, 9, 17):
        running = _start(tmp_path)
        _wait_for(lambda at=lines: _stored(tmp_path) >= at)
        running.kill()
        running.communicate(timeout=HOW_LONG)

    read_cards(run(tmp_path))

    asked = _asked(tmp_path)
    assert list(_rows(tmp_path)) == names
    assert not (tmp_path / "cards.json.part").exists()
    assert set(asked) == {name.removesuffix(".jpg") for name in names}
    assert asked.total() <= len(names) + 3 * 2  # what each of the two workers was at when it was killed


def test_ctrl_c_ends_tidily_and_the_next_run_goes_on(tmp_path: Path) -> None:
    _photos(tmp_path, [f"{at:02}.jpg" for at in range(40)])
    running = _start(tmp_path)
    _wait_for(lambda: _stored(tmp_path) >= 2)

    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to the workers, too
    out, err = running.communicate(timeout=HOW_LONG)

    assert running.returncode == 130
    assert out == f"Dihentikan. {_stored(tmp_path)} dari 40 berkas tersimpan; perintah yang sama meneruskannya.\n"
    assert err == ""
    assert read_cards(run(tmp_path))[1]
    assert len(_rows(tmp_path)) == 40


def test_ctrl_c_while_the_workers_start_leaves_no_trace_on_the_screen(tmp_path: Path) -> None:
    _photos(tmp_path, ["a.jpg"])
    running = _start(tmp_path)
    _wait_for(lambda: len(_children(running)) >= 2)  # the first is Python's own, which cleans up after processes
    blocked = _blocked(_children(running)[-1])

    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=HOW_LONG)

    assert (running.returncode, out.split()[0], err) == (130, "Dihentikan.", "")
    assert signal.SIGINT in blocked


def test_a_journal_cut_off_anywhere_keeps_its_whole_lines(tmp_path: Path) -> None:
    out, part = tmp_path / "cards.json", tmp_path / "cards.json.part"
    with Journal(out) as journal:
        journal.add("a.jpg", row_of(CARD, 1.0))
        first = part.stat().st_size
        journal.add("b.jpg", rejected("dark", 1.0))
    whole = part.read_bytes()

    for cut in range(len(whole) + 1):
        part.write_bytes(whole[:cut])
        with Journal(out) as journal:
            kept = list(journal.rows)
            journal.add("c.jpg", rejected("dark", 1.0))
        with Journal(out) as journal:
            assert list(journal.rows) == [*kept, "c.jpg"]
        assert kept == ["a.jpg", "b.jpg"][: (cut >= first) + (cut == len(whole))]


def test_killed_between_the_last_two_steps_nothing_is_doubled(tmp_path: Path) -> None:
    _photos(tmp_path, ["a.jpg"])
    with Journal(tmp_path / "cards.json") as journal:
        journal.add("a.jpg", row_of(CARD, 1.0))
        part = (tmp_path / "cards.json.part").read_bytes()
        journal.finish()
    (tmp_path / "cards.json.part").write_bytes(part)

    read_cards(run(tmp_path))

    assert _asked(tmp_path) == {}
    assert list(_rows(tmp_path)) == ["a.jpg"] and not (tmp_path / "cards.json.part").exists()


def test_a_full_disk_is_said_and_costs_no_row(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Journal(tmp_path / "cards.json") as journal:
        journal.add("a.jpg", row_of(CARD, 1.0))
        full = (tmp_path / "cards.json.part").stat().st_size + 100
        resource.setrlimit(resource.RLIMIT_FSIZE, (full, before[1]))
        try:
            with pytest.raises(CardsError, match=r"cards\.json\.part tidak bisa ditulis"):
                journal.add("b.jpg", row_of(CARD, 1.0))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        journal.add("c.jpg", row_of(CARD, 1.0))

    with Journal(tmp_path / "cards.json") as journal:
        assert list(journal.rows) == ["a.jpg", "c.jpg"]


def test_two_runs_do_not_write_the_same_file(tmp_path: Path) -> None:
    _photos(tmp_path, ["a.jpg"])

    with Journal(tmp_path / "cards.json"), pytest.raises(CardsError, match="sedang dipakai"):
        read_cards(run(tmp_path))


@pytest.mark.parametrize(
    ("folder", "out", "excel", "says"),
    [
        ("nowhere", "cards.json", None, "Tidak ada folder {}/nowhere."),
        ("empty", "cards.json", None, "Folder {}/empty kosong"),
        ("photos", "nowhere/cards.json", None, "Folder {}/nowhere tidak ada."),
        ("photos", "empty", None, "{}/empty adalah folder."),
        ("photos", "letter.json", None, "{}/letter.json sudah ada dan bukan hasil perintah ini."),
        ("photos", "photos/cards.json", None, "{}/photos/cards.json ada di dalam folder foto"),
        ("photos", "cards.json", "cards.json", "{}/cards.json tidak bisa menjadi berkas Excel."),
        ("photos", "cards.json", "letter.xlsx", "{}/letter.xlsx sudah ada, dan bukan hasil"),
        ("photos", "letter.json/cards.json", None, "Folder {}/letter.json tidak ada."),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_read(
    folder: str, out: str, excel: str | None, says: str, tmp_path: Path
) -> None:
    _photos(tmp_path, ["a.jpg"])
    (tmp_path / "empty").mkdir()
    (tmp_path / "letter.json").write_text('{"dear": "Hasna"}')
    (tmp_path / "letter.xlsx").write_text("dear Hasna")
    before = _listing(tmp_path)

    with pytest.raises(CardsError) as told:
        read_cards(run(tmp_path, folder=tmp_path / folder, out=tmp_path / out, excel=excel and tmp_path / excel))

    assert str(told.value).startswith(says.format(tmp_path))
    assert _listing(tmp_path) == before


def test_the_command_says_it_in_a_sentence_and_leaves_with_2(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot", "read-cards", str(tmp_path), "--out", str(tmp_path.parent / "cards.json")]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    told = f"Folder {tmp_path} kosong: tidak ada berkas untuk dibaca.\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)


def test_a_row_has_every_key_and_says_what_is_missing() -> None:
    row = row_of(CARD, 1.234)

    assert set(row.fields) == set(row.confidence) == set(KEYS)
    assert (row.fields["nama"], row.fields["jenis_kelamin"], row.fields["alamat"]) == ("HASNA", "PEREMPUAN", None)
    assert (row.confidence["nama"], row.confidence["alamat"]) == (0.62, 0.0)
    assert row.flags[:2] == ("low-confidence: nama", "not-read: tempat_lahir")
    assert "not-read: gol_darah" not in row.flags
    assert words.flags(row.flags[:2]) == "Nama kurang yakin; Tempat Lahir tidak terbaca"


def test_every_fault_of_a_photo_has_words() -> None:
    assert set(words.FAULTS) == set(get_args(Fault))
    assert set(words.TITLES) == set(KEYS)


def test_the_sheet_holds_text_only_and_colours_what_is_doubted(tmp_path: Path) -> None:
    injected = ["=1+1.jpg", "+1.jpg", "-1.jpg", "@sum.jpg"]
    rows = {name: _named(name.upper()) for name in injected} | {"hasna.jpg": row_of(CARD, 1.0)}
    (tmp_path / "cards.xlsx").write_bytes(sheet.workbook(rows | {"z.jpg": rejected("dark", 0.1)}))

    page = openpyxl.load_workbook(tmp_path / "cards.xlsx").active

    cells = [cell for line in page.iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for line in page.iter_rows(min_row=2) for cell in line} == {"@"}
    assert [page.cell(at, 1).value for at in range(2, 8)] == [*sorted(injected), "hasna.jpg", "z.jpg"]
    assert [page.cell(at, 3).value for at in range(2, 6)] == [name.upper() for name in sorted(injected)]
    assert page["B6"].value == NIK and page["B1"].value == "NIK"
    assert [page[at].fill.fgColor.rgb for at in ("B6", "C6", "D6")] == ["00000000", "FFFFE699", "FFFFE699"]
    assert page.cell(7, len(sheet.HEADS)).value == "foto gelap"
    assert page.freeze_panes == "B2" and page.auto_filter.ref.endswith("7")
    assert page.column_dimensions["B"].width >= len(NIK)


def test_a_sheet_that_somebody_has_corrected_is_not_written_over(tmp_path: Path) -> None:
    _photos(tmp_path, ["a.jpg"])
    excel = tmp_path / "cards.xlsx"
    read_cards(run(tmp_path, excel=excel))
    read_cards(run(tmp_path, excel=excel))
    time.sleep(1.1)  # the times in the file are in seconds
    book = openpyxl.load_workbook(excel)
    book.active["C2"] = "HASNA"
    book.save(excel)

    with pytest.raises(CardsError, match="sudah diubah orang"):
        read_cards(run(tmp_path, excel=excel))


def _named(name: str) -> Row:
    return row_of(Card(name=Field(name, 0.9)), 1.0)


def _listing(folder: Path) -> list[tuple[str, int, int]]:
    return sorted((str(path), path.lstat().st_size, path.lstat().st_mtime_ns) for path in folder.rglob("*"))


def _start(place: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SLOWLY, str(place)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def _children(running: subprocess.Popen[str]) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()]


def _blocked(pid: int) -> set[int]:
    """The signals that a process doesn't hear."""
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {number for number in range(1, 65) if int(status["SigBlk"], 16) >> (number - 1) & 1}


def _stored(place: Path) -> int:
    part = place / "cards.json.part"
    return part.read_bytes().count(b"\n") if part.exists() else 0


def _wait_for(it: Any) -> None:
    until = time.monotonic() + HOW_LONG
    while not it():
        assert time.monotonic() < until
        time.sleep(0.005)
