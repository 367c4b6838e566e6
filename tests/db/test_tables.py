"""An instant comes back as it was, whatever zone it was told in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.dialects import sqlite

from db.columns import Instant, from_micros
from db.engine import writer_engine

ZONES = [UTC, ZoneInfo("Asia/Makassar"), ZoneInfo("Asia/Jakarta"), timezone(-timedelta(hours=3, minutes=30))]
DIALECT = sqlite.dialect()


FIRST, LAST = datetime(1970, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001  # the zones are drawn


@given(at=st.datetimes(min_value=FIRST, max_value=LAST, timezones=st.sampled_from(ZONES)))
def test_an_instant_keeps_its_microsecond(at: datetime) -> None:
    stored = Instant().process_bind_param(at, DIALECT)

    assert stored is not None
    assert from_micros(stored) == at
    assert from_micros(stored).tzinfo is UTC


@pytest.mark.parametrize("zone", ZONES, ids=str)
async def test_an_instant_comes_back_from_the_database(database: str, zone: ZoneInfo) -> None:
    moments = Table("moments", MetaData(), Column("id", Integer, primary_key=True), Column("at", Instant))
    at = datetime(2026, 11, 21, 23, 59, 59, 999_999, tzinfo=zone)
    engine = writer_engine(database)
    async with engine.begin() as connection:
        await connection.run_sync(moments.metadata.create_all)
        await connection.execute(insert(moments), [{"id": 1, "at": at}, {"id": 2, "at": None}])

        found = (await connection.execute(select(moments.c.at).order_by(moments.c.id))).scalars().all()

    await engine.dispose()
    assert found == [at, None]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        Instant().process_bind_param(datetime(2026, 11, 21), DIALECT)  # noqa: DTZ001  # that is the point
