"""Fold what people type as they speak: "Iye'!", "yaaa", "sdh byr", "no. 2", "👍".

Invariant: folding is for choices and global words only. It never touches a NIK, a date or an amount, and
"tidak" is matched exactly, never by distance.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz.distance import OSA

REMEMBERED = 4096
"""Foldings kept: the same labels and words are compared at every answer."""
REMEMBERED_CHARS_MAX = 80
"""A longer text is folded anew: people's long messages are not kept in memory."""
FUZZY_LETTERS_MIN = 4
"""Words shorter than this must match exactly; longer ones may differ by one slip of the finger."""

YES = frozenset(
    "ya iya iyaa y yes ok oke okey okay benar betul bener sudahbenar setuju boleh lanjut kirim siap sip yup"
    " agree correct right sure iye iyye iyo iyya 👍 👌 ✅".split()
) | {"sudah benar"}  # fmt: skip
"""Indonesian chat spelling and first Bugis forms; a Bugis speaker of the office reviews them."""

NOT = frozenset("tidak tdk ga gak gk nggak enggak ngga engga nda ndak bukan belum blm jangan jgn".split())
"""No by itself, and the opposite of the yes that follows: "ga benar". Of a no it makes neither: "ga salah"."""

NO = NOT | frozenset("salah no t wrong disagree de danggaka 👎 ❌".split())

POLITE = frozenset("pak bapak bu ibu kak mas mbak min dong deh ji mi".split())
"""Said along with a yes or a no, and changing neither: "iya pak"."""

OTHER_WORDS = frozenset("siapa bentar besar oleh sial".split())
"""One slip of the finger away from a yes, but words of their own: "siapa", "bentar"."""

EXACT_ONLY = NOT
"""Words whose look-alikes may mean the opposite."""

GLOBAL: dict[str, frozenset[str]] = {
    "menu": frozenset({"menu", "mulai", "start", "/start", "/menu"}),
    "help": frozenset({"bantuan", "bantu", "tolong", "bingung", "?", "??", "???", "9", "help", "/help"}),
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
    "person": frozenset({"petugas", "orang", "manusia", "penyuluh", "cs", "admin", "person", "officer", "human"}),
    "stop": frozenset({"stop", "/stop", "unsubscribe"}),
    "hello": frozenset(
        {"halo", "hai", "hi", "hello", "assalamualaikum", "permisi", "selamat pagi", "selamat siang", "selamat sore"}
    ),
    "later": frozenset({"nanti", "besok", "sebentar", "bentar", "tunggu", "nanti saja", "later"}),
    "english": frozenset({"english", "in english", "bahasa inggris"}),
    "indonesian": frozenset({"bahasa indonesia", "indonesia", "indonesian"}),
}
"""Words understood everywhere, before the question sees the text. Exact only: they may not swallow an answer."""

_GLOBAL_OF = {word: meaning for meaning, words in GLOBAL.items() for word in words}
_DIGIT_WORDS = {"satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7, "delapan": 8}
_NUMBER = re.compile(r"(?:(?:no|nomor|nomer|yang|yg|pilih|pilihan|jawab)\.? ?)?(\d{1,2})[.)]?", re.ASCII)
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘`´ʼ"), None)
_LONG_RUN = re.compile(r"([a-z])\1{2,}")
_RUN = re.compile(r"(.)\1+")
_BETWEEN_WORDS = re.compile(r"[\s,.;:!/]+")
_SILENT = frozenset({"Mn", "Me", "Cf"})
"""Unicode categories that are not heard: accents, the frame of 1️⃣, joiners and variation selectors of emoji."""
_SKIN_TONES = range(0x1F3FB, 0x1F400)


def fold(text: str) -> str:
    """Lower case, no accents, apostrophes or outer punctuation, runs of three letters shortened, single spaces."""
    return _remembered(text) if len(text) <= REMEMBERED_CHARS_MAX else _folded(text)


@lru_cache(maxsize=REMEMBERED)
def _remembered(text: str) -> str:
    return _folded(text)


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    bare = "".join(c for c in decomposed if unicodedata.category(c) not in _SILENT and ord(c) not in _SKIN_TONES)
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


def yes_or_no(text: str, *, exact: bool = False) -> bool | None:
    """True for yes, False for no, None for what is neither ("ya?", "iya tapi …", "tidak tahu"). `exact`: nor is a
    yes with a slip of the finger one, which may be a name: "Karim" for "kirim"."""
    if text.rstrip().endswith("?"):
        return None
    words = [word for word in dict.fromkeys(_words(text)) if word not in POLITE]
    first, *more = words or [""]
    if (not more and first in _NO) or (more and first in _NOT and _YES.issuperset(more)):
        return False
    if (words and _YES.issuperset(words)) or " ".join(words) in _YES:
        return True
    return True if not (exact or more) and first not in OTHER_WORDS and _near(first, _YES) else None


def _words(text: str) -> list[str]:
    """The words of a yes or no, doubled letters and doubled thumbs written once."""
    return [_squeezed(word) for word in _BETWEEN_WORDS.split(fold(text)) if word]


def _squeezed(word: str) -> str:
    return _RUN.sub(r"\1", word)


_YES, _NO, _NOT = (frozenset(map(_squeezed, words)) for words in (YES, NO, NOT))


def matches(text: str, words: Iterable[str]) -> bool:
    """Whether the text is one of the words, or one slip of the finger away from a long one."""
    folded, known = fold(text), folded_words(tuple(words))
    return folded in known or _near(folded, known)


@lru_cache(maxsize=REMEMBERED)
def folded_words(words: tuple[str, ...]) -> frozenset[str]:
    """The words as `fold` leaves what people type."""
    return frozenset(map(fold, words))


def _near(folded: str, words: Iterable[str]) -> bool:
    if len(folded) < FUZZY_LETTERS_MIN or not folded.isascii() or any(c.isdigit() for c in folded):
        return False
    long = [word for word in words if len(word) >= FUZZY_LETTERS_MIN and EXACT_ONLY.isdisjoint(word.split())]
    return any(OSA.distance(folded, word, score_cutoff=1) <= 1 for word in long)
