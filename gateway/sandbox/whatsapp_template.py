"""Message templates: what a request may name, what was registered, and the text that comes of both.

Invariant: only a registered name in its language is ever filled, with exactly the parameters it has.
Sources below developers.facebook.com/documentation/business-messaging/whatsapp/: messages/template-messages,
templates/components (body 1,024 characters, header and footer 60, a quick reply's text 25).
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec
from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from gateway.sandbox.whatsapp_faults import (
    PARAMETER_COUNT,
    PARAMETER_FORMAT,
    PARAMETER_TEXT,
    TEMPLATE_TOO_LONG,
    Fault,
)
from gateway.sandbox.whatsapp_interactive import Asset, FileAsset, Strict

BODY_CHARS_MAX = 1024
COMPONENTS_MAX = 13  # header, body, buttons
PARAMETERS_MAX = 100

_unfit = re.compile(r"[\n\r\t]| {5,}")
_placeholder = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def _in_one_line(text: str) -> str:
    if _unfit.search(text):
        words = "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
        raise PydanticCustomError(f"wa_{PARAMETER_TEXT}", words)
    return text


class TextParameter(Strict):
    type: Literal["text"]
    text: Annotated[str, StringConstraints(min_length=1, max_length=BODY_CHARS_MAX), AfterValidator(_in_one_line)]
    parameter_name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$")] | None = None


class ImageParameter(Strict):
    type: Literal["image"]
    image: Asset


class VideoParameter(Strict):
    type: Literal["video"]
    video: Asset


class DocumentParameter(Strict):
    type: Literal["document"]
    document: FileAsset


class PayloadParameter(Strict):
    type: Literal["payload"]
    payload: Annotated[str, StringConstraints(min_length=1, max_length=128)]


HeaderParameter = Annotated[
    TextParameter | ImageParameter | VideoParameter | DocumentParameter, Field(discriminator="type")
]


class HeaderComponent(Strict):
    type: Literal["header"]
    parameters: Annotated[tuple[HeaderParameter, ...], Field(max_length=1)]


class BodyComponent(Strict):
    type: Literal["body"]
    parameters: Annotated[tuple[TextParameter, ...], Field(max_length=PARAMETERS_MAX)]


class ButtonComponent(Strict):
    type: Literal["button"]
    sub_type: Literal["quick_reply", "url"]
    index: Annotated[int, Field(ge=0, le=9)] | Annotated[str, StringConstraints(pattern=r"^[0-9]$")]
    parameters: Annotated[
        tuple[Annotated[PayloadParameter | TextParameter, Field(discriminator="type")], ...], Field(max_length=1)
    ] = ()


Component = Annotated[HeaderComponent | BodyComponent | ButtonComponent, Field(discriminator="type")]


class Language(Strict):
    code: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(_[A-Za-z]{2,4})?$")]
    policy: Literal["deterministic"] = "deterministic"


class TemplateBody(Strict):
    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,512}$")]
    language: Language
    components: Annotated[tuple[Component, ...], Field(max_length=COMPONENTS_MAX)] = ()


class Template(msgspec.Struct, frozen=True):
    """One that Meta has approved. Placeholders are `{{1}}` or `{{nama}}`; a link button's address may end in one."""

    name: str
    body: str
    language: str = "id"
    category: Literal["utility", "marketing", "authentication"] = "utility"
    header: str = ""
    footer: str = ""
    quick_replies: tuple[str, ...] = ()
    link: tuple[str, str] | None = None


class Filled(msgspec.Struct, frozen=True):
    """`choices` are (payload, text): without a payload of ours the text stands for it."""

    header: str
    text: str
    footer: str
    choices: tuple[tuple[str, str], ...]
    link: tuple[str, str] | None


def fill(template: Template, wanted: TemplateBody) -> Filled | Fault:
    """The message that the person sees."""
    bodies = [component for component in wanted.components if isinstance(component, BodyComponent)]
    text = _fill_text(template.body, tuple(p for component in bodies for p in component.parameters))
    headers = [component for component in wanted.components if isinstance(component, HeaderComponent)]
    given = tuple(p for component in headers for p in component.parameters if isinstance(p, TextParameter))
    header = _fill_text(template.header, given)
    buttons = _buttons(template, [c for c in wanted.components if isinstance(c, ButtonComponent)])
    for part in (text, header, buttons):
        if isinstance(part, Fault):
            return part
    assert isinstance(text, str)
    assert isinstance(header, str)
    assert isinstance(buttons, tuple)
    if len(text) > BODY_CHARS_MAX:
        return Fault(TEMPLATE_TOO_LONG, "body", violation=True)
    return Filled(header, text, template.footer, *buttons)


def _fill_text(pattern: str, given: tuple[TextParameter, ...]) -> str | Fault:
    names = list(dict.fromkeys(_placeholder.findall(pattern)))
    if len(given) != len(names):
        details = f"number of localizable_params ({len(given)}) does not match the expected number ({len(names)})"
        return Fault(PARAMETER_COUNT, details, violation=True)
    positional = all(name.isdigit() for name in names)
    values = {(parameter.parameter_name or str(n)): parameter.text for n, parameter in enumerate(given, 1)}
    if set(values) != set(names):
        rule = "positional" if positional else "named"
        return Fault(PARAMETER_FORMAT, f"the template has {rule} parameters of other names", violation=True)
    return _placeholder.sub(lambda found: values[found[1]], pattern)


def _buttons(
    template: Template, given: list[ButtonComponent]
) -> tuple[tuple[tuple[str, str], ...], tuple[str, str] | None] | Fault:
    payloads, link = {}, template.link
    for button in given:
        index = int(button.index)
        parameter = button.parameters[0] if button.parameters else None
        if button.sub_type == "quick_reply" and index < len(template.quick_replies):
            payloads[index] = parameter.payload if isinstance(parameter, PayloadParameter) else None
        elif button.sub_type == "url" and link is not None and isinstance(parameter, TextParameter):
            link = link[0], _placeholder.sub(lambda _, end=parameter.text: end, link[1])  # type: ignore[misc]
        else:
            return Fault(PARAMETER_FORMAT, f"button {index} is not of this kind", violation=True)
    if link is not None and _placeholder.search(link[1]):
        return Fault(PARAMETER_COUNT, "the link button needs its parameter", violation=True)
    return tuple((payloads.get(n) or text, text) for n, text in enumerate(template.quick_replies)), link
