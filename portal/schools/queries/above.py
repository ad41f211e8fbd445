"""What features above know of schools; they register functions here, since nobody imports upwards.

`people` knows who works at a school, `visits` which sessions there were; several know what a merger
of two schools would do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core.access import Role
from portal.schools.models import School


@dataclass(frozen=True)
class Colleague:
    """Somebody with an appointment at a school today, and since when."""

    user_id: UUID
    full_name: str
    role: Role
    since: date


class Effect(StrEnum):
    """What a merger does to records of one kind."""

    SESSIONS_MOVE = "sessions_move"
    SESSIONS_STAY = "sessions_stay"
    WISHES_MOVE = "wishes_move"
    STAFF_MOVE = "staff_move"
    PRINCIPALS_END = "principals_end"
    INVITATIONS_MOVE = "invitations_move"
    MOUS_STAY = "mous_stay"
    CLASSES_STAY = "classes_stay"
    CONTACTS_END = "contacts_end"
    FORMS_MOVE = "forms_move"
    CASES_ASK = "cases_ask"


@dataclass(frozen=True)
class Clash:
    """A session to come that has no room at the other school, and where it can be called off."""

    reference: str
    starts_at: datetime
    link: str


@dataclass(frozen=True)
class Foresight:
    """What a merger would do, as one feature knows it; clashes stand in its way."""

    counts: Mapping[Effect, int]
    clashes: Sequence[Clash] = ()
    # Whose appointment ends, by name.
    leaving: Sequence[str] = ()


Staff = Callable[[Session, Collection[UUID]], Mapping[UUID, Sequence[Colleague]]]
LastSessions = Callable[[Session, Collection[UUID]], Mapping[UUID, datetime]]
Foresee = Callable[[Session, School, School], Foresight]

_staff: list[Staff] = []
_last_sessions: list[LastSessions] = []
_foresee: list[Foresee] = []


def know_staff_with(staff: Staff) -> None:
    """Register what says who has an appointment at schools today."""
    if staff not in _staff:
        _staff.append(staff)


def know_sessions_with(last_sessions: LastSessions) -> None:
    """Register what says when schools last had a session."""
    if last_sessions not in _last_sessions:
        _last_sessions.append(last_sessions)


def foresee_with(foresee: Foresee) -> None:
    """Register what says what a merger of one school into another would do."""
    if foresee not in _foresee:
        _foresee.append(foresee)


def staff_of(session: Session, school_id: UUID) -> list[Colleague]:
    """Return who has an appointment at a school today, by name; once for each role."""
    return [each for ask in _staff for each in ask(session, [school_id]).get(school_id, ())]


def last_sessions(session: Session, school_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Return when each of these schools last had a session, where it had one."""
    found: dict[UUID, datetime] = {}
    for ask in _last_sessions:
        found.update(ask(session, school_ids))
    return found


def foreseen(session: Session, school: School, successor: School) -> Iterable[Foresight]:
    """Yield what a merger would do, feature by feature."""
    return (foresee(session, school, successor) for foresee in _foresee)
