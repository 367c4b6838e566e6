"""The settings: config.yaml, overridden by the environment. A wrong one stops the start and says which and why.

Every setting carries in its description what it has to be, as the end of a sentence: "'eighty' isn't …".
Invariant: no sentence shows the value of a secret, or an address that may hold a password. A secret that stands in the
file is refused.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from db.vault import SECRET_BYTES

BPJS_SECRET_MIN = 8
CHANNEL_SECRET_MIN = 8
NO_SETTINGS = ("CONFIG", "WALKS")
"""Variables of ours that are no settings."""
BESIDE = ("BANK_", "BPJS_", "HOSPITAL_", "PLKK_", "SANDBOX_", "TELEGRAM_", "WHATSAPP_")
"""How the variables of the imitations begin."""
DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")
FILE = "config.yaml"
PREFIX = "SIAGA_"
HIDDEN = ("secret", "token", "handshake", "url", "clinics")
"""Settings whose value no sentence shows."""
SHOWN_MAX = 30
"""Characters. What is longer may be a secret that was put into the wrong setting."""
WITH_PASSWORD = re.compile(r"://[^/@\s]*:[^/\s]*@")
WEB_ADDRESS = "an address that begins with http:// or https://"
BPJS_SECRET = f"the secret shared with BPJS, of at least {BPJS_SECRET_MIN} characters"
PLKK_SECRET = f"the secret shared with the clinics' system, of at least {CHANNEL_SECRET_MIN} characters"
CLINIC_SECRET_MIN = 16
CLINICS = (
    f"pairs such as puskesmas-contoh:secret with spaces between them, each secret of at least {CLINIC_SECRET_MIN} "
    "characters"
)
CLINICS_FORM = re.compile(rf"\s*([a-z0-9-]{{1,40}}:\S{{{CLINIC_SECRET_MIN},}}(\s+|$))*")
CHANNEL_SECRET = f"a secret of at least {CHANNEL_SECRET_MIN} characters"


class SettingsError(Exception):
    """A setting is wrong; the message tells the operator which and why."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


def _needed(what: str, pattern: str | None = None, *, least: int | None = None) -> Any:
    return Field(description=what, pattern=pattern, min_length=least)


def _count(least: int, most: int) -> Any:
    return Field(description=f"a whole number from {least} to {most}", ge=least, le=most)


def _seconds(most: int) -> Any:
    return Field(description=f"a number of seconds above 0, at most {most}", gt=0, le=most)


def _empty_or_long(secret: SecretStr) -> SecretStr:
    if 0 < len(secret.get_secret_value()) < CHANNEL_SECRET_MIN:
        raise ValueError("too short")
    return secret


YesOrNo = Annotated[bool, _needed("true or false")]


class Database(_Part):
    url: Annotated[str, _needed(f"an address that begins with {DRIVERS[0]}:/// or {DRIVERS[1]}://")] = (
        "sqlite+aiosqlite:///var/siaga.db"
    )

    @field_validator("url")
    @classmethod
    def _known_driver(cls, url: str) -> str:
        try:
            driver = make_url(url).drivername
        except ArgumentError:
            driver = ""
        if driver not in DRIVERS:
            raise ValueError("no driver of ours")
        return url


class Secret(_Part):
    file: Annotated[Path, _needed("the path of a file")] = Path("var/secret.key")


class Web(_Part):
    host: Annotated[str, _needed("an address of this machine, such as 127.0.0.1", least=1)] = "127.0.0.1"
    port: Annotated[int, _count(1, 65535)] = 8000
    # Both are shown to others: public_url stands in links and in the log, framed_by in a header.
    public_url: Annotated[str, _needed(f"{WEB_ADDRESS}, such as https://siaga.example.go.id, without user name, "
                                       "password, ?, # or space, or empty",
                                       r"^(https?://[^\s/@?#]+(/[^\s@?#]*)?)?$")] = ""  # fmt: skip
    secure_cookie: YesOrNo = False
    framed_by: Annotated[
        str,
        _needed(f"{WEB_ADDRESS} and holds no user name, password or path, or empty", r"^(https?://[A-Za-z0-9_.:-]+)?$"),
    ] = ""

    @property
    def is_secure(self) -> bool:
        """Whether people come by HTTPS, so that cookies may be kept from plain HTTP."""
        return self.secure_cookie or self.public_url.startswith("https://")


