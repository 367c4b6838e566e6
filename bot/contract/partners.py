"""What partners ask and tell: channels' hooks, the webhooks of BPJS and the clinics, the bank by SNAP BI, the desks of
clinics, and whoever watches the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from bot.contract.operation import COME_AGAIN, JSON, STRING, TEXT, Answer, Body, Operation, Parameter, said
from gateway import bpjs, membership_checks, plkk, snap
from gateway.bpjs_events import WireEvent
from gateway.membership_checks import CheckAnswer, Problem, Question
from gateway.payments_in import FIELDS
from gateway.plkk_wire import WireTreatmentChanged
from gateway.signing import NONCE, SIGNATURE, TIMESTAMP
from gateway.snap_door import Field

# -- channels -------------------------------------------------------------------------------------------------------

STORED = Answer("All of it is stored")
HOOK = {
    200: STORED, 400: said("Not what the channel posts", "broken"), 401: said("Not from the channel", "forged"),
    413: said("Too long, or too slow", "too-long"), 503: COME_AGAIN,
}  # fmt: skip
NO_HANDSHAKE = said("Not the word that was agreed on", "handshake")
ANYTHING = {"type": "object"}
CHANNELS = (
    Operation(
        "POST", "/hooks/telegram", "An update of the Bot API", HOOK, (), Body(JSON, ANYTHING),
        {"X-Telegram-Bot-Api-Secret-Token": "What setWebhook was told"},
    ),
    Operation("GET", "/hooks/telegram", "Nothing: Telegram shakes no hands", {403: NO_HANDSHAKE}),
    Operation(
        "POST", "/hooks/whatsapp", "A webhook of the Cloud API", HOOK, (), Body(JSON, ANYTHING),
        {"X-Hub-Signature-256": "sha256= and hex HMAC-SHA256 of the body with the app's secret"},
    ),
    Operation(
        "GET", "/hooks/whatsapp", "Meta's handshake", {200: Answer("The challenge", TEXT, STRING), 403: NO_HANDSHAKE},
        tuple(Parameter(f"hub.{name}", "query", "Meta's") for name in ("mode", "verify_token", "challenge")),
    ),
)  # fmt: skip

# -- BPJS and the clinics -------------------------------------------------------------------------------------------

HEARD = {
    200: said("Stored, or known", "ok"), 401: said("Not signed, or not as agreed", "not accepted"),
    413: said("Too long", "too long"), 503: COME_AGAIN,
}  # fmt: skip


def _signed(target: str) -> dict[str, str]:
    lines = f"POST, the word {target}, X-Timestamp, X-Nonce and hex SHA-256 of the body"
    return {
        TIMESTAMP: "When it was signed, ISO 8601 with zone; at most 5 minutes off", NONCE: "Never the same twice",
        SIGNATURE: f"Hex HMAC-SHA256 of {lines}, joined by line feeds",
    }  # fmt: skip


WEBHOOKS = (
    Operation(
        "POST", "/webhooks/bpjs", "What BPJS tells by itself (docs/bpjs-openapi.json)", HEARD, (),
        Body(JSON, WireEvent), _signed(bpjs.WEBHOOK_TARGET),
    ),
    Operation(
        "POST", "/webhooks/plkk", "What a clinic tells by itself (docs/plkk-openapi.json)", HEARD, (),
        Body(JSON, WireTreatmentChanged), _signed(plkk.WEBHOOK_TARGET),
    ),
)  # fmt: skip

DESK = Operation(
    "POST", membership_checks.PATH, "Whether somebody is protected on a day (docs/siaga-openapi.json)",
    {
        200: Answer("Protected or not", JSON, CheckAnswer),
        **{status: Answer(words, JSON, Problem) for status, words in membership_checks.PROBLEMS.items()},
    },
    (), Body(JSON, Question), membership_checks.SIGNED,
)  # fmt: skip

# -- the bank -------------------------------------------------------------------------------------------------------

Code = Annotated[str, Meta(pattern="^[2-5][0-9]{6}$", description="HTTP status, service, case", max_length=7)]


class Snap(Struct, frozen=True, rename="camel"):
    """Every answer of SNAP BI."""

    response_code: Code
    response_message: str


class SnapToken(Snap, frozen=True, rename="camel"):
    """`expiresIn`: seconds."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: str


