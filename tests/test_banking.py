"""A bank is set up whole or not at all, and what is wrong is told in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.banking import NEEDED, set_up
from bot.settings import Settings, SettingsError
from db.vault import Vault
from tests.world import with_bank

VAULT = Vault(b"s" * 32)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return with_bank(Settings.model_validate({"bpjs": {"secret": "a secret of the tests"}}), tmp_path)


def changed(settings: Settings, **bank: object) -> Settings:
    given = {name: SecretStr(str(value)) if name == "secret" else value for name, value in bank.items()}
    return settings.model_copy(update={"bank": settings.bank.model_copy(update=given)})


def test_without_an_address_there_is_no_bank(settings: Settings) -> None:
    assert set_up(changed(settings, url=""), VAULT) is None


def test_a_bank_that_is_whole_has_virtual_accounts_and_with_a_merchant_qris(settings: Settings) -> None:
    bank, with_qris = set_up(settings, VAULT), set_up(changed(settings, merchant_id="M-1"), VAULT)

    assert bank is not None
    assert with_qris is not None
    assert (bank.ways, with_qris.ways) == (("va",), ("va", "qris"))
    assert "a secret shared" not in f"{bank}"


@pytest.mark.parametrize("missing", NEEDED)
def test_a_bank_that_is_half_set_up_stops_the_start(missing: str, settings: Settings) -> None:
    with pytest.raises(SettingsError) as told:
        set_up(changed(settings, **{missing: ""}), VAULT)

    assert str(told.value) == (
        f"Setting bank: it is only half set up and lacks SIAGA_BANK__{missing.upper()}. Give them, or take bank.url "
        "away; docs/bank.md says what they are."
    )


@pytest.mark.parametrize("setting", ["key_file", "bank_key_file"])
def test_a_key_that_cannot_be_used_is_named(setting: str, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("no key")

    with pytest.raises(SettingsError, match=rf"Setting bank.{setting}: the file .*no.pem doesn't hold a p.* RSA key"):
        set_up(changed(settings, **{setting: str(tmp_path / "no.pem")}), VAULT)
    with pytest.raises(SettingsError, match=rf"Setting bank.{setting}: the file .*none.pem can't be read: "):
        set_up(changed(settings, **{setting: str(tmp_path / "none.pem")}), VAULT)


def test_a_secret_that_could_be_guessed_is_refused_and_not_shown(settings: Settings) -> None:
    with pytest.raises(SettingsError) as told:
        set_up(changed(settings, secret="short"), VAULT)

    assert "it is shorter than 16 characters" in str(told.value)
    assert "'short'" not in str(told.value)
