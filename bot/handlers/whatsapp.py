"""WhatsApp through the Cloud API of Meta: what its webhook says, and what the channel can show.

One body holds many entries, changes, messages and statuses; all of them are read, each by itself, so that one of an
unknown form takes no other with it. A person is keyed by the business-scoped id (BSUID), with the number as an alias:
who has a username sends no number (developers.facebook.com/documentation/business-messaging/whatsapp/
business-scoped-user-ids). Below, META is developers.facebook.com/documentation/business-messaging/whatsapp.
Invariant: nothing is believed without the signature of the app's secret, and nothing about another number is heard.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from bot.handlers.contract import ACCOUNT, Access, Arrival, Fate, Limits, Post, Pushed, SettingError, Wire
from bot.talk.heard import Contact, Edited, FromPerson, Pressed, Said, Shown, Unread
from bot.talk.message import BUTTON_LABEL_MAX, read_button
from bot.talk.question import TEXT_CHARS_MAX

NAME = "whatsapp"
LIMITS = Limits(
    text=4096,  # META/messages/text-messages
    caption=1024,  # META/messages/image-messages
    body=1024,  # META/messages/interactive-reply-buttons-messages; a list would allow 4096
    buttons=3,
    button_label=20,
    rows=10,  # META/messages/interactive-list-messages
    row_label=24,
    per_s=40,  # META/throughput: 80 a second, what comes in and what goes out together
    gap_s=0.5,  # …/cloud-api/overview#pair-rate-limits: one in 6 s to one person, but 45 within 6 s, on credit
    window_h=24,  # META/messages/send-messages#customer-service-windows
)
BSUID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}", re.ASCII)
"""A country, a dot, up to 128 letters and digits; a parent's has ENT in between."""
NUMBER = re.compile(r"[0-9]{5,20}", re.ASCII)
WAMID = re.compile(r"[\x21-\x7e]{1,512}")
TOKEN = re.compile(r"[\x21-\x7e]+")
TEMPLATE = re.compile(r"[a-z0-9_]{1,512}", re.ASCII)
SECONDS = re.compile(r"[0-9]{9,10}", re.ASCII)
"""A moment between 1973 and 2286."""
CHALLENGE_MAX, BUTTON_DATA_MAX, PHONE_MAX = 128, 64, 40
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
WHERE = {
    "token": "make one at business.facebook.com, Settings, System users, with the permission"
    " whatsapp_business_messaging; the token of the page API Setup lives for a day only",
    "number": "copy the phone number ID from developers.facebook.com, your app, WhatsApp, API Setup; it is not the"
    " telephone number",
    "secret": "copy the app secret from developers.facebook.com, your app, App settings, Basic",
    "handshake": "make up a word, and type it at developers.facebook.com, your app, WhatsApp, Configuration,"
    " Verify token",
    "template": "copy its name, which has no capitals, from business.facebook.com, WhatsApp Manager, Message templates",
}
"""Where the operator finds each setting."""
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


class _Text(Struct, frozen=True):
    body: str


class _Reply(Struct, frozen=True):
    id: str
    title: str = ""


class _Interactive(Struct, frozen=True):
    button_reply: _Reply | None = None
    list_reply: _Reply | None = None


class _Button(Struct, frozen=True):
    payload: str = ""
    text: str = ""


class _Media(Struct, frozen=True):
    id: str = ""
    mime_type: str = ""


class _Phone(Struct, frozen=True):
    phone: str = ""
    wa_id: str | None = None


class _Card(Struct, frozen=True):
    phones: list[_Phone] = []


class _Rewritten(Struct, frozen=True):
    text: _Text | None = None


class _Edit(Struct, frozen=True):
    original_message_id: str
    message: _Rewritten


class _Content(Struct, frozen=True):
    """What a message may have, by its type."""

    text: _Text | None = None
    interactive: _Interactive | None = None
    button: _Button | None = None
    image: _Media = _Media()
    document: _Media = _Media()
    contacts: list[_Card] = []
    edit: _Edit | None = None


class _Error(Struct, frozen=True):
    code: int = 0


class _Status(Struct, frozen=True):
    id: str
    status: str = ""
    errors: list[_Error] = []


