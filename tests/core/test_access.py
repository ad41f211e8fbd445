""" "May I?" and "which ones?" are one rule, tried out on real rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal import migrations
from portal.core.access import SCHOOL_ROLES, Actor, Appointment, Permission, Role
from portal.core.db import connect, new_id
from portal.people import policy as people_policy
from portal.people.models import Membership
from portal.schools import policy as school_policy
from portal.schools.models import Mou, School
from portal.visits import policy as visit_policy
from portal.visits.models import Visit
from tests.builders import Builder

SCHOOLS = 3
WORKERS = 2


@dataclass(frozen=True)
class Town:
    """A small town to ask about, read only."""

    session: Session
    schools: list[School]
    visits: list[Visit]
    mous: list[Mou]
    memberships: list[Membership]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    database = connect(f"sqlite:///{tmp_path_factory.mktemp('town') / 'portal.db'}")
    migrations.upgrade(database)
    build = Builder(database)
    schools = [build.school() for _number in range(SCHOOLS)]
    workers = [build.worker() for _number in range(WORKERS)]
    for school in schools:
        build.mou(school)
        for role in sorted(SCHOOL_ROLES):
            build.user(role, school)
        for worker in workers:
            build.delivered(school, worker)
    build.close()
    with database.reader() as session:
        yield Town(
            session,
            *(list(session.scalars(select(model))) for model in (School, Visit, Mou, Membership)),
        )
    database.dispose()


@st.composite
def actors(draw: st.DrawFn, schools: list[School], people: list[UUID]) -> Actor:
    """Draw somebody with any appointments, also odd ones: office roles at schools, two schools."""
    places = [None, new_id(), *(school.id for school in schools)]
    appointments = st.builds(Appointment, st.sampled_from(Role), st.sampled_from(places))
    return Actor(
        draw(st.sampled_from(people)), "Uji", tuple(draw(st.lists(appointments, max_size=3)))
    )


@given(data=st.data(), permission=st.sampled_from(Permission))
def test_the_rows_within_reach_are_those_one_may_touch(
    town: Town, data: st.DataObject, permission: Permission
) -> None:
    people = [new_id(), *{visit.social_worker_id for visit in town.visits}]
    actor = data.draw(actors(town.schools, people))

    def reached(model: type, condition: ColumnElement[bool]) -> set[UUID]:
        return set(town.session.scalars(select(model.id).where(condition)))

    assert reached(School, actor.within(permission, School.id)) == {
        school.id for school in town.schools if actor.may(permission, school.id)
    }
    assert reached(Visit, actor.within(permission, Visit.school_id, Visit.social_worker_id)) == {
        visit.id
        for visit in town.visits
        if actor.may(permission, visit.place(), assigned=visit.assigned_to(actor))
    }
    assert reached(Membership, actor.within(permission, Membership.school_id)) == {
        held.id for held in town.memberships if actor.may(permission, held.school_id)
    }


@given(data=st.data())
def test_lists_show_what_the_policies_allow(town: Town, data: st.DataObject) -> None:
    actor = data.draw(actors(town.schools, [new_id(), town.visits[0].social_worker_id]))
    for model, records, condition, permission in (
        (School, town.schools, school_policy.visible_to(actor), Permission.SCHOOL_READ),
        (Mou, town.mous, school_policy.mous_visible_to(actor), Permission.MOU_READ),
        (Visit, town.visits, visit_policy.visible_to(actor), Permission.VISIT_READ),
        (Membership, town.memberships, people_policy.visible_to(actor), Permission.PEOPLE_READ),
    ):
        shown = set(town.session.scalars(select(model.id).where(condition)))
        assert shown == {
            record.id
            for record in records
            if actor.may(permission, record.id if model is School else record.school_id)
        }


@given(
    st.lists(
        st.builds(Appointment, st.sampled_from(Role), st.none() | st.uuids(version=4)), max_size=4
    ),
    st.sampled_from(Permission),
    st.uuids(version=4),
)
def test_who_may_here_may_somewhere(
    appointments: list[Appointment], permission: Permission, school_id: UUID
) -> None:
    actor = Actor(new_id(), "Uji", tuple(appointments))
    if actor.may(permission, school_id, assigned=True):
        assert actor.may_somewhere(permission)
    for place in actor.schools_with(permission):
        assert actor.may(permission, place)


def test_without_any_appointment_nothing_is_allowed() -> None:
    nobody = Actor(new_id(), "Uji", ())
    assert not any(nobody.may(each, new_id(), assigned=True) for each in Permission)
    assert not any(nobody.may_somewhere(each) for each in Permission)
