"""Signs what is really sent to the service, last of all, as whoever may ask there signs."""

from __future__ import annotations

import hashlib
import hmac
import itertools

from requests import PreparedRequest
from requests.auth import AuthBase

from gateway import bpjs, plkk, snap
from gateway.membership_checks import PATH as DESK
from gateway.membership_checks import TARGET
from gateway.signing import CLIENT_ID, signed_headers
from gateway.snap import private_key
from tests.conftest import BPJS_SECRET, PLKK_SECRET
from tests.contract.whole import CLINIC, CLINIC_SECRET, TELEGRAM_SECRET, Whole
from tests.gateway.whatsapp_served import APP_SECRET
from tests.world import START

BANK, BANK_SECRET = "bank-tiruan", "a secret shared with the bank"
BY_TARGET = {
    "/webhooks/bpjs": (BPJS_SECRET, bpjs.WEBHOOK_TARGET),
    "/webhooks/plkk": (PLKK_SECRET, plkk.WEBHOOK_TARGET),
    DESK: (CLINIC_SECRET, TARGET),
}
_numbers = itertools.count(1)


class Signature(AuthBase):
    """Of whoever the address belongs to; nothing where nobody signs."""

    def __init__(self, whole: Whole) -> None:
        self._whole, self._access = whole, whole.access_token()
        self._key = private_key((whole.folder / "bank-keys" / "bank.pem").read_bytes())

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        given, path = request.body or b"", request.path_url.partition("?")[0]
        assert isinstance(given, str | bytes)
        request.headers.update(self.headers(path, given.encode() if isinstance(given, str) else given))
        return request

    def headers(self, path: str, body: bytes) -> dict[str, str]:
        """That sign this body at this address."""
        if path in BY_TARGET:
            secret, target = BY_TARGET[path]
            nonce = f"contract-{next(_numbers)}"
            return {CLIENT_ID: CLINIC, **signed_headers(secret, "POST", target, body, now=START, nonce=nonce)}
        if path == "/hooks/telegram":
            return {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}
        if path == "/hooks/whatsapp":
            return {"X-Hub-Signature-256": f"sha256={hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()}"}
        return self._snap(path, body) if path.startswith("/v1.0/") else {}

    def _snap(self, path: str, body: bytes) -> dict[str, str]:
        at = snap.timestamp(START)
        if path == snap.TOKEN_PATH:
            signature = snap.sign_token(self._key, BANK, at)
            return {snap.CLIENT_KEY: BANK, snap.TIMESTAMP: at, snap.SIGNATURE: signature}
        return {
            snap.AUTHORIZATION: f"Bearer {self._access}", snap.TIMESTAMP: at, snap.PARTNER_ID: BANK,
            snap.SIGNATURE: snap.sign_symmetric(BANK_SECRET, "POST", path, self._access, body, at),
            snap.EXTERNAL_ID: str(next(_numbers)), snap.CHANNEL_ID: "95051",
        }  # fmt: skip
