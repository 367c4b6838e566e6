"""Fold what people type as they speak: "Iye'!", "yaaa", "sdh byr", "no. 2", "👍".

Invariant: folding is for choices and global words only. It never touches a NIK, a date or an amount, and
"tidak" is matched exactly, never by distance.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from rapidfuzz.distance import OSA

FUZZY_LETTERS_MIN = 4
"""Words shorter than this must match exactly; longer ones may differ by one slip of the finger."""

YES = frozenset(
    "ya iya iyaa y yes ok oke okey okay benar betul bener sudahbenar setuju boleh lanjut kirim siap sip yup"
    " iye iyye iyo iyya 👍".split()
) | {"sudah benar", "ya benar", "iya benar", "ya betul", "ya setuju"}  # fmt: skip
"""Indonesian chat spelling and first Bugis forms; a Bugis speaker of the office reviews them."""

NO = frozenset("tidak tdk ga gak nggak enggak ngga bukan salah no t de danggaka 👎".split()) | {"tidak setuju", "belum"}

EXACT_ONLY = frozenset({"tidak", "bukan", "belum"})
"""Words whose look-alikes may mean the opposite."""

GLOBAL: dict[str, frozenset[str]] = {
    "menu": frozenset({"menu", "mulai", "start", "/start", "/menu"}),
    "help": frozenset({"bantuan", "bantu", "tolong", "bingung", "?", "9", "help", "/help"}),
    "back": frozenset({"0", "kembali", "balik", "mundur", "ulang", "back"}),
    "cancel": frozenset(
        {
            "batal",
            "stop",
            "berhenti",
            "keluar",
            "tidak jadi",
            "gajadi",
            "ga jadi",
            "gak jadi",
            "ulang dari awal",
            "cancel",
        }
    ),
    "person": frozenset({"petugas", "orang", "manusia", "penyuluh", "cs", "admin", "person"}),
    "stop": frozenset({"stop", "/stop", "unsubscribe"}),
    "hello": frozenset(
        {"halo", "hai", "hi", "hello", "assalamualaikum", "permisi", "selamat pagi", "selamat siang", "selamat sore"}
    ),
    "later": frozenset({"nanti", "besok", "sebentar", "tunggu", "nanti saja", "later"}),
    "english": frozenset({"english", "in english", "bahasa inggris"}),
    "indonesian": frozenset({"bahasa indonesia", "indonesian"}),
}
"""Words understood everywhere, before the question sees the text. Exact only: they may not swallow an answer."""

_GLOBAL_OF = {word: meaning for meaning, words in GLOBAL.items() for word in words}
_DIGIT_WORDS = {"satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7, "delapan": 8}
_NUMBER = re.compile(r"(?:(?:no|nomor|yang|pilih|pilihan|jawab)\.? ?)?(\d{1,2})[.)]?", re.ASCII)
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘`´ʼ"), None)
_LONG_RUN = re.compile(r"([a-z])\1{2,}")


def fold(text: str) -> str:
    """Lower case, no accents, apostrophes or outer punctuation, runs of three letters shortened, single spaces."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    bare = "".join(c for c in decomposed if not unicodedata.combining(c) and not 0x1F3FB <= ord(c) <= 0x1F3FF)
    words = " ".join(_LONG_RUN.sub(r"\1", bare).split())
    return words if words == "?" else words.strip(' .!,;:"()')


def global_word(text: str) -> str | None:
    """The meaning of a word understood everywhere: "menu", "help", "back", …; None for anything else."""
    return _GLOBAL_OF.get(fold(text))


def number_in(text: str) -> int | None:
    """The option number in "2", "2.", "no 2", "yang 2", "dua"; None for anything else."""
    folded = fold(text)
    if folded in _DIGIT_WORDS:
        return _DIGIT_WORDS[folded]
    match = _NUMBER.fullmatch(folded)
    return int(match[1]) if match else None


def yes_or_no(text: str) -> bool | None:
    """True for yes, False for no, None for what is neither ("ya?", "iya tapi …", "tidak tahu")."""
    if text.rstrip().endswith("?"):
        return None
    folded = fold(text)
    if folded in YES:
        return True
    if folded in NO:
        return False
    return True if _near(folded, YES) else None


def matches(text: str, words: Iterable[str]) -> bool:
    """Whether the text is one of the words, or one slip of the finger away from a long one."""
    folded = fold(text)
    known = [fold(word) for word in words]
    return folded in known or _near(folded, known)


def _near(folded: str, words: Iterable[str]) -> bool:
    if len(folded) < FUZZY_LETTERS_MIN or not folded.isascii() or any(c.isdigit() for c in folded):
        return False
    return any(
        len(word) >= FUZZY_LETTERS_MIN and word not in EXACT_ONLY and OSA.distance(folded, word, score_cutoff=1) <= 1
        for word in words
    )
