"""What the flows want from the clinics that treat accidents at work, as typed requests with typed answers."""

from __future__ import annotations

from typing import ClassVar

from bot.talk.awaited import Command, Errand
from rules.plkk import Clinic
from rules.words import Text, _


class NearestClinics(Errand[tuple[Clinic, ...]], frozen=True):
    """The clinics for a village (Kemendagri code), the nearest first; none if the directory knows none."""

    patience_s: ClassVar[float] = 5.0
    village_code: str

    @property
    def delayed(self) -> Text:
        return _("Daftar klinik menyusul di sini. Kalau darurat, langsung ke puskesmas atau rumah sakit terdekat.")


class TellClinic(Errand[None], frozen=True):
    """Tell a clinic (its id and name in the directory) who is on the way, by the claim. Asked by the registry itself;
    no conversation waits for it."""

    claim: int
    clinic: str
    name: str


class ChooseClinic(Command[None], frozen=True):
    """The injured of this claim goes to this clinic, which is told so."""

    claim: int
    clinic: str
    name: str
