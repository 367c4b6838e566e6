"""The menu: where a new chat begins and where the word "menu" leads."""

from __future__ import annotations

from datetime import date

from bot.talk import ask
from bot.talk.awaited import Say, Today
from bot.talk.flow import Flow, Next
from rules import tariff
from rules.money import Rupiah
from rules.month import Month
from rules.words import _


async def home() -> Next | None:
    """Say whose machine this is, and ask what is wanted."""
    wanted = await ask.Choice(
        "want",
        _("Saya Siaga, asisten otomatis Pemkab Soppeng untuk BPJS Ketenagakerjaan. Apa yang bisa dibantu?"),
        {
            "enrol": _("Daftar perlindungan kerja"), "status": _("Lihat status saya"), "about": _("Tanya dulu"),
            "pay": _("Bayar iuran"), "claim": _("Kecelakaan atau klaim"),
        },
        words={"enrol": ("daftar",), "status": ("status",), "pay": ("bayar",), "claim": ("klaim", "kecelakaan")},
    )  # fmt: skip
    if wanted != "about":
        return Next(wanted)
    await Say(_("Kalau celaka saat bekerja, biaya rumah sakit ditanggung. Kalau meninggal, keluarga dapat santunan."))
    await Say(_("Iurannya mulai {amount} untuk bulan ini.", amount=_least(await Today("price"))))
    go = await ask.Choice("after-about", _("Mau daftar sekarang?"), {"enrol": _("Daftar"), "later": _("Nanti saja")})
    if go == "enrol":
        return Next("enrol")
    await Say(_("Baik. Ketik menu kapan saja."))
    return None


def _least(today: date) -> Rupiah:
    """The lowest contribution of this month: the first tier, outside transport, from one's own pocket."""
    return tariff.total((Month.of(today),), tier=1, sector="other", payer="self")


FLOW = Flow(name="home", run=home, title=_("Menu"))
