"""Interactive messages as the Cloud API documents them: buttons, a list, a link, and asking for place or number.

Invariant: whatever the documentation does not name is refused (`extra="forbid"`), and every limit is its limit.
Sources below developers.facebook.com/documentation/business-messaging/whatsapp/messages/.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from gateway.sandbox.whatsapp_faults import VALUE

BUTTONS_MAX = 3
ROWS_MAX = 10
SECTIONS_MAX = 10

Line = Annotated[str, StringConstraints(min_length=1, max_length=60)]
ButtonTitle = Annotated[str, StringConstraints(min_length=1, max_length=20, pattern=r"\S")]
SectionTitle = Annotated[str, StringConstraints(min_length=1, max_length=24)]
RowTitle = Annotated[str, StringConstraints(min_length=1, max_length=24, pattern=r"\S")]
Url = Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://\S+$")]
MediaId = Annotated[str, StringConstraints(pattern=r"^\d+$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Asset(Strict):
    """A file by id (uploaded before) or by link."""

    id: MediaId | None = None
    link: Url | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.id is None) == (self.link is None):
            raise PydanticCustomError(f"wa_{VALUE}", "Exactly one of id and link is required")
        return self


class FileAsset(Asset):
    filename: Annotated[str, StringConstraints(min_length=1, max_length=240)] | None = None


class TextHeader(Strict):
    type: Literal["text"]
    text: Line


class ImageHeader(Strict):
    type: Literal["image"]
    image: Asset


class VideoHeader(Strict):
    type: Literal["video"]
    video: Asset


class DocumentHeader(Strict):
    type: Literal["document"]
    document: FileAsset


Header = Annotated[TextHeader | ImageHeader | VideoHeader | DocumentHeader, Field(discriminator="type")]


class ShortBody(Strict):
    text: Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class LongBody(Strict):
    text: Annotated[str, StringConstraints(min_length=1, max_length=4096)]


class Footer(Strict):
    text: Line


class Reply(Strict):
    id: Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^\S(.*\S)?$")]
    title: ButtonTitle


class ReplyButton(Strict):
    type: Literal["reply"]
    reply: Reply


class ButtonsAction(Strict):
    buttons: Annotated[tuple[ReplyButton, ...], Field(min_length=1, max_length=BUTTONS_MAX)]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        _refuse_doubles("button id", (button.reply.id for button in self.buttons))
        _refuse_doubles("button title", (button.reply.title for button in self.buttons))
        return self


class Buttons(Strict):
    """interactive-reply-buttons-messages"""

    type: Literal["button"]
    header: Header | None = None
    body: ShortBody
    footer: Footer | None = None
    action: ButtonsAction


class Row(Strict):
    id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    title: RowTitle
    description: Annotated[str, StringConstraints(min_length=1, max_length=72)] | None = None


class Section(Strict):
    title: SectionTitle | None = None
    rows: Annotated[tuple[Row, ...], Field(min_length=1, max_length=ROWS_MAX)]


class ListAction(Strict):
    button: ButtonTitle
    sections: Annotated[tuple[Section, ...], Field(min_length=1, max_length=SECTIONS_MAX)]

    @model_validator(mode="after")
    def _over_all(self) -> Self:
        rows = [row for section in self.sections for row in section.rows]
        if len(rows) > ROWS_MAX:
            raise PydanticCustomError(f"wa_{VALUE}", "Total row count exceeds {most}", {"most": ROWS_MAX})
        if len(self.sections) > 1 and any(section.title is None for section in self.sections):
            raise PydanticCustomError(f"wa_{VALUE}", "Section title is required with more than one section")
        _refuse_doubles("row id", (row.id for row in rows))
        return self


class Rows(Strict):
    """interactive-list-messages: its body may have 4,096 characters, unlike the other kinds."""

    type: Literal["list"]
    header: TextHeader | None = None
    body: LongBody
    footer: Footer | None = None
    action: ListAction


class LinkParameters(Strict):
    display_text: ButtonTitle
    url: Url


class LinkAction(Strict):
    name: Literal["cta_url"]
    parameters: LinkParameters


class Link(Strict):
    """interactive-cta-url-messages"""

    type: Literal["cta_url"]
    header: Header | None = None
    body: ShortBody
    footer: Footer | None = None
    action: LinkAction


class PlaceAction(Strict):
    name: Literal["send_location"]


class PlaceRequest(Strict):
    """location-request-messages"""

    type: Literal["location_request_message"]
    body: ShortBody
    action: PlaceAction


class NumberAction(Strict):
    name: Literal["request_contact_info"]


class NumberRequest(Strict):
    """../business-scoped-user-ids#requesting-phone-numbers-from-users"""

    type: Literal["request_contact_info"]
    body: ShortBody
    action: NumberAction


Interactive = Annotated[Buttons | Rows | Link | PlaceRequest | NumberRequest, Field(discriminator="type")]


def _refuse_doubles(what: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise PydanticCustomError(f"wa_{VALUE}", "Duplicated {what}", {"what": what})
        seen.add(value)
