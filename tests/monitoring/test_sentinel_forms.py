"""Some months after the closure the school is asked once more, and only then sees anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from time_machine import Traveller

from portal.cases.actions.consents import Asked, record_consent
from portal.cases.models import Case, Guardian
from portal.cases.states import CaseOutcome, CaseState, Cause, ConsentAbout, ConsentAnswer
from portal.config import Settings
from portal.core import clock, duties
from portal.core.db import new_id, transaction
from portal.core.errors import Rejected
from portal.core.schedule import Workshop
from portal.monitoring.actions import sending, watching
from portal.monitoring.jobs import ask_later, look_after_forms
from portal.monitoring.models import Alert, FollowUp, MonitoringForm, Watcher
from portal.monitoring.policy import access
from portal.monitoring.policy.scoring import Filled
from portal.monitoring.states import FormKind, FormState
from portal.people.actions.appointments import end_membership
from portal.people.models import Membership
from tests.builders import Builder
from tests.cases.casework import casework, client_of
from tests.cases.test_closing import end, reopen
from tests.conftest import on_sqlite
from tests.monitoring.classroom import CALM, NOTE, Classroom, classroom

WORRIED = {**CALM, **dict.fromkeys(("m1", "m2", "m3", "m4", "m5"), 1)}


@dataclass
class After:
    """A case that was closed, in a portal that goes on day by day."""

    room: Classroom
    shop: Workshop
    now: Traveller

    @property
    def build(self) -> Builder:
        return self.room.work.build

    def at(self, day: str) -> int:
        """Move to the early morning of a day; return how many schools are asked."""
        self.now.move_to(datetime.fromisoformat(f"{day}T06:30").replace(tzinfo=clock.WIB))
        asked = ask_later(self.shop)["asked"]
        look_after_forms(self.shop)
        return asked

    def close(self, outcome: CaseOutcome = CaseOutcome.FAMILY_WITHDREW) -> None:
        end(self.room.work, self.room.case, outcome)

    def forms(self) -> list[MonitoringForm]:
        found = select(MonitoringForm).where(MonitoringForm.kind == FormKind.SENTINEL)
        return self.room.work.rows(found.order_by(MonitoringForm.number))

    def seen(self, name: str = "teacher") -> list[str]:
        """Return the later checks somebody at the school may fill in or read."""
        condition = access.filled_by(self.room.actor(name))
        found = select(MonitoringForm).where(condition, MonitoringForm.kind == FormKind.SENTINEL)
        return [each.public_id for each in self.room.work.rows(found)]

    def waits(self, name: str) -> list[str]:
        with self.build.database.reader() as reading:
            return [each.kind for each in duties.waiting_for(reading, self.room.actor(name))]

    def teacher_leaves(self) -> None:
        with transaction(self.build.session) as session:
            held = select(Membership).where(Membership.user_id == self.room.teacher.id)
            end_membership(session, self.room.actor("principal"), session.scalars(held).one())

    def name_colleague(self) -> None:
        """Let the principal name the colleague."""
        principal, colleague = self.room.actor("principal"), self.room.colleague
        with transaction(self.build.session) as session:
            follow_up = session.get_one(FollowUp, self.room.follow_up.id)
            watching.name_watcher(session, principal, follow_up, colleague.id)

    def send(self, form: MonitoringForm, filled: Filled, by: str = "teacher") -> None:
        with transaction(self.build.session) as session:
            own = session.get_one(MonitoringForm, form.id)
            sending.send_form(session, self.room.actor(by), own, filled, NOTE)


def calm(*flags: str) -> Filled:
    return Filled(frozenset(flags), CALM)


@pytest.fixture
def after(build: Builder, settings: Settings) -> Iterator[After]:
    """Return a child at school whose case can be closed, on Monday, 3 August 2026."""
    with time_machine.travel(datetime(2026, 8, 3, 9, tzinfo=clock.WIB), tick=False) as now:
        room = classroom(casework(build))
        with transaction(build.session) as session:
            guardian = Guardian(id=new_id(), child_id=room.case.child_id, full_name="Ibu Wulan")
            session.add(guardian)
            session.flush()
            about = ConsentAbout.SHARING_WITH_SCHOOL
            said = Asked(about, ConsentAnswer.GIVEN, clock.today(), guardian.id, "")
            record_consent(session, room.actor("manager"), room.case, said)
        yield After(room, Workshop(build.database, settings), now)


def test_the_school_is_asked_in_the_week_and_sees_it_until_the_answer_is_read(
    after: After,
) -> None:
    after.close()
    assert after.at("2026-11-01") == 0
    assert after.seen() == []
    # The look back is on Tuesday: its week has come on Monday.
    assert [after.at(day) for day in ("2026-11-02", "2026-11-02", "2026-11-03")] == [1, 0, 0]
    (form,) = after.forms()
    assert (form.opens_on, form.due_on) == (date(2026, 11, 2), date(2026, 11, 6))
    assert form.period_from == date(2026, 10, 6)
    assert after.seen() == [form.public_id]
    assert "fill_form" in after.waits("teacher")
    after.send(form, calm())
    # They can correct it and read the answer; a week later they see nothing any more.
    after.at("2026-11-09")
    assert after.seen() == [form.public_id]
    after.at("2026-11-11")
    assert after.seen() == []
    assert after.waits("teacher") == []
    # Six months after the closure once more, also when nobody looked back the first time.
    assert after.at("2027-02-01") == 1
    # That Friday is a collective leave day: the last lesson day of the week is Thursday.
    assert [each.due_on for each in after.forms()] == [date(2026, 11, 6), date(2027, 2, 4)]
    assert after.forms()[1].public_id in after.seen()
    assert after.build.fresh(Case, after.room.case.id).state == CaseState.CLOSED


@on_sqlite
def test_in_a_break_the_school_is_asked_after_it(after: After) -> None:
    after.at("2026-09-23")
    after.close()
    assert [after.at(day) for day in ("2026-12-21", "2026-12-28", "2027-01-03")] == [0, 0, 0]
    assert after.at("2027-01-04") == 1
    assert after.forms()[0].due_on == date(2027, 1, 8)


@on_sqlite
def test_a_form_that_does_not_come_ends_what_the_school_sees(after: After) -> None:
    after.close()
    after.at("2026-11-02")
    after.at("2026-11-20")
    assert after.forms()[0].state == FormState.WAITING
    assert after.waits("teacher") == ["form_late"]
    after.at("2026-11-21")
    assert after.forms()[0].state == FormState.MISSED
    assert after.seen() == []
    assert after.waits("teacher") == after.waits("principal") == []
    # A school that stays silent after the closure is no silent case.
    assert after.room.work.rows(select(Alert)) == []


@on_sqlite
def test_once_the_teacher_left_the_principal_names_somebody(after: After) -> None:
    after.close()
    after.teacher_leaves()
    after.at("2026-11-02")
    assert "name_teacher" in after.waits("principal")
    after.name_colleague()
    assert after.seen("colleague") == [after.forms()[0].public_id]
    assert "name_teacher" not in after.waits("principal")
    assert "fill_form" in after.waits("colleague")
    after.send(after.forms()[0], calm(), "colleague")
    after.at("2026-11-10")
    # Over is over: nobody names anybody for what nobody is asked.
    with pytest.raises(Rejected, match="not_allowed"):
        after.name_colleague()


@on_sqlite
def test_when_nobody_is_named_the_principal_is_left_in_peace_in_the_end(after: After) -> None:
    after.close()
    after.teacher_leaves()
    after.at("2026-11-02")
    after.at("2026-11-21")
    assert after.waits("principal") == []


@on_sqlite
@pytest.mark.parametrize("answers", [calm("r1"), Filled(frozenset(), WORRIED)])
def test_what_worries_raises_an_alert_and_stands_on_the_closure(
    app: Flask, after: After, answers: Filled
) -> None:
    after.close()
    after.at("2026-11-03")
    (form,) = after.forms()
    after.send(form, answers)
    (alert,) = after.room.work.rows(select(Alert))
    assert (alert.kind, alert.form_id) == ("relapse", form.id)
    page = client_of(app, after.room.work).get(f"/kasus/{after.room.case.public_id}/penutupan")
    assert "What the school tells" in page.text
    assert NOTE in page.text
    assert f"/pemantauan/{form.public_id}/baca" in page.text
    # The form is there before people write how the child is; it writes nothing itself.
    assert "3 months later: how is the child?" in page.text
    assert after.build.fresh(Case, after.room.case.id).state == CaseState.CLOSED


@on_sqlite
def test_a_calm_form_raises_nothing(app: Flask, after: After) -> None:
    after.close()
    after.at("2026-11-03")
    page = client_of(app, after.room.work).get(f"/kasus/{after.room.case.public_id}/penutupan")
    assert "The school was asked; its form has not come yet" in page.text
    after.send(after.forms()[0], calm())
    assert after.room.work.rows(select(Alert)) == []


@on_sqlite
def test_going_on_with_the_case_asks_the_school_no_more(after: After) -> None:
    after.close()
    after.at("2026-11-02")
    reopen(after.room.work, after.room.case, "manager", Cause.RELAPSE)
    assert after.forms()[0].state == FormState.CANCELLED
    assert after.seen() == []
    assert "fill_form" not in after.waits("teacher")
    assert after.room.work.rows(select(Watcher).where(Watcher.ended_at.is_(None))) == []
    assert after.at("2027-02-01") == 0


@on_sqlite
@pytest.mark.parametrize("outcome", [CaseOutcome.DUPLICATE, CaseOutcome.OTHER_BODY])
def test_what_goes_on_elsewhere_is_not_asked_about(after: After, outcome: CaseOutcome) -> None:
    after.close(outcome)
    assert after.at("2026-11-02") == 0


@on_sqlite
def test_against_the_familys_word_nobody_is_asked(after: After) -> None:
    after.at("2026-08-04")
    with transaction(after.build.session) as session:
        asked_of = session.scalars(select(Guardian.id)).first()
        about, answer = ConsentAbout.SHARING_WITH_SCHOOL, ConsentAnswer.WITHDRAWN
        said = Asked(about, answer, clock.today(), asked_of, "Ibu tidak ingin lagi")
        record_consent(session, after.room.actor("manager"), after.room.case, said)
    after.close()
    assert after.at("2026-11-02") == 0


@on_sqlite
def test_a_school_the_child_left_is_not_asked(after: After) -> None:
    after.close()
    with transaction(after.build.session) as session:
        session.get_one(Case, after.room.case.id).school_id = after.build.school().id
    assert after.at("2026-11-02") == 0


@on_sqlite
def test_a_second_teacher_is_asked_again_the_second_time(after: After) -> None:
    after.close()
    after.at("2026-11-02")
    after.name_colleague()
    after.send(after.forms()[0], calm(), "colleague")
    after.at("2026-11-11")
    after.at("2027-02-01")
    # What they sent before they see again, the teacher before them nothing.
    assert set(after.seen("colleague")) == {each.public_id for each in after.forms()}
    assert after.seen() == []