class BpjsSettings(_Part):
    url: Annotated[str, _needed(WEB_ADDRESS, r"^https?://")] = "http://127.0.0.1:8101"
    client_id: Annotated[str, _needed("the name that BPJS gave to this office", least=1)] = "siaga"
    secret: Annotated[SecretStr, _needed(BPJS_SECRET, least=BPJS_SECRET_MIN)] = SecretStr("")
    try_s: Annotated[float, _seconds(120)] = 15


class PlkkSettings(_Part):
    url: Annotated[str, _needed(WEB_ADDRESS, r"^https?://")] = "http://127.0.0.1:8104"
    client_id: Annotated[str, _needed("the name that the clinics' system gave to this office", least=1)] = "siaga"
    secret: Annotated[SecretStr, _needed(PLKK_SECRET)] = SecretStr("")
    clinics: Annotated[SecretStr, _needed(CLINICS)] = SecretStr("")

    _long_enough = field_validator("secret")(_empty_or_long)

    @field_validator("clinics")
    @classmethod
    def _pairs(cls, clinics: SecretStr) -> SecretStr:
        if not CLINICS_FORM.fullmatch(clinics.get_secret_value()):
            raise ValueError("no pairs")
        return clinics

    @property
    def may_ask(self) -> dict[str, str]:
        """The secret of each clinic that may ask us, by its client id."""
        pairs = self.clinics.get_secret_value().split()
        return {name: secret for name, _colon, secret in (pair.partition(":") for pair in pairs)}


class BankSettings(_Part):
    """Off without an address. The keys are RSA in PEM: ours is private, the bank's is public."""

    url: Annotated[str, _needed(f"{WEB_ADDRESS}, or empty", r"^(https?://.+)?$")] = ""
    client_id: Annotated[str, _needed("a text in quotes, such as the name that the bank gave to this office")] = ""
    partner_id: Annotated[str, _needed("a text of at most 36 characters in quotes", r"^.{0,36}$")] = ""
    channel_id: Annotated[str, _needed("at most 5 letters or digits in quotes", r"^[A-Za-z0-9]{0,5}$")] = ""
    service_id: Annotated[str, _needed("at most 8 digits in quotes", r"^[0-9]{0,8}$")] = ""
    merchant_id: Annotated[str, _needed("a text in quotes, or empty")] = ""
    secret: Annotated[SecretStr, _needed("the secret shared with the bank")] = SecretStr("")
    key_file: Annotated[str, _needed("the path of a file")] = ""
    bank_client_id: Annotated[str, _needed("a text in quotes")] = ""
    bank_partner_id: Annotated[str, _needed("a text in quotes")] = ""
    bank_key_file: Annotated[str, _needed("the path of a file")] = ""
    try_s: Annotated[float, _seconds(120)] = 15


class Photos(_Part):
    bytes_max: Annotated[int, _count(100_000, 50_000_000)] = 8_000_000
    workers: Annotated[int, _count(1, 32)] = 1
    limit_s: Annotated[float, _seconds(120)] = 30
    keep_days: Annotated[int, _count(1, 3_650)] = 30


class Chat(_Part):
    language: Annotated[Literal["id", "en"], _needed("id or en")] = "id"
    samples: Annotated[str, _needed("the path of a folder, or empty")] = ""


class Templates(_Part):
    reminder: Annotated[str, _needed("a text in quotes")] = ""


