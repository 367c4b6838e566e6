"""The contract as a whole. Every route of the service stands in it, and nothing else does (tests/http)."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from bot.contract.operation import Operation, schemas_of, types, written
from bot.contract.partners import BANK, CHANNELS, DESK, HEALTH, WEBHOOKS
from bot.contract.people import CHAT, OWN
from gateway.bpjs_claims import StatusAnswer
from gateway.plkk_wire import WireTreatmentChanged

CONTRACT = Path(__file__).parents[2] / "docs" / "siaga-http-openapi.json"
OPERATIONS: tuple[Operation, ...] = (*CHAT, *OWN, *CHANNELS, *WEBHOOKS, DESK, *BANK, *HEALTH)
WORDS = (
    "Every address of a service on which all channels and partners are set up. Every GET may be asked as HEAD, too, "
    "and any other method is answered 405. A chat belongs to the cookie siaga_chat, a link to the cookie siaga_page; "
    "whoever brings none or a forged one is nobody."
)


def contract() -> str:
    """As JSON."""
    schemas, components = schemas_of(list(chain.from_iterable(types(one) for one in OPERATIONS)))
    for alone in (StatusAnswer, WireTreatmentChanged):  # msgspec needs no tag where there is nothing to tell apart
        components[alone.__name__]["required"].remove(alone.__struct_config__.tag_field)
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method.lower()] = written(one, schemas)
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Siaga", "version": "1", "description": WORDS},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _schemes()},
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"


def _schemes() -> dict[str, Any]:
    """The headers that prove who asks, each with the words of whoever names it first."""
    named: dict[str, str] = {}
    for one in OPERATIONS:
        for name, words in one.signed.items():
            named.setdefault(name, words)
    return {
        name: {"type": "apiKey", "in": "header", "name": name, "description": words} for name, words in named.items()
    }
