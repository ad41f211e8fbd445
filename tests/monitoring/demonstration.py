"""What a demonstration holds of children back at school, whatever the day it was made on."""

from __future__ import annotations

from collections import Counter
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.db import Database
from portal.core.duties import Duty
from portal.demo.monitoring import USUAL
from portal.monitoring.models import (
    Alert,
    FollowUp,
    FormAnswers,
    MonitoringForm,
    PlanReader,
    Reply,
    ReturnPlan,
    Watcher,
)
from portal.monitoring.policy.scoring import Result
from portal.monitoring.states import (
    AlertKind,
    AlertState,
    Band,
    FollowUpState,
    FormState,
    PlanState,
)
from portal.people.models import User
from portal.schools.models import CalendarEntry

FIRST_TEACHER, FIRST_WORKER = "Dedi Kurniawan", "Sari Wulandari"
WAITS = {"alert_conference", "alert_silent", "alert_urgent", "answer_form", "read_plan"}


def shows_children_back_at_school(database: Database) -> None:
    """Check that a demonstration holds what newcomers shall see of children back at school."""
    with database.reader() as session:
        shows_plans(session)
        shows_alerts(session)
        shows_what_waits(session)
        shows_how_a_child_recovers(session)
        # The weeks that made the past look the same every day are gone again.
        assert (
            session.scalars(sa.select(CalendarEntry).where(CalendarEntry.name == USUAL)).all() == []
        )


def shows_plans(session: Session) -> None:
    """Check that there are plans in every state, one of them unread."""
    plans = session.scalars(sa.select(ReturnPlan)).all()
    assert Counter(each.state for each in plans) == {
        PlanState.SHARED: 6,
        PlanState.DRAFT: 1,
        PlanState.ENDED: 1,
    }
    follow_ups = session.scalars(sa.select(FollowUp.state)).all()
    assert Counter(follow_ups) == {
        FollowUpState.ACTIVE: 5,
        FollowUpState.PAUSED: 1,
        FollowUpState.ENDED: 1,
    }
    unread = sa.select(PlanReader.plan_id).where(PlanReader.acknowledged_at.is_(None))
    shared = [each for each in plans if each.state == PlanState.SHARED]
    assert len({each.id for each in shared} & set(session.scalars(unread))) == 1
    assert all(each.shared_at and each.shared_at <= clock.now() for each in shared)


def shows_alerts(session: Session) -> None:
    """Check that there is a red flag somebody took on, a worrying run, and a silent school."""
    alerts = {each.kind: each for each in session.scalars(sa.select(Alert))}
    assert {kind: each.state for kind, each in alerts.items()} == {
        AlertKind.RED_FLAG: AlertState.TAKEN,
        AlertKind.ORANGE_TWICE: AlertState.OPEN,
        AlertKind.SILENT: AlertState.OPEN,
    }
    flagged = alerts[AlertKind.RED_FLAG]
    assert flagged.taken_at
    assert flagged.raised_at <= flagged.taken_at <= clock.now()
    silent = sa.select(MonitoringForm.state).where(
        MonitoringForm.follow_up_id == alerts[AlertKind.SILENT].follow_up_id
    )
    assert Counter(session.scalars(silent))[FormState.MISSED] == 2


def shows_what_waits(session: Session) -> None:
    """Check that the first people a newcomer signs in as find something to do."""
    today = clock.today()
    teacher, worker = (
        session.scalars(sa.select(User.id).where(User.full_name == name)).one()
        for name in (FIRST_TEACHER, FIRST_WORKER)
    )
    asked = sa.select(Watcher.follow_up_id).where(
        Watcher.user_id == teacher, Watcher.ended_at.is_(None)
    )
    open_now = sa.select(MonitoringForm.due_on).where(
        MonitoringForm.follow_up_id.in_(asked),
        MonitoringForm.state == FormState.WAITING,
        MonitoringForm.opens_on <= today,
        MonitoringForm.due_on >= today,
    )
    assert len(session.scalars(open_now).all()) == 1
    unseen = (
        sa.select(MonitoringForm.sent_by)
        .join(Reply, Reply.form_id == MonitoringForm.id)
        .where(Reply.seen_at.is_(None))
    )
    assert session.scalars(unseen).all() == [teacher]
    waiting = session.execute(sa.select(Duty.kind, Duty.person_id).where(Duty.closed_at.is_(None)))
    pairs = {(row.kind, row.person_id) for row in waiting}
    assert {kind for kind, _person in pairs} >= WAITS
    assert ("fill_form", teacher) in pairs
    assert ("answer_form", worker) in pairs


def shows_how_a_child_recovers(session: Session) -> None:
    """Check that six forms tell of a child that finds its calm, each sent when it was due."""
    rows = session.execute(
        sa.select(MonitoringForm, FormAnswers)
        .join(FormAnswers, FormAnswers.form_id == MonitoringForm.id)
        .order_by(MonitoringForm.follow_up_id, MonitoringForm.number)
    ).all()
    told: dict[object, list[Band]] = {}
    for form, answers in rows:
        assert _day(form) <= form.due_on
        told.setdefault(form.follow_up_id, []).append(Result.of_json(answers.result).band)
    calmer = [Band.ORANGE, Band.YELLOW, Band.YELLOW, Band.GREEN, Band.GREEN, Band.GREEN]
    assert calmer in told.values()


def _day(form: MonitoringForm) -> date:
    assert form.sent_at
    assert form.sent_at <= clock.now()
    return form.sent_at.astimezone(clock.WIB).date()
