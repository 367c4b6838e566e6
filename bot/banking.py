"""The bank, as the operator set it up: whole, or not at all.

Invariant: a bank that is half set up, or whose keys can't be read, stops the start with a sentence; no secret is in it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from bot.settings import BankSettings, Settings, SettingsError, variable, wrong
from db.vault import Vault
from gateway import snap
from gateway.payments import Terms
from gateway.snap_door import Caller
from rules.bank import Kind

NEEDED = (
    "client_id", "partner_id", "channel_id", "service_id", "secret", "key_file", "bank_client_id", "bank_partner_id",
    "bank_key_file",
)  # fmt: skip
"""Without which a bank can't be asked, or believed."""

SECRET_MIN = 16
Key = TypeVar("Key")


class Banking(Struct, frozen=True):
    """How we go to the bank, how it comes to us, and what can be paid there."""

    url: str
    terms: Terms
    caller: Caller
    ways: tuple[Kind, ...]


def set_up(settings: Settings, vault: Vault) -> Banking | None:
    """The bank; None without one. SettingsError for one that can't be."""
    given = settings.bank
    if not given.url:
        return None
    missing = [variable(f"bank.{one}") for one in NEEDED if not _is_given(given, one)]
    if missing:
        raise SettingsError(
            f"Setting bank: it is only half set up and lacks {' and '.join(missing)}. Give them, or take bank.url "
            "away; docs/bank.md says what they are."
        )
    secret = given.secret.get_secret_value()
    if len(secret) < SECRET_MIN:
        raise SettingsError(wrong("bank.secret", f"it is shorter than {SECRET_MIN} characters, so it could be guessed"))
    ours = _key("bank.key_file", given.key_file, snap.private_key, "a private RSA key in PEM, without a password")
    theirs = _key("bank.bank_key_file", given.bank_key_file, snap.public_key, "a public RSA key in PEM")
    terms = Terms(
        given.client_id, ours, secret, given.partner_id, given.channel_id, given.service_id, given.merchant_id
    )
    caller = Caller(given.bank_client_id, theirs, secret, given.bank_partner_id, vault.derived(b"bank tokens").encode())
    return Banking(given.url, terms, caller, ("va", "qris") if given.merchant_id else ("va",))


def _is_given(given: BankSettings, setting: str) -> bool:
    value = given.secret.get_secret_value() if setting == "secret" else getattr(given, setting)
    return bool(value)


def _key(setting: str, file: str, read: Callable[[bytes], Key], what: str) -> Key:
    try:
        return read(Path(file).read_bytes())
    except OSError as error:
        raise SettingsError(wrong(setting, f"the file {file} can't be read: {error.strerror}")) from None
    except ValueError:
        raise SettingsError(wrong(setting, f"the file {file} doesn't hold {what}")) from None
