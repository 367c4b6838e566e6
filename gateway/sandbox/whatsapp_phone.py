"""A person's phone: what the person sends, presses and reads, and what is seen on it.

Invariant: everything a person does reaches the business only as the webhook that the Cloud API documents for it.
"""

from __future__ import annotations

import base64
from collections import deque
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from gateway.sandbox.whatsapp_faults import UNSUPPORTED, Fault, Json
from gateway.sandbox.whatsapp_media import RECEIVED_DAYS
from gateway.sandbox.whatsapp_network import Network, Outgoing
from gateway.sandbox.whatsapp_seen import Seen
from gateway.sandbox.whatsapp_wire import (
    Event,
    Person,
    contact,
    failure,
    marketing_wish,
    message,
    number_changed,
)

WINDOW_H = 24
TYPING_S = 25  # …/typing-indicators: gone with the answer, or after 25 seconds
THREAD_MAX = 10_000


class Phone:
    """`hides_number`: the person has a user name, so webhooks carry the user id alone. `online`: what comes is
    delivered at once. `reads_at_once`: and read. `on_whatsapp` False: nothing arrives (131026)."""

    def __init__(
        self, network: Network, *, name: str, wa_id: str, user_id: str, username: str, hides_number: bool
    ) -> None:
        self._network = network
        self.name, self.wa_id, self.user_id, self.username = name, wa_id, user_id, username
        self.hides_number = hides_number
        self.online, self.reads_at_once, self.on_whatsapp, self.blocks = True, False, True, False
        self.stopped_marketing = False
        self.thread: list[Seen] = []
        self.read_by_business: set[str] = set()
        self.missed = 0
        """How many messages of the business WhatsApp kept back, outside the window say."""
        self._own: set[str] = set()
        self._own_unread: deque[str] = deque()
        self._typing_until: datetime | None = None
        self._wrote_at: datetime | None = None
        self._waiting: list[Outgoing] = []
        self._unread: list[Outgoing] = []

    @property
    def person(self) -> Person:
        return Person("" if self.hides_number else self.wa_id, self.user_id, self.name, self.username)

    # ---- what is seen

    @property
    def messages(self) -> list[Seen]:
        """What the business wrote, oldest first."""
        return [seen for seen in self.thread if not seen.mine]

    @property
    def last(self) -> Seen:
        return self.messages[-1]

    @property
    def typing(self) -> bool:
        return self._typing_until is not None and self._network.clock() < self._typing_until

    @property
    def window_open(self) -> bool:
        """Free-form messages are allowed for 24 hours after the person's last one."""
        now = self._network.clock()
        return self._wrote_at is not None and now < self._wrote_at + timedelta(hours=WINDOW_H)

    # ---- what the person sends; each gives the message's id

    def says(self, text: str, *, quotes: str = "", forwarded: bool = False) -> str:
        extra: Json = {"context": {"forwarded": True}} if forwarded else self._quoting(quotes)
        return self._sends("text", {"text": {"body": text}, **extra}, text=text, quotes=quotes)

    def sends_image(self, content: bytes, mime_type: str = "image/jpeg", *, caption: str = "") -> str:
        return self._sends_file("image", content, mime_type, caption=caption)

    def sends_document(self, content: bytes, mime_type: str, filename: str, *, caption: str = "") -> str:
        return self._sends_file("document", content, mime_type, filename=filename, caption=caption)

    def sends_voice(self, content: bytes, mime_type: str = "audio/ogg; codecs=opus") -> str:
        return self._sends_file("audio", content, mime_type, voice=True)

    def sends_video(self, content: bytes, mime_type: str = "video/mp4", *, caption: str = "") -> str:
        return self._sends_file("video", content, mime_type, caption=caption)

    def sends_sticker(self, content: bytes) -> str:
        return self._sends_file("sticker", content, "image/webp", animated=False)

    def sends_location(self, latitude: float, longitude: float, *, name: str = "", address: str = "") -> str:
        named = {key: value for key, value in (("name", name), ("address", address)) if value}
        place = {"latitude": latitude, "longitude": longitude, **named}
        return self._sends("location", {"location": place})

    def sends_contact(self, name: str, wa_id: str, *, quotes: str = "") -> str:
        phone = {"phone": f"+{wa_id}", "wa_id": wa_id, "type": "CELL"}
        card = {"name": {"first_name": name, "formatted_name": name}, "phones": [phone]}
        return self._sends("contacts", {"contacts": [card], **self._quoting(quotes)})

    def reacts(self, number: str, emoji: str = "👍") -> str:
        """An empty emoji takes the reaction back: the webhook then has none."""
        reaction = {"message_id": number, **({"emoji": emoji} if emoji else {})}
        return self._sends("reaction", {"reaction": reaction}, text=emoji, quotes=number)

    def presses(self, wanted: str, on: Seen | None = None) -> str:
        """A reply button, a row of a list or a template's quick reply, by id or title; of the last message that has
        any unless `on` says which."""
        bubble = on or next(seen for seen in reversed(self.messages) if seen.choices)
        choice = bubble.choice(wanted)
        extra = self._quoting(bubble.id)
        if bubble.kind == "template":
            pressed: Json = {"button": {"payload": choice.id, "text": choice.title}}
            return self._sends("button", {**pressed, **extra}, text=choice.title, quotes=bubble.id)
        kind = "list_reply" if bubble.kind == "list" else "button_reply"
        described = {"description": choice.description} if choice.description else {}
        reply = {"type": kind, kind: {"id": choice.id, "title": choice.title, **described}}
        return self._sends("interactive", {"interactive": reply, **extra}, text=choice.title, quotes=bubble.id)

    def sends_unsupported(self, what: str = "poll_creation") -> str:
        fault = Fault(UNSUPPORTED, "Message type is currently not supported.")
        return self._sends("unsupported", {**failure(fault), "unsupported": {"type": what}})

    def edits(self, number: str, text: str) -> str:
        changed = {"original_message_id": number, "message": {"type": "text", "text": {"body": text}}}
        return self._sends("edit", {"edit": changed}, text=text, quotes=number)

    def deletes(self, number: str) -> str:
        return self._sends("revoke", {"revoke": {"original_message_id": number}}, quotes=number)

    def changes_number(self, wa_id: str) -> str:
        """A new number brings a new user id. Gives the system message's id."""
        old, number = self.person, self._network.new_message_id()
        self.wa_id, self.user_id = wa_id, self._network.new_user_id()
        self._network.tell(*number_changed(old, self.person, number, self._network.clock()))
        return number

    def wishes_marketing(self, wish: Literal["stop", "resume"]) -> None:
        self.stopped_marketing = wish == "stop"
        self._network.tell(marketing_wish(self.person, self._network.clock(), wish))

    def lets_window_close(self) -> None:
        """As if the last message had been written so long ago."""
        self._wrote_at = None

    def reads(self) -> None:
        """The chat is opened: everything delivered is read."""
        unread, self._unread = self._unread, []
        for outgoing in unread:
            self._network.report(outgoing, "read")

    def comes_online(self) -> None:
        self.online = True
        waiting, self._waiting = self._waiting, []
        for outgoing in waiting:
            self._arrives(outgoing)

    # ---- what the network brings

    def receives(self, outgoing: Outgoing) -> None:
        """A blocked business sees its message sent and never delivered."""
        self._typing_until = None
        if self.blocks:
            return
        if self.online:
            self._arrives(outgoing)
        else:
            self._waiting.append(outgoing)

    def marked_read(self, number: str, *, typing: bool) -> bool:
        """The business read this message and all before it. False: it never came from here."""
        if number not in self._own:
            return False
        while self._own_unread and number not in self.read_by_business:
            self.read_by_business.add(self._own_unread.popleft())
        if typing:
            self._typing_until = self._network.clock() + timedelta(seconds=TYPING_S)
        return True

    def _arrives(self, outgoing: Outgoing) -> None:
        self._keep(outgoing.seen)
        self._network.report(outgoing, "delivered")
        self._unread.append(outgoing)
        if self.reads_at_once:
            self.reads()

    def _quoting(self, number: str) -> Json:
        if not number:
            return {}
        quoted = next((seen for seen in self.thread if seen.id == number), None)
        own = quoted is not None and quoted.mine
        who = self.person.wa_id if own else self._network.business.display_phone_number
        return {"context": {**({"from": who} if who else {}), "id": number}}

    def _sends_file(
        self, kind: str, content: bytes, mime_type: str, *, filename: str = "", caption: str = "", **more: bool
    ) -> str:
        now = self._network.clock()
        media = self._network.shelf.put(content, mime_type, filename, now=now, days=RECEIVED_DAYS)
        named = {key: value for key, value in (("filename", filename), ("caption", caption)) if value}
        told = {"mime_type": mime_type, "sha256": base64.b64encode(media.digest).decode(), "id": media.id}
        if self._network.url:
            told["url"] = f"{self._network.url}/_media/{self._network.shelf.address(media, now)}"
        number = self._sends(kind, {kind: {**named, **told, **more}}, text=caption)
        self.thread[-1] = msgspec.structs.replace(self.thread[-1], media=media, filename=filename)
        return number

    def _sends(self, kind: str, content: Json, *, text: str = "", quotes: str = "") -> str:
        number, now = self._network.new_message_id(), self._network.clock()
        self._wrote_at = now
        self._own.add(number)
        self._own_unread.append(number)
        self._keep(Seen(id=number, at=now, mine=True, kind=kind, text=text, quotes=quotes))
        told = message(self.person, number, now, kind, content)
        self._network.tell(Event("messages", told, contact(self.person)))
        return number

    def _keep(self, seen: Seen) -> None:
        self.thread.append(seen)
        del self.thread[:-THREAD_MAX]
