"""What waits for whom about forms: the teacher, the principal, the case manager.

A teacher's own to-do stands under the form and is never handed on. What principal and case manager
are asked stands under the case, whose conflict list hides it.
"""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.cases.actions.file import link_of
from portal.cases.models import Case
from portal.core import clock, duties
from portal.core.access import Role
from portal.core.duties import Due, Duty
from portal.monitoring.models import FollowUp, MonitoringForm
from portal.monitoring.policy.schedule import add_school_days
from portal.monitoring.queries import following
from portal.monitoring.states import UNSENT
from portal.schools.models import School
from portal.schools.policy import SchoolDays

# Of whoever fills in a form: once it opens, and instead of it once it is late for some days.
FILL, FILL_LATE = "fill_form", "form_late"
# Of the principal: a late form, and a child without a teacher who fills in the forms.
LATE_AT_SCHOOL, NAME = "forms_late", "name_teacher"
# Of the case manager: the same two, the end of the rhythm, and a child at another school.
LATE, NOBODY, OVER, MOVED = (
    "case_forms_late",
    "case_without_teacher",
    "follow_up_over",
    "follow_up_moved",
)
OF_MANAGER = (LATE, NOBODY, OVER, MOVED)
OF_FOLLOW_UP = (LATE_AT_SCHOOL, NAME, LATE, NOBODY, OVER)
SHOWS_FROM = time(6)
DAYS_TO_NAME = 3
DAYS_TO_ACT = 2
INDEX = "/pemantauan"


def page_of(form: MonitoringForm) -> str:
    """Return the address of a form."""
    return f"{INDEX}/{form.public_id}"


def tab_of(case: Case) -> str:
    """Return the address of monitoring in a case."""
    return f"{link_of(case)}/pemantauan"


def ask_for(session: Session, follow_up: FollowUp, form: MonitoringForm) -> None:
    """Let a form that can still be sent wait for whoever is asked now, from the day it opens."""
    session.flush()
    asked = following.watchers(session, follow_up.id)
    if not asked or form.state not in UNSENT or form.closes_on < clock.today():
        close_form(session, form)
        return
    person_id = asked[0].user_id
    if any(duties.is_open(session, form.id, kind) for kind in (FILL, FILL_LATE)):
        # Whoever has it now was not reminded yet.
        duties.ask_instead(session, form.id, (FILL, FILL_LATE), person_id, Role.TEACHER)
        return
    _open_form(session, follow_up, form, person_id, FILL)


def ask_first(session: Session, follow_up: FollowUp, form: MonitoringForm) -> None:
    """Let a form that was just made wait for whoever is asked now, if somebody is."""
    for each in following.watchers(session, follow_up.id)[:1]:
        _open_form(session, follow_up, form, each.user_id, FILL)


def ask_late(session: Session, follow_up: FollowUp, form: MonitoringForm) -> bool:
    """Remind whoever is asked of a form that is late, once; say whether that is now."""
    asked = following.watchers(session, follow_up.id)
    if not asked or duties.is_open(session, form.id, FILL_LATE):
        return False
    close_form(session, form)
    _open_form(session, follow_up, form, asked[0].user_id, FILL_LATE)
    return True


def move_form(session: Session, follow_up: FollowUp, form: MonitoringForm) -> None:
    """Let a form that has not opened yet wait for another day."""
    close_form(session, form)
    ask_first(session, follow_up, form)


def close_form(session: Session, form: MonitoringForm) -> None:
    """Ask nobody for a form any more."""
    duties.close_duties(session, form.id)


def _open_form(
    session: Session, follow_up: FollowUp, form: MonitoringForm, person_id: UUID, kind: str
) -> None:
    last_day = form.closes_on if kind == FILL_LATE else form.due_on
    opens = clock.today() if kind == FILL_LATE else form.opens_on
    duties.open_duty(
        session,
        Due(
            kind=kind,
            subject_id=form.id,
            link=page_of(form),
            due_at=clock.at_wib(last_day, clock.OFFICE_CLOSES),
            facts={"valid_until" if kind == FILL_LATE else "valid_on": last_day.isoformat()},
            person_id=person_id,
            visible_from=max(clock.now(), clock.at_wib(opens, SHOWS_FROM)),
            week=session.get_one(School, follow_up.school_id).week,
        ),
    )


