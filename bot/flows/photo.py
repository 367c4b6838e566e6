"""A KTP by photo: two tries, each fault with its sentence and its drawing; then the other ways.

A sub-conversation, used with `within`. Invariant: after the second photo none is asked for again unless the person
chooses it, though one that is sent all the same is read.
"""

from __future__ import annotations

from msgspec import Struct

from bot.flows.asks import ReadCard
from bot.flows.printed import Seen
from bot.talk import ask
from bot.talk.awaited import CallPerson, Say
from bot.talk.heard import UnreadKind
from bot.talk.message import Drawing
from bot.talk.question import Illustration
from rules.card import Card, Fault, Unusable
from rules.words import Text, _

PHOTO_TRIES = 2
PHOTOS_MAX = 5
"""Who has sent so many is better helped by a person."""


class Trouble(Struct, frozen=True):
    """What is wrong with a photo, what to do about it, and how both are drawn."""

    seen: Text
    advice: Text
    picture: Illustration


def _drawn(name: str, alt: Text) -> Illustration:
    return Illustration(alt, Drawing(name))


GOOD = _drawn("good", _("Gambar: seluruh KTP di dalam foto"))
TROUBLES: dict[Fault, Trouble] = {
    "too-small": Trouble(
        _("Kartunya terlalu kecil di foto."), _("Coba lebih dekat."),
        _drawn("too-small", _("Gambar: kartu terlalu kecil")),
    ),
    "blurred": Trouble(
        _("Fotonya buram."), _("Pegang HP dengan mantap, lalu foto lagi."),
        _drawn("blurred", _("Gambar: foto buram")),
    ),
    "dark": Trouble(_("Fotonya gelap."), _("Coba dekat jendela."), _drawn("dark", _("Gambar: foto gelap"))),
    "glare-on-nik": Trouble(
        _("Ada pantulan cahaya di NIK."), _("Miringkan sedikit kartunya."),
        _drawn("glare-on-nik", _("Gambar: pantulan cahaya di NIK")),
    ),
    "cut-off": Trouble(
        _("Kartunya terpotong."), _("Keempat sudut harus kelihatan."), _drawn("cut-off", _("Gambar: kartu terpotong"))
    ),
    "not-a-ktp": Trouble(
        _("Saya tidak menemukan KTP di foto ini."), _("Foto bagian depan KTP, yang ada NIK-nya."),
        _drawn("not-a-ktp", _("Gambar: tidak ada KTP di foto")),
    ),
    "several-cards": Trouble(
        _("Ada lebih dari satu kartu."), _("Foto satu KTP saja."), _drawn("several-cards", _("Gambar: dua kartu"))
    ),
    "too-large": Trouble(
        _("Fotonya terlalu besar."), _("Foto ulang dengan kamera, atau kirim yang lebih kecil."),
        _drawn("too-large", _("Gambar: foto terlalu besar")),
    ),
    "not-an-image": Trouble(
        _("Berkas ini tidak bisa saya buka sebagai foto."), _("Kirim foto biasa, dari kamera atau galeri."),
        _drawn("not-an-image", _("Gambar: berkas, bukan foto")),
    ),
}  # fmt: skip
UNREAD = Trouble(_("Foto ini belum bisa saya baca."), _("Coba foto sekali lagi."), GOOD)
"""The reader didn't end in time, or broke: that says nothing about the photo."""
UNFIT: dict[UnreadKind, Illustration] = {
    "photo-too-large": TROUBLES["too-large"].picture,
    "not-an-image": TROUBLES["not-an-image"].picture,
}
"""Of what doesn't even reach the reader."""
TYPE = {"type": _("Ketik NIK saja")}
OTHER_WAYS = {**TYPE, "person": _("Dibantu petugas"), "later": _("Nanti saja")}
AGAIN = {"photo": _("Coba foto lagi")}


async def show_card() -> Seen | None:
    """The card as read, or None if its NIK is to be typed."""
    trouble: Trouble | None = None
    for number in range(1, PHOTOS_MAX + 1):
        photo = await _photo(number, trouble)
        if photo is None:
            return None
        read = await ReadCard(photo)
        if isinstance(read, Card):
            return Seen(read, photo)
        trouble = TROUBLES[read.reason] if isinstance(read, Unusable) else UNREAD
    await _other_way(PHOTOS_MAX + 1, trouble or UNREAD, OTHER_WAYS)
    return None


async def _photo(number: int, trouble: Trouble | None) -> int | None:
    """The photo of this number, if there is one."""
    if trouble is not None and number > PHOTO_TRIES:
        way = await _other_way(number, trouble, OTHER_WAYS | AGAIN)
        if way != "photo":
            return way if isinstance(way, int) else None
        text, picture = _("Kirim foto KTP sekali lagi."), GOOD
    elif trouble is not None:
        text, picture = Text("{seen} {advice}", {"seen": trouble.seen, "advice": trouble.advice}), trouble.picture
    else:
        text, picture = _("Kirim foto KTP. Taruh di tempat terang, keempat sudut kelihatan."), GOOD
    photo = await ask.Photo(f"photo{number}", text, instead=TYPE, unfit=UNFIT, picture=picture, private=True)
    return photo if isinstance(photo, int) else None


async def _other_way(number: int, trouble: Trouble, ways: dict[str, Text]) -> int | str:
    """The way on that the person chose, or the photo that was sent all the same."""
    way = await ask.OtherWays(
        f"way{number}", _("{fault} Pilih cara lain:", fault=trouble.seen), instead=ways, later="later",
        unfit=UNFIT, picture=trouble.picture,
    )  # fmt: skip
    if way == "person":
        await CallPerson("enrol", "photo")
        await Say(_("Foto Anda kami catat untuk dibaca petugas. Atau lanjut sendiri:"))
    return way
