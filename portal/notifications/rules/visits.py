"""Sessions and memoranda: who hears of what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.access import Actor, Role
from portal.core.events import on
from portal.notifications.actions.writing import Telling, fold, withdraw
from portal.notifications.models import Message
from portal.notifications.rules.telling import subject_of, tell_others
from portal.people.queries.appointments import holders
from portal.schools.events import MouRecorded
from portal.schools.models import School
from portal.visits.actions.cells import crew_of, people_of
from portal.visits.actions.deciding import UNDO_GRACE
from portal.visits.events import (
    ApprovalUndone,
    ChangeAccepted,
    ChangeAsked,
    ChangeDeclined,
    ChangeDropped,
    DeliveryDoubted,
    OfferAccepted,
    OfferTakenBack,
    OfferTurnedDown,
    SeriesEnded,
    VisitAdjusted,
    VisitApproved,
    VisitCancelled,
    VisitDeclined,
    VisitHandedOver,
    VisitLapsed,
    VisitMissed,
    VisitOffered,
    VisitReassigned,
)
from portal.visits.models import Visit, VisitSeries
from portal.visits.states import Origin, VisitState

CALLED_OFF = ("visit_cancelled", "visit_declined", "visit_offer_over")
PLANS = ("visit_approved", "visit_assigned", "visit_reassigned")
# Elsewhere staff of the office wrote it down.
ASKED_BY_SCHOOL = frozenset({Origin.SCHOOL, Origin.WISH})


def _tell_about(
    session: Session,
    actor: Actor | None,
    people: Iterable[UUID],
    visit: Visit,
    kind: str,
    *,
    not_before: datetime | None = None,
) -> None:
    facts = {
        "school": session.get_one(School, visit.school_id).name,
        "starts_at": visit.starts_at.isoformat(),
        "ends_at": visit.ends_at.isoformat(),
    }
    what = Telling(kind, visit.id, f"/sesi/{visit.public_id}", facts, not_before=not_before)
    tell_others(session, actor, people, what)


def _school_side(session: Session, visit: Visit) -> list[UUID]:
    """Return whoever of the school asked for a session, and its principal."""
    asked = [visit.requested_by] if visit.origin in ASKED_BY_SCHOOL else []
    return [*asked, *holders(session, Role.PRINCIPAL, visit.school_id)]


def _visit(session: Session, happened: Any) -> Visit:
    return session.get_one(Visit, happened.subject_id)


@on(VisitApproved)
def tell_of_approval(session: Session, actor: Actor | None, happened: VisitApproved) -> None:
    """Tell school and worker of a session, once the approval cannot be undone any more."""
    visit = _visit(session, happened)
    undo = timedelta(seconds=settings.read(session)["undo_seconds"]) + UNDO_GRACE
    settled = clock.now() + undo
    school, going = _school_side(session, visit), people_of(session, visit)
    _tell_about(session, actor, school, visit, "visit_approved", not_before=settled)
    _tell_about(session, actor, going, visit, "visit_assigned", not_before=settled)


@on(ApprovalUndone)
def take_approval_back(session: Session, _actor: Actor | None, happened: ApprovalUndone) -> None:
    """Tell nobody of an approval that was undone."""
    withdraw(session, subject_of(happened), *PLANS)


@on(VisitDeclined)
def tell_of_refusal(session: Session, actor: Actor | None, happened: VisitDeclined) -> None:
    """Tell the school that a session is not possible."""
    visit = _visit(session, happened)
    _tell_about(session, actor, _school_side(session, visit), visit, "visit_declined")


@on(VisitCancelled)
def tell_of_cancelling(session: Session, actor: Actor | None, happened: VisitCancelled) -> None:
    """Tell the worker, and the school unless it cancelled itself."""
    visit = _visit(session, happened)
    withdraw(session, visit.id, *PLANS)
    school = [] if happened.by_school else _school_side(session, visit)
    people = [*school, happened.worker_id, *crew_of(session, visit.id)]
    _tell_about(session, actor, people, visit, "visit_cancelled")


@on(VisitReassigned)
def tell_of_reassigning(session: Session, actor: Actor | None, happened: VisitReassigned) -> None:
    """Tell who goes from now on and who no longer does; of another leader, the school too."""
    visit = _visit(session, happened)
    going, went = set(people_of(session, visit)), set(happened.went)
    leads_anew = {happened.to_worker_id} - {happened.from_worker_id}
    joined, left = (going - went) | leads_anew, went - going
    withdraw(session, visit.id, "visit_assigned", people=joined | left)
    _tell_about(session, actor, joined, visit, "visit_assigned")
    _tell_about(session, actor, left, visit, "visit_unassigned")
    if leads_anew:
        withdraw(session, visit.id, "visit_reassigned")
        _tell_about(session, actor, _school_side(session, visit), visit, "visit_reassigned")


@on(VisitHandedOver)
def tell_of_hand_over(session: Session, actor: Actor | None, happened: VisitHandedOver) -> None:
    """Tell the worker who takes over a colleague's session."""
    visit = _visit(session, happened)
    withdraw(session, visit.id, "visit_assigned")
    if happened.worker_id is not None:
        _tell_about(session, actor, [happened.worker_id], visit, "visit_assigned")


@on(VisitOffered)
def tell_of_offer(session: Session, actor: Actor | None, happened: VisitOffered) -> None:
    """Tell the school that a time is offered."""
    visit = _visit(session, happened)
    _tell_about(session, actor, _school_side(session, visit), visit, "visit_offered")