def leave_alone(session: Session) -> None:
    """Remind nobody of a form between the day it was due and the day on which it counts as late.

    To-dos know holidays but no school calendar: they would remind in the middle of a break.
    """
    session.execute(
        update(Duty)
        .where(
            Duty.kind == FILL,
            Duty.closed_at.is_(None),
            Duty.due_at <= clock.now(),
            Duty.reminders > 0,
            Duty.next_look_at.is_not(None),
        )
        .values(next_look_at=None)
    )


def tell_of_late(session: Session, case: Case, school: School, days: SchoolDays) -> None:
    """Let principal and case manager know that the forms about a child stay away."""
    if not duties.is_open(session, case.id, LATE_AT_SCHOOL):
        last = add_school_days(days, clock.today(), DAYS_TO_ACT)
        _ask_principal(session, case, school, LATE_AT_SCHOOL, last)
    _ask_manager(session, case, LATE, tab_of(case), DAYS_TO_ACT)


def close_late(session: Session, case_id: UUID) -> None:
    """Tell nobody of late forms any more."""
    for kind in (LATE_AT_SCHOOL, LATE):
        duties.close_duties(session, case_id, kind)


def ask_for_teacher(session: Session, case: Case, school: School, days: SchoolDays) -> None:
    """Let the principal name somebody who fills in the forms, and later tell the case manager."""
    due_at = duties.due_of(session, case.id, NAME)
    if due_at is None:
        last = add_school_days(days, clock.today(), DAYS_TO_NAME)
        _ask_principal(session, case, school, NAME, last)
    elif due_at < clock.now():
        _ask_manager(session, case, NOBODY, tab_of(case), DAYS_TO_ACT)


def note_teacher(session: Session, case_id: UUID) -> None:
    """Ask for a teacher no longer."""
    for kind in (NAME, NOBODY):
        duties.close_duties(session, case_id, kind)


def ask_how_it_goes_on(session: Session, case: Case) -> None:
    """Let the case manager decide, now that all forms of the rhythm came due."""
    _ask_manager(session, case, OVER, tab_of(case), 2 * DAYS_TO_ACT + 1)


def ask_for_new_plan(session: Session, case: Case) -> None:
    """Let the case manager share a plan with the school a child goes to now."""
    _ask_manager(session, case, MOVED, f"{link_of(case)}/kembali-sekolah", DAYS_TO_ACT)


def note_decided(session: Session, case_id: UUID) -> None:
    """Wait no longer for somebody to decide how it goes on."""
    duties.close_duties(session, case_id, OVER)


def note_new_plan(session: Session, case_id: UUID) -> None:
    """Wait no longer for a plan at the school a child goes to now."""
    duties.close_duties(session, case_id, MOVED)


def hand_on(session: Session, case: Case) -> None:
    """Let what waits about forms wait for whoever manages the case now."""
    duties.ask_instead(session, case.id, OF_MANAGER, case.manager_id, Role.COORDINATOR)


def stop(session: Session, case_id: UUID) -> None:
    """Let nothing wait about the follow-up of a case any more."""
    for kind in OF_FOLLOW_UP:
        duties.close_duties(session, case_id, kind)


def _ask_principal(session: Session, case: Case, school: School, kind: str, last_day: date) -> None:
    duties.open_duty(
        session,
        Due(
            kind=kind,
            subject_id=case.id,
            link=INDEX,
            due_at=clock.at_wib(last_day, clock.OFFICE_CLOSES),
            facts={"school": school.name},
            role=Role.PRINCIPAL,
            school_id=school.id,
            visible_from=_shows_today(),
            week=school.week,
        ),
    )


def _ask_manager(session: Session, case: Case, kind: str, link: str, days: int) -> None:
    if duties.is_open(session, case.id, kind):
        return
    last_day = clock.add_working_days(clock.today(), days)
    duties.open_duty(
        session,
        Due(
            kind=kind,
            subject_id=case.id,
            link=link,
            due_at=clock.at_wib(last_day, clock.OFFICE_CLOSES),
            facts={"number": case.number},
            person_id=case.manager_id,
            role=None if case.manager_id else Role.COORDINATOR,
            visible_from=_shows_today(),
        ),
    )


def _shows_today() -> datetime:
    """Return now, but not before the day has begun for people."""
    return max(clock.now(), clock.at_wib(clock.today(), SHOWS_FROM))
