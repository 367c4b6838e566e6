"""The words we share with the clinics that treat accidents at work (PLKK), and with hospitals.

PLKK: puskesmas, clinics and hospitals under contract with BPJS Ketenagakerjaan; the injured pays nothing there. Their
system (e-PLKK) has no public API; the contract is ours.
"""

from __future__ import annotations

from msgspec import Struct


class Clinic(Struct, frozen=True):
    """A clinic near a village. `distance_km` is by road, as its directory says; `checked_on`: when somebody made sure
    (ISO 8601)."""

    id: str
    name: str
    address: str
    phone: str
    distance_km: float
    checked_on: str
