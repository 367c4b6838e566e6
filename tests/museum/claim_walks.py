"""The walks through the claims: every question, in every way."""

from __future__ import annotations

from bot.flows.paper_asks import LookAtPaper
from bot.talk.heard import Shown
from tests.museum.walking import Late, Walk
from tests.talk.house_chat import HASNA

_ALBUM = Shown(1, (2, 3))
_OTHER, _BEFORE, _LATER = "Orang lain", "sebelum itu", "semua nanti saja"
_UNKNOWN = "12345678901"
_BY_NUMBER = {"who": (_OTHER,)}

ACCIDENT = (
    Walk("own", "kecelakaan", {"part": ("kuda",), "village": ("jamppu", "ya"), "phone": ("kuda",),
                               "1.review": ("4", "1", "ya")}, whole=True),
    Walk("on-the-road", "kecelakaan", {
        "who": ("La Baco",), "day": (_BEFORE,), "date": ("03-11-2026", "30-10-2026"), "place": ("3",),
        "treated": ("belum",), "self": ("tidak",), "relation": ("tetangga",), "phone": ("tidak punya",),
        "papers.1.photo-ktp": ("yang ini menyusul",), "papers.3.photo-work-letter": ("2",),
    }, whole=True),
    Walk("too-long-ago", "celaka", {"day": (_BEFORE,), "date": ("01-11-2021",)}),
    Walk("never-protected", "kecelakaan", {"who": ("3",), "day": ("kemarin",)}),
    Walk("by-kpj", "kecelakaan", {**_BY_NUMBER, "member1.kpj": ("123", "31754442421")}, whole=True),
    Walk("by-nik", "kecelakaan", {**_BY_NUMBER, "member1.by": ("2",), "member1.nik": (HASNA,)}, whole=True),
    Walk("three-times-wrong", "kecelakaan", {
        **_BY_NUMBER, "member1.kpj": (_UNKNOWN,), "member2.kpj": (_UNKNOWN,), "member3.born": ("12-05-1980",),
    }),
    Walk("album", "kecelakaan", {"papers.1.photo-ktp": (_ALBUM,), "papers.1.apart": ("ya",)}, whole=True),
    Walk("photographed-again", "kecelakaan", {"papers.1.again": ("1",)}, {LookAtPaper: ("dark",)}),
    Walk("treated-later", "kecelakaan", {"treated": ("belum",), "near.clinic": ("tidak sekarang",)},
         {LookAtPaper: (Late(), None)}),
    Walk("album-of-one", "kecelakaan", {"papers.1.photo-ktp": (_ALBUM,), "papers.1.apart": ("2",)}),
)  # fmt: skip
DEATH = (
    Walk("spouse", "meninggal", {"cause": ("2",)}, whole=True),
    Walk("child", "meninggal", {"relation": ("anak saya",), "day": (_BEFORE,), "cause": ("3",)}),
    Walk("parent", "meninggal", {"relation": ("ibu",), "nearer": ("tidak",)}),
    Walk("nearer-heir", "meninggal", {"relation": ("3",), "nearer": ("ya",)}, whole=True),
    Walk("sibling", "meninggal", {"relation": ("kakak",), "nearer": ("ya",)}),
    Walk("no-heir", "meninggal", {"relation": ("keponakan",)}),
    Walk("too-long-ago", "meninggal", {"day": (_BEFORE,), "date": ("12-05-2020",)}),
)
SCHOLARSHIP = (
    Walk("child", "beasiswa", {"who": ("Besse",), "self": ("tidak",), "relation": ("1",)}, whole=True),
    Walk("no-death", "beasiswa", {"who": ("1",), "papers.1.photo-ktp": (_LATER,)}),
    Walk("too-old", "beasiswa", {"who": ("Besse",), "child-born": ("02-11-2003",)}),
)
CLAIM = (
    Walk("send", "klaim", {"which": ("1",)}, whole=True),
    Walk("later", "klaim", {"which": ("1",), "open.what": ("2",)}),
    Walk("withdrawn", "klaim", {"which": ("1",), "open.what": ("3",), "open.sure": ("kuda", "ya")}, whole=True),
    Walk("not-withdrawn", "klaim", {"which": ("1",), "open.what": ("3",), "open.sure": ("tidak",)}),
    Walk("refused", "klaim", {"which": ("2",), "open.refused": ("1",)}, whole=True),
    Walk("refusal-accepted", "klaim", {"which": ("2",), "open.refused": ("2",)}),
    Walk("received", "klaim", {"which": ("3",)}, whole=True),
    Walk("moved-on", "klaim", {"which": ("3",), "open.got": ("tidak",)}),
    Walk("closed-meanwhile", "klaim", {"which": ("4",)}, whole=True),
    Walk("new", "lapor", {"which": ("5",), "kind": ("kuda", "2")}, whole=True),
    Walk("new-accident", "klaim", {"which": ("5",), "kind": ("1",), "place": ("2",)}),
    Walk("new-scholarship", "klaim", {"which": ("5",), "kind": ("3",)}),
)
