"""The whole service, started once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.contract.signing import Signature
from tests.contract.whole import Whole, whole_service


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "whole" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("--database")
        kinds = ("postgresql",) if wanted == "both" else (wanted,)  # the stricter of them about what may be stored
        metafunc.parametrize("whole", kinds, indirect=True, scope="session")


@pytest.fixture(scope="session")
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    folder = tmp_path_factory.mktemp("whole")
    database = f"sqlite+aiosqlite:///{folder / 'siaga.db'}"
    if request.param == "postgresql":
        make: Callable[[], str] = request.getfixturevalue("postgres")
        database = make()
    with whole_service(folder, database) as made:
        yield made


@pytest.fixture(scope="session")
def signature(whole: Whole) -> Signature:
    return Signature(whole)
