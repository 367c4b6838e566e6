"""A wrong setting stops the start and says which it is, why, and how the environment calls it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.settings import SettingsError, load, read_secret

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of Siaga in the environment but the one secret that has no default."""
    for name in [name for name in os.environ if name.startswith("SIAGA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SIAGA_BPJS__SECRET", "a secret of the tests")
    monkeypatch.chdir(ROOT)


def test_config_yaml_loads_and_is_complete_but_for_the_secret() -> None:
    settings = load()

    assert settings.database.url == "sqlite+aiosqlite:///var/siaga.db"
    assert settings.bpjs.secret.get_secret_value() == "a secret of the tests"


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIAGA_WEB__PORT", "9000")
    monkeypatch.setenv("SIAGA_OFFICE__NAME", "Dinas Pertanian")

    assert (load().web.port, load().office.name) == (9000, "Dinas Pertanian")


def test_another_file_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("web: {port: 9001}\n")
    monkeypatch.setenv("SIAGA_CONFIG", str(tmp_path / "other.yaml"))

    assert load().web.port == 9001


WRONG = [
    ("database.url", "mysql://db.test/siaga"),
    ("database.url", "sqlite:///var/siaga.db"),
    ("database.url", "nonsense"),
    ("web.port", "0"),
    ("web.port", "eighty"),
    ("web.secure_cookie", "perhaps"),
    ("bpjs.url", "ftp://bpjs.test"),
    ("bpjs.client_id", ""),
    ("bpjs.secret", "short"),
    ("bpjs.try_s", "0"),
    ("photos.bytes_max", "10"),
    ("photos.workers", "0"),
    ("photos.limit_s", "-1"),
    ("chat.language", "fr"),
    ("log.level", "loud"),
    ("web.colour", "red"),
]


@pytest.mark.parametrize(("setting", "value"), WRONG, ids=str)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, setting: str, value: str) -> None:
    variable = f"SIAGA_{setting.replace('.', '__').upper()}"
    monkeypatch.setenv(variable, value)

    with pytest.raises(SettingsError) as told:
        load()

    assert str(told.value).startswith(f"Setting {setting}: ")
    assert str(told.value).endswith(f"(environment: {variable})")
    assert "\n" not in str(told.value)


def test_a_missing_secret_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIAGA_BPJS__SECRET")

    with pytest.raises(SettingsError, match=r"Setting bpjs\.secret: .*SIAGA_BPJS__SECRET"):
        load()


def test_a_secret_that_is_refused_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIAGA_BPJS__SECRET", "s3cr3t")

    with pytest.raises(SettingsError) as told:
        load()

    assert "s3cr3t" not in str(told.value)


def test_several_wrong_settings_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIAGA_WEB__PORT", "0")
    monkeypatch.setenv("SIAGA_LOG__LEVEL", "loud")

    with pytest.raises(SettingsError) as told:
        load()

    assert [line.partition(":")[0] for line in str(told.value).splitlines()] == [
        "Setting web.port",
        "Setting log.level",
    ]


def test_a_secret_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "new" / "secret.key"

    secret = read_secret(file)

    assert len(secret) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_secret(file) == secret
    assert read_secret(tmp_path / "another.key") != secret


@pytest.mark.parametrize("content", ["", "zz" * 32, "ab" * 31, "ab" * 33, "\x00"])
def test_a_secret_file_with_something_else_is_refused_and_kept(tmp_path: Path, content: str) -> None:
    file = tmp_path / "secret.key"
    file.write_text(content)

    with pytest.raises(SettingsError, match="doesn't hold 64 hexadecimal digits") as told:
        read_secret(file)

    assert file.read_text() == content
    assert not content.strip("\x00") or content not in str(told.value)


def test_a_secret_file_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"Setting secret\.file"):
        read_secret(tmp_path)


def test_a_misspelt_setting_of_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIAGA_BPJS__SECRET", "eight or more")
    monkeypatch.setenv("SIAGA_CHANELS__TELEGRAM__TOKEN", "123456:abc")

    with pytest.raises(SettingsError, match="SIAGA_CHANELS__TELEGRAM__TOKEN"):
        load()
