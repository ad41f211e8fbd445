"""What a session is about that the office proposes of itself: a topic and a grade that fit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.clock import SchoolYear
from portal.schools.models import School
from portal.visits.actions.offering import Invitation
from portal.visits.models import Programme, Topic
from portal.visits.queries import visits


def invitation(
    session: Session, school: School, programme: Programme, starts_at: datetime, heads: int
) -> Invitation:
    """Return what a school is invited to; without a topic for its level, it is the programme."""
    topic = _topic(session, programme, school)
    return Invitation(
        programme=programme,
        starts_at=starts_at,
        topic_id=topic.id if topic else None,
        own_topic="" if topic else programme.name(i18n.DEFAULT),
        grades=(_grade(session, school, starts_at),),
        expected_heads=heads,
    )


def _topic(session: Session, programme: Programme, school: School) -> Topic | None:
    """Return the first topic for the school's level."""
    topics = visits.list_topics(session, programme.id, school.level)
    return next((each for each in topics if school.level in each.levels), None)


def _grade(session: Session, school: School, starts_at: datetime) -> str:
    """Return the first grade no session of that school year reaches yet, else the first."""
    reached = visits.reached_grades(session, school.id, SchoolYear.of(clock.day_of(starts_at)))
    return next((grade for grade in school.grades if grade not in reached), school.grades[0])
