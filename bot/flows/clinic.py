"""Which clinic is near, for whoever was injured at work: three of them, with phone and distance.

The injured pays nothing in a clinic under contract (PLKK): BPJS Ketenagakerjaan pays it for treatment to need, without
a ceiling (PP 82/2019, annex on benefits of JKK). It looks a member up by card or NIK, so both are to be shown.
"""

from __future__ import annotations

from bot.flows.catalogues import DISTRICTS, VILLAGES
from bot.flows.clinic_asks import NearestClinics
from bot.talk.awaited import Say
from bot.talk.flow import Flow
from bot.talk.pick import Pick
from rules.plkk import Clinic, Km
from rules.words import Text, _

SHOWN_MAX = 3


async def clinic() -> None:
    """One question."""
    village = await Pick(
        "village", _("Dekat desa atau kelurahan mana? Ketik namanya, atau pilih kecamatan:"), VILLAGES, DISTRICTS
    )
    found = await NearestClinics(village)
    if not found:
        await Say(_("Belum ada klinik di daftar kami untuk {village}.", village=VILLAGES.label(village)))
        await Say(_("Kalau darurat, langsung ke puskesmas atau rumah sakit terdekat."))
        return
    for one in found[:SHOWN_MAX]:
        await Say(_line(one))
    await Say(_("Peserta aktif yang celaka saat kerja tidak bayar di sana. Tunjukkan nomor peserta (KPJ) dan KTP."))


def _line(one: Clinic) -> Text:
    return _("{name} ({distance}), telepon {phone}.", name=one.name, distance=Km(one.distance_km), phone=one.phone)


FLOW = Flow(
    name="clinic", run=clinic, title=_("Klinik terdekat"), words=("klinik", "klinik terdekat", "plkk", "clinic"),
    steps=("village",),
)  # fmt: skip
