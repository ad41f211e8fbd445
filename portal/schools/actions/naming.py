"""Another name for a school: the one before stays, with the day until which it was borne."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.schools.events import SchoolRenamed
from portal.schools.models import FormerName, School


@dataclass(frozen=True)
class NewName:
    """What a school is called from a day on, and where that is written."""

    name: str
    since: date
    note: str = ""


def rename(session: Session, actor: Actor, school: School, wanted: NewName) -> None:
    """Give a school another name; people still find it under the one it had.

    Raises Rejected("not_allowed"), Rejected("school_merged"), Rejected("name_same"), or
    Rejected("name_day_ahead").
    """
    if not actor.may(Permission.SCHOOL_EDIT, school.id):
        raise Rejected("not_allowed")
    if school.merged_into_id is not None:
        raise Rejected("school_merged")
    if wanted.name == school.name:
        raise Rejected("name_same", "name")
    if wanted.since > clock.today():
        raise Rejected("name_day_ahead", "since")
    keep_name(session, school, wanted.since, actor.user_id, note=wanted.note)
    school.name = wanted.name
    school.changed_at = clock.now()
    session.flush()
    emit(session, actor, SchoolRenamed(school.id, wanted.since))


def keep_name(
    session: Session,
    school: School,
    since: date,
    recorded_by: UUID,
    *,
    name: str = "",
    note: str = "",
) -> None:
    """Write down a name, by default its own, that a school bore until another one held."""
    session.add(
        FormerName(
            school_id=school.id,
            name=(name or school.name)[: FormerName.name.type.length],
            until=since - timedelta(days=1),
            note=note,
            recorded_by=recorded_by,
            recorded_at=clock.now(),
        )
    )
