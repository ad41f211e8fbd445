"""Who must look at an alert now, and who answers a form; it all stands under the case's id.

What one form asks for is one matter: its alerts wait as one to-do, for the most pressing of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.cases.models import Case
from portal.cases.states import CaseState
from portal.core import clock, duties, settings
from portal.core.access import Actor, Permission, Role
from portal.core.duties import Due, Duty
from portal.incidents.queries import roster
from portal.monitoring.models import Alert, MonitoringForm
from portal.monitoring.policy.access import ALERT_PAGE
from portal.monitoring.queries import alerts as queries
from portal.monitoring.states import AlertKind, AlertState
from portal.people.queries.appointments import appointments_of, holders
from portal.people.queries.confidential import kept_away
from portal.visits.queries.leave import away

URGENT = "alert_urgent"
CONTACT = "alert_contact"
CONFERENCE = "alert_conference"
SILENT = "alert_silent"
RELAPSE = "alert_relapse"
ALERTS = (URGENT, CONTACT, CONFERENCE, SILENT, RELAPSE)
ANSWER = "answer_form"
WAITS_AS: dict[AlertKind, str] = {
    AlertKind.RED_FLAG: CONTACT,
    AlertKind.RED_BAND: CONTACT,
    AlertKind.HARASSED: CONTACT,
    AlertKind.RISE: CONTACT,
    AlertKind.ORANGE_TWICE: CONFERENCE,
    AlertKind.SILENT: SILENT,
    AlertKind.RELAPSE: RELAPSE,
}
# A person by name, or whoever holds a role.
Asked = tuple[UUID | None, Role | None]


def link_of(alert: Alert) -> str:
    """Return the address of an alert's page."""
    return f"{ALERT_PAGE}{alert.public_id}"


def reading_link_of(form: MonitoringForm) -> str:
    """Return the address of the page on which the office reads a form."""
    return f"/pemantauan/{form.public_id}/baca"


def wait_for(session: Session, case: Case, matter: Sequence[Alert]) -> None:
    """Let what is not settled of a matter wait for those who must look at it now.

    Nothing changes while the right ones are asked already.
    """
    session.flush()
    unsettled = [each for each in matter if each.state != AlertState.CLOSED]
    lead = queries.most_pressing(unsettled)
    for each in matter:
        if each is not lead:
            duties.close_duties(session, case.id, link=link_of(each))
    if lead is None:
        return
    _ask(session, case, lead, _kind_of(case, lead))


def _kind_of(case: Case, lead: Alert) -> str:
    """Return what an alert waits as; in a case that goes on, what a later check told is no news."""
    if lead.rings:
        return URGENT
    relapse = lead.kind == AlertKind.RELAPSE
    return CONTACT if relapse and case.state == CaseState.OPEN else WAITS_AS[AlertKind(lead.kind)]


def _ask(session: Session, case: Case, lead: Alert, kind: str) -> None:
    rings = lead.rings and lead.state == AlertState.OPEN
    due_at, link, asked = _due_at(lead), link_of(lead), _asked(session, case, lead)
    wanted = {(kind, *each, rings, due_at): each for each in asked}
    present = {_said(each): each for each in queries.waiting_on(session, case.id, link)}
    if wanted.keys() == present.keys():
        return
    if wanted.keys().isdisjoint(present):
        duties.close_duties(session, case.id, link=link)
    for said in present.keys() - wanted.keys():
        # The others heard of it already: it does not begin anew for them.
        present[said].closed_at, present[said].next_look_at = clock.now(), None
    missing = [wanted[said] for said in wanted.keys() - present.keys()]
    for person_id, role in sorted(missing, key=str):
        duties.open_duty(
            session,
            Due(
                kind=kind,
                subject_id=case.id,
                link=link,
                due_at=due_at,
                facts={"number": case.number},
                person_id=person_id,
                role=role,
                alarm=rings,
            ),
        )


def _said(duty: Duty) -> tuple[object, ...]:
    rings = duty.alarm and duty.acknowledged_at is None
    return duty.kind, duty.person_id, duty.role, rings, duty.due_at


def _due_at(lead: Alert) -> datetime:
    """Return until when it is to be taken on, or once it is, until when it is to be settled."""
    if lead.taken_at is None:
        return lead.due_at
    taken_on = clock.day_of(lead.taken_at)
    return max(lead.due_at, clock.at_wib(clock.add_working_days(taken_on, 1), clock.OFFICE_CLOSES))


def _asked(session: Session, case: Case, lead: Alert) -> set[Asked]:
    """Return who must look at an alert now.

    Whoever took it on; before that the case's manager and, for a red flag, whoever is on duty.
    Where one of them is not there, or has not settled it in time, the coordinators are asked, and
    the division head after them.
    """
    kept, absent = kept_away(session, case.id), away(session)
    gone = kept | absent
    asked: set[Asked]
    if lead.taken_by is not None:
        asked = {(lead.taken_by, None)}
        if lead.taken_by in absent or _due_at(lead) < clock.now():
            asked.add((None, Role.COORDINATOR))
        return _reachable(session, asked, kept)
    people = [case.manager_id]
    if lead.rings or lead.kind == AlertKind.RED_FLAG:
        on_duty = roster.on_duty(session, clock.today())
        people += [each for each in on_duty if each not in gone] or [None]
    asked = {(each, None) for each in people if each and each not in gone}
    if len(asked) < len(set(people)) or lead.kind == AlertKind.RELAPSE:
        asked.add((None, Role.COORDINATOR))
    if lead.handed_on_at is not None:
        asked.add((None, Role.DIVISION_HEAD))
    return _reachable(session, asked, kept)


def may_go_on(session: Session, case: Case, user_id: UUID) -> bool:
    """Say whether somebody who took an alert on is still there, and may still see the case."""
    theirs = Actor(user_id, "", appointments_of(session, user_id))
    fit = theirs.may_somewhere(Permission.MONITORING_ALERT)
    return fit and user_id not in kept_away(session, case.id)


def _reachable(session: Session, asked: set[Asked], kept: frozenset[UUID]) -> set[Asked]:
    """Return who is asked once roles that nobody fit holds are replaced by the other one."""
    other = {Role.COORDINATOR: Role.DIVISION_HEAD, Role.DIVISION_HEAD: Role.COORDINATOR}
    reached: set[Asked] = set()
    for person_id, role in asked:
        fit = role is None or set(holders(session, role)) - kept
        reached.add((person_id, role if fit or role is None else other[role]))
    return reached


def wait_for_answer(session: Session, case: Case, form: MonitoringForm) -> None:
    """Let a form that was sent wait for the case manager's answer."""
    link = reading_link_of(form)
    if duties.is_open(session, case.id, ANSWER, link=link):
        return
    days = settings.read(session)["form_reply_working_days"]
    duties.open_duty(
        session,
        Due(
            kind=ANSWER,
            subject_id=case.id,
            link=link,
            due_at=clock.at_wib(clock.add_working_days(clock.today(), days), clock.OFFICE_CLOSES),
            facts={"number": case.number},
            person_id=case.manager_id,
            role=None if case.manager_id else Role.COORDINATOR,
        ),
    )


def close_answer(session: Session, case: Case, form: MonitoringForm) -> None:
    """Let nobody be asked for an answer to a form any more."""
    duties.close_duties(session, case.id, ANSWER, link=reading_link_of(form))
