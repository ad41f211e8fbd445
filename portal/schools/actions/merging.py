"""One school becomes part of another: what is to come goes on there, what was stays readable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.core import clock, duties
from portal.core.access import Actor, Permission
from portal.core.clock import SchoolYear
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.schools.actions.classes import NAME_HOMEROOMS
from portal.schools.actions.contact_log import CONTACT_SCHOOL
from portal.schools.actions.naming import keep_name
from portal.schools.events import SchoolMerged
from portal.schools.models import FormerName, Mou, School, SchoolContact
from portal.schools.queries import classes
from portal.schools.queries.above import Clash, Effect, foreseen


@dataclass(frozen=True)
class Merger:
    """Which school another one becomes part of, from which day on, and where that is written."""

    successor: School
    merged_on: date
    note: str = ""


@dataclass(frozen=True)
class Outlook:
    """What a merger would do; its clashes must be settled before."""

    counts: Mapping[Effect, int] = field(default_factory=dict)
    clashes: Sequence[Clash] = ()
    leaving: Sequence[str] = ()


def outlook(session: Session, school: School, successor: School) -> Outlook:
    """Return what it would mean for a school to become part of another."""
    counts = dict(_own_counts(session, school))
    clashes: list[Clash] = []
    leaving: list[str] = []
    for part in foreseen(session, school, successor):
        counts.update(part.counts)
        clashes.extend(part.clashes)
        leaving.extend(part.leaving)
    return Outlook(counts, tuple(clashes), tuple(leaving))


def _own_counts(session: Session, school: School) -> Mapping[Effect, int]:
    in_force = Mou.valid_until >= clock.today()
    mous = select(func.count()).where(Mou.school_id == school.id, in_force)
    contacts = select(func.count()).where(
        SchoolContact.school_id == school.id, SchoolContact.ended_on.is_(None)
    )
    return {
        Effect.MOUS_STAY: session.scalar(mous) or 0,
        Effect.CONTACTS_END: session.scalar(contacts) or 0,
        Effect.CLASSES_STAY: len(classes.of_year(session, school, SchoolYear.of(clock.today()))),
    }


def merge(session: Session, actor: Actor, school: School, merger: Merger) -> None:
    """Let a school become part of another; features above bring over what is theirs.

    This cannot be undone. Raises Rejected("not_allowed"), Rejected("school_merged"),
    Rejected("merge_self"), Rejected("merge_into_gone"), Rejected("merge_day_ahead"), or
    Rejected("merge_clashes") where sessions of both stand at the same time.
    """
    if not actor.may(Permission.SCHOOL_EDIT, school.id):
        raise Rejected("not_allowed")
    successor = merger.successor
    _lock(session, school, successor)
    _check(school, merger)
    clashes = outlook(session, school, successor).clashes
    if clashes:
        raise Rejected("merge_clashes", count=len(clashes))
    _pass_names_on(session, actor, school, merger)
    school.merged_into_id, school.merged_on = successor.id, merger.merged_on
    school.active = False
    school.changed_at = clock.now()
    # Whatever became part of this school before is part of the other now.
    session.execute(
        update(School)
        .where(School.merged_into_id == school.id)
        .values(merged_into_id=successor.id, version=School.version + 1)
    )
    _end_contacts(session, school, merger.merged_on)
    duties.close_duties(session, school.id, NAME_HOMEROOMS)
    duties.close_duties(session, school.id, CONTACT_SCHOOL)
    session.flush()
    emit(session, actor, SchoolMerged(school.id, successor.id, merger.merged_on))


def _lock(session: Session, *schools: School) -> None:
    # In one order, so that two mergers never wait for each other crosswise.
    for each in sorted(schools, key=lambda school: str(school.id)):
        session.refresh(each, with_for_update=True)


def _check(school: School, merger: Merger) -> None:
    if school.merged_into_id is not None:
        raise Rejected("school_merged")
    if merger.successor.id == school.id:
        raise Rejected("merge_self", "successor")
    if merger.successor.merged_into_id is not None or not merger.successor.active:
        raise Rejected("merge_into_gone", "successor")
    if merger.merged_on > clock.today():
        raise Rejected("merge_day_ahead", "merged_on")


def _pass_names_on(session: Session, actor: Actor, school: School, merger: Merger) -> None:
    """Let people who look for the school under any of its names find its successor."""
    former = session.scalars(select(FormerName.name).where(FormerName.school_id == school.id))
    names = dict.fromkeys([school.name, *school.aliases.splitlines(), *former])
    known = {merger.successor.name, *_names_of(session, merger.successor.id)}
    for name in names:
        if name not in known:
            keep_name(
                session,
                merger.successor,
                merger.merged_on,
                actor.user_id,
                name=name,
                note=merger.note,
            )


def _names_of(session: Session, school_id: UUID) -> set[str]:
    return set(session.scalars(select(FormerName.name).where(FormerName.school_id == school_id)))


def _end_contacts(session: Session, school: School, day: date) -> None:
    session.execute(
        update(SchoolContact)
        .where(SchoolContact.school_id == school.id, SchoolContact.ended_on.is_(None))
        .values(ended_on=day, main=False, version=SchoolContact.version + 1)
    )
