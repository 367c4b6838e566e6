"""Small flows and requests, written for the tests of the turn: each shows one thing that the engine does."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from bot.talk import ask
from bot.talk.awaited import Command, Errand, Lookup, Say
from bot.talk.flow import Flow, House, Next
from bot.talk.review import Review, Row
from rules.words import Text, _


class Price(Lookup[int], frozen=True):
    """What something costs now."""

    of: str


class Note(Command[int], frozen=True):
    """Write something down; the answer is its number."""

    words: str


class Weigh(Errand[int], frozen=True):
    """Ask the outside world for a weight."""

    of: str

    @property
    def delayed(self) -> Text:
        return _("Masih ditimbang.")


class Ship(Errand[str], frozen=True):
    """Send something away: it can't be called back, unless the answer is "refused"."""

    final: ClassVar[bool] = True
    of: str

    @property
    def delayed(self) -> Text:
        return _("Masih di jalan.")

    def seals(self, answer: Any) -> bool:
        return bool(answer != "refused")


Run = Callable[[], Coroutine[Any, Any, Next | None]]


def flow(run: Run, name: str = "trip", words: tuple[str, ...] = ("trip",), steps: tuple[str, ...] = ()) -> Flow:
    return Flow(name, run, Text(name.title()), words, steps)


async def home() -> Next | None:
    wanted = await ask.Choice("want", _("Mau apa?"), {"trip": _("Pergi"), "about": _("Tanya")})
    if wanted == "trip":
        return Next("trip")
    await ask.Choice("more", _("Masih ada?"), {"yes": _("Masih"), "no": _("Cukup")})
    await Say(_("Sampai nanti."))
    return None


HOME = flow(home, "home", ())


def house(*flows: Run | Flow) -> House:
    """Home and these flows; a bare coroutine function is called "trip"."""
    return House((HOME, *(one if isinstance(one, Flow) else flow(one) for one in flows)))


async def trip() -> Next | None:
    """Three questions of the three sorts: an option, free words, a yes or no."""
    await ask.Choice("by", _("Naik apa?"), {"bus": _("Bus"), "boat": _("Perahu")})
    await ask.Text("place", _("Ke mana?"))
    await ask.Confirm("sure", _("Jadi?"), yes=_("Jadi"), no=_("Batal saja"))
    await Say(_("Selamat jalan."))
    return None


TRIP = flow(trip, steps=("by", "place", "sure"))


async def summed_up() -> Next | None:
    """Answers, their summary, and something sent for good."""
    place = await ask.Text("place", _("Ke mana?"), given="Bone")
    nights = await ask.Choice("nights", _("Berapa malam?"), {"1": _("Satu"), "2": _("Dua")}, about=place)
    name = await ask.Text("name", _("Nama?"))
    rows = [Row(_("Ke"), place, ("place",)), Row(_("Malam"), nights, ("nights",)), Row(_("Nama"), name, ("name",))]
    await Review("review", _("Periksa:"), rows, about=(place, nights, name))
    await Ship(place)
    await ask.Text("thanks", _("Sudah dikirim. Ada pesan?"))
    return None


SUMMED_UP = flow(summed_up)