class ChannelSettings(_Part):
    url: Annotated[str, _needed(f"{WEB_ADDRESS}, or empty", r"^(https?://.+)?$")] = ""
    token: Annotated[SecretStr, _needed("a text in quotes")] = SecretStr("")
    secret: Annotated[SecretStr, _needed(CHANNEL_SECRET)] = SecretStr("")
    number: Annotated[str, _needed("a number in quotes")] = ""
    handshake: Annotated[SecretStr, _needed("a text in quotes")] = SecretStr("")
    template: Annotated[str, _needed("a text in quotes")] = ""
    templates: Annotated[Templates, _needed("a group of settings")] = Templates()
    identity_in_chat: Annotated[bool | None, _needed("true or false")] = None

    _long_enough = field_validator("secret")(_empty_or_long)


class Office(_Part):
    name: Annotated[str, _needed("a text in quotes")] = "Pemkab Soppeng"
    phone: Annotated[str, _needed("a telephone number in quotes, or empty")] = ""


class Log(_Part):
    level: Annotated[Literal["debug", "info", "warning", "error"], _needed("debug, info, warning or error")] = "info"


class Settings(BaseSettings):
    """All settings, checked."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, validate_default=True
    )
    database: Database = Database()
    secret: Secret = Secret()
    web: Web = Web()
    bpjs: BpjsSettings
    plkk: PlkkSettings = PlkkSettings()
    bank: BankSettings = BankSettings()
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
        return init_settings, env_settings, InitSettingsSource(settings_cls, _written())


def load(*, alone: bool = False) -> Settings:
    """The settings; SettingsError with a line for each that is wrong. `alone`: for a command that asks no partner, and
    needs no secret shared with one."""
    refused = [told for name in sorted(os.environ) if (told := _refused(name))]
    refused += _misplaced(_written(), [])
    if refused:
        raise SettingsError("\n".join(refused))
    # The group is always there, so that what it lacks is named, not the group.
    given: dict[str, Any] = {"bpjs": {"secret": "-" * BPJS_SECRET_MIN} if alone else {}}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("\n".join(_told([str(part) for part in one["loc"]], one["input"])
                                      for one in error.errors())) from None  # fmt: skip


def wrong(setting: str, why: str) -> str:
    """The sentence about a setting, such as "web.port", that stops the start; it says where the value comes from."""
    by = f"environment: {variable(setting)}"
    return f"Setting {setting}: {why}. ({f'file: {_file()}; or by the {by}' if _is_of_the_file(setting) else by})"


def variable(setting: str) -> str:
    """What the environment calls a setting: SIAGA_WEB__PORT for "web.port"."""
    return f"{PREFIX}{setting.replace('.', '__').upper()}"


def shown(name: str, given: Any) -> str:
    """The value of a setting as a sentence may show it."""
    is_plain = isinstance(given, str | int | float) and len(str(given)) <= SHOWN_MAX and "@" not in str(given)
    return repr(given) if is_plain and name not in HIDDEN else "what is given (not shown here)"


def _file() -> Path:
    return Path(os.environ.get("SIAGA_CONFIG", "") or FILE)


def _written() -> dict[str, Any]:
    """What stands in the file of settings. SettingsError if it can't be read; only the usual one may be missing."""
    file = _file()
    if not os.environ.get("SIAGA_CONFIG", "") and not file.exists():
        return {}
    try:
        written = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"SIAGA_CONFIG: the file {file} can't be read: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file}, line {mark.line + 1}" if mark else str(file)
        raise SettingsError(f"{where}: this isn't YAML. Look at the indents, colons and quotes there.") from None
    if not isinstance(written, dict | None):
        raise SettingsError(f"{file}: it must hold groups of settings, such as web: with port: 8000 below it.")
    return {str(name): below for name, below in (written or {}).items()}


def _is_of_the_file(setting: str) -> bool:
    """Whether the file gives this setting, and the environment doesn't go before it."""
    name = variable(setting)
    if any(one == name or one.startswith(f"{name}__") for one in map(str.upper, os.environ)):
        return False
    here: Any = _written()
    for part in setting.split("."):
        here = {str(one): below for one, below in here.items()}.get(part, "") if isinstance(here, dict) else ""
    return bool(here != "")


