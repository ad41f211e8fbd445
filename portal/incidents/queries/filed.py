"""Reading what came by way of an account: one's own reports, and how far colleagues' ones are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.access import Actor, Permission
from portal.incidents import policy
from portal.incidents.models import Report
from portal.schools.models import School

# Nobody files more than they can remember; the newest are those that still matter.
MOST_LISTED = 100


def own(session: Session, actor: Actor) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return `public_id`, `locator`, `received_at`, `state` of what one filed, the newest first."""
    return session.execute(_listed(policy.filed_by(actor))).all()


def of_colleagues(session: Session, actor: Actor) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the same of what colleagues reported by name, as far as the actor may know of it."""
    return session.execute(_listed(policy.status_visible_to(actor))).all()


def _listed(condition: ColumnElement[bool]) -> Any:
    return (
        select(Report.public_id, Report.locator, Report.received_at, Report.state, Report.purpose)
        .where(condition)
        .order_by(Report.received_at.desc(), Report.id.desc())
        .limit(MOST_LISTED)
    )


def get_own(session: Session, actor: Actor, public_id: str) -> Report | None:
    """Return a report that the actor filed."""
    return session.scalar(
        select(Report).where(Report.public_id == public_id, policy.filed_by(actor))
    )


def get_written_down(session: Session, actor: Actor, public_id: str) -> Report | None:
    """Return a report that the actor wrote down for somebody else."""
    return session.scalar(
        select(Report).where(Report.public_id == public_id, policy.written_down_by(actor))
    )


def schools_of(session: Session, actor: Actor) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return `id`, `public_id` and `name` of the schools an actor may report something at."""
    own = School.id.in_(actor.schools_with(Permission.REPORT_FILE))
    return session.execute(
        select(School.id, School.public_id, School.name).where(own).order_by(School.name)
    ).all()


def school_of(session: Session, report: Report) -> School | None:
    """Return the school a report is about."""
    return session.get(School, report.school_id) if report.school_id else None


def answer_by(session: Session, report: Report) -> date:
    """Return the day by which the office answers."""
    days = settings.read(session)["reply_working_days"]
    return clock.add_working_days(clock.day_of(report.received_at), days)