@on(OfferAccepted)
def tell_of_acceptance(session: Session, actor: Actor | None, happened: OfferAccepted) -> None:
    """Tell whoever goes that the school took the offer."""
    visit = _visit(session, happened)
    withdraw(session, visit.id, "visit_offered")
    _tell_about(session, actor, people_of(session, visit), visit, "visit_assigned")


@on(OfferTurnedDown)
def tell_of_no(session: Session, actor: Actor | None, happened: OfferTurnedDown) -> None:
    """Tell whoever made the offer that the school let it go."""
    visit = _visit(session, happened)
    withdraw(session, visit.id, "visit_offered")
    offered = [visit.offered_by] if visit.offered_by else []
    _tell_about(session, actor, offered, visit, "visit_offer_over")


@on(OfferTakenBack)
def tell_of_taking_back(session: Session, actor: Actor | None, happened: OfferTakenBack) -> None:
    """Tell the school that an offer does not stand any more."""
    visit = _visit(session, happened)
    withdraw(session, visit.id, "visit_offered")
    _tell_about(session, actor, _school_side(session, visit), visit, "visit_offer_over")


@on(SeriesEnded)
def tell_of_series(session: Session, _actor: Actor | None, happened: SeriesEnded) -> None:
    """Tell of all sessions of a series that were called off together in one message each."""
    series = session.get_one(VisitSeries, subject_of(happened))
    sessions = session.scalars(select(Visit.id).where(Visit.series_id == series.id)).all()

    def together(messages: list[Message]) -> Telling:
        told = sorted((each.facts for each in messages), key=itemgetter("starts_at"))
        facts = {**told[0], "ends_at": told[-1]["ends_at"], "count": len(told)}
        link = f"/sesi/rangkaian/{series.public_id}"
        return Telling("series_called_off", series.id, link, facts)

    fold(session, sessions, CALLED_OFF, together)


@on(VisitLapsed)
def tell_of_lapse(session: Session, actor: Actor | None, happened: VisitLapsed) -> None:
    """Tell both sides that nobody answered in time."""
    visit = _visit(session, happened)
    withdraw(session, visit.id, "visit_offered")
    people = [*_school_side(session, visit), *holders(session, Role.COORDINATOR)]
    if happened.before == VisitState.OFFERED:
        _tell_about(session, actor, people, visit, "visit_offer_over")
    else:
        _tell_about(session, actor, people, visit, "visit_lapsed")


@on(ChangeAsked)
def tell_of_wanted_change(session: Session, actor: Actor | None, happened: ChangeAsked) -> None:
    """Tell the other side that a change waits for its answer."""
    visit = _visit(session, happened)
    coordinators = holders(session, Role.COORDINATOR)
    _tell_about(
        session,
        actor,
        _school_side(session, visit) if happened.by_office else coordinators,
        visit,
        "change_asked",
    )


@on(ChangeAccepted)
def tell_of_move(session: Session, actor: Actor | None, happened: ChangeAccepted) -> None:
    """Tell both sides that a session has moved."""
    visit = _visit(session, happened)
    withdraw(session, visit.id, "change_asked", *PLANS)
    going, before = people_of(session, visit), happened.from_worker_id
    _tell_about(session, actor, [*_school_side(session, visit), *going], visit, "visit_changed")
    if before not in going:
        _tell_about(session, actor, [before], visit, "visit_unassigned")


@on(ChangeDeclined)
def tell_of_staying(session: Session, actor: Actor | None, happened: ChangeDeclined) -> None:
    """Tell the side that asked for a change that the session stays as it is."""
    visit = _visit(session, happened)
    withdraw(session, visit.id, "change_asked")
    coordinators = holders(session, Role.COORDINATOR)
    _tell_about(
        session,
        actor,
        coordinators if happened.by_office else _school_side(session, visit),
        visit,
        "change_answered",
    )


@on(ChangeDropped)
def forget_wanted_change(session: Session, _actor: Actor | None, happened: ChangeDropped) -> None:
    """Tell nobody of a change that waits no longer."""
    withdraw(session, subject_of(happened), "change_asked")


@on(VisitAdjusted)
def tell_of_details(session: Session, actor: Actor | None, happened: VisitAdjusted) -> None:
    """Tell whoever goes that class, heads or room are others."""
    visit = _visit(session, happened)
    _tell_about(session, actor, people_of(session, visit), visit, "visit_changed")


@on(VisitMissed)
def tell_of_missing(session: Session, actor: Actor | None, happened: VisitMissed) -> None:
    """Tell both sides that a session did not take place."""
    visit = _visit(session, happened)
    _tell_about(
        session,
        actor,
        [*_school_side(session, visit), *people_of(session, visit)],
        visit,
        "visit_missed",
    )


@on(DeliveryDoubted)
def tell_of_doubt(session: Session, actor: Actor | None, happened: DeliveryDoubted) -> None:
    """Tell whoever led a session that the school remembers it otherwise."""
    visit = _visit(session, happened)
    _tell_about(session, actor, [visit.social_worker_id], visit, "delivery_doubted")


@on(MouRecorded)
def tell_of_mou(session: Session, actor: Actor | None, happened: MouRecorded) -> None:
    """Tell the principal that the school is a partner."""
    school = session.get_one(School, happened.school_id)
    facts = {"school": school.name, "valid_until": happened.valid_until.isoformat()}
    what = Telling("mou_recorded", subject_of(happened), f"/sekolah/{school.public_id}", facts)
    tell_others(session, actor, holders(session, Role.PRINCIPAL, school.id), what)
