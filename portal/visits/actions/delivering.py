"""Recording what became of a session: it took place, how, or why it did not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.core import clock, duties, settings
from portal.core.access import Actor, Role
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.schools.models import School
from portal.visits.actions import about
from portal.visits.actions.cells import people_of, release
from portal.visits.actions.deciding import read_anew
from portal.visits.events import DeliveryCorrected, VisitDelivered, VisitMissed
from portal.visits.models import Method, Visit, VisitHeads, VisitMaterial
from portal.visits.policy.delivery import is_recent, may_record
from portal.visits.queries import delivery
from portal.visits.queries.delivery import Heads
from portal.visits.states import NotDelivered, VisitState


def together(girls: int, boys: int) -> tuple[Heads, ...]:
    """Return the heads of a session at which all pupils were counted at once."""
    return (Heads("", girls, boys),)


@dataclass(frozen=True)
class Handed:
    """A material that was handed over in so many copies, or (None) shown or sent."""

    material_id: UUID
    copies: int | None = None


@dataclass(frozen=True)
class Delivery:
    """How it went: the method and the heads make a session "delivered".

    `unmet` are the codes of what was asked for and missing.
    """

    method: Method
    heads: tuple[Heads, ...]
    adults: int
    note: str = ""
    materials: tuple[Handed, ...] = ()
    unmet: tuple[str, ...] = ()

    @property
    def girls(self) -> int:
        """Return how many girls were there."""
        return sum(each.girls for each in self.heads)

    @property
    def boys(self) -> int:
        """Return how many boys were there."""
        return sum(each.boys for each in self.heads)


def deliver(session: Session, actor: Actor, visit: Visit, report: Delivery) -> None:
    """Mark a session as delivered, and ask the school whether that is right.

    Raises Rejected("too_early") before it begins and Rejected("nobody_there") without any heads.
    """
    read_anew(session, visit)
    _check_begun(visit)
    _check_heads(report)
    visit.move(actor, "deliver")
    _write(session, visit, report)
    visit.delivered_by = actor.user_id
    visit.delivered_at = clock.now()
    duties.close_duties(session, visit.id)
    _ask_school(session, visit)
    emit(
        session,
        actor,
        VisitDelivered(
            visit.id,
            worker_id=visit.social_worker_id,
            method=report.method,
            heads_girls=report.girls,
            heads_boys=report.boys,
            heads_adults=report.adults,
        ),
    )


def correct(session: Session, actor: Actor, visit: Visit, report: Delivery) -> None:
    """Put the record of a delivered session right.

    Where method or heads are others now, the school is asked anew. Raises
    Rejected("state_changed"), Rejected("not_allowed"), Rejected("correction_over") when the
    office's days are over, and Rejected("nobody_there").
    """
    read_anew(session, visit)
    if visit.state != VisitState.DELIVERED:
        raise Rejected("state_changed")
    if not may_record(actor, visit):
        raise Rejected("not_allowed")
    if not can_be_corrected(session, visit):
        days: int = settings.read(session)["delivery_correction_days"]
        raise Rejected("correction_over", days=days)
    _check_heads(report)
    before = _written(session, visit)
    changed = list(_changed(before, report))
    if not changed:
        return
    _write(session, visit, report)
    if {"method", "heads"} & set(changed):
        _ask_school(session, visit)
    emit(
        session,
        actor,
        DeliveryCorrected(
            visit.id,
            changed=",".join(changed),
            heads_before=before.girls + before.boys + before.adults,
            heads_after=report.girls + report.boys + report.adults,
        ),
    )


def can_be_corrected(session: Session, visit: Visit) -> bool:
    """Say whether a record can still be put right.

    It can for the office's days, and as long as somebody is to look into the school's doubts.
    """
    days: int = settings.read(session)["delivery_correction_days"]
    recent = is_recent(visit, days, clock.now())
    return recent or duties.is_open(session, visit.id, about.CHECK_DELIVERY)


def miss(session: Session, actor: Actor, visit: Visit, why: NotDelivered, note: str) -> None:
    """Write down that a scheduled session did not take place, and let the other side know.

    Raises Rejected("too_early") before it would have begun, and Rejected("reason_for_other") where
    none of the reasons fits and no words say which.
    """
    read_anew(session, visit)
    _check_begun(visit)
    if why == NotDelivered.OTHER and not note:
        raise Rejected("reason_for_other", "words")
    visit.move(actor, "miss")
    visit.not_delivered_why = why
    visit.reason = note
    release(session, visit)
    duties.close_duties(session, visit.id)
    others = {*people_of(session, visit)} - {actor.user_id}
    about.open_news(
        session,
        visit,
        about.MISSED,
        *about.school_side(visit.school_id),
        *(about.Whom(person_id=each) for each in sorted(others, key=str)),
    )
    emit(session, actor, VisitMissed(visit.id, visit.school_id, visit.social_worker_id, why))


def _check_begun(visit: Visit) -> None:
    if clock.now() < visit.starts_at:
        raise Rejected("too_early", starts_at=visit.starts_at)


def _check_heads(report: Delivery) -> None:
    if report.girls + report.boys + report.adults < 1:
        raise Rejected("nobody_there", "heads_adults")


def _written(session: Session, visit: Visit) -> Delivery:
    """Return the record as it stands; it has a method."""
    materials = delivery.handed_over(session, visit.id)
    return Delivery(
        method=Method(visit.method or ""),
        heads=tuple(delivery.heads_of(session, visit)),
        adults=visit.heads_adults or 0,
        note=visit.delivery_note,
        materials=tuple(Handed(each.id, each.copies) for each in materials),
        unmet=tuple(visit.unmet),
    )


def _changed(before: Delivery, after: Delivery) -> Iterator[str]:
    """Yield what is another thing now; which comes first changes nothing."""
    if before.method != after.method:
        yield "method"
    if set(before.heads) != set(after.heads) or before.adults != after.adults:
        yield "heads"
    if set(before.materials) != set(after.materials):
        yield "materials"
    if set(before.unmet) != set(after.unmet):
        yield "unmet"
    if before.note != after.note:
        yield "note"


def _write(session: Session, visit: Visit, report: Delivery) -> None:
    """Write the record; the sums on the visit are those of its rows."""
    visit.method = report.method
    visit.heads_girls, visit.heads_boys = report.girls, report.boys
    visit.heads_adults = report.adults
    visit.delivery_note = report.note
    visit.unmet = list(report.unmet)
    # Other rows with the same sums are another record too, for whoever has the page open.
    flag_modified(visit, "heads_girls")
    _replace(
        session,
        VisitHeads,
        visit.id,
        [asdict(each) for each in report.heads],
    )
    _replace(
        session,
        VisitMaterial,
        visit.id,
        [asdict(each) for each in report.materials],
    )


def _replace(
    session: Session,
    table: type[VisitHeads] | type[VisitMaterial],
    visit_id: UUID,
    rows: list[dict[str, object]],
) -> None:
    session.execute(delete(table).where(table.visit_id == visit_id))
    if rows:
        session.execute(insert(table), [{"visit_id": visit_id, **row} for row in rows])


def _ask_school(session: Session, visit: Visit) -> None:
    """Ask the principal whether the record is right; what the school said before is over."""
    visit.school_confirmed_at = visit.school_confirmed_by = None
    visit.school_note = None
    for kind in (about.CONFIRM_SESSION, about.CHECK_DELIVERY):
        duties.close_duties(session, visit.id, kind)
    school = session.get_one(School, visit.school_id)
    days: int = settings.read(session)["confirm_working_days"]
    day = clock.add_working_days(clock.today(), days)
    about.open_duty(
        session,
        visit,
        school,
        about.CONFIRM_SESSION,
        about.Whom(role=Role.PRINCIPAL, school_id=school.id),
        due_at=clock.at_wib(day, clock.OFFICE_CLOSES),
    )
