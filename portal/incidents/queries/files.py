"""One report's file, and what stands beside it: its school, its evidence, reports like it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.files import StoredFile
from portal.incidents import policy
from portal.incidents.models import Report, ReportFile, ReportLink
from portal.incidents.queries import desk
from portal.incidents.queries.desk import Entry
from portal.incidents.states import Relation
from portal.people.models import Membership, User
from portal.people.queries.accounts import get_user
from portal.people.queries.appointments import holders, in_force
from portal.schools.models import District, School
from portal.schools.queries import current_mou

MOST_BESIDE = 10
EARLIER = timedelta(days=365)
# Whoever could ever come to see a report at the office.
OFFICE = (Role.SOCIAL_WORKER, Role.COORDINATOR, Role.DIVISION_HEAD, Role.OFFICE_HEAD)


@dataclass(frozen=True)
class Setting:
    """The school a report is about."""

    school: School
    district: str
    partner: bool
    # Empty where the school must hear of nothing.
    principals: list[User]


@dataclass(frozen=True)
class Linked:
    """Another report that belongs to this one."""

    link_id: UUID
    relation: Relation
    entry: Entry


@dataclass(frozen=True)
class Beside:
    """What stands beside a file, as far as the actor may know of it."""

    setting: Setting | None
    evidence: list[StoredFile]
    same_person: list[Entry]
    same_school: list[Entry]
    linked: list[Linked]


def get_file(session: Session, actor: Actor, public_id: str) -> Report | None:
    """Return a report with everything in it, if the actor may read it now."""
    return session.scalar(
        select(Report).where(Report.public_id == public_id, policy.open_to(actor))
    )


def works_on(session: Session, actor: Actor, report_id: UUID) -> bool:
    """Say whether a report is the actor's to work on; reading it in an emergency is not that."""
    found = select(Report.id).where(Report.id == report_id, policy.handled_by(actor))
    return session.scalar(found) is not None


def answers_of(report: Report) -> dict[str, list[str]]:
    """Return the answers by their questions, in codes."""
    answers: dict[str, list[str]] = json.loads(report.answers)
    return answers


def details_of(report: Report) -> dict[str, str]:
    """Return the further words by what they are about."""
    details: dict[str, str] = json.loads(report.details or "{}")
    return details


def contact_of(report: Report) -> dict[str, str]:
    """Return how to reach the reporter: `way` and `time`, or just `way` as it was written."""
    if not report.safe_contact:
        return {}
    try:
        known: Any = json.loads(report.safe_contact)
    except ValueError:
        known = report.safe_contact
    return known if isinstance(known, dict) else {"way": str(known)}


def beside(session: Session, actor: Actor, report: Report) -> Beside:
    """Return what stands beside a file."""
    linked = _linked(session, actor, report)
    known = {each.entry.id for each in linked}
    others = [Report.id != report.id, Report.id.not_in(known)]
    same_person: list[Entry] = []
    if report.person_index is not None:
        same = Report.person_index == report.person_index
        same_person = desk.some(session, actor, same, *others, most=MOST_BESIDE)
    same_school: list[Entry] = []
    if report.school_id is not None:
        since = Report.received_at > clock.now() - EARLIER
        others.append(Report.id.not_in({each.id for each in same_person}))
        at_school = Report.school_id == report.school_id
        same_school = desk.some(session, actor, at_school, since, *others, most=MOST_BESIDE)
    return Beside(
        setting=_setting(session, report),
        evidence=evidence_of(session, report.id),
        same_person=same_person,
        same_school=same_school,
        linked=linked,
    )


def _setting(session: Session, report: Report) -> Setting | None:
    if report.school_id is None:
        return None
    school, district = session.execute(
        select(School, District.name)
        .join(District, District.code == School.district_code)
        .where(School.id == report.school_id)
    ).one()
    principals: list[User] = []
    if not policy.hidden_from_school(report):
        principals = [
            session.get_one(User, each) for each in holders(session, Role.PRINCIPAL, school.id)
        ]
    partner = current_mou(session, school.id, clock.today()) is not None
    return Setting(school, district, partner, principals)


def evidence_of(session: Session, report_id: UUID) -> list[StoredFile]:
    """Return the files handed in with a report."""
    return list(
        session.scalars(
            select(StoredFile)
            .join(ReportFile, ReportFile.file_id == StoredFile.id)
            .where(ReportFile.report_id == report_id)
            .order_by(StoredFile.id)
        )
    )


def _linked(session: Session, actor: Actor, report: Report) -> list[Linked]:
    links = session.scalars(
        select(ReportLink).where(
            or_(ReportLink.report_id == report.id, ReportLink.other_id == report.id)
        )
    ).all()
    by_other = {
        each.other_id if each.report_id == report.id else each.report_id: each for each in links
    }
    found = desk.some(session, actor, Report.id.in_(by_other), most=len(by_other))
    return [
        Linked(by_other[entry.id].id, Relation(by_other[entry.id].relation), entry)
        for entry in found
    ]


def link_between(session: Session, one: UUID, other: UUID) -> ReportLink | None:
    """Return the link between two reports, whichever of them came first."""
    first, second = sorted((one, other))
    return session.scalar(
        select(ReportLink).where(ReportLink.report_id == first, ReportLink.other_id == second)
    )


def possible_conflicts(session: Session, report: Report) -> list[User]:
    """Return who may be kept away from a report: the office's staff, and its school's."""
    concerned: ColumnElement[bool] = Membership.role.in_(OFFICE)
    if report.school_id is not None:
        concerned = or_(concerned, Membership.school_id == report.school_id)
    return list(
        session.scalars(
            select(User)
            .join(Membership, Membership.user_id == User.id)
            .where(in_force(clock.today()), concerned)
            .order_by(User.full_name, User.id)
            .distinct()
        )
    )


def person_to_keep_away(session: Session, report: Report, public_id: str) -> User | None:
    """Return one of `possible_conflicts`."""
    person = get_user(session, public_id)
    return person if person in possible_conflicts(session, report) else None
