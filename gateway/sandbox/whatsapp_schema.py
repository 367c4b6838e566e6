"""What may be posted to `/{phone_number_id}/messages`, written down from the documentation, and the reading of it.

Invariant: a request passes only if it is what the documentation describes; a refusal names the field, not its value.
Sources below developers.facebook.com/documentation/business-messaging/whatsapp/:
reference/whatsapp-business-phone-number/message-api, messages/*, business-scoped-user-ids, typing-indicators.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from gateway.sandbox.nested import read_json
from gateway.sandbox.whatsapp_faults import INVALID, MISSING, VALUE, Fault, broken
from gateway.sandbox.whatsapp_interactive import Asset, FileAsset, Interactive, Strict
from gateway.sandbox.whatsapp_template import TemplateBody

TEXT_CHARS_MAX = 4096
TRACKER_CHARS_MAX = 512

Caption = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
# An optional plus, country code and number; the documentation allows spaces, dashes and brackets.
Number = Annotated[str, StringConstraints(pattern=r"^\+?[\d \-()]{6,24}$")]
# Two letters of the country, a dot, up to 128 letters and digits.
UserId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$")]
Wamid = Annotated[str, StringConstraints(pattern=r"^wamid\.\S+$", max_length=512)]


class Context(Strict):
    message_id: Wamid


class Envelope(Strict):
    """Common to all. With both a number and a user id the number is used."""

    messaging_product: Literal["whatsapp"]
    recipient_type: Literal["individual"] = "individual"
    to: Number | None = None
    recipient: UserId | None = None
    context: Context | None = None
    biz_opaque_callback_data: Annotated[str, StringConstraints(max_length=TRACKER_CHARS_MAX)] | None = None
    recipient_identity_key_hash: str | None = None

    @model_validator(mode="after")
    def _to_somebody(self) -> Self:
        if self.to is None and self.recipient is None:
            raise PydanticCustomError(f"wa_{INVALID}", "The parameter to is required")
        return self


class TextBody(Strict):
    body: Annotated[str, StringConstraints(min_length=1, max_length=TEXT_CHARS_MAX, pattern=r"\S")]
    preview_url: bool = False


class TextMessage(Envelope):
    type: Literal["text"] = "text"
    text: TextBody


class Captioned(Asset):
    caption: Caption | None = None


class CaptionedFile(FileAsset):
    caption: Caption | None = None


class Sound(Asset):
    voice: bool | None = None


class ImageMessage(Envelope):
    type: Literal["image"]
    image: Captioned


class VideoMessage(Envelope):
    type: Literal["video"]
    video: Captioned


class DocumentMessage(Envelope):
    type: Literal["document"]
    document: CaptionedFile


class AudioMessage(Envelope):
    type: Literal["audio"]
    audio: Sound


class StickerMessage(Envelope):
    type: Literal["sticker"]
    sticker: Asset


class Place(Strict):
    latitude: Annotated[float, Field(ge=-90, le=90)] | str
    longitude: Annotated[float, Field(ge=-180, le=180)] | str
    name: Annotated[str, StringConstraints(max_length=1000)] | None = None
    address: Annotated[str, StringConstraints(max_length=1000)] | None = None


class LocationMessage(Envelope):
    type: Literal["location"]
    location: Place


class Reaction(Strict):
    message_id: Wamid
    emoji: Annotated[str, StringConstraints(max_length=32)]


class ReactionMessage(Envelope):
    type: Literal["reaction"]
    reaction: Reaction


class InteractiveMessage(Envelope):
    type: Literal["interactive"]
    interactive: Interactive


class TemplateMessage(Envelope):
    type: Literal["template"]
    template: TemplateBody


class Typing(Strict):
    type: Literal["text"]


class ReadMark(Strict):
    """mark-message-as-read, and with it the typing indicator."""

    messaging_product: Literal["whatsapp"]
    status: Literal["read"]
    message_id: Wamid
    typing_indicator: Typing | None = None


Message = (
    TextMessage | ImageMessage | VideoMessage | DocumentMessage | AudioMessage | StickerMessage
    | LocationMessage | ReactionMessage | InteractiveMessage | TemplateMessage
)  # fmt: skip

MESSAGES: dict[str, type[Message]] = {
    "text": TextMessage,
    "image": ImageMessage,
    "video": VideoMessage,
    "document": DocumentMessage,
    "audio": AudioMessage,
    "sticker": StickerMessage,
    "location": LocationMessage,
    "reaction": ReactionMessage,
    "interactive": InteractiveMessage,
    "template": TemplateMessage,
}


def read_request(raw: bytes) -> Message | ReadMark | Fault:
    """The request, or the fault with which the Cloud API answers it."""
    try:
        wanted = read_json(raw)
    except ValueError:
        return broken(INVALID, "The body is not JSON")
    if not isinstance(wanted, dict):
        return broken(INVALID, "The body is not an object")
    kind = wanted.get("type", "text")
    model = ReadMark if "status" in wanted else MESSAGES.get(kind) if isinstance(kind, str) else None
    if model is None:
        return broken(INVALID, f"Param type must be one of {', '.join(MESSAGES)}")
    try:
        return model.model_validate_json(json.dumps(_in_small_letters(wanted)))
    except ValidationError as fault:
        return _fault(fault.errors(include_input=False, include_url=False)[0])


def _in_small_letters(wanted: dict[str, Any]) -> dict[str, Any]:
    """Kinds of template components are documented in small letters and taken in capitals too, which pywa sends."""
    template = wanted.get("template")
    components = template.get("components") if isinstance(template, dict) else None
    for component in components if isinstance(components, list) else ():
        for key in {"type", "sub_type"} & set(component if isinstance(component, dict) else ()):
            if isinstance(component[key], str):
                component[key] = component[key].lower()
    return wanted


def _fault(error: ErrorDetails) -> Fault:
    path = [str(step) for step in error["loc"]]
    where, kind = ".".join(path), error["type"]
    if kind.startswith("wa_"):
        return broken(int(kind.removeprefix("wa_")), f"{where}: {error['msg']}".removeprefix(": "))
    if kind == "extra_forbidden":
        return broken(INVALID, f"Unexpected key {where}")
    if kind == "missing":
        return broken(INVALID if len(path) == 1 else MISSING, f"The parameter {where} is required")
    return broken(VALUE if path[0] == "interactive" else INVALID, f"Param {where}: {error['msg']}")
