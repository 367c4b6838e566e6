"""The world behind the imitated Cloud API: its people, templates and files, and what becomes of each message.

Invariant: a message of the business is stored once, or refused with the documented error and nothing stored; a request
that breaks the documented schema is also noted in `violations`, without what it said.
"""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable
from datetime import datetime
from random import Random

from gateway.sandbox.whatsapp_fate import accepted, addressed, obstacle
from gateway.sandbox.whatsapp_faults import (
    INVALID,
    NO_TEMPLATE,
    NOT_BY_USER_ID,
    PAIR,
    RATE,
    TO_ITSELF,
    VALUE,
    Fault,
    Json,
    broken,
)
from gateway.sandbox.whatsapp_limits import PAIR_BURST_MAX, THROUGHPUT_S, PairRate, Throughput
from gateway.sandbox.whatsapp_media import Media, MediaShelf
from gateway.sandbox.whatsapp_network import Outgoing
from gateway.sandbox.whatsapp_phone import Phone
from gateway.sandbox.whatsapp_schema import Message, ReadMark, TemplateMessage
from gateway.sandbox.whatsapp_seen import asset_of, seen
from gateway.sandbox.whatsapp_template import Template, fill
from gateway.sandbox.whatsapp_wire import (
    PER_MESSAGE_PRICING,
    Business,
    Charge,
    Event,
    contact,
    failure,
    price,
    status,
)

VIOLATIONS_MAX = 1000
EVENTS_MAX = 100_000


