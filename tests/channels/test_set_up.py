"""A channel that is set up wrongly stops the start with a sentence that says what is wrong, where, and what to do."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot import app
from bot.channels import NEEDED, SetUp, set_up, tell_of_reminders
from bot.handlers.contract import Access, SettingError
from bot.handlers.telegram import CHANNEL as TELEGRAM
from bot.handlers.whatsapp import CHANNEL as WHATSAPP
from bot.settings import BpjsSettings, ChannelSettings, Settings, SettingsError, Templates, Web
from db.vault import Vault

TOKEN = "700000001:invented-for-the-tests"
WORD = "invented-for-the-tests"
WHOLE: dict[str, dict[str, Any]] = {
    "telegram": {"token": SecretStr(TOKEN)},
    "whatsapp": {
        "token": SecretStr(WORD), "number": "106540352242922", "secret": SecretStr(WORD), "handshake": SecretStr(WORD),
    },
}  # fmt: skip
HTTPS, HTTP = "https://siaga.test", "http://siaga.test"
OWN = "http://127.0.0.1:8081"


async def begins(public: str, **channels: ChannelSettings) -> list[SetUp]:
    settings = Settings(
        bpjs=BpjsSettings(secret=SecretStr(WORD)), web=Web(public_url=public), channels=channels
    )  # fmt: skip
    made = set_up(app.CHANNELS, settings, Vault(bytes(32)))
    for one in made:
        await one.wire.close()
    return made


async def refused(public: str, **channels: ChannelSettings) -> str:
    with pytest.raises(SettingsError) as told:
        await begins(public, **channels)
    assert WORD not in str(told.value)
    return str(told.value)


def given(name: str, **more: Any) -> ChannelSettings:
    return ChannelSettings(**WHOLE[name] | more)


@pytest.mark.parametrize("name", WHOLE)
async def test_a_whole_one_begins_behind_https(name: str) -> None:
    [one] = await begins(HTTPS, **{name: given(name)})

    assert one.access.hook == f"{HTTPS}/hooks/{name}"


async def test_a_template_of_the_reminders_with_a_wrong_name_is_refused() -> None:
    told = await refused(HTTPS, whatsapp=given("whatsapp", templates=Templates(reminder="Pengingat Iuran")))

    assert told.startswith("Setting channels.whatsapp.templates.reminder: copy its name, which has no capitals")


@pytest.mark.parametrize(("templates", "instead"), [
    ({}, "none: they are not sent"), ({"template": "kabar"}, "kabar"),
])  # fmt: skip
async def test_that_reminders_have_no_template_is_told_at_the_start(templates: dict[str, Any], instead: str) -> None:
    [one] = await begins(HTTPS, whatsapp=given("whatsapp", **templates))

    with capture_logs() as logged:
        tell_of_reminders(one)

    assert [(line["event"], line["instead"]) for line in logged] == [("no-template-for-reminders", instead)]
    assert "SIAGA_CHANNELS__WHATSAPP__TEMPLATES__REMINDER" in logged[0]["what_to_do"]


async def test_nothing_is_told_of_templates_where_there_is_one_or_none_is_needed() -> None:
    made = await begins(
        HTTPS, telegram=given("telegram"), whatsapp=given("whatsapp", templates=Templates(reminder="pengingat"))
    )

    with capture_logs() as logged:
        for one in made:
            tell_of_reminders(one)

    assert logged == []


@pytest.mark.parametrize("address", [HTTP, "http://127.0.0.1:8000"])
@pytest.mark.parametrize("name", WHOLE)
async def test_nobody_posts_to_an_address_without_https(name: str, address: str) -> None:
    told = await refused(address, **{name: given(name)})

    assert told.startswith(
        f"Setting web.public_url: it begins with http://, and {name} posts to https:// alone. Put a web server with a "
        "certificate before Siaga and give its address"
    )
    assert ("; or leave it empty, and it is asked for messages" in told) == (name == "telegram")
    assert told.endswith(". (environment: SIAGA_WEB__PUBLIC_URL)")


@pytest.mark.parametrize("name", WHOLE)
async def test_a_server_of_ones_own_may_post_without_https(name: str) -> None:
    [one] = await begins(HTTP, **{name: given(name, url=OWN)})

    assert one.access.hook == f"{HTTP}/hooks/{name}"


async def test_telegram_needs_no_public_address() -> None:
    [one] = await begins("", telegram=given("telegram"))

    assert one.access.hook == ""


async def test_whatsapp_needs_one() -> None:
    told = await refused("", whatsapp=given("whatsapp"))

    assert told.startswith("Setting web.public_url: whatsapp may not ask for identity numbers in its chats")
    assert told.endswith(". (environment: SIAGA_WEB__PUBLIC_URL)")


async def test_where_the_setting_forbids_identity_numbers_the_setting_is_named() -> None:
    told = await refused("", telegram=given("telegram", identity_in_chat=False))

    assert told == (
        "Setting web.public_url: channels.telegram.identity_in_chat is false, so people are led to our own page: set "
        "the address under which they reach this server, or don't set identity_in_chat. "
        "(environment: SIAGA_WEB__PUBLIC_URL)"
    )


HALF = [
    ("telegram", {"secret": SecretStr(WORD)}, "SIAGA_CHANNELS__TELEGRAM__TOKEN"),
    ("telegram", {"url": OWN}, "SIAGA_CHANNELS__TELEGRAM__TOKEN"),
    ("whatsapp", {"token": SecretStr(WORD)}, "SIAGA_CHANNELS__WHATSAPP__NUMBER and SIAGA_CHANNELS__WHATSAPP__SECRET "
     "and SIAGA_CHANNELS__WHATSAPP__HANDSHAKE"),
    ("whatsapp", WHOLE["whatsapp"] | {"secret": SecretStr("")}, "SIAGA_CHANNELS__WHATSAPP__SECRET"),
    ("whatsapp", WHOLE["whatsapp"] | {"number": ""}, "SIAGA_CHANNELS__WHATSAPP__NUMBER"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "half", "lacks"), HALF, ids=[lacks for _name, _half, lacks in HALF])
async def test_one_that_is_half_set_up_names_all_that_is_missing(name: str, half: dict[str, Any], lacks: str) -> None:
    told = await refused(HTTPS, **{name: ChannelSettings(**half)})

    assert told == (
        f"Setting channels.{name}: it is only half set up and lacks {lacks}; docs/{name}.md says where to find them."
    )


async def test_every_channel_that_is_half_set_up_is_named() -> None:
    told = await refused(HTTPS, telegram=ChannelSettings(), whatsapp=ChannelSettings())

    assert [line.partition(": ")[0] for line in told.splitlines()] == [
        "Setting channels.telegram", "Setting channels.whatsapp",
    ]  # fmt: skip


CHANNELS = {"telegram": TELEGRAM, "whatsapp": WHATSAPP}


@pytest.mark.parametrize(("channel", "setting"), [(name, one) for name, needed in NEEDED.items() for one in needed])
def test_what_is_said_to_be_needed_is_what_the_channel_needs(channel: str, setting: str) -> None:
    whole = Access(token=TOKEN, secret=WORD, number="106540352242922", handshake=WORD, hook=f"{HTTPS}/hooks/x")

    with pytest.raises(SettingError) as told:
        CHANNELS[channel].connect(replace(whole, **{setting: ""}))

    assert told.value.name == setting


@pytest.mark.parametrize("number", ["+62 812 3456 7890", "+6281234567890", "081234567890", " 0812"])
async def test_a_telephone_number_is_no_phone_number_id(number: str) -> None:
    told = await refused(HTTPS, whatsapp=given("whatsapp", number=number))

    assert told == (
        "Setting channels.whatsapp.number: it is a telephone number; needed is the phone number ID, which stands at "
        "developers.facebook.com, your app, WhatsApp, API Setup. (environment: SIAGA_CHANNELS__WHATSAPP__NUMBER)"
    )


async def test_an_id_may_begin_as_a_telephone_number_does_abroad() -> None:
    [one] = await begins(HTTPS, whatsapp=given("whatsapp", number="628123456789012"))

    assert one.access.number == "628123456789012"


async def test_a_number_that_is_none_is_told_by_its_channel() -> None:
    told = await refused(HTTPS, whatsapp=given("whatsapp", number="siaga"))

    assert told.startswith("Setting channels.whatsapp.number: copy the phone number ID from developers.facebook.com")
    assert told.endswith(". (environment: SIAGA_CHANNELS__WHATSAPP__NUMBER)")


async def test_a_channel_that_nobody_knows_is_named_beside_those_there_are() -> None:
    told = await refused(HTTPS, whatsap=ChannelSettings())

    assert told == "Setting channels.whatsap: there is no such channel; there is telegram and whatsapp."