class SnapAccount(Snap, frozen=True, rename="camel"):
    """With what the standard says of the virtual account."""

    virtual_account_data: dict[str, Any]


SNAP_TOKEN = {
    snap.CLIENT_KEY: "Who asks", snap.TIMESTAMP: "When it was signed; at most 5 minutes off",
    snap.SIGNATURE: "Base64 of SHA256withRSA over client|timestamp",
}  # fmt: skip
SNAP_CALL = {
    snap.AUTHORIZATION: "Bearer, and the access token", snap.TIMESTAMP: SNAP_TOKEN[snap.TIMESTAMP],
    snap.SIGNATURE: "Base64 of HMAC-SHA512 over method:path:token:lower hex SHA-256 of the minified body:timestamp",
    snap.PARTNER_ID: "Who asks", snap.EXTERNAL_ID: "At most 36 digits, unique in a day",
    snap.CHANNEL_ID: "At most 5 characters",
}  # fmt: skip
GRANT = {
    "type": "object", "required": ["grantType"],
    "properties": {"grantType": {"type": "string", "enum": ["client_credentials"]}},
}  # fmt: skip
TIMES = ("trxDateTime", "additionalInfo.paidTime")
LENGTHS_MAX = {"partnerServiceId": 8, "customerNo": 20, "virtualAccountNo": 28}


def fields_schema(fields: Sequence[Field]) -> dict[str, Any]:
    """What an object needs to hold; whatever else it holds isn't looked at."""
    schema: dict[str, Any] = {"type": "object", "required": [], "properties": {}}
    for one in fields:
        *above, name = one.path.split(".")
        here = schema
        for part in above:
            inner = here["properties"].setdefault(part, {"type": "object", "required": [], "properties": {}})
            if one.is_needed and part not in here["required"]:
                here["required"].append(part)
            here = inner
        here["properties"][name] = _value(one)
        if one.is_needed:
            here["required"].append(name)
    return schema


def _value(one: Field) -> dict[str, Any]:
    if one.path in TIMES:
        return {"type": "string", "format": "date-time"}
    longest = {"maxLength": LENGTHS_MAX[one.path]} if one.path in LENGTHS_MAX else {}
    return {"type": "string", "pattern": f"^{one.pattern}$", **longest}


_FAULTS = {
    400: Answer("A field is missing (case 02) or written wrongly (01)", JSON, Snap),
    401: Answer("The signature (case 00) or the token (01) isn't good", JSON, Snap),
    503: Answer("Not stored; see Retry-After", JSON, Snap),
}
_JUDGED: Mapping[int, Answer] = {
    **_FAULTS,
    404: Answer("No such bill, another sum, paid or too late: the case tells", JSON, Snap),
    409: Answer("X-EXTERNAL-ID was used today for another call", JSON, Snap),
}
BANK = (
    Operation(
        "POST", snap.TOKEN_PATH, "An access token for fifteen minutes",
        {200: Answer("The token", JSON, SnapToken), **_FAULTS}, (), Body(JSON, GRANT), SNAP_TOKEN,
    ),
    Operation(
        "POST", snap.INQUIRY_PATH, "What a virtual account is to be paid with",
        {200: Answer("The bill", JSON, SnapAccount), **_JUDGED}, (), Body(JSON, fields_schema(FIELDS["24"])), SNAP_CALL,
    ),
    Operation(
        "POST", snap.PAYMENT_PATH, "It was paid",
        {200: Answer("Written down", JSON, SnapAccount), **_JUDGED}, (), Body(JSON, fields_schema(FIELDS["25"])),
        SNAP_CALL,
    ),
    Operation(
        "POST", snap.QR_NOTIFY_PATH, "A code of QRIS was paid",
        {200: Answer("Written down", JSON, Snap), **_JUDGED}, (), Body(JSON, fields_schema(FIELDS["52"])), SNAP_CALL,
    ),
)  # fmt: skip

# -- whoever watches ------------------------------------------------------------------------------------------------


class Healthy(Struct, frozen=True):
    database: Literal["ok", "not writable"]


HEALTH = (
    Operation(
        "GET", "/healthz", "Whether the database can be written",
        {200: Answer("It can", JSON, Healthy), 503: Answer("It can't", JSON, Healthy)},
    ),
    Operation("GET", "/metrics", "Figures for Prometheus", {200: Answer("The figures", TEXT, STRING)}),
)  # fmt: skip
