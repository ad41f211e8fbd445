"""State tables: only the moves of the table, only for whoever holds the permission."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.access import GRANTS, SCHOOL_ROLES, Actor, Appointment, Role
from portal.core.errors import Rejected
from portal.visits.models import Visit
from portal.visits.states import VISIT_MACHINE, VisitState

OWN, OTHER = UUID(int=1), UUID(int=2)
ME, COLLEAGUE = UUID(int=11), UUID(int=12)

APPOINTMENTS = st.builds(Appointment, st.sampled_from(Role), st.sampled_from([None, OWN, OTHER]))
ACTORS = st.builds(
    Actor, st.just(ME), st.just("Uji"), st.lists(APPOINTMENTS, max_size=3).map(tuple)
)
VISITS = st.builds(
    Visit,
    state=st.sampled_from(VisitState),
    school_id=st.sampled_from([OWN, OTHER]),
    social_worker_id=st.sampled_from([ME, COLLEAGUE]),
)
MOVES = st.sampled_from(sorted(VISIT_MACHINE.moves))


def succeeds(visit: Visit, actor: Actor, name: str) -> bool:
    """Try a move and put the visit back."""
    before = visit.state
    try:
        visit.move(actor, name)
    except Rejected:
        assert visit.state == before
        return False
    assert visit.state == VISIT_MACHINE.moves[name].target
    visit.state = before
    return True


@given(VISITS, ACTORS)
def test_the_moves_on_offer_are_exactly_those_that_succeed(visit: Visit, actor: Actor) -> None:
    assert visit.open_to(actor) == [
        name for name in VISIT_MACHINE.moves if succeeds(visit, actor, name)
    ]


@given(VISITS, ACTORS, MOVES)
def test_a_move_needs_its_permission_first(visit: Visit, actor: Actor, name: str) -> None:
    move = VISIT_MACHINE.moves[name]
    permitted = actor.may(
        move.permission, visit.school_id, assigned=visit.social_worker_id == actor.user_id
    )
    if permitted and visit.state in move.sources:
        assert succeeds(visit, actor, name)
        return
    with pytest.raises(Rejected) as refusal:
        visit.move(actor, name)
    assert refusal.value.code == ("state_changed" if permitted else "not_allowed")


@pytest.mark.parametrize(
    ("name", "role", "school", "allowed"),
    [
        ("approve", Role.COORDINATOR, None, True),
        ("approve", Role.SOCIAL_WORKER, None, False),
        ("approve", Role.PRINCIPAL, OWN, False),
        ("approve", Role.DIVISION_HEAD, None, False),
        ("withdraw", Role.PRINCIPAL, OWN, True),
        ("withdraw", Role.SCHOOL_OPERATOR, OWN, True),
        ("withdraw", Role.PRINCIPAL, OTHER, False),
        ("withdraw", Role.TEACHER, OWN, False),
        ("withdraw", Role.COORDINATOR, None, False),
    ],
)
def test_a_request_moves_for_the_right_people(
    name: str, role: Role, school: UUID | None, *, allowed: bool
) -> None:
    visit = Visit(state=VisitState.REQUESTED, school_id=OWN, social_worker_id=COLLEAGUE)
    assert visit.can(Actor(ME, "Uji", (Appointment(role, school),)), name) is allowed


def test_only_the_assigned_worker_or_a_coordinator_records_a_delivery() -> None:
    visit = Visit(state=VisitState.SCHEDULED, school_id=OWN, social_worker_id=ME)
    worker = (Appointment(Role.SOCIAL_WORKER),)
    assert visit.can(Actor(ME, "Sari", worker), "deliver")
    assert not visit.can(Actor(COLLEAGUE, "Andi", worker), "deliver")
    assert visit.can(Actor(COLLEAGUE, "Yuni", (Appointment(Role.COORDINATOR),)), "deliver")


def test_an_unknown_move_is_a_mistake_in_the_code() -> None:
    visit = Visit(state=VisitState.REQUESTED, school_id=OWN, social_worker_id=ME)
    with pytest.raises(KeyError):
        visit.move(Actor(ME, "Yuni", (Appointment(Role.COORDINATOR),)), "fly")


def test_every_move_has_somebody_who_may_make_it() -> None:
    granted = {permission for grants in GRANTS.values() for permission in grants}
    assert {move.permission for move in VISIT_MACHINE.moves.values()} <= granted


def test_every_role_may_at_least_sign_in_and_only_school_roles_are_bound_to_a_school() -> None:
    assert set(GRANTS) == set(Role)
    for role, grants in GRANTS.items():
        reaches = {reach.value for reach in grants.values()}
        assert "signed_in" in grants
        assert ("own_school" in reaches) == (role in SCHOOL_ROLES)
