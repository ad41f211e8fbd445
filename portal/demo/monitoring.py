"""Invented children back at their schools: what the schools read, sent, and were answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.cases.actions import tasks
from portal.cases.queries.tasks import CALL_SCHOOL
from portal.cases.states import ConsentAbout
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import new_id
from portal.demo.past import date_back
from portal.demo.returns import Sheet, Told
from portal.demo.walks import Walk
from portal.monitoring.actions import (
    answering,
    form_waiting,
    overdue,
    plan_drafts,
    plans,
    replies,
    scheduling,
    sending,
    sentinels,
    settling,
)
from portal.monitoring.actions.plan_drafts import Written
from portal.monitoring.models import Alert, FollowUp, MonitoringForm, ReturnPlan
from portal.monitoring.policy.schedule import school_day_from
from portal.monitoring.queries import due, following, later
from portal.notifications.actions import reading
from portal.notifications.models import Message
from portal.people.models import User
from portal.people.queries.appointments import actor_for
from portal.schools.models import CalendarEntry, CalendarKind, School
from portal.schools.queries.calendar import school_days

PRINCIPALS = {"SMP Tunas Harapan": "Ratna Dewi", "SD Rimba Hijau": "Mulyono"}
USUAL = "Pekan belajar (contoh)"
# Nothing that is done here looks further back or ahead.
WEEKS = range(-6, 12)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
FRIDAY = timedelta(days=4)
# The first day back lies in the middle of a week, so that one form is enough for that week.
WEDNESDAY = timedelta(days=9)
MORNING, SENT, ANSWERED = time(9, 10), time(13, 20), time(15, 40)


@contextmanager
def usual_weeks(session: Session, schools: dict[str, School]) -> Iterator[None]:
    """Let the schools teach from Monday to Friday while invented weeks pass.

    Else what happened so far would look different with every holiday near the day on which a
    demonstration is made. What is to come follows the real calendar again afterwards.
    """
    monday = clock.monday_of(clock.today())
    session.add_all(
        CalendarEntry(
            id=new_id(),
            school_id=schools[name].id,
            kind=CalendarKind.OPEN,
            name=USUAL,
            first_on=monday + number * WEEK,
            last_on=monday + number * WEEK + FRIDAY,
            recorded_at=clock.now(),
        )
        for name in PRINCIPALS
        for number in WEEKS
    )
    session.flush()
    yield
    session.flush()
    session.execute(delete(CalendarEntry).where(CalendarEntry.name == USUAL))
    for name in PRINCIPALS:
        scheduling.follow_calendar(session, schools[name].id)


@dataclass
class AtSchool:
    """A child back at school: its case, and who looks after it there."""

    walk: Walk
    users: dict[str, User]
    teacher_name: str
    told: Told
    # Made by `draft`.
    plan: ReturnPlan = field(init=False)

    @property
    def session(self) -> Session:
        """Return the session of the case."""
        return self.walk.session

    @property
    def teacher(self) -> Actor:
        """Return who fills in the forms."""
        return actor_for(self.session, self.users[self.teacher_name])

    @property
    def follow_up(self) -> FollowUp:
        """Return the follow-up of the child, also one that is over."""
        return following.of_case(self.session, self.walk.case.id)[0]

    def draft(self) -> AtSchool:
        """Write a plan for the school, which the family agrees to."""
        self.walk.agree(ConsentAbout.SHARING_WITH_SCHOOL)
        story, told = self.walk.story, self.told
        returns_on = clock.monday_of(clock.today()) + WEDNESDAY
        written = Written(
            child_name=story.name,
            returns_on=returns_on,
            class_name=story.class_name,
            review_on=returns_on + 8 * WEEK,
            safety_steps=told.safety_steps,
            helps=told.helps,
            avoids=told.avoids,
            agreed=told.agreed,
            contacts=f"{self.walk.manager.name}, lewat telepon kantor pada jam kerja.",
        )
        session, manager, case = self.session, self.walk.manager, self.walk.case
        reader = self.users[self.teacher_name].id
        self.plan = plan_drafts.draft(session, manager, case, written, [reader])
        return self

    def share(self, days_ago: int = 1) -> AtSchool:
        """Let the school read the plan since a working day some days ago."""
        began = clock.now()
        self.draft()
        session, manager, case = self.session, self.walk.manager, self.walk.case
        plans.share(session, manager, case, self.plan, self.users[self.teacher_name].id)
        self._happened(began, _working_day(clock.today() - days_ago * DAY), MORNING)
        return self

    def read(self, words: str = "") -> AtSchool:
        """Let teacher and principal say soon that they read the plan; the office reads it."""
        principal = self.users[PRINCIPALS[self.walk.story.school]]
        began = clock.now()
        plans.acknowledge(self.session, self.teacher, self.plan, words)
        plans.acknowledge(self.session, actor_for(self.session, principal), self.plan, "")
        if words:
            plans.note_words_read(self.session, self.walk.manager, self.walk.case)
        self._happened(began, _working_day(clock.today() - DAY), SENT)
        return self

    def send(self, sheet: Sheet) -> MonitoringForm:
        """Let the teacher send the form that comes next on the day it is due."""
        form = self._let_come_due()
        began = clock.now()
        sending.send_form(self.session, self.teacher, form, sheet.filled, sheet.note)
        self._happened(began, form.due_on, SENT)
        return form

    def answer(self, form: MonitoringForm, code: str) -> None:
        """Answer a form the same day with a ready text, and call where it says so."""
        session, manager, began = self.session, self.walk.manager, clock.now()
        answering.reply_ready(session, manager, form, code)
        tasks.end_automatic(session, manager, self.walk.case, CALL_SCHOOL)
        self._happened(began, form.due_on, ANSWERED)

    def go_through(self, *sheets: Sheet) -> AtSchool:
        """Let form after form be sent, answered where a story says so, and the answer be seen."""
        for sheet in sheets:
            form = self.send(sheet)
            if sheet.answer:
                self.answer(form, sheet.answer)
                self._see_answer(form)
        return self

    def _see_answer(self, form: MonitoringForm) -> None:
        replies.see_replies(self.session, self.teacher, form.follow_up_id)
        for told in self.session.scalars(select(Message).where(Message.subject_id == form.id)):
            reading.open_message(self.session, self.teacher, told)

    def wait(self) -> AtSchool:
        """Let time pass until the form that comes next is due within a week."""
        form = self._waiting()
        self.walk.pass_weeks((form.due_on - clock.today()) // WEEK)
        return self

    def miss(self) -> None:
        """Let the form that comes next not be sent before the one after it opens."""
        self._let_come_due()
        self.walk.pass_weeks(1)
        overdue.look_after(self.session, self.follow_up.id)
        self.session.flush()

    def take_alert(self) -> None:
        """Let the case manager take on what the last form asks for, within the hour."""
        found = select(Alert).where(Alert.follow_up_id == self.follow_up.id)
        alert = self.session.scalars(found.order_by(Alert.raised_at.desc())).first()
        if alert is None:
            raise LookupError("nothing was raised")
        raised_at, began = alert.raised_at, clock.now()
        settling.take(self.session, self.walk.manager, alert)
        self.session.flush()
        date_back(self.session, self.walk.case, began, raised_at + timedelta(minutes=35))
        # Whom it rang for beside them is over by now.
        settling.look_again(self.session, self.walk.case)

    def pause(self, reason: str) -> None:
        """Let no form come due for now."""
        scheduling.pause(self.session, self.walk.manager, self.follow_up, reason=reason)

    def ask_now(self) -> None:
        """Let the form that comes next be open, and due on the next school day."""
        follow_up, form = self.follow_up, self._waiting()
        school = self.session.get_one(School, follow_up.school_id)
        day = school_day_from(school_days(self.session, school), clock.today())
        form.opens_on, form.due_on, form.closes_on = clock.today(), day, day + 2 * WEEK
        form_waiting.move_form(self.session, follow_up, form)

    def _waiting(self) -> MonitoringForm:
        form = due.waiting_of(due.forms_of(self.session, self.follow_up.id))
        if form is None:
            raise LookupError("no form is to come")
        return form

    def _let_come_due(self) -> MonitoringForm:
        form = self._waiting()
        self.walk.pass_weeks(max(0, -((clock.today() - form.due_on) // WEEK)))
        return form

    def _happened(self, began: datetime, day: date, hour: time) -> None:
        date_back(self.session, self.walk.case, began, clock.at_wib(day, hour))


def _working_day(day: date) -> date:
    """Return a day, or the last working day before it."""
    while not clock.is_working_day(day):
        day -= DAY
    return day


def ask_later(session: Session) -> None:
    """Ask the schools of children whose cases were closed some months ago, where it is time."""
    session.flush()
    for sentinel_id in later.near(session):
        sentinels.ask_school(session, sentinel_id)
