"""The settings: config.yaml, overridden by the environment. A wrong one stops the start and says which and why."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, YamlConfigSettingsSource
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from db.vault import SECRET_BYTES

BPJS_SECRET_MIN = 8
CHANNEL_SECRET_MIN = 8
NO_SETTINGS = ("CONFIG", "WALKS")
"""Variables of ours that are no settings."""
BESIDE = ("BPJS_", "TELEGRAM_", "WHATSAPP_")
"""How the variables of the imitations begin."""
DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")


class SettingsError(Exception):
    """A setting is wrong; the message tells the operator which and why."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class Database(_Part):
    url: str = "sqlite+aiosqlite:///var/siaga.db"

    @field_validator("url")
    @classmethod
    def _known_driver(cls, url: str) -> str:
        try:
            driver = make_url(url).drivername
        except ArgumentError:
            driver = ""
        if driver not in DRIVERS:
            raise ValueError(f"an address that begins with {DRIVERS[0]}:/// or {DRIVERS[1]}:// is needed")
        return url


class Secret(_Part):
    file: Path = Path("var/secret.key")


class Web(_Part):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    public_url: Annotated[str, Field(pattern=r"^(https?://[^/]+(/.*)?)?$")] = ""
    secure_cookie: bool = False
    framed_by: Annotated[str, Field(pattern=r"^(https?://[\w.:-]+)?$")] = ""

    @property
    def is_secure(self) -> bool:
        """Whether people come by HTTPS, so that cookies may be kept from plain HTTP."""
        return self.secure_cookie or self.public_url.startswith("https://")


class BpjsSettings(_Part):
    url: Annotated[str, Field(pattern=r"^https?://")] = "http://127.0.0.1:8101"
    client_id: Annotated[str, Field(min_length=1)] = "siaga"
    secret: SecretStr = SecretStr("")
    try_s: Annotated[float, Field(gt=0, le=120)] = 15

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        if not secret.get_secret_value():
            raise ValueError("it isn't set; it is the secret shared with BPJS")
        if len(secret.get_secret_value()) < BPJS_SECRET_MIN:
            raise ValueError(f"the secret shared with BPJS needs at least {BPJS_SECRET_MIN} characters")
        return secret


class Photos(_Part):
    bytes_max: Annotated[int, Field(ge=100_000, le=50_000_000)] = 8_000_000
    workers: Annotated[int, Field(ge=1, le=32)] = 1
    limit_s: Annotated[float, Field(gt=0, le=120)] = 30


class Chat(_Part):
    language: Literal["id", "en"] = "id"
    samples: str = ""


class ChannelSettings(_Part):
    url: Annotated[str, Field(pattern=r"^(https?://.+)?$")] = ""
    token: SecretStr = SecretStr("")
    secret: SecretStr = SecretStr("")
    number: str = ""
    handshake: SecretStr = SecretStr("")
    template: str = ""
    identity_in_chat: bool | None = None

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        if 0 < len(secret.get_secret_value()) < CHANNEL_SECRET_MIN:
            raise ValueError(f"the secret shared with a channel needs at least {CHANNEL_SECRET_MIN} characters")
        return secret


class Office(_Part):
    name: str = "Pemkab Soppeng"
    phone: str = ""


class Log(_Part):
    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(BaseSettings):
    """All settings, checked."""

    model_config = SettingsConfigDict(
        env_prefix="SIAGA_", env_nested_delimiter="__", extra="forbid", frozen=True, validate_default=True
    )
    database: Database = Database()
    secret: Secret = Secret()
    web: Web = Web()
    bpjs: BpjsSettings
    photos: Photos = Photos()
    chat: Chat = Chat()
    channels: dict[str, ChannelSettings] = {}
    office: Office = Office()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        yaml = YamlConfigSettingsSource(settings_cls, yaml_file=os.environ.get("SIAGA_CONFIG", "config.yaml"))
        return init_settings, env_settings, yaml


def load(*, alone: bool = False) -> Settings:
    """The settings; SettingsError with a line for each that is wrong. `alone`: for a command that asks no partner, and
    needs no secret shared with one."""
    unknown = sorted(name for name in os.environ if name.startswith("SIAGA_") and not _is_known(name))
    if unknown:
        words = "there is no such setting; config.yaml names them all."
        raise SettingsError("\n".join(f"{name}: {words}" for name in unknown))
    partners: dict[str, Any] = {"bpjs": {"secret": "-" * BPJS_SECRET_MIN}} if alone else {}
    try:
        return Settings(**partners)
    except ValidationError as error:
        raise SettingsError("\n".join(_told(one["loc"], one["msg"]) for one in error.errors())) from None


def _is_known(variable: str) -> bool:
    """Whether a variable of the environment begins as a setting does, or is one of what runs beside the service."""
    first = variable.removeprefix("SIAGA_").partition("__")[0]
    return first.lower() in Settings.model_fields or first in NO_SETTINGS or first.startswith(BESIDE)


def _told(where: tuple[int | str, ...], why: str) -> str:
    path = [str(part) for part in where]
    hint = f" (environment: SIAGA_{'__'.join(path).upper()})"
    return f"Setting {'.'.join(path)}: {why}.{hint}"


def read_secret(file: Path) -> bytes:
    """The secret in this file; a new one is written if there is none. SettingsError if it can't be used."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_hex(SECRET_BYTES))
    try:
        secret = bytes.fromhex(file.read_text().strip())
    except (OSError, ValueError):
        secret = b""
    if len(secret) != SECRET_BYTES:
        raise SettingsError(f"Setting secret.file: {file} doesn't hold {2 * SECRET_BYTES} hexadecimal digits.")
    return secret
