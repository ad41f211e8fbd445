"""What waits for whom about a return-to-school plan.

Each reader's own to-do stands under the row that asks them and is never handed on. What the
principal and the case manager are asked stands under the case, whose conflict list hides it.
"""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

from sqlalchemy.orm import Session

from portal.cases.actions.file import link_of
from portal.cases.models import Case
from portal.core import clock, duties, settings
from portal.core.access import Role
from portal.core.duties import Due
from portal.monitoring.models import PlanReader, ReturnPlan
from portal.monitoring.queries.plans import reader_rows
from portal.monitoring.states import ReaderPart
from portal.schools.models import School

READ = "read_plan"
UNREAD_AT_SCHOOL = "plan_unread_school"
UNREAD = "plan_unread"
WORDS = "plan_words"
OFFICE_OPENS = time(7, 30)
DAYS_TO_READ = 2


def page_of(plan: ReturnPlan) -> str:
    """Return the address of a plan's page at the school."""
    return f"/rencana-kembali/{plan.public_id}"


def tab_of(case: Case) -> str:
    """Return the address of the plans in a case."""
    return f"{link_of(case)}/kembali-sekolah"


def wait_for_reader(session: Session, plan: ReturnPlan, reader: PlanReader) -> None:
    """Let somebody at the school read a plan and say so."""
    school = session.get_one(School, plan.school_id)
    day = school.week.add_days(clock.today(), settings.read(session)["plan_ack_days"])
    duties.open_duty(
        session,
        Due(
            kind=READ,
            subject_id=reader.id,
            link=page_of(plan),
            due_at=clock.at_wib(day, clock.OFFICE_CLOSES),
            facts={"school": school.name},
            person_id=reader.user_id,
            week=school.week,
        ),
    )


def wait_for_school(session: Session, case: Case, plan: ReturnPlan) -> None:
    """Ask the principal once the readers' time is over, and the case manager some days later;
    whoever is asked already stays so.
    """
    office = settings.read(session)
    school = session.get_one(School, plan.school_id)
    last = school.week.add_days(clock.today(), office["plan_ack_days"])
    asked = school.week.add_days(last, 1)
    due = school.week.add_days(last, office["escalate_days"])
    shown = clock.add_working_days(due, 1)
    at_school = Due(
        kind=UNREAD_AT_SCHOOL,
        subject_id=case.id,
        link=page_of(plan),
        due_at=clock.at_wib(due, clock.OFFICE_CLOSES),
        facts={"school": school.name},
        role=Role.PRINCIPAL,
        school_id=school.id,
        visible_from=clock.at_wib(asked, OFFICE_OPENS),
        week=school.week,
    )
    of_manager = _of_manager(case, UNREAD, clock.add_working_days(shown, 1), shown)
    for each in (at_school, of_manager):
        if not duties.is_open(session, case.id, each.kind):
            duties.open_duty(session, each)


def settle(session: Session, case: Case, plan: ReturnPlan) -> None:
    """Ask nobody any more about readers who have all acknowledged a plan.

    Only the teachers are the principal's to ask.
    """
    session.flush()
    unread = {
        each.part
        for each in reader_rows(session, plan.id)
        if each.ended_at is None and each.acknowledged_at is None
    }
    if unread <= {ReaderPart.PRINCIPAL}:
        duties.close_duties(session, case.id, UNREAD_AT_SCHOOL)
    if not unread:
        duties.close_duties(session, case.id, UNREAD)


def stop(session: Session, case: Case, plan: ReturnPlan) -> None:
    """Let nothing wait about a plan that nobody reads any more."""
    for each in reader_rows(session, plan.id):
        let_off(session, each)
    for kind in (UNREAD_AT_SCHOOL, UNREAD):
        duties.close_duties(session, case.id, kind)


def let_off(session: Session, reader: PlanReader) -> None:
    """Ask one reader no longer."""
    duties.close_duties(session, reader.id, READ)


def wait_for_manager(session: Session, case: Case) -> None:
    """Let the case manager read what somebody at the school asked or added."""
    if duties.is_open(session, case.id, WORDS):
        return
    day = clock.add_working_days(clock.today(), DAYS_TO_READ)
    duties.open_duty(session, _of_manager(case, WORDS, day))


def words_wait(session: Session, case_id: UUID) -> bool:
    """Say whether words of the school wait to be read."""
    return duties.is_open(session, case_id, WORDS)


def note_words_read(session: Session, case: Case) -> None:
    """Take the school's words off the list of what waits."""
    duties.close_duties(session, case.id, WORDS)


def hand_on(session: Session, case: Case) -> None:
    """Let what waits about a case's plan wait for whoever manages it now."""
    duties.ask_instead(session, case.id, (UNREAD, WORDS), case.manager_id, Role.COORDINATOR)


def _of_manager(case: Case, kind: str, day: date, shows_on: date | None = None) -> Due:
    """Return what the case manager is asked; without one, the coordinators."""
    return Due(
        kind=kind,
        subject_id=case.id,
        link=tab_of(case),
        due_at=clock.at_wib(day, clock.OFFICE_CLOSES),
        facts={"number": case.number},
        person_id=case.manager_id,
        role=None if case.manager_id else Role.COORDINATOR,
        visible_from=clock.at_wib(shows_on, OFFICE_OPENS) if shows_on else None,
    )