def _misplaced(written: Mapping[Any, Any], above: Sequence[str]) -> Iterator[str]:
    """A sentence for each secret that stands in the file, below this place of the settings."""
    for name, given in written.items():
        path = [*above, str(name)]
        if isinstance(given, dict) and (path == ["channels"] or _group(path)):
            yield from _misplaced(given, path)
        elif what := _secret_in(path, given):
            setting = ".".join(path)
            yield (
                f"Setting {setting}: {what} may not stand in {_file()}. Take the line away there and give it by the "
                f"environment. (environment: {variable(setting)})"
            )


def _secret_in(path: Sequence[str], given: Any) -> str:
    """What is secret in the value at this place of the settings; "" if nothing is."""
    group = _group(path[:-1])
    field = group.model_fields.get(path[-1]) if group else None
    if field and field.annotation is SecretStr and given not in (None, ""):
        return "a secret"
    return "an address with a password" if isinstance(given, str) and WITH_PASSWORD.search(given) else ""


def _refused(name: str) -> str:
    """Why a variable of the environment is none of ours, though it begins as ours do; "" for every other."""
    if not name.upper().startswith(PREFIX):
        return ""
    first, is_inside, _rest = name.upper().removeprefix(PREFIX).partition("__")
    if first in NO_SETTINGS or first.startswith(BESIDE):
        return ""
    if first.lower() not in Settings.model_fields:
        return f"{name}: there is no such setting; {FILE} names them all."
    example = variable(_example([first.lower()]))
    return "" if is_inside else f"{name}: it is a group of settings; each has its own variable, such as {example}."


def _told(path: Sequence[str], given: Any) -> str:
    """The sentence about what is wrong at this place of the settings."""
    *above, name = path
    if path == ["channels"] or _group(path):
        return (
            f"Setting {'.'.join(path)}: it is a group of settings, such as {_example(path)}. Put them below it with an "
            f"indent, or take the line away. (environment: {variable(_example(path))})"
        )
    group = _group(above)
    if group is None or name not in group.model_fields:
        return wrong(".".join(path), f"there is no such setting{_beside(above)}")
    needed = group.model_fields[name].description
    if given is None or given == "" or given == SecretStr(""):
        return wrong(".".join(path), f"it isn't set; needed is {needed}")
    return wrong(".".join(path), f"{shown(name, given)} isn't {needed}")


def _example(path: Sequence[str]) -> str:
    group = _group(path)
    return ".".join([*path, next(iter(group.model_fields)) if group else "telegram.token"])


def _beside(above: Sequence[str]) -> str:
    group = _group(above)
    return f"; {'.'.join(above) or FILE} has {', '.join(group.model_fields)}" if group else ""


def _group(path: Sequence[str]) -> type[BaseModel] | None:
    """The group of settings at this place, such as that of "web"."""
    match path:
        case []:
            return Settings
        case ["channels", _]:
            return ChannelSettings
        case ["channels", _, "templates"]:
            return Templates
        case [name] if name in Settings.model_fields:
            kind = Settings.model_fields[name].annotation
            return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
        case _:
            return None


def read_secret(file: Path) -> bytes:
    """The secret in this file; a new one is written if there is none. SettingsError if it can't be used."""
    if not file.exists():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
                new.write(secrets.token_hex(SECRET_BYTES))
        except OSError as error:
            raise SettingsError(wrong("secret.file", f"{file} can't be written: {error.strerror}")) from None
    try:
        secret = bytes.fromhex(file.read_text().strip())
    except (OSError, ValueError):
        secret = b""
    if len(secret) != SECRET_BYTES:
        raise SettingsError(wrong("secret.file", f"{file} doesn't hold {2 * SECRET_BYTES} hexadecimal digits"))
    return secret
