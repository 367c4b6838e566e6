"""Two pairs of RSA keys, the bank's and the office's, as files for a laptop: an imitation has nobody to exchange them
with. In earnest either side makes its own, and hands over the public half only."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from msgspec import Struct

from gateway.snap import private_key, public_key

BITS = 2048
BANK, BANK_PUBLIC, OFFICE, OFFICE_PUBLIC = "bank.pem", "bank.pub.pem", "siaga.pem", "siaga.pub.pem"


class Keys(Struct, frozen=True):
    """What the bank holds: its own key, and the office's public one."""

    bank: RSAPrivateKey
    office_public: RSAPublicKey

    @classmethod
    def new(cls) -> Keys:
        return cls(_made(), _made().public_key())


def kept(folder: Path) -> Keys:
    """The keys in this folder; made, if there are none."""
    folder.mkdir(parents=True, exist_ok=True)
    for private, public in ((BANK, BANK_PUBLIC), (OFFICE, OFFICE_PUBLIC)):
        if not (folder / private).exists():
            key = _made()
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            with os.fdopen(os.open(folder / private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(pem)
            (folder / public).write_bytes(
                key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            )
    return Keys(private_key((folder / BANK).read_bytes()), public_key((folder / OFFICE_PUBLIC).read_bytes()))


def _made() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=BITS)
