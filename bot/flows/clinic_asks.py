"""What the flows want from the clinics that treat accidents at work, as typed errands with typed answers."""

from __future__ import annotations

from typing import ClassVar

from bot.talk.awaited import Errand
from rules.plkk import AccidentNotice, Clinic, NoticeRefused, NoticeTaken
from rules.words import Text, _


class NearestClinics(Errand[tuple[Clinic, ...]], frozen=True):
    """The clinics for a village (Kemendagri code), the nearest first; none if the directory knows none."""

    patience_s: ClassVar[float] = 5.0
    village_code: str

    @property
    def delayed(self) -> Text:
        return _("Daftar klinik menyusul di sini. Kalau darurat, langsung ke puskesmas atau rumah sakit terdekat.")


class NoticeClinic(Errand[NoticeTaken | NoticeRefused], frozen=True):
    """Tell a clinic who is on the way. What was told can't be taken back, unless it was refused."""

    final: ClassVar[bool] = True
    patience_s: ClassVar[float] = 10.0
    notice: AccidentNotice

    @property
    def delayed(self) -> Text:
        return _("Klinik belum menjawab. Berangkat saja dulu, kabarnya kami kirim ke sini.")

    def seals(self, answer: object) -> bool:
        return isinstance(answer, NoticeTaken)
