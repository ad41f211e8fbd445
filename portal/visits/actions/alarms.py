"""Every night: partners that wait too long for a session, and MoUs that end.

What is settled meanwhile (a session, a renewal, the end) is closed at once by `handlers`, and by
the next night at the latest. Run twice, a night changes nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, duties, settings
from portal.core.access import Role
from portal.core.duties import Due, Duty
from portal.core.settings import Office
from portal.schools.models import Mou
from portal.visits.queries import alarms
from portal.visits.queries.alarms import Expiring, Unserved

PARTNER_UNSERVED = "partner_unserved"
MOU_EXPIRING, MOU_EXPIRING_SCHOOL = "mou_expiring", "mou_expiring_school"
KINDS = (PARTNER_UNSERVED, MOU_EXPIRING, MOU_EXPIRING_SCHOOL)


@dataclass(frozen=True)
class Night:
    """How many to-dos a night opened, put anew with other facts, and closed."""

    opened: int
    renewed: int
    closed: int


def look(session: Session) -> Night:
    """Open what partners and memoranda ask for, put anew what has gone on, close what is over."""
    due = list(_due(session))
    waiting = _waiting(session)
    # Whoever was asked next by the ladder has it from the one before.
    held = {
        (each.kind, each.subject_id, each.role): each for each in waiting if not each.raised_from
    }
    opened = renewed = 0
    for each in due:
        duty = held.get((each.kind, each.subject_id, each.role))
        if duty is None:
            duties.open_duty(session, each)
            opened += 1
        else:
            renewed += _renew(duty, each)
    closed = _close_others(session, waiting, due)
    session.flush()
    return Night(opened, renewed, closed)


def settle(session: Session, school_id: UUID) -> None:
    """Close what is over at one school."""
    of_school = set(session.scalars(select(Mou.id).where(Mou.school_id == school_id)))
    waiting = [each for each in _waiting(session) if each.subject_id in of_school]
    if waiting:
        _close_others(session, waiting, list(_due(session)))


def _waiting(session: Session) -> list[Duty]:
    return list(session.scalars(select(Duty).where(Duty.kind.in_(KINDS), Duty.closed_at.is_(None))))


def _close_others(session: Session, waiting: list[Duty], due: list[Due]) -> int:
    """Close what waits about matters that are not due any more; return how much that was."""
    still = {(each.kind, each.subject_id) for each in due}
    over = {(each.kind, each.subject_id) for each in waiting} - still
    for kind, subject_id in over:
        duties.close_duties(session, subject_id, kind)
    return len(over)


def _renew(duty: Duty, due: Due) -> bool:
    """Let a to-do say how it is now, and remind anew; False where nothing has gone on."""
    if duty.facts == due.facts:
        return False
    duty.facts, duty.due_at = due.facts, due.due_at
    duty.reminders, duty.next_look_at = 0, clock.now()
    return True


def _due(session: Session) -> Iterator[Due]:
    office, today = settings.read(session), clock.today()
    for partner in alarms.unserved(session, today, office["unserved_days"]):
        yield from _about_unserved(partner, office)
    for mou in alarms.expiring(session, today, office["mou_notice_days"]):
        yield from _about_expiring(mou)


def _about_unserved(partner: Unserved, office: Office) -> Iterator[Due]:
    """Yield what a partner without a session asks of whom; `days` is the step it has reached."""
    days = partner.days
    steps = ("unserved_days", "unserved_again_days", "unserved_head_days")
    step = max(office[each] for each in steps if office[each] <= days)
    day = clock.add_working_days(clock.today(), office["contact_step_working_days"])
    for_head = days >= office["unserved_head_days"]
    for role in (Role.COORDINATOR, Role.DIVISION_HEAD) if for_head else (Role.COORDINATOR,):
        yield Due(
            kind=PARTNER_UNSERVED,
            subject_id=partner.mou.id,
            role=role,
            link=f"/mitra/{partner.school.public_id}",
            due_at=clock.at_wib(day, clock.OFFICE_CLOSES),
            facts={"school": partner.school.name, "days": step},
        )


def _about_expiring(ending: Expiring) -> Iterator[Due]:
    mou, school = ending.mou, ending.school
    due_at = clock.at_wib(mou.valid_until, clock.OFFICE_CLOSES)
    link = f"/sekolah/{school.public_id}/mou/{mou.public_id}"
    facts = {"school": school.name, "valid_until": mou.valid_until.isoformat()}
    yield Due(MOU_EXPIRING, mou.id, link, due_at, facts, role=Role.COORDINATOR)
    yield Due(
        MOU_EXPIRING_SCHOOL,
        mou.id,
        link,
        due_at,
        facts,
        role=Role.PRINCIPAL,
        school_id=school.id,
        week=school.week,
    )
