"""A wrong setting stops the start and says which it is, why, and how the environment calls it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.serving import listening
from bot.settings import ChannelSettings, Settings, SettingsError, Web, load, read_secret
from tests.ports import free_ports

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
    ("database.url", "mysql://db.test/siaga", "what is given (not shown here) isn't an address that begins with "
     "sqlite+aiosqlite:/// or postgresql+asyncpg://"),
    ("database.url", "sqlite:///var/siaga.db", "isn't an address that begins with sqlite+aiosqlite:///"),
    ("database.url", "nonsense", "isn't an address that begins with sqlite+aiosqlite:///"),
    ("web.port", "0", "'0' isn't a whole number from 1 to 65535"),
    ("web.port", "eighty", "'eighty' isn't a whole number from 1 to 65535"),
    ("web.port__http", "80", "what is given (not shown here) isn't a whole number from 1 to 65535"),
    ("web.secure_cookie", "perhaps", "'perhaps' isn't true or false"),
    ("web.public_url", "siaga.example.go.id", "'siaga.example.go.id' isn't an address that begins with http:// or "
     "https://, such as https://siaga.example.go.id, without user name, password, ?, # or space, or empty"),
    ("web.public_url", "https://siaga.test/ x", "'https://siaga.test/ x' isn't an address"),
    ("web.public_url", "https://siaga.test\n", "isn't an address"),
    ("web.public_url", "https://siaga.test?a=b", "isn't an address"),
    ("web.public_url", "https://", "'https://' isn't an address"),
    ("web.host", "", "it isn't set; needed is an address of this machine, such as 127.0.0.1"),
    ("web.framed_by", "https://a.test/page", "http:// or https:// and holds no user name, password or path, or empty"),
    ("bank.url", "ftp://bank.test", "isn't an address that begins with http:// or https://, or empty"),
    ("bank.service_id", "88 08", "'88 08' isn't at most 8 digits in quotes"),
    ("bank.channel_id", "123456", "'123456' isn't at most 5 letters or digits in quotes"),
    ("bank.try_s", "0", "'0' isn't a number of seconds above 0, at most 120"),
    ("bpjs.url", "ftp://bpjs.test", "what is given (not shown here) isn't an address that begins with http://"),
    ("bpjs.client_id", "", "it isn't set; needed is the name that BPJS gave to this office"),
    ("bpjs.secret", "short", "what is given (not shown here) isn't the secret shared with BPJS, of at least 8 "
     "characters"),
    ("bpjs.secret", "", "it isn't set; needed is the secret shared with BPJS, of at least 8 characters"),
    ("bpjs.try_s", "0", "'0' isn't a number of seconds above 0, at most 120"),
    ("plkk.url", "klinik", "what is given (not shown here) isn't an address that begins with http://"),
    ("plkk.secret", "short", "isn't the secret shared with the clinics' system, of at least 8 characters"),
    ("plkk.clinics", "puskesmas-contoh:s3cr3t", "what is given (not shown here) isn't pairs such as "
     "puskesmas-contoh:secret with spaces between them, each secret of at least 16 characters"),
    ("photos.bytes_max", "10", "'10' isn't a whole number from 100000 to 50000000"),
    ("photos.workers", "0", "'0' isn't a whole number from 1 to 32"),
    ("photos.limit_s", "-1", "'-1' isn't a number of seconds above 0, at most 120"),
    ("chat.language", "fr", "'fr' isn't id or en"),
    ("channels.telegram.secret", "short", "isn't a secret of at least 8 characters"),
    ("channels.whatsapp.url", "graph", "isn't an address that begins with http:// or https://, or empty"),
    ("channels.whatsapp.identity_in_chat", "maybe", "'maybe' isn't true or false"),
    ("channels.whatsapp.phone_id", "1", "there is no such setting; channels.whatsapp has url, token, secret, number"),
    ("log.level", "loud", "'loud' isn't debug, info, warning or error"),
    ("web.colour", "red", "there is no such setting; web has host, port, public_url, secure_cookie, framed_by"),
]  # fmt: skip


@pytest.mark.parametrize(("setting", "value", "why"), WRONG, ids=str)
def test_a_wrong_setting_is_named_with_what_is_wrong_and_what_is_needed(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str, why: str
) -> None:
    monkeypatch.setenv(f"SIAGA_{setting.replace('.', '__').upper()}", value)
    known = setting.partition("__")[0]

    with pytest.raises(SettingsError) as told:
        load()

    assert str(told.value).startswith(f"Setting {known}: ")
    assert why in str(told.value)
    assert str(told.value).endswith(f". (environment: SIAGA_{known.replace('.', '__').upper()})")
    assert "\n" not in str(told.value)


def test_every_setting_says_what_is_needed() -> None:
    def silent(group: type[BaseModel], name: str) -> list[str]:
        fields = group.model_fields.items()
        return [f"{name}.{field}" for field, about in fields if not about.description]

    groups = {name: field.annotation for name, field in Settings.model_fields.items() if name != "channels"}
    groups["channels"] = ChannelSettings

    assert [one for name, group in groups.items() if group is not None for one in silent(group, name)] == []


FILES = [
    ("colour: red", "Setting colour: there is no such setting; config.yaml has database, secret, web, "),
    ("1: 2", "Setting 1: there is no such setting"),
    ("web: {1: 2}", "Setting web.1: there is no such setting; web has host, "),
    ("web:", "Setting web: it is a group of settings, such as web.host. Put them below it with an indent, or take the "
     "line away. (environment: SIAGA_WEB__HOST)"),
    ("web: 8000", "Setting web: it is a group of settings, such as web.host."),
    ("channels:", "Setting channels: it is a group of settings, such as channels.telegram.token."),
    ("channels: [telegram]", "Setting channels: it is a group of settings, such as channels.telegram.token."),
    ("channels: {telegram: '1:secret'}", "Setting channels.telegram: it is a group of settings, such as "
     "channels.telegram.url."),
    ("channels: {whatsapp: {number: 1063}}", "Setting channels.whatsapp.number: 1063 isn't a number in quotes. "
     "(file: "),
    ("office: {phone: 411}", "Setting office.phone: 411 isn't a telephone number in quotes, or empty."),
    ("office: {name: [a, b]}", "Setting office.name: what is given (not shown here) isn't a text in quotes."),
    ("secret: {file: 3}", "Setting secret.file: 3 isn't the path of a file."),
    ("web:\n  port: [80", "other.yaml, line 2: this isn't YAML. Look at the indents, colons and quotes there."),
    ("web:\n\tport: 80", "other.yaml, line 2: this isn't YAML."),
    ("\x00", "other.yaml: this isn't YAML."),
    ("- web", "other.yaml: it must hold groups of settings, such as web: with port: 8000 below it."),
    ("port 80", "other.yaml: it must hold groups of settings"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "told"), FILES, ids=lambda one: repr(one[:20]))
def test_a_mistake_in_the_file_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: str, told: str
) -> None:
    (tmp_path / "other.yaml").write_text(written)
    monkeypatch.setenv("SIAGA_CONFIG", str(tmp_path / "other.yaml"))

    with pytest.raises(SettingsError) as error:
        load()

    assert told in str(error.value)
    assert "1:secret" not in str(error.value)
    assert "\n" not in str(error.value)


MISPLACED = [
    ("bpjs: {secret: a-s3cr3t-word}", "bpjs.secret", "a secret"),
    ("bpjs: {secret: 12345678}", "bpjs.secret", "a secret"),
    ("plkk: {clinics: 'klinik:a-s3cr3t-of-a-desk'}", "plkk.clinics", "a secret"),
    ("bank: {secret: s3cr3t-word}", "bank.secret", "a secret"),
    ("channels: {telegram: {token: '1:s3cr3t'}}", "channels.telegram.token", "a secret"),
    ("channels: {whatsapp: {handshake: s3cr3t}}", "channels.whatsapp.handshake", "a secret"),
    (
        "database: {url: 'postgresql+asyncpg://siaga:s3cr3t@db.test/siaga'}",
        "database.url",
        "an address with a password",
    ),
]


@pytest.mark.parametrize(("written", "setting", "what"), MISPLACED, ids=[setting for _w, setting, _what in MISPLACED])
def test_a_secret_in_the_file_is_refused_and_its_variable_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: str, setting: str, what: str
) -> None:
    (tmp_path / "other.yaml").write_text(written)
    monkeypatch.setenv("SIAGA_CONFIG", str(tmp_path / "other.yaml"))

    with pytest.raises(SettingsError) as told:
        load()

    assert str(told.value) == (
        f"Setting {setting}: {what} may not stand in {tmp_path / 'other.yaml'}. Take the line away there and give it "
        f"by the environment. (environment: SIAGA_{setting.replace('.', '__').upper()})"
    )


def test_an_empty_secret_or_an_address_without_a_password_may_stand_in_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "other.yaml").write_text(
        "bpjs: {secret: ''}\ndatabase: {url: 'postgresql+asyncpg://siaga@db.test:5432/siaga'}\n"
    )
    monkeypatch.setenv("SIAGA_CONFIG", str(tmp_path / "other.yaml"))

    assert load().database.url == "postgresql+asyncpg://siaga@db.test:5432/siaga"


def test_what_is_wrong_in_the_file_is_told_of_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("web: {port: 0}")
    monkeypatch.setenv("SIAGA_CONFIG", str(tmp_path / "other.yaml"))

    with pytest.raises(SettingsError) as of_the_file:
        load()
    monkeypatch.setenv("SIAGA_WEB__PORT", "0")
    with pytest.raises(SettingsError) as of_the_environment:
        load()

    assert str(of_the_file.value).endswith(
        f" (file: {tmp_path / 'other.yaml'}; or by the environment: SIAGA_WEB__PORT)"
    )
    assert str(of_the_environment.value).endswith(" (environment: SIAGA_WEB__PORT)")


def test_an_empty_file_leaves_everything_as_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("# nothing\n")
    monkeypatch.setenv("SIAGA_CONFIG", str(tmp_path / "other.yaml"))

    assert load().web.port == 8000


def test_a_file_that_is_named_and_not_there_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SIAGA_CONFIG", str(tmp_path / "mistyped.yaml"))

    with pytest.raises(SettingsError, match=r"SIAGA_CONFIG: the file .*mistyped\.yaml can't be read: No such file"):
        load()


def test_without_a_file_the_defaults_hold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    assert load().web.port == 8000


def test_a_missing_secret_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIAGA_BPJS__SECRET")

    with pytest.raises(SettingsError, match=r"Setting bpjs\.secret: .*SIAGA_BPJS__SECRET"):
        load()


SECRETS = [
    ("SIAGA_BPJS__SECRET", "s3cr3t"),
    ("SIAGA_BPJS__URL", "ftp://u:s3cr3t@bpjs.test"),
    ("SIAGA_WEB__PUBLIC_URL", "ftp://u:s3cr3t@x.id"),
    ("SIAGA_WEB__PUBLIC_URL", "https://u:s3cr3t@x.id"),
    ("SIAGA_WEB__PUBLIC_URL", "https://x.id/s3cr3t@y"),
    ("SIAGA_WEB__FRAMED_BY", "https://u:s3cr3t@x"),
    ("SIAGA_OFFICE__NAME__X", "s3cr3t"),
    ("SIAGA_LOG__LEVEL", "u:s3cr3t@x"),
    ("SIAGA_DATABASE__URL", "postgres://siaga:s3cr3t@db.test/siaga"),
    ("SIAGA_CHANNELS__TELEGRAM__SECRET", "s3cr3t"),
    ("SIAGA_CHANNELS__TELEGRAM__TOKEN__X", "s3cr3t"),
    ("SIAGA_CHANNELS__WHATSAPP", "s3cr3t"),
    ("SIAGA_CHANNELS__WHATSAPP__APP_SECRET", "s3cr3t"),
    ("SIAGA_SECRET", "s3cr3t"),
    ("SIAGA_CHANNELS__WHATSAPP__IDENTITY_IN_CHAT", "a token that was put into the wrong setting: s3cr3t"),
]


@pytest.mark.parametrize(("variable", "value"), SECRETS)
def test_a_secret_that_is_refused_is_not_repeated(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)

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


def test_a_secret_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(SettingsError, match=r"Setting secret\.file: .*can't be written: .*SIAGA_SECRET__FILE"):
        read_secret(tmp_path / "file" / "secret.key")


def test_a_missing_secret_is_named_without_its_group_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SIAGA_BPJS__SECRET")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SettingsError, match=r"Setting bpjs\.secret: it isn't set"):
        load()


def test_a_group_of_settings_is_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIAGA_WEB", "8000")
    monkeypatch.setenv("SIAGA_CHANNELS", "telegram")

    with pytest.raises(SettingsError) as told:
        load()

    words = "it is a group of settings; each has its own variable, such as"
    assert str(told.value).splitlines() == [
        f"SIAGA_CHANNELS: {words} SIAGA_CHANNELS__TELEGRAM__TOKEN.",
        f"SIAGA_WEB: {words} SIAGA_WEB__HOST.",
    ]


def test_a_misspelt_setting_of_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIAGA_BPJS__SECRET", "eight or more")
    monkeypatch.setenv("SIAGA_CHANELS__TELEGRAM__TOKEN", "123456:abc")

    with pytest.raises(SettingsError, match="SIAGA_CHANELS__TELEGRAM__TOKEN"):
        load()


@pytest.mark.parametrize("host", ["192.0.2.1", "nobody.invalid", "a b", "a..b", "2001:db8::1"])
def test_a_host_that_is_not_this_machine_is_named(host: str) -> None:
    with pytest.raises(SettingsError) as told, listening(Web(host=host, port=free_ports(1)[0])):
        pass

    assert str(told.value).startswith(f"Setting web.host: {host!r} isn't an address of this machine. Set 127.0.0.1 ")
    assert str(told.value).endswith("(file: config.yaml; or by the environment: SIAGA_WEB__HOST)")


def serve(folder: Path, port: int) -> subprocess.Popen[str]:
    """`python -m bot serve` on this port."""
    environment = os.environ | {
        "SIAGA_WEB__PORT": str(port),
        "SIAGA_DATABASE__URL": f"sqlite+aiosqlite:///{folder / 'siaga.db'}",
        "SIAGA_SECRET__FILE": str(folder / "secret.key"),
    }
    return subprocess.Popen([sys.executable, "-m", "bot", "serve"], env=environment, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_on_a_port_that_is_taken_it_ends_with_a_sentence_before_it_opens_anything(tmp_path: Path, host: str) -> None:
    with socket.create_server((host, 0)) as other:
        port = other.getsockname()[1]
        with serve(tmp_path, port) as served:
            _nothing, told = served.communicate()

    assert served.returncode == 2
    assert told == (
        f"Setting web.port: something else already listens on {port}. Stop it, or set another port. "
        "(environment: SIAGA_WEB__PORT)\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_it_says_that_it_serves_once_it_can_be_reached(tmp_path: Path) -> None:
    [port] = free_ports(1)
    with serve(tmp_path, port) as served:
        assert served.stderr is not None
        assert any(f'"address":"http://127.0.0.1:{port}/","event":"serving"' in line for line in served.stderr)
        socket.create_connection(("127.0.0.1", port)).close()
        served.terminate()
        served.communicate()

    assert served.returncode == 0