class World:
    """`clock` is aware. `api_version` is that of the webhooks: below 24.0 statuses carry a conversation. `url` is
    where the sandbox is reached; with it webhooks carry the address of a file. May be used from any thread."""

    def __init__(
        self,
        business: Business,
        *,
        clock: Callable[[], datetime],
        chance: Random,
        api_version: float = PER_MESSAGE_PRICING,
        pair_burst_max: int = PAIR_BURST_MAX,
        throughput_s: int = THROUGHPUT_S,
    ) -> None:
        self.business, self.clock, self.chance, self.api_version = business, clock, chance, api_version
        self.shelf = MediaShelf(chance)
        self.pair_rate, self.throughput = PairRate(pair_burst_max), Throughput(throughput_s)
        self.templates: dict[tuple[str, str], Template] = {}
        self.phones: list[Phone] = []
        self.violations: list[str] = []
        self.url = ""
        self._book: dict[str, Phone] = {}
        self._events: list[Event] = []
        self._lock = threading.RLock()

    # ---- people and templates

    def person(
        self, name: str, *, wa_id: str = "", user_id: str = "", username: str = "", hides_number: bool = False
    ) -> Phone:
        """Somebody on WhatsApp; number and user id are invented unless given."""
        wa_id = wa_id or f"62811{self.chance.randrange(10**7, 10**8)}"
        user_id = user_id or self.new_user_id()
        phone = Phone(self, name=name, wa_id=wa_id, user_id=user_id, username=username, hides_number=hides_number)
        self.phones.append(phone)
        self._book |= {wa_id: phone, user_id: phone}
        return phone

    def approves(self, template: Template) -> None:
        self.templates[template.name, template.language] = template

    def phone(self, who: str) -> Phone | None:
        """By user id or number. The book is a guess, for people change both."""
        key = who if "." in who else re.sub(r"\D", "", who)
        known = self._book.get(key)
        if known is None or key not in {known.user_id, known.wa_id}:
            known = next((phone for phone in self.phones if key in {phone.user_id, phone.wa_id}), None)
        if known is not None:
            self._book[key] = known
        return known

    # ---- the business

    def accept(self, wanted: Message) -> Json | Fault:
        """The answer to `POST /{phone_number_id}/messages`; what becomes of the message is told by webhooks."""
        with self._lock:
            outcome = self._accept(wanted)
        if isinstance(outcome, Fault):
            self.note(outcome)
        return outcome

    def mark_read(self, wanted: ReadMark) -> Json | Fault:
        typing = wanted.typing_indicator is not None
        if any(phone.marked_read(wanted.message_id, typing=typing) for phone in self.phones):
            return {"success": True}
        fault = broken(VALUE, "message_id: no such message was received")
        self.note(fault)
        return fault

    def note(self, fault: Fault) -> None:
        if fault.violation:
            self.violations.append(f"{fault.code} {fault.details}")
            del self.violations[:-VIOLATIONS_MAX]

    # ---- the way back

    def tell(self, *events: Event) -> None:
        with self._lock:
            self._events.extend(events)
            del self._events[:-EVENTS_MAX]

    def take_events(self, most: int) -> list[Event]:
        with self._lock:
            taken, self._events = self._events[:most], self._events[most:]
        return taken

    def report(self, outgoing: Outgoing, state: str, fault: Fault | None = None) -> None:
        """A status webhook: sent, delivered, read or failed."""
        now, number = self.clock(), outgoing.seen.id
        item = status(outgoing.person, number, now, state)
        if outgoing.tracker is not None:
            item["biz_opaque_callback_data"] = outgoing.tracker
        if fault is not None:
            item |= failure(fault)
        elif state != "read":
            item |= price(outgoing.charge, state, now, self._conversation(outgoing), self.api_version)
        self.tell(Event("statuses", item, contact(outgoing.person)))

    def new_message_id(self) -> str:
        return "wamid." + base64.b64encode(self.chance.randbytes(27)).decode()

    def new_user_id(self) -> str:
        return f"ID.{self.chance.randrange(10**19, 10**20)}"

    def new_trace(self) -> str:
        return base64.urlsafe_b64encode(b"\x02" + self.chance.randbytes(16)).decode().rstrip("=")

    # ---- one message

    def _accept(self, wanted: Message) -> Json | Fault:
        now, who = self.clock(), wanted.to or wanted.recipient or ""
        digits = re.sub(r"\D", "", wanted.to or "")
        if digits and digits == re.sub(r"\D", "", self.business.display_phone_number):
            return broken(TO_ITSELF, "to")
        template = self._template(wanted)
        if isinstance(template, Fault):
            return template
        filled = fill(template, wanted.template) if template and isinstance(wanted, TemplateMessage) else None
        if isinstance(filled, Fault):
            return filled
        media = self._media(wanted)
        if isinstance(media, Fault):
            return media
        phone = self.phone(who)
        if limited := self._limited(phone.user_id if phone else digits or who, now):
            return limited
        number = self.new_message_id()
        outgoing = Outgoing(
            seen=seen(wanted, number, now, media, filled),
            person=addressed(phone, digits),
            tracker=wanted.biz_opaque_callback_data,
            charge=Charge(template.category if template else "service", phone is not None and phone.window_open),
        )
        self._send(outgoing, phone, obstacle(wanted, phone, template, media))
        return accepted(wanted, digits, number)

    def _send(self, outgoing: Outgoing, phone: Phone | None, stopped: Fault | None) -> None:
        if stopped is not None or phone is None:
            self.report(outgoing, "failed", stopped)
            if phone is not None:
                phone.missed += 1
            return
        self.report(outgoing, "sent")
        phone.receives(outgoing)

    def _limited(self, who: str, now: datetime) -> Fault | None:
        if not self.throughput.takes(now):
            return Fault(RATE, "Message failed to send because there were too many messages in a short time")
        if not self.pair_rate.takes(who, now):
            return Fault(PAIR, "Too many messages were sent from this phone number to the same phone number")
        return None

    def _template(self, wanted: Message) -> Template | Fault | None:
        if not isinstance(wanted, TemplateMessage):
            return None
        name, language = wanted.template.name, wanted.template.language.code
        template = self.templates.get((name, language))
        if template is None:
            return broken(NO_TEMPLATE, f"template name ({name}) does not exist in {language}")
        if template.category == "authentication" and wanted.to is None:
            return broken(NOT_BY_USER_ID, "authentication templates need a number")
        return template

    def _media(self, wanted: Message) -> Media | Fault | None:
        asset = asset_of(wanted)
        if asset is None or asset[1] is None:
            return None
        media = self.shelf.get(asset[1], self.clock())
        details = f"Param {asset[0]}['id'] is not a valid whatsapp business account media attachment ID"
        return media or broken(INVALID, details)

    def _conversation(self, outgoing: Outgoing) -> str:
        return base64.b16encode(outgoing.seen.id.encode()[-16:]).decode().lower()
