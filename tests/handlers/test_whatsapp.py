"""Who is listened to on WhatsApp, and which settings it needs."""

from __future__ import annotations

import hashlib
import hmac
import subprocess
import sys

import pytest
from msgspec.structs import replace

from bot.handlers.contract import Access, SettingError
from bot.handlers.whatsapp import CHANNEL, admit, connect, greet
from tests.handlers.whatsapp_posts import ACCESS, body, text, value


def signed(raw: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def test_what_meta_signed_is_admitted() -> None:
    raw = body(value(text("halo")))

    assert admit({"x-hub-signature-256": signed(raw, ACCESS.secret)}, raw, ACCESS)


@pytest.mark.parametrize(
    "header",
    ["", "sha256=", "sha256=" + "0" * 64, "sha1=abc", "sha256=é", "\udce9", signed(b"another body", ACCESS.secret)],
)
def test_what_isnt_signed_is_not(header: str) -> None:
    assert not admit({"x-hub-signature-256": header}, b"{}", ACCESS)
    assert not admit({}, b"{}", ACCESS)


def test_without_a_secret_nothing_is_admitted() -> None:
    assert not admit({"x-hub-signature-256": signed(b"{}", "")}, b"{}", replace(ACCESS, secret=""))


def greeted(
    access: Access = ACCESS, mode: str = "subscribe", word: str = "our word", challenge: str = "11"
) -> str | None:
    return greet({"hub.mode": mode, "hub.verify_token": word, "hub.challenge": challenge}, access)


def test_the_handshake_is_answered_with_the_challenge() -> None:
    assert greeted(challenge="1158201444") == "1158201444"


def test_another_handshake_is_refused() -> None:
    assert greeted(mode="unsubscribe") is None
    assert greeted(word="another") is None
    assert greeted(word="ké") is None
    assert greeted(word="", access=replace(ACCESS, handshake="")) is None
    assert greet({}, ACCESS) is None


@pytest.mark.parametrize("odd", ["", "two\nlines", "é", "9" * 200])
def test_an_odd_challenge_is_not_echoed(odd: str) -> None:
    assert greeted(challenge=odd) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": ""},
        {"token": "two words"},
        {"number": ""},
        {"number": "+62 811"},
        {"secret": ""},
        {"handshake": ""},
        {"template": "Pengingat Iuran"},
    ],
)
def test_a_missing_setting_is_named_with_where_to_find_it(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingError) as caught:
        connect(replace(ACCESS, **wrong))

    assert caught.value.name == next(iter(wrong))
    assert "facebook.com" in caught.value.words


def test_nobody_is_asked_for_identity_numbers_in_whatsapp() -> None:
    assert not CHANNEL.identity_in_chat


def test_metas_library_is_loaded_only_where_whatsapp_is_set_up() -> None:
    code = "import sys, bot.handlers.whatsapp; print(sorted({'httpx', 'pywa', 'pywa_async'} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"
