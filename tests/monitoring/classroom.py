"""A child back at school, and those at the school who know of it, for tests.

Rows are laid in as the portal would have written them, so that each test begins where it matters.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from portal.cases.models import Case
from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.db import new_id, transaction
from portal.monitoring.models import (
    FollowUp,
    FormAnswers,
    Instrument,
    MonitoringForm,
    PlanReader,
    ReturnPlan,
    Watcher,
)
from portal.monitoring.policy.scoring import Filled, score
from portal.monitoring.states import FollowUpState, FormKind, FormState, PlanState, ReaderPart
from portal.people.models import User
from tests.cases.casework import NAME, Casework

# Words that appear nowhere else.
HELPS = "Duduk di dekat jendela bersama teman sebangku pilihannya"
NOTE = "Dua kali terlihat makan sendirian di belakang perpustakaan"
INITIALS = "K.W.T."

CALM: dict[str, int | None] = {
    **{f"m{number}": 4 for number in (1, 2, 3, 4, 5, 6, 10, 11, 12)},
    **{f"m{number}": 0 for number in (7, 8, 9)},
}


@dataclass
class Classroom:
    """A case whose child is back at school: its teacher, a colleague, the principal."""

    work: Casework
    case: Case
    teacher: User
    colleague: User
    principal: User
    plan: ReturnPlan
    follow_up: FollowUp

    def actor(self, name: str) -> Actor:
        """Return one of the school's, or of the office's, people as an actor."""
        person = getattr(self, name, None) or getattr(self.work, name)
        return self.work.build.actor(person)

    def form(self, **more: Any) -> MonitoringForm:
        """Make a form that is due today and waits, or as `more` says."""
        build, today = self.work.build, clock.today()
        with build.database.reader() as reading:
            edition = reading.scalars(select(Instrument.id).order_by(Instrument.number.desc()))
            instrument_id = edition.first()
            made = reading.scalar(
                select(func.max(MonitoringForm.number)).where(
                    MonitoringForm.follow_up_id == self.follow_up.id
                )
            )
        values: dict[str, Any] = {
            "follow_up_id": self.follow_up.id,
            "number": (made or 0) + 1,
            "kind": FormKind.REGULAR,
            "state": FormState.WAITING,
            "instrument_id": instrument_id,
            "period_from": today - timedelta(days=7),
            "opens_on": today - timedelta(days=1),
            "due_on": today,
            "closes_on": today + timedelta(days=14),
            "weeks": 1,
        }
        return build.save(MonitoringForm(id=new_id(), **{**values, **more}))

    def sent(
        self,
        items: dict[str, int | None] | None = None,
        flags: tuple[str, ...] = (),
        *,
        note: str = "",
        at: datetime | None = None,
        due_on: date | None = None,
        **more: Any,
    ) -> MonitoringForm:
        """Make a form that was sent with these answers; nothing follows from it by itself."""
        moment = at or clock.now()
        day = due_on or moment.astimezone(clock.WIB).date()
        filled = Filled(frozenset(flags), {**CALM, **(items or {})})
        form = self.form(
            state=FormState.SENT,
            sent_at=moment,
            sent_by=self.teacher.id,
            due_on=day,
            opens_on=day - timedelta(days=1),
            closes_on=day + timedelta(days=14),
            **more,
        )
        build = self.work.build
        with build.database.reader() as reading:
            edition = reading.get_one(Instrument, form.instrument_id)
        result = score(edition.content, edition.thresholds, filled)
        build.save(
            FormAnswers(
                id=new_id(),
                form_id=form.id,
                number=1,
                answers=filled.to_json(),
                note=note,
                result=result.to_json(),
                sent_at=moment,
                sent_by=self.teacher.id,
            )
        )
        return form


def classroom(work: Casework) -> Classroom:
    """Open a case, share its plan with teacher and principal, and begin to monitor."""
    build = work.build
    case = work.open()
    teacher = build.user(Role.TEACHER, work.school)
    colleague = build.user(Role.TEACHER, work.school)
    principal = build.user(Role.PRINCIPAL, work.school)
    today, moment = clock.today(), clock.now()
    plan = ReturnPlan(
        id=new_id(),
        case_id=case.id,
        school_id=work.school.id,
        number=1,
        state=PlanState.SHARED,
        returns_on=today - timedelta(days=7),
        child_name=NAME,
        class_name="7B",
        helps=HELPS,
        written_by=work.manager.id,
        written_at=moment,
        shared_at=moment,
        shared_by=work.manager.id,
    )
    follow_up = FollowUp(
        id=new_id(),
        case_id=case.id,
        school_id=work.school.id,
        state=FollowUpState.ACTIVE,
        initials=INITIALS,
        class_name="7B",
        began_on=today - timedelta(days=7),
        started_by=work.manager.id,
    )
    with transaction(build.session) as session:
        session.add_all([plan, follow_up])
        session.flush()
        for person, part in ((teacher, ReaderPart.TEACHER), (principal, ReaderPart.PRINCIPAL)):
            session.add(
                PlanReader(
                    id=new_id(), plan_id=plan.id, user_id=person.id, part=part, asked_at=moment
                )
            )
        session.add(
            Watcher(
                id=new_id(),
                follow_up_id=follow_up.id,
                user_id=teacher.id,
                since=moment,
                named_by=work.manager.id,
            )
        )
    return Classroom(work, case, teacher, colleague, principal, plan, follow_up)
