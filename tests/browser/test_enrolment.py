"""Somebody enrols on a small phone, from "Mulai" to the payment that the chat reports by itself."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.chat import Chat, tab_to
from tests.browser.conftest import Siaga

CODE = re.compile(r"Kode bayar: (88\d{13})")
PERIOD = re.compile(r"(?m)^(\d+) bulan(, sampai)?.*: Rp")
HASNA_NIK = "7312025205799901"


def test_hasna_enrols_with_a_photo_and_is_told_that_she_has_paid(siaga: Siaga, phone: Page, tmp_path: Path) -> None:
    chat = Chat(phone, tmp_path)
    chat.picture("start")
    phone.click("#begin")
    chat.hears("Apa yang bisa dibantu?")
    chat.taps("Daftar perlindungan kerja")
    chat.hears("Untuk siapa")
    chat.taps("Saya sendiri")
    chat.hears("Setuju?")
    chat.picture("consent")
    chat.taps("Setuju")

    chat.hears("Kirim foto KTP")
    phone.click("#samples-toggle")
    chat.picture("samples")
    phone.get_by_role("button", name="Pakai foto ini: Hasna, foto jelas").click()
    chat.hears("NIK 7312 0252 0579 9901: perempuan, lahir 12 Mei 1979")
    chat.picture("read")
    chat.taps("Benar")

    chat.hears("pekerjaan")
    phone.reload()
    chat.hears("pekerjaan")
    chat.types("petani padi")
    chat.hears("penghasilan")
    chat.taps("Di bawah Rp1.100.000")
    chat.hears("Nomor HP")
    chat.types("0812 3456 7890")
    chat.hears("nama ahli waris")
    chat.types("La Baco")
    chat.hears("siapanya")
    chat.taps("Suami atau istri")
    asked = chat.hears("berapa bulan")
    assert PERIOD.findall(asked) == [(count, ", sampai") for count in ("1", "3", "6", "12")], "not each choice once"
    chat.picture("months")
    chat.taps("3 bulan")
    chat.hears("pengingat")
    chat.taps("Setuju")
    chat.hears("Semua benar?")
    chat.picture("review")
    chat.types("ya")

    said = chat.hears(CODE)
    assert "Selamat, Hasna terdaftar. Nomor peserta (KPJ): " in said
    chat.picture("enrolled")
    bank = phone.context.new_page()
    bank.goto(siaga.bpjs)
    bank.get_by_role("button", name=f"Tandai lunas {_code(said)}").click()
    chat.hears("Pembayaran Rp33.600 sudah diterima BPJS. Hasna terlindungi sampai")
    chat.picture("paid")

    before = chat.bubbles()
    phone.reload()
    chat.hears("sudah diterima BPJS")
    assert chat.bubbles() == before
    assert HASNA_NIK not in siaga.printed.read_text()
    chat.is_sound()


def test_everything_can_be_done_with_the_keyboard(siaga: Siaga, phone: Page, tmp_path: Path) -> None:
    chat = Chat(phone, tmp_path)
    chat.tabs_to("#begin")
    phone.keyboard.press("Enter")
    chat.hears("Apa yang bisa dibantu?")
    chat.tabs_to(".newest .option")
    phone.keyboard.press("Enter")
    chat.hears("Untuk siapa")
    chat.keys("1")
    chat.hears("Setuju?")
    chat.keys("setuju")

    chat.hears("Kirim foto KTP")
    chat.tabs_to("#samples-toggle")
    phone.keyboard.press("Enter")
    chat.tabs_to(".sample[data-name='hasna.jpg']")
    phone.keyboard.press("Enter")
    chat.hears("NIK 7312 0252 0579 9901")

    for answer, next_words in (
        ("1", "pekerjaan"),
        ("petani padi", "penghasilan"),
        ("1", "Nomor HP"),
        ("0812 3456 7890", "nama ahli waris"),
        ("La Baco", "siapanya"),
        ("1", "berapa bulan"),
        ("1", "pengingat"),
        ("1", "Semua benar?"),
    ):
        chat.keys(answer)
        chat.hears(next_words)
    chat.keys("ya")

    code = _code(chat.hears(CODE))
    bank = phone.context.new_page()
    bank.goto(siaga.bpjs)
    tab_to(bank, f"button[aria-label='Tandai lunas {code}']")
    bank.keyboard.press("Enter")
    chat.hears("Pembayaran Rp8.400 sudah diterima BPJS")
    chat.is_sound()


def _code(said: str) -> str:
    found = CODE.search(said)
    assert found is not None, said
    return found[1]
