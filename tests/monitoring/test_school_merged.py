"""A child's school becomes part of another: its forms go on, and its manager is asked."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions.identity import SchoolMove, move_school
from portal.cases.actions.waiting import SCHOOL_MERGED
from portal.cases.models import Case, ChildSchool
from portal.core import clock
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.duties import Duty
from portal.monitoring.models import FollowUp, MonitoringForm
from portal.monitoring.policy import access
from portal.monitoring.queries import following
from portal.monitoring.states import FollowUpState
from portal.schools.actions.merging import Merger, merge, outlook
from portal.schools.models import School
from portal.schools.queries.above import Effect
from tests.monitoring.classroom import Classroom


@pytest.fixture
def successor(room: Classroom, session: Session) -> School:
    """Return the school that the child's became part of."""
    build = room.work.build
    other, admin = build.school("SMP Baru"), build.actor(build.user(Role.ADMIN))
    room.form()
    school = session.get_one(School, room.work.school.id)
    there = session.get_one(School, other.id)
    counts = outlook(session, school, there).counts
    assert (counts[Effect.CASES_ASK], counts[Effect.FORMS_MOVE]) == (1, 1)
    with transaction(session):
        merge(session, admin, school, Merger(there, clock.today()))
    return other


def test_the_teacher_goes_on(room: Classroom, session: Session, successor: School) -> None:
    follow_up = session.get_one(FollowUp, room.follow_up.id)
    assert (follow_up.school_id, follow_up.state) == (successor.id, FollowUpState.ACTIVE)
    assert [each.user_id for each in following.watchers(session, follow_up.id)] == [room.teacher.id]
    session.rollback()
    mine = select(MonitoringForm.id).where(access.filled_by(room.actor("teacher")))
    assert len(session.scalars(mine).all()) == 1


def test_the_file_says_the_same_until_its_manager_does(
    room: Classroom, session: Session, successor: School
) -> None:
    before = room.work.school.id
    case = session.get_one(Case, room.case.id)
    assert case.school_id == before
    stays = session.scalars(select(ChildSchool).where(ChildSchool.child_id == case.child_id)).all()
    assert [(each.school_id, each.until) for each in stays] == [(before, None)]
    asked = session.scalars(select(Duty).where(Duty.kind == SCHOOL_MERGED)).one()
    assert (asked.person_id, asked.subject_id) == (room.work.manager.id, case.id)
    assert asked.facts == {"number": case.number, "school": "SMP Baru"}
    session.rollback()
    manager = room.actor("manager")
    move = SchoolMove(successor.id, clock.today(), "7B", "Sekolahnya bergabung")
    with transaction(session):
        move_school(session, manager, session.get_one(Case, case.id), move)
    session.expire_all()
    assert session.get_one(Duty, asked.id).closed_at is not None
    # The forms never stopped.
    follow_up = session.get_one(FollowUp, room.follow_up.id)
    assert (follow_up.school_id, follow_up.state) == (successor.id, FollowUpState.ACTIVE)
