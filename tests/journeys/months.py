"""Some months of a child back at school as they pass, for tests: days, phones, answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select
from time_machine import Traveller

from portal.core import clock, i18n, schedule
from portal.core.db import transaction
from portal.core.duties import Duty
from portal.core.schedule import Workshop
from portal.monitoring.models import Alert, FollowUp, FormAnswers, MonitoringForm
from portal.monitoring.states import UNSENT, FormState
from portal.people.models import User
from tests.cases.casework import NAME
from tests.client import PageClient
from tests.monitoring.planning import Planning
from tests.monitoring.teaching import filled, path_of

# What the worker does for monitoring on a day, in this order.
JOBS = ("monitoring_later", "monitoring_forms", "monitoring_alarms", "reminders")
EARLY, NOON = time(6, 30), time(12, 30)
ANSWER = re.compile(r'action="(/pemantauan/[\w-]{22}/jawab)"')
READY = re.compile(r'name="code" value="(\w+)">([^<]+)<')


@dataclass
class Months:
    """A child back at school, and everybody who has to do with it, on simulated days."""

    app: Flask
    plan: Planning
    now: Traveller
    language: str = "id"
    # What the office answered, by form.
    told: dict[UUID, str] = field(default_factory=dict)

    def says(self, words: str, **values: str) -> str:
        """Return what a page calls something in the language of this test."""
        with i18n.in_language(self.language):
            said = i18n.gettext(words, **values)
        assert self.language == "en" or said != (words % values if values else words), words
        return said

    def speak(self) -> None:
        """Let everybody read the portal in the language of this test."""
        with transaction(self.plan.work.build.session) as session:
            for user in session.scalars(select(User)):
                user.language = self.language

    def person(self, name: str) -> User:
        """Return one of the school's, or of the office's, people."""
        found = getattr(self.plan, name, None) or getattr(self.plan.work, name)
        assert isinstance(found, User)
        return found

    def visit(self, name: str) -> PageClient:
        """Return a phone without scripts on which somebody is signed in."""
        return PageClient(self.app).sign_in(self.person(name))

    def at(self, day: date, hour: time = NOON) -> None:
        """Move the clock, and let the portal do its part."""
        self.now.move_to(clock.at_wib(day, hour))
        shop = Workshop(self.app.extensions["database"], self.app.config["PORTAL"])
        for name in JOBS:
            outcome = schedule.jobs[name].run(shop)
            assert not outcome.get("failed"), (name, day)

    def days(self, until: date) -> Iterator[date]:
        """Let one working day after the other begin, up to a day."""
        day = clock.today()
        while day < until:
            day += timedelta(days=1)
            if day.weekday() <= clock.SATURDAY:
                self.at(day, EARLY)
                yield day

    def follow_up(self) -> FollowUp:
        """Return the child's follow-up."""
        (found,) = self.plan.work.rows(select(FollowUp).filter_by(case_id=self.plan.case.id))
        assert isinstance(found, FollowUp)
        return found

    def forms(self) -> list[MonitoringForm]:
        """Return all forms as they stand, the first first."""
        mine = select(MonitoringForm).where(MonitoringForm.follow_up_id == self.follow_up().id)
        return list(self.plan.work.rows(mine.order_by(MonitoringForm.number)))

    def due_today(self) -> MonitoringForm | None:
        """Return the form that is due on this day and was not sent."""
        today = clock.today()
        return next((f for f in self.forms() if f.due_on == today and f.state in UNSENT), None)

    def alerts(self) -> list[Alert]:
        """Return all alerts about the child, the first first."""
        mine = select(Alert).where(Alert.follow_up_id == self.follow_up().id)
        return list(self.plan.work.rows(mine.order_by(Alert.raised_at)))

    def fill_in(self, form: MonitoringForm, *flags: str, **changed: str) -> PageClient:
        """Let the teacher find a form in the list, fill it in (calmly, but for what is named) and
        send it; return the phone, which shows the form's page.
        """
        phone = self.visit("teacher")
        phone.get("/pemantauan")
        assert f'href="{path_of(form)}"' in phone.page
        assert self.says("Fill in the form") in phone.page
        phone.get(path_of(form))
        assert self.says("None of these") in phone.page
        sent = {**phone.form(path_of(form)), **filled(flags or ("none",), **changed)}
        assert phone.post(path_of(form), sent).status_code == 303
        phone.get(path_of(form))
        assert self.says("Thank you. The form has arrived.") in phone.page
        # The school knows initials and class; the name stands in the plan alone.
        assert NAME not in phone.page
        return phone

    def answer_all(self) -> None:
        """Let the case manager answer whatever waits with one tap, and the teacher read it."""
        desk = self.visit("manager")
        desk.get("/pemantauan/antrean")
        while found := ANSWER.search(desk.page):
            path = found.group(1)
            code, words = READY.findall(desk.page[found.end() :])[0]
            assert desk.post(path, {"code": code}).status_code == 303
            form = next(each for each in self.forms() if each.public_id in path)
            self.told[form.id] = words
            phone = self.visit("teacher")
            phone.get(path_of(form))
            assert self.says("The office answers") in phone.page
            assert words in phone.page
            desk.get("/pemantauan/antrean")
        assert self.says("No form waits for your answer.") in desk.page

    def unanswered(self) -> bool:
        """Say whether a form waits for an answer."""
        return any(each.sent_at and not each.answered_at for each in self.forms())

    def live(self, until: date, *, leave: frozenset[date] = frozenset()) -> None:
        """Let days pass up to one: forms are sent on the day they are due, and then answered.

        Forms due on a day in `leave` are left alone.
        """
        for day in self.days(until):
            if day.weekday() != clock.SATURDAY and self.unanswered():
                self.answer_all()
            form = self.due_today()
            if form is not None and day not in leave:
                self.now.move_to(clock.at_wib(day, NOON))
                self.fill_in(form)

    def due_later(self, day: date) -> date:
        """Return the first day after a day on which a form is due."""
        return min(each.due_on for each in self.forms() if each.due_on > day)

    def asked(self, name: str) -> list[str]:
        """Return the kinds of what waits for somebody by name."""
        person = self.person(name).id
        mine = select(Duty).where(Duty.person_id == person, Duty.closed_at.is_(None))
        return sorted(each.kind for each in self.plan.work.rows(mine))

    def check_the_books(self) -> None:
        """Check that each form came once, was answered once read, and asks nobody any more."""
        build = self.plan.work.build
        with build.database.reader() as reading:
            rows = select(FormAnswers.form_id, func.count()).group_by(FormAnswers.form_id)
            counted = {row[0]: row[1] for row in reading.execute(rows)}
        sent = [each for each in self.forms() if each.state == FormState.SENT]
        assert counted == {each.id: 1 for each in sent}
        assert all(each.answered_at for each in sent)
        assert self.told.keys() <= {each.id for each in sent}
        assert self.asked("teacher") == []


def moment(text: str) -> datetime:
    """Return a local time."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.WIB)
