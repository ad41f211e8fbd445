"""One of everything that addresses of sessions name, for the town."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, files, settings
from portal.core.access import Role
from portal.core.clock import SchoolYear
from portal.core.codes import new_code
from portal.core.db import new_id
from portal.core.files import PDF, PNG, Store
from portal.people.models import User
from portal.schools.models import School
from portal.visits.actions import feedback, feeds, letters
from portal.visits.actions.booking import REFERENCE_LENGTH
from portal.visits.actions.letters import Order
from portal.visits.exports import letters as exports
from portal.visits.exports.letter_tables import Said
from portal.visits.models import (
    Blackout,
    CalendarFeed,
    CostKind,
    Letter,
    LetterKind,
    PhotoConsent,
    Programme,
    Visit,
    VisitChange,
    VisitCost,
    VisitPhoto,
    VisitSeries,
    Wish,
)
from portal.visits.queries import letters as wordings
from portal.visits.queries.visits import get_visit
from portal.visits.states import ChangeState, VisitState, WishState
from tests.builders import Builder
from tests.materials.keeping import picture
from tests.papers import pdf_bytes

# Views that ask for a session in a state of its own; all others take the one that waits.
WANTS: dict[VisitState | str, frozenset[str]] = {
    "begun": frozenset({"deliver_form", "deliver", "miss"}),
    VisitState.SCHEDULED: frozenset({"change_form", "change", "proposal_form", "propose"}),
    "asked": frozenset({"approve_change", "decline_change", "withdraw_change"}),
    "proposed": frozenset({"agree_to_change", "keep_time", "withdraw_proposal"}),
    VisitState.OFFERED: frozenset({"accept", "turn_down", "take_back"}),
    VisitState.CANCELLED: frozenset({"restore"}),
    VisitState.DELIVERED: frozenset(
        {
            *("correct_form", "correct", "confirm", "doubt", "settle", "letters", "make_letter"),
            *("letter", "signed_letter", "return_letter", "photos", "photo", "add_photo"),
            *("remove_photo", "costs", "add_cost", "remove_cost", "feedback_desk"),
            *("open_feedback", "close_feedback", "feedback_screen", "feedback_code"),
            *("feedback_paper",),
        }
    ),
}


@dataclass(frozen=True)
class Bookings:
    """The arguments of addresses: those most views share, and sessions for some."""

    usual: dict[str, str]
    visits: dict[VisitState | str, str]

    def arguments(self, endpoint: str) -> dict[str, str]:
        """Return what fills the parameters of an address."""
        name = endpoint.partition(".")[2]
        wanted = next((state for state, names in WANTS.items() if name in names), None)
        return {**self.usual, "visit_id": self.visits[wanted]} if wanted else self.usual


def add_bookings(
    build: Builder, store: Store, school: School, by_role: dict[Role, User], asker: User
) -> Bookings:
    """Add sessions in every state, asked for by a principal, and what hangs on them."""
    session, worker = build.session, by_role[Role.SOCIAL_WORKER]
    visits = {
        "begun": _visit(session, school, worker, asker, VisitState.SCHEDULED, days=-3),
        **{
            state: _visit(session, school, worker, asker, state, days=days)
            for state, days in (
                (VisitState.SCHEDULED, 50),
                (VisitState.OFFERED, 51),
                (VisitState.CANCELLED, 52),
                (VisitState.DELIVERED, -5),
            )
        },
        "asked": _visit(session, school, worker, asker, VisitState.SCHEDULED, days=53),
        "proposed": _visit(session, school, worker, asker, VisitState.SCHEDULED, days=54),
    }
    session.flush()
    for name in ("asked", "proposed"):
        session.add(_change(visits[name], asker, by_office=name == "proposed"))
    held = visits[VisitState.DELIVERED]
    photo, cost, letter = _remains(build, store, held, by_role)
    feedback.ask(session, build.actor(worker), held)
    series, wish, blackout = _around(session, school, by_role, asker)
    visits[VisitState.SCHEDULED].series_id = series.id
    token = feeds.make_feed(session, build.actor(asker), school.id)
    session.flush()
    feed = session.scalars(select(CalendarFeed).filter_by(school_id=school.id)).one()
    usual = {
        "photo_id": photo.public_id,
        "cost_id": cost.public_id,
        "letter_id": letter.public_id,
        "series_id": series.public_id,
        "wish_id": wish.public_id,
        "blackout_id": blackout.public_id,
        "programme_id": _programme(session).public_id,
        "feed_id": feed.public_id,
        "token": token,
        "code": held.feedback_link or "",
        "kind": "reply",
        "tongue": "id",
    }
    return Bookings(usual, {name: visit.public_id for name, visit in visits.items()})


def _programme(session: Session) -> Programme:
    return session.scalars(select(Programme).order_by(Programme.position).limit(1)).one()


def _visit(
    session: Session, school: School, worker: User, asker: User, state: VisitState, *, days: int
) -> Visit:
    programme = _programme(session)
    starts_at = clock.now() + timedelta(days=days)
    visit = Visit(
        id=new_id(),
        reference=new_code(REFERENCE_LENGTH),
        programme_id=programme.id,
        school_id=school.id,
        social_worker_id=worker.id,
        state=state,
        own_topic="Berteman",
        grades=[school.grades[0]],
        expected_heads=40,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=programme.minutes),
        requested_by=asker.id,
        requested_at=clock.now() - timedelta(days=20),
        answer_by=clock.now() + timedelta(days=2),
        decided_by=worker.id,
        decided_at=clock.now() - timedelta(days=19),
    )
    if state is VisitState.DELIVERED:
        visit.method, visit.delivered_by = "mixed", worker.id
        visit.delivered_at = visit.ends_at
        visit.heads_girls, visit.heads_boys, visit.heads_adults = 20, 20, 2
    session.add(visit)
    return visit


def _change(visit: Visit, asker: User, *, by_office: bool) -> VisitChange:
    return VisitChange(
        id=new_id(),
        visit_id=visit.id,
        state=ChangeState.ASKED,
        by_office=by_office,
        starts_at=visit.starts_at + timedelta(days=7),
        ends_at=visit.ends_at + timedelta(days=7),
        social_worker_id=visit.social_worker_id,
        grades=visit.grades,
        expected_heads=visit.expected_heads,
        room=visit.room,
        reason="Aula dipakai",
        asked_by=asker.id,
        asked_at=clock.now(),
        answer_by=clock.now() + timedelta(days=2),
    )


def _remains(
    build: Builder, store: Store, visit: Visit, by_role: dict[Role, User]
) -> tuple[VisitPhoto, VisitCost, Letter]:
    """Add a photograph, a cost and a signed letter."""
    session, worker = build.session, by_role[Role.SOCIAL_WORKER]
    image = files.keep(session, store, "foto.png", picture().getvalue(), frozenset({PNG}))
    scan = files.keep(session, store, "surat.pdf", pdf_bytes(), frozenset({PDF}))
    noted = {"visit_id": visit.id, "recorded_by": worker.id, "recorded_at": clock.now()}
    photo = VisitPhoto(id=new_id(), file_id=image.id, consent=PhotoConsent.NO_FACES, **noted)
    cost = VisitCost(id=new_id(), kind=CostKind.TRANSPORT, amount=50_000, **noted)
    session.add_all([photo, cost])
    letter = _letter(build, visit, by_role[Role.COORDINATOR])
    letter.signed_file_id, letter.signed_by = scan.id, worker.id
    letter.signed_at = clock.now()
    return photo, cost, letter


def _letter(build: Builder, visit: Visit, coordinator: User) -> Letter:
    session, actor = build.session, build.actor(coordinator)
    found = get_visit(session, actor, visit.public_id)
    assert found is not None
    order = Order(LetterKind.MINUTES, "id")
    wording = wordings.wording(session, order.kind, order.language)
    assert wording is not None
    printed = exports.printed(
        order.kind,
        wordings.matter_of(session, found),
        wording,
        settings.read(session),
        Said(),
        clock.today(),
    )
    return letters.make_out(session, actor, visit, found.school, order, wording.code, printed)


def _around(
    session: Session, school: School, by_role: dict[Role, User], asker: User
) -> tuple[VisitSeries, Wish, Blackout]:
    programme = _programme(session)
    far = SchoolYear(clock.today().year + 3).first_day
    series = VisitSeries(
        id=new_id(),
        school_id=school.id,
        programme_id=programme.id,
        every_weeks=2,
        wanted=2,
        made_by=asker.id,
        made_at=clock.now(),
    )
    wish = Wish(
        id=new_id(),
        school_id=school.id,
        programme_id=programme.id,
        own_topic="Berteman",
        grades=[school.grades[0]],
        expected_heads=40,
        earliest_on=clock.today(),
        latest_on=clock.today() + timedelta(days=60),
        state=WishState.WAITING,
        asked_by=asker.id,
        asked_at=clock.now(),
    )
    blackout = Blackout(
        id=new_id(),
        first_on=far,
        last_on=far,
        name="Rapat kerja",
        recorded_by=by_role[Role.COORDINATOR].id,
        recorded_at=clock.now(),
    )
    session.add_all([series, wish, blackout])
    return series, wish, blackout
