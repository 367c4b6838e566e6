"""Moving a membership from the phone of who helped to the member's own, with a code of six digits.

Invariant: it moves only where the code was typed, and only after who typed it has seen and confirmed whose it is. Why
a code is worth nothing (mistyped, expired, used) is never told.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.flows.asks import CheckMoveCode, Helped, HelpedPeople, MakeMoveCode, Moved, MoveRefused, RedeemMoveCode
from bot.talk import ask
from bot.talk.awaited import CallPerson, Say, Today, within
from bot.talk.code import Code, in_groups
from bot.talk.flow import Flow, Next
from rules.words import Text, _

CODES_MAX = 5
"""Codes typed in one conversation; whoever needs more is better helped by a person."""

_NOT_VALID = _("Kode itu tidak berlaku. Periksa lagi angkanya, atau minta kode baru dari yang mendaftarkan.")


async def move() -> Next | None:
    """Make a code on the one phone, type it on the other."""
    wanted = await ask.Choice(
        "wanted",
        _("Peserta bisa pindah ke HP sendiri dengan kode 6 angka. Sudah punya kodenya?"),
        {"take": _("Saya punya kode"), "make": _("Buatkan kode")},
    )
    if wanted == "take":
        return await _take()
    await _make()
    return None


FLOW = Flow(name="move", run=move, title=_("Pindah HP"), words=("pindah", "pindahkan", "pindah hp", "move"))


async def _make() -> None:
    """On the phone of who helped."""
    day = await Today("make")
    people = {str(one.person): one for one in await HelpedPeople(day.isoformat())}
    if not people:
        await Say(_("Dari chat ini belum ada yang bisa dipindah. Yang menunggu BPJS bisa setelah terdaftar."))
        return
    chosen = await ask.Choice(
        "person", _("Siapa yang mau pakai HP sendiri?"), _labels(list(people.values())),
        hint=_("Balas angkanya. Kalau namanya tidak ada di sini, ketik petugas."),
    )  # fmt: skip
    made = await MakeMoveCode(people[chosen].person)
    if made is None:
        await Say(_("Yang ini sudah tidak di chat ini, jadi kodenya tidak dibuat."))
        return
    name = people[chosen].name.title()
    await Say(_("Kode untuk {name}: {code}. Jangan beri ke orang lain.", name=name, code=in_groups(made.code)))
    await Say(_("Di HP {name}: buka chat Siaga, ketik pindah, lalu masukkan kode itu.", name=name))
    await Say(
        _(
            "Berlaku sekali saja, sampai {day} pukul {time} WITA.",
            day=made.until.date(), time=f"{made.until:%H.%M}",
        )
    )  # fmt: skip


def _labels(people: Sequence[Helped]) -> dict[str, Text]:
    """Their names; of two with the same name also the member number, which is told in "status" as well."""
    names = [one.name for one in people]
    return {
        str(one.person): Text(f"{one.name.title()}, {one.kpj}" if names.count(one.name) > 1 else one.name.title())
        for one in people
    }


async def _take() -> Next | None:
    """On the member's own phone."""
    for number in range(1, CODES_MAX + 1):
        outcome = await within(f"try{number}", _try(number))
        if isinstance(outcome, Moved):
            await Say(
                _("Selesai. Kepesertaan {name} sekarang di chat ini, juga kabar dari BPJS.", name=outcome.name.title())
            )
            return Next("status")
        if outcome is None:
            await Say(_("Baik, tidak ada yang dipindah. Ketik menu kapan saja."))
            return None
        if outcome.reason == "too-many":
            break
        await Say(_("Kode ini dari chat ini sendiri. Ketik di HP peserta.") if outcome.reason == "own" else _NOT_VALID)
    await CallPerson("move", "code")
    await Say(_("Terlalu banyak kode yang tidak cocok. Petugas kami akan membantu di chat ini pada jam kerja."))
    return None


async def _try(number: int) -> Moved | MoveRefused | None:
    """One code; None if who typed it says that it is somebody else's."""
    code = await Code(
        "code", _("Ketik kode 6 angka."),
        hint=_("Kodenya dibuat di HP yang dulu mendaftarkan: ketik pindah di sana, lalu pilih Buatkan kode."),
    )  # fmt: skip
    found = await CheckMoveCode(code, number)
    if isinstance(found, MoveRefused):
        return found
    right = await ask.Confirm(
        "right", _("Nomor peserta {name} akan pindah ke chat ini. Benar?", name=found.name.title()), about=found.move
    )
    return await RedeemMoveCode(found.move) if right else None
