"""The errors of the Cloud API: their codes, words and HTTP statuses, as an answer and as part of a webhook.

Invariant: details name a field or a rule, never a text, a number or a token that was sent.
Source: developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
"""

from __future__ import annotations

from typing import Any

import msgspec

Json = dict[str, Any]

INVALID = 100
TOKEN = 190
UNKNOWN_PATH = 2500
RATE = 130429
MISSING = 131008
VALUE = 131009
TO_ITSELF = 131021
UNDELIVERABLE = 131026
OUTSIDE_WINDOW = 131047
STOPPED_MARKETING = 131050
UNSUPPORTED = 131051
MEDIA = 131053
PAIR = 131056
NOT_BY_USER_ID = 131062
PARAMETER_COUNT = 132000
NO_TEMPLATE = 132001
TEMPLATE_TOO_LONG = 132005
PARAMETER_FORMAT = 132012
PARAMETER_TEXT = 132018

KNOWN: dict[int, tuple[str, int]] = {
    1: ("An unknown error occurred", 500),
    2: ("Service temporarily unavailable", 503),
    4: ("(#4) Application request limit reached", 400),
    INVALID: ("(#100) Invalid parameter", 400),
    TOKEN: ("Invalid OAuth access token - Cannot parse access token", 401),
    UNKNOWN_PATH: ("Unknown path components", 400),
    80007: ("(#80007) Rate limit issues", 400),
    RATE: ("(#130429) Rate limit hit", 400),
    131000: ("(#131000) Something went wrong", 500),
    MISSING: ("(#131008) Required parameter is missing", 400),
    VALUE: ("(#131009) Parameter value is not valid", 400),
    131016: ("(#131016) Service unavailable", 500),
    TO_ITSELF: ("(#131021) Recipient cannot be sender", 400),
    UNDELIVERABLE: ("Message undeliverable", 400),
    OUTSIDE_WINDOW: ("Re-engagement message", 400),
    131048: ("(#131048) Spam rate limit hit", 400),
    STOPPED_MARKETING: ("User has stopped marketing messages from this business", 400),
    UNSUPPORTED: ("Message type unknown", 400),
    MEDIA: ("Media upload error", 400),
    PAIR: ("(#131056) (Business Account, Consumer Account) pair rate limit hit", 400),
    NOT_BY_USER_ID: ("(#131062) Business-scoped user ID recipients are not supported for this message", 400),
    PARAMETER_COUNT: ("(#132000) Number of parameters does not match the expected number of params", 400),
    NO_TEMPLATE: ("(#132001) Template name does not exist in the translation", 404),
    TEMPLATE_TOO_LONG: ("(#132005) Translated text too long", 400),
    PARAMETER_FORMAT: ("(#132012) Parameter format does not match format in the created template", 400),
    PARAMETER_TEXT: ("(#132018) There's an issue with the parameters in your template", 400),
}
"""code: (message, HTTP status). The message carries the title of the code."""

HREF = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"


class Fault(msgspec.Struct, frozen=True):
    """`violation`: our request broke the documented schema, so it is our bug and not the world's failure."""

    code: int
    details: str = ""
    subcode: int | None = None
    status: int | None = None
    violation: bool = False

    @property
    def message(self) -> str:
        return KNOWN[self.code][0]

    @property
    def http_status(self) -> int:
        return self.status or KNOWN[self.code][1]


def broken(code: int, details: str) -> Fault:
    return Fault(code, details, violation=True)


def no_such_object() -> Fault:
    """Graph's answer for an id that is unknown or not ours."""
    return Fault(INVALID, "Object with this ID does not exist or cannot be loaded", subcode=33)


def as_answer(fault: Fault, trace: str) -> Json:
    """The body of a refused request: `{"error": {message, type, code, error_data, fbtrace_id}}`."""
    error: Json = {"message": fault.message, "type": "OAuthException", "code": fault.code}
    if fault.subcode is not None:
        error |= {"type": "GraphMethodException", "error_subcode": fault.subcode}
    if fault.details:
        error["error_data"] = {"messaging_product": "whatsapp", "details": fault.details}
    return {"error": {**error, "fbtrace_id": trace}}


def in_webhook(fault: Fault) -> Json:
    """One item of `errors` in a status or a message."""
    title = fault.message.partition(") ")[2] if fault.message.startswith("(#") else fault.message
    return {
        "code": fault.code,
        "title": title,
        "message": title,
        "error_data": {"details": fault.details or title},
        "href": HREF,
    }
