"""What was found about a child, and what it needs."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.models import Assessment, CaseEntry, Need
from portal.cases.queries import plans
from portal.cases.states import Domain, EntryKind
from portal.core import clock
from portal.people.models import User

# A fact of the timeline: a line tells of putting an assessment right, not of making it.
CORRECTED = "corrected"


@dataclass(frozen=True)
class Found:
    """An assessment, who made it, and whether it may still be put right."""

    assessment: Assessment
    writer: str
    correctable: bool


@dataclass(frozen=True)
class Needed:
    """A need, and whether the newest plan has a goal for it."""

    need: Need
    has_goal: bool


@dataclass(frozen=True)
class Field:
    """One domain: its assessments, the newest first, and its needs, the unmet ones first."""

    domain: Domain
    found: list[Found]
    needs: list[Needed]

    @property
    def newest(self) -> Found | None:
        """Return how the domain stands now."""
        return self.found[0] if self.found else None


def picture(session: Session, case_id: UUID) -> list[Field]:
    """Return all five domains of a case as they stand."""
    today = _written_today(session, case_id)
    found: dict[Domain, list[Found]] = {each: [] for each in Domain}
    rows = session.execute(
        select(Assessment, User.full_name)
        .join(User, User.id == Assessment.assessed_by)
        .where(Assessment.case_id == case_id)
        .order_by(Assessment.assessed_on.desc(), Assessment.id.desc())
    )
    for assessment, writer in rows:
        of_domain = found[Domain(assessment.domain)]
        correctable = not of_domain and assessment.id in today
        of_domain.append(Found(assessment, writer, correctable))
    needs: dict[Domain, list[Needed]] = {each: [] for each in Domain}
    with_goal = plans.needs_with_goal(session, case_id)
    for need in plans.needs_of(session, case_id):
        needs[Domain(need.domain)].append(Needed(need, need.id in with_goal))
    return [Field(each, found[each], needs[each]) for each in Domain]


def get_assessment(session: Session, case_id: UUID, public_id: str) -> Assessment | None:
    """Return one assessment of a case."""
    return session.scalar(
        select(Assessment).where(Assessment.case_id == case_id, Assessment.public_id == public_id)
    )


def newest_of(session: Session, case_id: UUID, domain: Domain) -> Assessment | None:
    """Return how a domain of a case stands now."""
    return session.scalars(
        select(Assessment)
        .where(Assessment.case_id == case_id, Assessment.domain == domain)
        .order_by(Assessment.assessed_on.desc(), Assessment.id.desc())
        .limit(1)
    ).first()


def is_correctable(session: Session, assessment: Assessment) -> bool:
    """Say whether an assessment is the newest of its domain and was written today."""
    newest = newest_of(session, assessment.case_id, Domain(assessment.domain))
    written = _written_today(session, assessment.case_id)
    return newest is not None and newest.id == assessment.id and assessment.id in written


def get_need(session: Session, case_id: UUID, public_id: str) -> Need | None:
    """Return one need of a case."""
    return session.scalar(select(Need).where(Need.case_id == case_id, Need.public_id == public_id))


def _written_today(session: Session, case_id: UUID) -> frozenset[UUID]:
    """Return the assessments first written down today, whatever day they speak of."""
    midnight, _end = clock.day_bounds(clock.today(), clock.today())
    rows = session.execute(
        select(CaseEntry.record_id, CaseEntry.facts).where(
            CaseEntry.case_id == case_id,
            CaseEntry.kind == EntryKind.ASSESSMENT,
            CaseEntry.written_at >= midnight,
        )
    )
    return frozenset(record for record, facts in rows if record and not facts.get(CORRECTED))
