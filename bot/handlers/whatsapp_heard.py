"""WhatsApp: the content of one message, made into what was heard.

Invariant: what can't be used is heard as such, so that the person gets an answer. META as in whatsapp.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from bot.handlers.words import cleaned
from bot.talk.heard import Contact, Edited, FromPerson, Pressed, Said, Shown, Unread
from bot.talk.message import BUTTON_LABEL_MAX, read_button
from bot.talk.question import TEXT_CHARS_MAX

WAMID = re.compile(r"[\x21-\x7e]{1,512}")
BUTTON_DATA_MAX, PHONE_MAX = 64, 40


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


class Content(Struct, frozen=True):
    """What a message may have, by its type."""

    text: _Text | None = None
    interactive: _Interactive | None = None
    button: _Button | None = None
    image: _Media = _Media()
    document: _Media = _Media()
    contacts: list[_Card] = []
    edit: _Edit | None = None


def heard_of(content: Content, kind: str, ref: str, sender: str | None) -> tuple[FromPerson | None, str]:
    """What was heard in a message of this kind, and the id of its file; None if there is nothing to hear. `ref`: the
    message's id. `sender`: the number that it came from, where that is shown."""
    match kind:
        case "text" if content.text:
            return _said(content.text.body, ref), ""
        case "interactive" if content.interactive:
            reply = content.interactive.button_reply or content.interactive.list_reply
            return (_pressed(reply.id, reply.title) if reply else Unread("unknown")), ""
        case "button" if content.button:  # of a template
            ours = read_button(content.button.payload) is not None
            text = content.button.text
            return (_pressed(content.button.payload, text) if ours else _said(text, ref)), ""
        case "image" if content.image.id:
            return Shown(0), content.image.id
        case "document" if content.document.id and _may_be_a_photo(content.document.mime_type):
            return Shown(0), content.document.id
        case "audio" | "voice":
            return Unread("voice"), ""
        case "document" | "video" | "sticker" | "location" as unread:
            return Unread(unread), ""
        case "contacts":
            return _contact(content.contacts, sender), ""
        case "edit":
            return _edited(content.edit), ""
        case _:
            return Unread("unknown"), ""


def _said(text: str, ref: str) -> Said | Unread:
    text = cleaned(text)
    if len(text) > TEXT_CHARS_MAX:
        return Unread("too-long")
    return Said(text, ref) if text else Unread("unknown")


def _pressed(data: str, label: str) -> Pressed | Unread:
    """Every button of ours has short data; the label may have been shortened."""
    clean = cleaned(data)
    return Pressed(clean, cleaned(label)[:BUTTON_LABEL_MAX]) if 0 < len(clean) <= BUTTON_DATA_MAX else Unread("unknown")


def _edited(edit: _Edit | None) -> Edited | Unread | None:
    """Only numbers that an office also uses by hand are told of edits (META/webhooks/reference/messages/edit)."""
    if edit is None or edit.message.text is None or not WAMID.fullmatch(edit.original_message_id):
        return None  # another caption of a picture
    text = cleaned(edit.message.text.body)
    return Edited(text, edit.original_message_id) if len(text) <= TEXT_CHARS_MAX else Unread("too-long")


def _contact(cards: Sequence[_Card], sender: str | None) -> Contact | Unread:
    """Anybody can be handed over as a contact; it is the sender's own number only if the message came from it."""
    phones = [phone for card in cards for phone in card.phones]
    if len(phones) != 1:
        return Unread("contact")
    number = cleaned(f"+{phones[0].wa_id}" if phones[0].wa_id else phones[0].phone)
    own = bool(sender) and re.sub(r"\D", "", number) == sender
    return Contact(number, own) if 0 < len(number) <= PHONE_MAX else Unread("contact")


def _may_be_a_photo(mime_type: str) -> bool:
    return mime_type.startswith("image/") or mime_type == "application/pdf"
