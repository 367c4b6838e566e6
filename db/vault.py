"""Seal personal values, and find a NIK or a code by a keyed digest.

AES-256-GCM with a random nonce; the place a value belongs to is authenticated with it, so a sealed value moved to
another row doesn't open. Four keys are derived from one secret: sealing, photo keys, and one for each kind of digest.
Invariant: a photo has a key of its own, and no copy of it exists beside the row in `photo_keys`.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rules.nik import Nik

SECRET_BYTES = 32
_NONCE_BYTES = 12
_NONCES_AT_ONCE = 1_024
"""The kernel is asked for so many nonces in one call: a call costs more than the sealing."""


class SealBrokenError(Exception):
    """A sealed value doesn't open: another secret than the one it was sealed with, or a value moved or altered."""


class Vault:
    """Seals and opens. `secret`: 32 random bytes, kept outside the database and its backups. It isn't for use on both
    sides of a fork, where two processes would draw the same nonces."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SECRET_BYTES:
            raise ValueError(f"the secret has {len(secret)} bytes, not {SECRET_BYTES}")
        self._values = AESGCM(_derive(secret, b"values"))
        self._photo_keys = AESGCM(_derive(secret, b"photo keys"))
        self._index, self._codes = _derive(secret, b"nik index"), _derive(secret, b"codes")
        self._secret, self._nonces = secret, _nonces()

    def derived(self, purpose: bytes) -> str:
        """A secret for another purpose, such as signing the chat's cookie; 64 hexadecimal digits."""
        return _derive(self._secret, purpose).hex()

    def seal(self, value: bytes, place: str) -> bytes:
        """`place` names what the value belongs to, such as "conversation 17"."""
        return self._seal(self._values, value, place)

    def open(self, sealed: bytes, place: str) -> bytes:
        """The value; SealBrokenError if it isn't ours or isn't of this place."""
        return _open(self._values, sealed, place)

    def index(self, nik: Nik) -> str:
        """The keyed digest under which a NIK is found. Without the secret it can't be tried out."""
        return hmac.new(self._index, nik.digits.encode(), hashlib.sha256).hexdigest()

    def code_digest(self, code: str) -> str:
        """The keyed digest under which a short code is kept and found."""
        return hmac.new(self._codes, code.encode(), hashlib.sha256).hexdigest()

    def seal_photo(self, photo: bytes, photo_id: int) -> tuple[bytes, bytes]:
        """(the sealed photo, its own sealed key)."""
        key = AESGCM.generate_key(256)
        sealed = self._seal(AESGCM(key), photo, f"photo {photo_id}")
        return sealed, self._seal(self._photo_keys, key, f"key {photo_id}")

    def open_photo(self, sealed: bytes, sealed_key: bytes, photo_id: int) -> bytes:
        """The photo as it was received."""
        key = _open(self._photo_keys, sealed_key, f"key {photo_id}")
        return _open(AESGCM(key), sealed, f"photo {photo_id}")

    def _seal(self, cipher: AESGCM, value: bytes, place: str) -> bytes:
        nonce = next(self._nonces)
        return nonce + cipher.encrypt(nonce, value, place.encode())


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"siaga " + purpose).derive(secret)


def _nonces() -> Iterator[bytes]:
    """Random nonces, each given once."""
    while True:
        drawn = os.urandom(_NONCE_BYTES * _NONCES_AT_ONCE)
        for start in range(0, len(drawn), _NONCE_BYTES):
            yield drawn[start : start + _NONCE_BYTES]


def _open(cipher: AESGCM, sealed: bytes, place: str) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError):  # ValueError: too short to be a seal
        raise SealBrokenError(place.partition(" ")[0]) from None
