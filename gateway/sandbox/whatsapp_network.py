"""What lies between a person's phone and the business: the contract on which phones stand.

Invariant: a phone knows nothing of requests, limits or webhooks' addresses.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from gateway.sandbox.whatsapp_faults import Fault
from gateway.sandbox.whatsapp_media import MediaShelf
from gateway.sandbox.whatsapp_seen import Seen
from gateway.sandbox.whatsapp_wire import Business, Charge, Event, Person


class Outgoing(msgspec.Struct, frozen=True):
    """A message of the business on its way; `person` is how its statuses name the recipient."""

    seen: Seen
    person: Person
    tracker: str | None
    charge: Charge


class Network(Protocol):
    """What lies between a phone and the business."""

    business: Business
    shelf: MediaShelf
    url: str

    def clock(self) -> datetime: ...

    def new_message_id(self) -> str: ...

    def new_user_id(self) -> str: ...

    def tell(self, *events: Event) -> None: ...

    def report(self, outgoing: Outgoing, state: str, fault: Fault | None = None) -> None: ...
