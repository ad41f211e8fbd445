"""Moments are aware and mean the same on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import bindparam, create_engine, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from portal.core.clock import WIB
from portal.core.db import Database
from portal.core.settings import OfficeSetting
from portal.core.types import UtcDateTime

ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2150, 1, 1), timezones=ZONES)  # noqa: DTZ001 - the zones are named beside it
MORNING = datetime(2026, 12, 10, 8, 0, 0, 123456, tzinfo=WIB)


def test_a_moment_comes_back_as_the_same_moment_in_utc(session: Session) -> None:
    session.add(OfficeSetting(name="x", value=1, changed_at=MORNING))
    session.commit()
    session.expire_all()
    kept = session.get_one(OfficeSetting, "x").changed_at
    assert kept == MORNING
    assert kept.utcoffset() == timedelta(0)


def test_moments_are_compared_as_moments_by_the_database(session: Session) -> None:
    session.add(OfficeSetting(name="x", value=1, changed_at=MORNING))
    session.commit()
    earlier = MORNING.astimezone(UTC) - timedelta(microseconds=1)
    found = select(OfficeSetting.name).where(OfficeSetting.changed_at > bindparam("moment"))
    assert session.scalar(found, {"moment": earlier}) == "x"
    assert session.scalar(found, {"moment": MORNING}) is None


@given(MOMENTS)
def test_any_moment_of_any_zone_survives_sqlite(moment: datetime) -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        kept = connection.scalar(select(bindparam("m", moment, UtcDateTime())))
    engine.dispose()
    assert kept == moment
    assert kept.utcoffset() == timedelta(0)


def test_a_naive_moment_is_a_mistake_in_the_code(database: Database) -> None:
    naive = datetime(2026, 12, 10, 8)  # noqa: DTZ001 - the mistake this is about
    with database.writer() as session:
        session.add(OfficeSetting(name="x", value=1, changed_at=naive))
        with pytest.raises(StatementError, match="naive datetime"):
            session.commit()


def test_no_moment_stays_none() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        assert connection.scalar(select(bindparam("m", None, UtcDateTime()))) is None
    engine.dispose()
