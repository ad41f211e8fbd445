"""Statements that are kept: built once for a shape, asked each time for one person and moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import Select, literal, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Appointment, Permission, Role
from portal.core.duties import Duty
from portal.core.prepared import NOW, TODAY, prepared, told

ME, COLLEAGUE = UUID(int=1), UUID(int=2)
HERE, THERE = UUID(int=11), UUID(int=12)
EVENING = datetime(2026, 11, 22, 16, 59, 59, tzinfo=UTC)


def principal(user_id: UUID, *schools: UUID) -> Actor:
    """Return a principal of some schools."""
    return Actor(user_id, "Bu Ratna", tuple(Appointment(Role.PRINCIPAL, each) for each in schools))


def test_each_person_is_asked_for_with_their_own_ids() -> None:
    @prepared
    def mine(actor: Actor) -> Select[UUID]:
        return select(Duty.id).where(
            Duty.person_id == actor.user_id,
            actor.within(Permission.SCHOOL_CONTACTS_READ, Duty.school_id),
        )

    first, values = mine(principal(ME, HERE))
    second, others = mine(principal(COLLEAGUE, THERE))
    assert first is second
    assert values == {"actor_id": ME, "actor_school_0": HERE}
    assert others == {"actor_id": COLLEAGUE, "actor_school_0": THERE}
    assert mine(principal(ME, HERE, THERE))[0] is not first
    assert mine(Actor(ME, "Bu Ratna", (Appointment(Role.TEACHER, HERE),)))[0] is not first


def test_a_statement_is_built_once_for_each_shape() -> None:
    built: list[tuple[Any, ...]] = []

    @prepared
    def some(actor: Actor, tab: str) -> Select[UUID]:
        built.append((actor.roles, tab))
        return select(Duty.id).where(Duty.person_id == actor.user_id, Duty.kind == tab)

    for actor in (principal(ME, HERE), principal(COLLEAGUE, THERE)):
        for tab in ("satu", "dua"):
            some(actor, tab)
    assert built == [({Role.PRINCIPAL}, "satu"), ({Role.PRINCIPAL}, "dua")]


def test_arguments_by_name_are_filled_in_each_time(session: Session) -> None:
    @prepared
    def echoed(*, words: str, ids: list[str]) -> Select[str, bool]:
        return select(literal("").concat(words), literal(COLLEAGUE.hex).in_(ids))

    assert session.execute(*echoed(words="satu", ids=[ME.hex, COLLEAGUE.hex])).one() == (
        "satu",
        True,
    )
    assert session.execute(*echoed(words="dua", ids=[ME.hex])).one() == ("dua", False)
    assert session.execute(*echoed(words="tiga", ids=[])).one() == ("tiga", False)
    with pytest.raises(TypeError, match="never None"):
        echoed(words=None, ids=[])  # type: ignore[arg-type]


def test_the_present_is_that_of_the_question_and_not_of_the_building(session: Session) -> None:
    @prepared
    def present() -> Select[datetime, date, datetime]:
        return select(NOW, TODAY, told(lambda: clock.now() - timedelta(days=1)))

    with time_machine.travel(EVENING, tick=False):
        assert session.execute(*present()).one()[1:] == (
            date(2026, 11, 22),
            EVENING - timedelta(days=1),
        )
    with time_machine.travel(EVENING + timedelta(seconds=1), tick=False):
        now, today, before = session.execute(*present()).one()
    assert (now, today) == (EVENING + timedelta(seconds=1), date(2026, 11, 23))
    assert before == now - timedelta(days=1)


@pytest.mark.parametrize(
    "fleeting",
    [
        lambda: Duty.due_at < clock.now(),
        lambda: Duty.opened_at == clock.today(),
        lambda: Duty.person_id == ME,
        lambda: Duty.subject_id.in_([ME, COLLEAGUE]),
    ],
)
def test_nothing_of_one_person_or_moment_is_kept(fleeting: Any) -> None:
    @prepared
    def wrong() -> Select[UUID]:
        return select(Duty.id).where(fleeting())

    with pytest.raises(TypeError, match="give it by name"):
        wrong()


def test_a_kept_statement_cannot_depend_on_one_school() -> None:
    @prepared
    def wrong(actor: Actor) -> Select[UUID]:
        return select(Duty.id).where(literal(actor.may(Permission.VISIT_REQUEST, HERE)))

    with pytest.raises(TypeError, match="one school"):
        wrong(principal(ME, HERE))
