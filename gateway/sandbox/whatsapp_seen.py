"""What a person sees in the chat: one bubble of the business or of the person.

Invariant: everything that can be pressed is in `choices`, with the id that a press sends back.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from gateway.sandbox.whatsapp_faults import Json
from gateway.sandbox.whatsapp_interactive import Buttons, DocumentHeader, Interactive, Link, Rows, TextHeader
from gateway.sandbox.whatsapp_media import Media
from gateway.sandbox.whatsapp_schema import (
    AudioMessage,
    DocumentMessage,
    ImageMessage,
    InteractiveMessage,
    LocationMessage,
    Message,
    ReactionMessage,
    StickerMessage,
    TemplateMessage,
    TextMessage,
    VideoMessage,
)
from gateway.sandbox.whatsapp_template import Filled


class Choice(msgspec.Struct, frozen=True):
    id: str
    title: str
    description: str = ""
    section: str = ""


class Seen(msgspec.Struct, frozen=True):
    """`mine`: the person wrote it. `kind` is the type of the message, for interactive ones button, list, cta_url, ….
    `opens` is the label of the button that opens a list; `link` is (label, address); `media_link` was not fetched."""

    id: str
    at: datetime
    mine: bool
    kind: str
    text: str = ""
    header: str = ""
    footer: str = ""
    choices: tuple[Choice, ...] = ()
    opens: str = ""
    link: tuple[str, str] | None = None
    media: Media | None = None
    media_link: str = ""
    filename: str = ""
    quotes: str = ""
    template: str = ""

    def choice(self, wanted: str) -> Choice:
        """By id or by title. Pressing what isn't there is a mistake of the test."""
        return next(choice for choice in self.choices if wanted in {choice.id, choice.title})


def asset_of(message: Message) -> tuple[str, str | None, str | None] | None:
    """The file that a message carries: its kind, and its id or link."""
    match message:
        case ImageMessage(image=asset):
            return "image", asset.id, asset.link
        case VideoMessage(video=asset):
            return "video", asset.id, asset.link
        case DocumentMessage(document=asset):
            return "document", asset.id, asset.link
        case AudioMessage(audio=asset):
            return "audio", asset.id, asset.link
        case StickerMessage(sticker=asset):
            return "sticker", asset.id, asset.link
        case InteractiveMessage(interactive=Buttons(header=header) | Link(header=header)) if header is not None:
            if isinstance(header, TextHeader):
                return None
            asset = getattr(header, header.type)
            return header.type, asset.id, asset.link
        case _:
            return None


def seen(message: Message, number: str, at: datetime, media: Media | None, filled: Filled | None) -> Seen:
    """`media` is what its id names; `filled` the template's text."""
    base = Seen(
        id=number,
        at=at,
        mine=False,
        kind=message.type,
        media=media,
        media_link=(asset_of(message) or ("", None, None))[2] or "",
        quotes=message.context.message_id if message.context else "",
    )
    return msgspec.structs.replace(base, **_content(message, filled))


def _content(message: Message, filled: Filled | None) -> Json:
    match message:
        case TextMessage(text=text):
            return {"text": text.body}
        case ImageMessage(image=asset) | VideoMessage(video=asset):
            return {"text": asset.caption or ""}
        case DocumentMessage(document=asset):
            return {"text": asset.caption or "", "filename": asset.filename or ""}
        case AudioMessage() | StickerMessage():
            return {}
        case LocationMessage(location=place):
            return {"text": f"{place.latitude}, {place.longitude}"}
        case ReactionMessage(reaction=reaction):
            return {"text": reaction.emoji, "quotes": reaction.message_id}
        case InteractiveMessage(interactive=interactive):
            return _interactive(interactive)
        case TemplateMessage(template=template):
            assert filled is not None
            choices = tuple(Choice(payload, text) for payload, text in filled.choices)
            words = {"text": filled.text, "header": filled.header, "footer": filled.footer}
            return {**words, "choices": choices, "link": filled.link, "template": template.name}


def _interactive(interactive: Interactive) -> Json:
    footer = getattr(interactive, "footer", None)
    header = getattr(interactive, "header", None)
    words: Json = {
        "kind": interactive.type,
        "text": interactive.body.text,
        "footer": footer.text if footer else "",
        "header": header.text if isinstance(header, TextHeader) else "",
        "filename": (header.document.filename or "") if isinstance(header, DocumentHeader) else "",
    }
    match interactive:
        case Buttons(action=action):
            return {**words, "choices": tuple(Choice(b.reply.id, b.reply.title) for b in action.buttons)}
        case Rows(action=action):
            rows = tuple(
                Choice(row.id, row.title, row.description or "", section.title or "")
                for section in action.sections
                for row in section.rows
            )
            return {**words, "choices": rows, "opens": action.button}
        case Link(action=action):
            return {**words, "link": (action.parameters.display_text, action.parameters.url)}
        case _:
            return words
