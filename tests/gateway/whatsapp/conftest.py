"""The imitated Cloud API behind a real port, and Hasna, who wrote just now."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.sandbox.whatsapp_phone import Phone
from gateway.sandbox.whatsapp_template import Template
from tests.gateway.conftest import Clock, Partner
from tests.gateway.whatsapp_served import NUMBER, USER_ID, Whatsapp, serving_whatsapp

OLD_EVENTS_MAX = 10


@pytest.fixture
def whatsapp(clock: Clock, receiver: Partner) -> Iterator[Whatsapp]:
    with serving_whatsapp(clock, receiver) as whatsapp:
        whatsapp.world.approves(Template("ingat", "Iuran hampir habis.", quick_replies=("Bayar",)))
        yield whatsapp


@pytest.fixture
def hasna(whatsapp: Whatsapp) -> Phone:
    """The window is open, and what she wrote is not waiting to be posted."""
    hasna = whatsapp.world.person("Hasna", wa_id=NUMBER, user_id=USER_ID)
    hasna.says("halo")
    whatsapp.world.take_events(OLD_EVENTS_MAX)
    return hasna