def admit(headers: Mapping[str, str], body: bytes, access: Access) -> bool:
    """Is the body signed with the app's secret (META/webhooks/create-webhook-endpoint)?"""
    given = headers.get("x-hub-signature-256", "").encode("utf-8", "replace")
    signed = hmac.new(access.secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(given, f"sha256={signed}".encode()) and bool(access.secret)


def greet(query: Mapping[str, str], access: Access) -> str | None:
    """Meta's challenge, if it knows the word that we agreed on."""
    word, challenge = query.get("hub.verify_token", ""), query.get("hub.challenge", "")
    knows = hmac.compare_digest(word.encode("utf-8", "replace"), access.handshake.encode()) and bool(access.handshake)
    plain = challenge.isascii() and challenge.isprintable() and 0 < len(challenge) <= CHALLENGE_MAX
    return challenge if knows and plain and query.get("hub.mode") == "subscribe" else None


def decode(body: bytes, access: Access) -> Post | None:
    """All that a body says about our number; None for what isn't a JSON object."""
    read = _Reading()
    try:
        msgspec.json.decode(body, type=dict[str, Raw])
        for value in read.values(body, access.number):
            contacts = tuple(read.each(value.contacts, _Contact))
            for message in value.messages:
                read.message(message, contacts)
            for status in read.each(value.statuses, _Status):
                read.status(status)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return Post(tuple(read.arrivals), tuple(read.fates), groups=tuple(read.groups), ignored=tuple(read.ignored))


def connect(access: Access) -> Wire:
    """SettingError for what is missing, with words about where Meta shows it."""
    fine = {
        "token": bool(TOKEN.fullmatch(access.token)),
        "number": bool(NUMBER.fullmatch(access.number)),
        "secret": bool(access.secret),
        "handshake": bool(access.handshake),
        "template": not access.template or bool(TEMPLATE.fullmatch(access.template)),
    }
    for name, words in WHERE.items():
        if not fine[name]:
            raise SettingError(name, words)
    from bot.handlers.whatsapp_out import WhatsAppWire  # noqa: PLC0415  # its library is loaded only where it is set up

    return WhatsAppWire(access)


class _Reading:
    """What was read so far of one body."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.fates: list[Fate] = []
        self.groups: list[str] = []
        self.ignored: list[str] = []

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
            heard, file = _heard(head, msgspec.json.decode(raw, type=_Content))
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
    """(address, aliases) of who sent it. The contacts of a body may be several people's."""
    mine = [c for c in contacts if c.wa_id == (head.number or "-") or c.user_id == (head.from_user_id or "-")]
    if not head.number and not head.from_user_id and len(contacts) == 1:
        mine = list(contacts)
    user = head.from_user_id or next((c.user_id for c in mine if c.user_id), "")
    number = head.number or next((c.wa_id for c in mine if c.wa_id), "")
    known = tuple([id_ for id_, form in ((user, BSUID), (number, NUMBER)) if form.fullmatch(id_)])
    return (known[0], known[1:]) if known else None


def _heard(head: _Head, content: _Content) -> tuple[FromPerson | None, str]:
    """What was heard, and the id of its file; None if there is nothing to hear."""
    match head.type:
        case "text" if content.text:
            return _said(content.text.body, head.id), ""
        case "interactive" if content.interactive:
            reply = content.interactive.button_reply or content.interactive.list_reply
            return (_pressed(reply.id, reply.title) if reply else Unread("unknown")), ""
        case "button" if content.button:  # of a template
            ours = read_button(content.button.payload) is not None
            text = content.button.text
            return (_pressed(content.button.payload, text) if ours else _said(text, head.id)), ""
        case "image" if content.image.id:
            return Shown(0), content.image.id
        case "document" if content.document.id and _may_be_a_photo(content.document.mime_type):
            return Shown(0), content.document.id
        case "audio" | "voice":
            return Unread("voice"), ""
        case "document" | "video" | "sticker" | "location" as kind:
            return Unread(kind), ""
        case "contacts":
            return _contact(content.contacts, head.number), ""
        case "edit":
            return _edited(content.edit), ""
        case _:
            return Unread("unknown"), ""


def _said(text: str, ref: str) -> Said | Unread:
    text = _clean(text)
    if len(text) > TEXT_CHARS_MAX:
        return Unread("too-long")
    return Said(text, ref) if text else Unread("unknown")


def _pressed(data: str, label: str) -> Pressed | Unread:
    """Every button of ours has short data; the label may have been shortened."""
    clean = _clean(data)
    return Pressed(clean, _clean(label)[:BUTTON_LABEL_MAX]) if 0 < len(clean) <= BUTTON_DATA_MAX else Unread("unknown")


def _edited(edit: _Edit | None) -> Edited | Unread | None:
    """Only numbers that an office also uses by hand are told of edits (META/webhooks/reference/messages/edit)."""
    if edit is None or edit.message.text is None or not WAMID.fullmatch(edit.original_message_id):
        return None  # another caption of a picture
    text = _clean(edit.message.text.body)
    return Edited(text, edit.original_message_id) if len(text) <= TEXT_CHARS_MAX else Unread("too-long")


def _contact(cards: Sequence[_Card], sender: str | None) -> Contact | Unread:
    """Anybody can be handed over as a contact; it is the sender's own number only if the message came from it."""
    phones = [phone for card in cards for phone in card.phones]
    if len(phones) != 1:
        return Unread("contact")
    number = _clean(f"+{phones[0].wa_id}" if phones[0].wa_id else phones[0].phone)
    own = bool(sender) and re.sub(r"\D", "", number) == sender
    return Contact(number, own) if 0 < len(number) <= PHONE_MAX else Unread("contact")


def _may_be_a_photo(mime_type: str) -> bool:
    return mime_type.startswith("image/") or mime_type == "application/pdf"


def _moment(timestamp: str | int | None) -> datetime | None:
    seconds = str(timestamp)
    return datetime.fromtimestamp(int(seconds), UTC) if SECONDS.fullmatch(seconds) else None


def _clean(text: str) -> str:
    """Without control characters, which PostgreSQL can't store and nobody can see."""
    lines = text.replace("\r\n", "\n")
    return "".join(c for c in lines if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs")).strip()


CHANNEL = Pushed(NAME, LIMITS, admit, decode, connect, greet, identity_in_chat=False)
