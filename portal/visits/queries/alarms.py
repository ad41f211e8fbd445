"""Which partners are without a session since their MoU was signed, and whose MoU ends soon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from portal.core import clock
from portal.schools.models import Mou, School
from portal.visits.models import Programme, Visit
from portal.visits.states import VisitState


@dataclass(frozen=True)
class Unserved:
    """A partner without a session that counts, so many days after its MoU was signed."""

    mou: Mou
    school: School
    days: int


@dataclass(frozen=True)
class Expiring:
    """An MoU that ends soon or has just ended, and that none follows."""

    mou: Mou
    school: School


def unserved(session: Session, day: date, least_days: int) -> list[Unserved]:
    """Return the active partners without a session for so many days, the longest waiting first.

    Plain days count from the signing on, holidays too: the promise to a school runs on over them.
    """
    rows = session.execute(
        select(Mou, School)
        .join(School, School.id == Mou.school_id)
        .where(
            School.active,
            Mou.signed_on <= day - timedelta(days=least_days),
            Mou.valid_until >= day,
        )
        .order_by(Mou.signed_on, Mou.id)
    ).all()
    last = _last_sessions(session, rows[0][0].signed_on) if rows else {}
    return [
        Unserved(mou, school, (day - mou.signed_on).days)
        for mou, school in rows
        if last.get(school.id, date.min) < mou.signed_on
    ]


def _last_sessions(session: Session, since: date) -> dict[UUID, date]:
    """Return on which day each school last had a session that counts, where it had one since.

    Sessions of schools that became part of another count there.
    """
    begins, _ends = clock.day_bounds(since, since)
    school_id = func.coalesce(School.merged_into_id, School.id)
    rows = session.execute(
        select(school_id, func.max(Visit.starts_at))
        .join(School, School.id == Visit.school_id)
        .join(Programme, Programme.id == Visit.programme_id)
        .where(
            Visit.state == VisitState.DELIVERED,
            Programme.counts_for_coverage,
            Visit.starts_at >= begins,
        )
        .group_by(school_id)
    )
    return {each: clock.day_of(moment) for each, moment in rows}


def expiring(session: Session, day: date, notice_days: int) -> list[Expiring]:
    """Return the MoUs of active schools that end within so many days, and none carries on.

    Those that ended no longer ago than that are among them: a partner must not get lost unseen.
    """
    notice = timedelta(days=notice_days)
    later = aliased(Mou)
    followed = exists().where(later.school_id == Mou.school_id, later.valid_until > Mou.valid_until)
    rows = session.execute(
        select(Mou, School)
        .join(School, School.id == Mou.school_id)
        .where(
            School.active,
            Mou.signed_on <= day,
            Mou.valid_until.between(day - notice, day + notice),
            ~followed,
        )
        .order_by(Mou.valid_until, Mou.id)
    )
    return [Expiring(mou, school) for mou, school in rows]
