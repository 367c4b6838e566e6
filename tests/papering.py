"""A conversation that hands over papers of every sort, and the makers of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date

from msgspec.structs import replace
from sqlalchemy import bindparam, select

from bot.app import PARTS
from bot.flows.asks import ReadCard
from bot.papers.letter import Letter
from bot.runtime.papers import MAKERS, Maker, Reading, letter
from bot.talk import ask
from bot.talk.awaited import Say
from bot.talk.flow import Flow, House, Next
from bot.talk.message import Paper
from db.tables import chats
from rules.words import Text, _

CODE = "881234567890123"
DATA = b'{"nama": "Hasna"}'
LETTER = Paper("letter", "7001", "surat-pengantar.pdf", "application/pdf")
QR = Paper("qr", CODE, "kode-bayar.png", "image/png", private=False)
DATA_OF_MINE = Paper("data", "7001", "data-saya.json", "application/json")
PAPERS: dict[str, tuple[Text, Paper]] = {
    "letter": (_("Surat"), LETTER),
    "code": (_("Kode"), QR),
    "data": (_("Data"), DATA_OF_MINE),
    "strange": (_("Milik orang"), replace(LETTER, of="7002")),
    "unknown": (_("Tak dikenal"), replace(LETTER, kind="no-such-kind")),
    "huge": (_("Besar"), replace(LETTER, kind="huge")),
}
OWNERS: dict[str, set[str]] = {"7001": {"hasna"}, "7002": {"rahman"}}
"""Whose each letter is, by the address of the chat. A test adds what its channel calls Hasna."""
HUGE = b"%PDF-" + bytes(5_000_001)


async def ask_for_papers() -> Next | None:
    """One paper a round; "semua" is all of them at once."""
    for number in range(20):
        wanted = await ask.Choice(
            f"want{number}", _("Mau berkas apa?"), {name: label for name, (label, _paper) in PAPERS.items()},
        )  # fmt: skip
        await Say(_("Ini berkasnya."), paper=PAPERS[wanted][1])
    return None


async def two_at_once() -> Next | None:
    await Say(_("Ini kodenya."), paper=QR)
    await Say(_("Ini suratnya."), paper=LETTER)
    await ask.Confirm("got", _("Sudah diterima?"))
    return None


async def to_the_end() -> Next | None:
    """Nothing is asked after it."""
    await Say(_("Ini suratnya. Selesai."), paper=LETTER)
    return None


async def after_an_errand() -> Next | None:
    """The outside world is asked first; there is no photo of this number, so nothing comes of it."""
    await ReadCard(1)
    await Say(_("Ini suratnya."), paper=LETTER)
    await ask.Confirm("got", _("Sudah diterima?"))
    return None


FLOWS = (
    Flow("papers", ask_for_papers, _("Berkas"), ("berkas",)),
    Flow("two", two_at_once, _("Dua"), ("sepasang",)),
    Flow("errand", after_an_errand, _("Tugas"), ("tugas",)),
    Flow("last", to_the_end, _("Terakhir"), ("terakhir",)),
)
_ADDRESS = select(chats.c.address).where(chats.c.id == bindparam("chat"))


async def says(reading: Reading, of: str, chat: int) -> Letter | None:
    """What a letter says, for whom it belongs to."""
    async with reading.engine.connect() as connection:
        address = (await connection.execute(_ADDRESS, {"chat": chat})).scalar_one()
    if address not in OWNERS.get(of, set()):
        return None
    fields = (("Nama", "Hasna Dg. Ma’né"), ("Kejadian", "Jatuh di kebun"))
    return Letter("Pemerintah Kabupaten Soppeng", "Surat pengantar", "SGA-1", date(2026, 11, 21), fields=fields)


async def data(reading: Reading, of: str, chat: int) -> bytes | None:
    return DATA


async def huge(reading: Reading, of: str, chat: int) -> bytes | None:
    return HUGE


async def never(reading: Reading, of: str, chat: int) -> bytes | None:
    await asyncio.Event().wait()
    return None


THESE: Mapping[str, Maker] = {**MAKERS, "letter": letter(says), "data": data, "huge": huge}
PAPERING = replace(PARTS, house=House((*PARTS.house.flows, *FLOWS)), makers=THESE)
"""The service with these conversations and these makers."""
