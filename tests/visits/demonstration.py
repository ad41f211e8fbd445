"""What a demonstration holds of visits, partners and plans, whatever the day it was made on."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.clock import SchoolYear
from portal.core.db import Database
from portal.core.duties import Duty
from portal.insight.models import PlanItem, SemesterPlan, SuggestionChoice
from portal.insight.states import PlanState
from portal.schools.models import (
    ContactAttempt,
    FormerName,
    Mou,
    MouObligation,
    PartnershipRequest,
    School,
    SchoolClass,
    SchoolContact,
)
from portal.visits.models import (
    Blackout,
    Letter,
    LetterKind,
    Visit,
    VisitChange,
    VisitCost,
    VisitHeads,
    VisitPhoto,
    VisitSeries,
    Wish,
    WorkerTerms,
)
from portal.visits.policy.feedback import seen
from portal.visits.queries import alarms, visits
from portal.visits.queries.feedback import counts_of
from portal.visits.queries.share import share_of
from portal.visits.states import NotDelivered, Origin, VisitState, WishState
from tests.visits.ledger import check_cells

WAITS = {
    *("answer_request", "answer_offer", "answer_change", "answer_wish", "answer_partnership"),
    *("record_delivery", "confirm_room", "contact_school", "approve_mou", "name_homerooms"),
    *("news_entered", "news_missed"),
}


def shows_partners_reached(database: Database) -> None:
    """Check that a demonstration holds what newcomers shall see of visits and partners."""
    with database.reader() as session:
        shows_a_school_that_can_book(session)
        shows_every_way_of_a_session(session)
        shows_what_remains_of_one(session)
        shows_partnerships(session)
        shows_classes(session)
        shows_plan(session)
        waiting = session.scalars(sa.select(Duty.kind).where(Duty.closed_at.is_(None)))
        assert set(waiting) >= WAITS
    check_cells(database)


def shows_a_school_that_can_book(session: Session) -> None:
    """Check that the school most people look around in has something left to ask for."""
    school = session.scalars(sa.select(School).where(School.name == "SMP Tunas Harapan")).one()
    programme = visits.list_programmes(session)[0]
    share = share_of(session, settings.read(session), school.id, programme, clock.now())
    assert not share.reached


def shows_every_way_of_a_session(session: Session) -> None:
    """Check that sessions came about in every way but by a plan, and wait for each side's word."""
    every = session.scalars(sa.select(Visit)).all()
    assert {each.origin for each in every} == set(Origin) - {Origin.PLAN}
    assert {each.state for each in every} == set(VisitState) - {
        VisitState.CANCELLED,
        VisitState.WITHDRAWN,
        VisitState.LAPSED,
    }
    offered = Counter(each.origin for each in every if each.state == VisitState.OFFERED)
    assert offered == {Origin.INVITATION: 1, Origin.WISH: 1}
    assert [each.not_delivered_why for each in every if each.state == VisitState.NOT_DELIVERED] == [
        NotDelivered.WEATHER
    ]
    assert sorted(session.scalars(sa.select(VisitChange.by_office))) == [False, True]
    states = Counter(session.scalars(sa.select(Wish.state)))
    assert states == {WishState.WAITING: 2, WishState.OFFERED: 1}
    (series,) = session.scalars(sa.select(VisitSeries.id))
    repeated = [each for each in every if each.series_id == series]
    assert len(repeated) >= 2
    assert all(len(each.crew) == 1 for each in repeated)
    assert session.scalars(sa.select(Blackout.first_on)).one() > clock.today()
    terms = session.scalars(sa.select(WorkerTerms)).one()
    assert terms.visit_minutes < terms.weekly_minutes


def shows_what_remains_of_one(session: Session) -> None:
    """Check that one session left all there is to leave, and its figures can be seen."""
    confirmed = Visit.school_confirmed_at.is_not(None)
    visit = session.scalars(sa.select(Visit).where(confirmed)).one()
    assert visit.delivered_at
    assert visit.school_confirmed_at
    assert visit.ends_at < visit.delivered_at < visit.school_confirmed_at
    assert clock.day_of(visit.school_confirmed_at) < clock.today()
    heads = session.scalars(sa.select(VisitHeads).where(VisitHeads.visit_id == visit.id)).all()
    assert {each.class_name for each in heads} == set(visit.classes)
    assert sum(each.girls for each in heads) == visit.heads_girls
    assert visit.unmet == ["projector"]
    lines = seen(visit, counts_of(session, visit.id), 10, clock.now())
    assert lines
    assert all(line.shares for line in lines)
    for table in (VisitCost, VisitPhoto):
        assert session.scalars(sa.select(table).where(table.visit_id == visit.id)).first()
    made = session.scalars(sa.select(Letter.kind).where(Letter.visit_id == visit.id))
    assert set(made) == {LetterKind.REPLY, LetterKind.DUTY, LetterKind.MINUTES}


def shows_partnerships(session: Session) -> None:
    """Check that MoUs begin, are kept, end and go on, and that silence was written down."""
    today = clock.today()
    ending = [each.mou for each in alarms.expiring(session, today, 60)]
    assert len([each for each in ending if each.valid_until > today]) == 1
    renewed = session.scalars(sa.select(Mou).where(Mou.renews_id.is_not(None))).one()
    assert renewed.approved_at is None
    assert session.scalars(sa.select(Mou).where(Mou.approved_at.is_not(None))).one().file_id
    kept = Counter(each is None for each in session.scalars(sa.select(MouObligation.met_on)))
    assert kept[False] == 1
    assert kept[True] >= 2
    waiting = {each.school.id: each.days for each in alarms.unserved(session, today, 60)}
    tries = session.scalars(sa.select(ContactAttempt)).all()
    assert len(tries) == 3
    assert {each.school_id for each in tries} <= set(waiting)
    states = Counter(session.scalars(sa.select(PartnershipRequest.state)))
    assert states == {"new": 1, "contacted": 1}
    assert len(session.scalars(sa.select(SchoolContact)).all()) >= 4
    assert len(session.scalars(sa.select(FormerName)).all()) == 2
    assert session.scalars(sa.select(School).where(School.merged_into_id.is_not(None))).one()


def shows_classes(session: Session) -> None:
    """Check that one school has named its homeroom teachers, and one is asked anew."""
    year = SchoolYear.of(clock.today()).start_year
    rows = session.scalars(sa.select(SchoolClass).where(SchoolClass.start_year == year)).all()
    named = {each.school_id: bool(each.homeroom_name) for each in rows}
    assert sorted(named.values()) == [False, True]
    assert any(each.follows_id for each in rows)


def shows_plan(session: Session) -> None:
    """Check that a plan waits to be looked at, with a session locked, and a school is put off."""
    plan = session.scalars(sa.select(SemesterPlan)).one()
    assert (plan.state, plan.solver) == (PlanState.READY, "greedy")
    items = session.scalars(sa.select(PlanItem)).all()
    assert len(items) > 20
    assert [each.locked for each in items].count(True) == 1
    assert session.scalars(sa.select(SuggestionChoice)).one().until > clock.today()
