"""WhatsApp: what a post of Meta's webhook says: messages, what became of ours, groups.

One body holds many entries, changes, messages and statuses; all of them are read, each by itself, so that one of an
unknown form takes no other with it. A person is keyed by the business-scoped id (BSUID), with the number as an alias:
who has a username sends no number (META/business-scoped-user-ids; META as in whatsapp.py).
Invariant: nothing about another number is heard; what nobody uses is named by its kind alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from bot.handlers.contract import ACCOUNT, Arrival, Fate, Post
from bot.handlers.whatsapp_heard import WAMID, Content, heard_of
from bot.talk.heard import Unread

NAME = "whatsapp"
BSUID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}", re.ASCII)
"""A country, a dot, up to 128 letters and digits; a parent's has ENT in between."""
NUMBER = re.compile(r"[0-9]{5,20}", re.ASCII)
SECONDS = re.compile(r"[0-9]{9,10}", re.ASCII)
"""A moment between 1973 and 2286."""
GONE = frozenset({131050})
"""The person wants nothing from us any more (META/support/error-codes). 131026 isn't among them: it means no WhatsApp
there, but just as well an old version or terms not yet accepted, and nobody is told which."""
FIELDS = frozenset(
    "account_alerts account_review_update account_settings_update account_update business_capability_update calls flows"
    " history message_echoes message_template_components_update message_template_quality_update"
    " message_template_status_update partner_solutions payment_configuration_update phone_number_name_update"
    " phone_number_quality_update security smb_app_state_sync smb_message_echoes standby template_category_update"
    " tracking_events user_id_update user_preferences".split()
)
"""What else a webhook may be subscribed to (META/webhooks/overview); only "messages" is used."""
WORDLESS = frozenset({"reaction", "revoke", "system", "request_welcome"})
"""Messages that say nothing to the bot. A `system` one tells a new number and a new BSUID; it is left out, since a
number may have gone to somebody else, so who writes from there begins anew."""
_Made = TypeVar("_Made", bound=Struct)


class _Body(Struct, frozen=True):
    entry: list[Raw] = []


class _Entry(Struct, frozen=True):
    changes: list[Raw] = []


class _Change(Struct, frozen=True):
    field: str = ""
    value: Raw = Raw(b"{}")


class _Metadata(Struct, frozen=True):
    phone_number_id: str = ""


class _Value(Struct, frozen=True):
    metadata: _Metadata = _Metadata()
    contacts: list[Raw] = []
    messages: list[Raw] = []
    statuses: list[Raw] = []


class _Contact(Struct, frozen=True):
    wa_id: str | None = None
    user_id: str | None = None


class _Head(Struct, frozen=True, rename={"number": "from"}):
    """What every message has."""

    id: str
    type: str = ""
    number: str | None = None
    from_user_id: str | None = None
    group_id: str | None = None
    timestamp: str | int | None = None


class _Error(Struct, frozen=True):
    code: int = 0


class _Status(Struct, frozen=True):
    id: str
    status: str = ""
    errors: list[_Error] = []


def read(body: bytes, number: str) -> Post | None:
    """All that a body says about the number of this id; None for what isn't a JSON object."""
    reading = _Reading()
    try:
        msgspec.json.decode(body, type=dict[str, Raw])
        for value in reading.values(body, number):
            contacts = tuple(reading.each(value.contacts, _Contact))
            for message in value.messages:
                reading.message(message, contacts)
            for status in reading.each(value.statuses, _Status):
                reading.status(status)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return reading.post()


class _Reading:
    """What was read so far of one body."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.fates: list[Fate] = []
        self.groups: list[str] = []
        self.ignored: list[str] = []

    def post(self) -> Post:
        return Post(tuple(self.arrivals), tuple(self.fates), groups=tuple(self.groups), ignored=tuple(self.ignored))

    def each(self, raws: Sequence[Raw], form: type[_Made]) -> Iterator[_Made]:
        """Those of this form; the others are counted."""
        for raw in raws:
            try:
                yield msgspec.json.decode(raw, type=form)
            except msgspec.ValidationError:
                self.ignored.append("malformed")

    def values(self, body: bytes, number: str) -> Iterator[_Value]:
        """What is said about the messages of our number."""
        for top in self.each((Raw(body),), _Body):
            for entry in self.each(top.entry, _Entry):
                for change in self.each(entry.changes, _Change):
                    if change.field != "messages":
                        self.ignored.append(change.field if change.field in FIELDS else "unknown")
                        continue
                    for value in self.each((change.value,), _Value):
                        if value.metadata.phone_number_id == number:
                            yield value
                        else:
                            self.ignored.append("other-number")

    def message(self, raw: Raw, contacts: Sequence[_Contact]) -> None:
        for head in self.each((raw,), _Head):
            person = _person(head, contacts)
            if head.group_id:
                self.groups.append(head.group_id)
            elif head.type in WORDLESS:
                self.ignored.append(head.type)
            elif person is None or not WAMID.fullmatch(head.id):
                self.ignored.append("malformed")
            else:
                self._arrive(raw, head, *person)

    def status(self, status: _Status) -> None:
        match status.status:
            case "sent" | "delivered" | "read" | "failed" as state:
                code = status.errors[0].code if status.errors else 0
                self.fates.append(Fate(status.id, state, f"{code}" if code else "", state == "failed" and code in GONE))
            case _:  # such as "played", of a voice message
                self.ignored.append("status")

    def _arrive(self, raw: Raw, head: _Head, address: str, aliases: tuple[str, ...]) -> None:
        """Heard as unknown if the content isn't of its form, so that the person gets an answer."""
        try:
            heard, file = heard_of(msgspec.json.decode(raw, type=Content), head.type, head.id, head.number)
        except msgspec.ValidationError:
            heard, file = Unread("unknown"), ""
        if heard is None:
            self.ignored.append(head.type)
            return
        self.arrivals.append(
            Arrival(
                NAME,
                ACCOUNT,
                address,
                head.id,
                heard,
                sent_at=_moment(head.timestamp),
                place=len(self.arrivals),
                file=file,
                aliases=aliases,
                token=head.id,
            )
        )


def _person(head: _Head, contacts: Sequence[_Contact]) -> tuple[str, tuple[str, ...]] | None:
    """(address, aliases) of who sent it. The contacts of a body may be several people's. A number may be another's
    tomorrow, so it is an alias even where it is all we have."""
    mine = [c for c in contacts if c.wa_id == (head.number or "-") or c.user_id == (head.from_user_id or "-")]
    if not head.number and not head.from_user_id and len(contacts) == 1:
        mine = list(contacts)
    user = head.from_user_id or next((c.user_id for c in mine if c.user_id), "")
    number = head.number or next((c.wa_id for c in mine if c.wa_id), "")
    aliases = (number,) if NUMBER.fullmatch(number) else ()
    if BSUID.fullmatch(user):
        return user, aliases
    return (number, aliases) if aliases else None


def _moment(timestamp: str | int | None) -> datetime | None:
    seconds = str(timestamp)
    return datetime.fromtimestamp(int(seconds), UTC) if SECONDS.fullmatch(seconds) else None
