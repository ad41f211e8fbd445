"""Who a child is: its schools, its guardians, its other cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from portal.cases import policy
from portal.cases.models import Case, CaseLink, ChildSchool, Guardian, LegalBasis
from portal.cases.queries import files
from portal.cases.queries.decisions import bases_about
from portal.cases.states import CaseRelation
from portal.core import i18n
from portal.core.access import Actor
from portal.schools.models import School

_ = i18n.lazy

# What a line of the timeline about the child says, by its code.
CHANGES: dict[str, Any] = {
    "child": _("who the child is"),
    "guardian_added": _("a guardian added"),
    "guardian_changed": _("a guardian changed"),
    "guardian_ended": _("a guardian of earlier"),
    "guardian_kept_out": _("a guardian must not be contacted"),
    "guardian_let_in": _("a guardian may be contacted again"),
    "child_view": _("what the child wants"),
    "best_interests": _("what serves it best"),
    "abh": _("in conflict with the law"),
    "abh_ended": _("in conflict with the law no longer"),
    "rights_adviser": _("advice on its rights"),
    "matter": _("what it is about"),
    "linked": _("belongs together with another case"),
    "unlinked": _("no longer belongs together with another case"),
}


@dataclass(frozen=True)
class Linked:
    """Another case that belongs to this one."""

    case: Case
    relation: CaseRelation


@dataclass(frozen=True)
class Age:
    """How many years old a child is; where only the year of its birth is known, it may be one less.

    That is not `exact`.
    """

    years: int
    exact: bool


@dataclass(frozen=True)
class Advice:
    """What an adviser on children's rights said, when, and who it was."""

    on: date
    adviser: str
    words: str


def schools_of(session: Session, child_id: UUID) -> list[tuple[ChildSchool, str]]:
    """Return where a child goes or went to school with the schools' names, the newest first."""
    rows = session.execute(
        select(ChildSchool, School.name)
        .join(School, School.id == ChildSchool.school_id)
        .where(ChildSchool.child_id == child_id)
        .order_by(ChildSchool.since.desc(), ChildSchool.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


def present_schools(session: Session, child_id: UUID) -> list[ChildSchool]:
    """Return where a child goes to school now, the newest first."""
    return list(
        session.scalars(
            select(ChildSchool)
            .where(ChildSchool.child_id == child_id, ChildSchool.until.is_(None))
            .order_by(ChildSchool.since.desc(), ChildSchool.id.desc())
        )
    )


def former_guardians(session: Session, child_id: UUID) -> list[Guardian]:
    """Return who answered for a child once and does so no longer, the last first."""
    return list(
        session.scalars(
            select(Guardian)
            .where(Guardian.child_id == child_id, Guardian.ended_at.is_not(None))
            .order_by(Guardian.ended_at.desc(), Guardian.id)
        )
    )


def get_guardian(session: Session, case: Case, public_id: str) -> Guardian | None:
    """Return one of those who answer for the child of a case now."""
    return session.scalar(
        select(Guardian).where(
            Guardian.public_id == public_id,
            Guardian.child_id == case.child_id,
            Guardian.ended_at.is_(None),
        )
    )


def askable(session: Session, case: Case, *, named: bool) -> list[tuple[Guardian, str]]:
    """Return whoever may be asked; whoever may not know the family sees them numbered."""
    asked = [each for each in files.guardians_of(session, case.child_id) if not each.kept_out]
    return [
        (each, each.label if named else i18n.gettext("Guardian %(number)s", number=place))
        for place, each in enumerate(asked, 1)
    ]


def age_of(born: str, today: date) -> Age | None:
    """Return how old a child is; None while nothing is known of its birth."""
    if born.isdecimal():
        return Age(today.year - int(born), exact=False)
    try:
        day = date.fromisoformat(born)
    except ValueError:
        return None
    had_no_birthday = (today.month, today.day) < (day.month, day.day)
    return Age(today.year - day.year - had_no_birthday, exact=True)


def born_in_words(born: str) -> str:
    """Return a day of birth as people read it, or the year alone."""
    try:
        return i18n.plain_date(date.fromisoformat(born))
    except ValueError:
        return born


def advice_text(adviser: str, words: str) -> str:
    """Return an adviser and what they said as one text, which `advice_of` reads."""
    return f"{' '.join(adviser.split())}\n{words}"


def advice_of(case: Case) -> Advice | None:
    """Return the last advice on the child's rights."""
    if case.rights_adviser_on is None:
        return None
    adviser, _line, words = case.rights_advice.partition("\n")
    return Advice(case.rights_adviser_on, adviser, words)


def abh_bases(session: Session) -> list[LegalBasis]:
    """Return what the office's regulations say about children in conflict with the law."""
    return bases_about(session, "children_in_conflict_law")


def find_number(session: Session, actor: Actor, typed: str) -> Case | None:
    """Return the case of a number as people type it, if the actor may know of it."""
    number = "".join(typed.split())
    return _known(session, actor, Case.number.in_((number, number.upper())))


def get_known(session: Session, actor: Actor, public_id: str) -> Case | None:
    """Return another case the actor may know of, by its number at least."""
    return _known(session, actor, Case.public_id == public_id)


def _known(session: Session, actor: Actor, condition: ColumnElement[bool]) -> Case | None:
    return session.scalar(select(Case).where(condition, policy.listed_to(actor)))


def link_between(session: Session, one: UUID, other: UUID) -> CaseLink | None:
    """Return the link between two cases, whichever of them came first."""
    first, second = sorted((one, other))
    return session.scalar(
        select(CaseLink).where(CaseLink.case_id == first, CaseLink.other_id == second)
    )


def linked_to(session: Session, actor: Actor, case: Case) -> list[Linked]:
    """Return the cases that belong to this one and that the actor may know of."""
    others = or_(
        (CaseLink.case_id == case.id) & (Case.id == CaseLink.other_id),
        (CaseLink.other_id == case.id) & (Case.id == CaseLink.case_id),
    )
    rows = session.execute(
        select(Case, CaseLink.relation)
        .join(CaseLink, others)
        .where(policy.listed_to(actor))
        .order_by(Case.number)
    )
    return [Linked(row[0], CaseRelation(row[1])) for row in rows]


def same_child(session: Session, actor: Actor, case: Case) -> list[Case]:
    """Return the other cases of a child that the actor may know of, the newest first."""
    return list(
        session.scalars(
            select(Case)
            .where(Case.child_id == case.child_id, Case.id != case.id, policy.listed_to(actor))
            .order_by(Case.opened_on.desc(), Case.id.desc())
        )
    )
