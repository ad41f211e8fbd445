"""The family log, and how the office and the family stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, literal, select, tuple_, union_all
from sqlalchemy.orm import Session

from portal.cases.models import FamilyContact, Guardian, Service
from portal.core import clock
from portal.core.types import UtcDateTime
from portal.people.models import User

PAGE_SIZE = 20
# Beyond so many in a row nobody counts; the task is set long before.
MOST_IN_A_ROW = 100

Key = tuple[datetime, UUID]


@dataclass(frozen=True)
class Line:
    """A contact with whom it was with (None: not a guardian) and who wrote it down."""

    contact: FamilyContact
    guardian: Guardian | None
    writer: str


@dataclass(frozen=True)
class Page:
    """A stretch of the log, newest first, and the key after which it goes on."""

    lines: list[Line]
    after: Key | None


@dataclass(frozen=True)
class Standing:
    """When the family was last reached, and how often it was missed since, in a row."""

    reached_at: datetime | None
    missed: int

    @property
    def days_ago(self) -> int | None:
        """Return how many days ago the family was reached; None when it never was."""
        if self.reached_at is None:
            return None
        return (clock.today() - clock.day_of(self.reached_at)).days


def log(session: Session, case_id: UUID, after: Key | None = None) -> Page:
    """Return the contacts with a family, newest first, a page at a time."""
    query = (
        select(FamilyContact, Guardian, User.full_name)
        .outerjoin(Guardian, Guardian.id == FamilyContact.guardian_id)
        .join(User, User.id == FamilyContact.written_by)
        .where(FamilyContact.case_id == case_id)
        .order_by(FamilyContact.at.desc(), FamilyContact.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if after:
        there = tuple_(literal(after[0], UtcDateTime()), literal(after[1], FamilyContact.id.type))
        query = query.where(tuple_(FamilyContact.at, FamilyContact.id) < there)
    rows = [Line(*row) for row in session.execute(query)]
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    last = rows[-1].contact if more else None
    return Page(rows, (last.at, last.id) if last else None)


def get_contact(session: Session, case_id: UUID, public_id: str) -> FamilyContact | None:
    """Return one contact of a case."""
    return session.scalar(
        select(FamilyContact).where(
            FamilyContact.case_id == case_id, FamilyContact.public_id == public_id
        )
    )


def standing(session: Session, case_id: UUID) -> Standing:
    """Return how the office and a family stand.

    The family counts as reached, or missed, in a contact of the log and in every appointment it was
    expected at; of two at the same moment the one entered later counts as the later one.
    """
    contacts = select(FamilyContact.at, FamilyContact.id, FamilyContact.reached).where(
        FamilyContact.case_id == case_id
    )
    services = select(Service.starts_at, Service.id, Service.family_came).where(
        Service.case_id == case_id, Service.family_came.is_not(None)
    )
    both = union_all(contacts, services).subquery()
    newest = session.execute(
        select(both).order_by(both.c.at.desc(), both.c.id.desc()).limit(MOST_IN_A_ROW)
    ).all()
    missed = next((place for place, row in enumerate(newest) if row.reached), len(newest))
    reached_at = newest[missed].at if missed < len(newest) else None
    return Standing(reached_at, missed)


def open_home_tasks(session: Session, case_id: UUID) -> Sequence[FamilyContact]:
    """Return the contacts whose agreed home task nobody asked about yet, the earliest day first."""
    return session.scalars(
        select(FamilyContact)
        .where(
            FamilyContact.case_id == case_id,
            FamilyContact.home_task_until.is_not(None),
            FamilyContact.home_task_done.is_(None),
        )
        .order_by(FamilyContact.home_task_until, FamilyContact.id)
    ).all()


def next_home_task(session: Session, case_id: UUID) -> date | None:
    """Return the earliest day until which something agreed is still open."""
    return session.scalar(
        select(func.min(FamilyContact.home_task_until)).where(
            FamilyContact.case_id == case_id, FamilyContact.home_task_done.is_(None)
        )
    )


def all_kept_out(guardians: Sequence[Guardian]) -> bool:
    """Say whether nobody of a child's family may be contacted, though the office knows somebody."""
    return bool(guardians) and all(each.kept_out for each in guardians)
