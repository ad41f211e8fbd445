"""Reading the letters of a session, the office's wording, and what letters may say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from portal.core import clock
from portal.core.access import Role
from portal.core.files import StoredFile
from portal.people.models import Membership, User
from portal.people.queries.appointments import in_force
from portal.visits.models import (
    Letter,
    LetterKind,
    LetterTemplate,
    VisitCost,
    VisitWorker,
)
from portal.visits.queries import delivery
from portal.visits.queries.delivery import Heads, Rows
from portal.visits.queries.visits import VisitFile


@dataclass(frozen=True)
class Kept:
    """A letter with who made it out, and its signed scan with who handed that in."""

    letter: Letter
    maker: User
    scan: StoredFile | None
    signer: User | None


def list_letters(session: Session, visit_id: UUID) -> list[Kept]:
    """Return the letters of a session, the newest first."""
    signer = aliased(User)
    rows = session.execute(
        select(Letter, User, StoredFile, signer)
        .join(User, User.id == Letter.made_by)
        .outerjoin(StoredFile, StoredFile.id == Letter.signed_file_id)
        .outerjoin(signer, signer.id == Letter.signed_by)
        .where(Letter.visit_id == visit_id)
        .order_by(Letter.made_at.desc(), Letter.id.desc())
    )
    return [Kept(*row) for row in rows]


def get_letter(session: Session, visit_id: UUID, public_id: str) -> Letter | None:
    """Return one letter of a session."""
    return session.scalar(
        select(Letter).where(Letter.visit_id == visit_id, Letter.public_id == public_id)
    )


def get_scan(session: Session, letter: Letter) -> StoredFile | None:
    """Return the signed scan of a letter."""
    return session.get(StoredFile, letter.signed_file_id) if letter.signed_file_id else None


@dataclass(frozen=True)
class Edition:
    """An edition of a wording, and who wrote it; nobody where it came with the portal."""

    wording: LetterTemplate
    author: User | None


def wording(
    session: Session, kind: LetterKind, language: str, edition: int | None = None
) -> LetterTemplate | None:
    """Return the wording that counts, or an edition of it."""
    found = select(LetterTemplate).where(
        LetterTemplate.kind == kind, LetterTemplate.language == language
    )
    if edition is not None:
        found = found.where(LetterTemplate.edition == edition)
    return session.scalars(found.order_by(LetterTemplate.edition.desc()).limit(1)).first()


def editions(session: Session, kind: LetterKind, language: str) -> list[Edition]:
    """Return every edition of a wording, the newest first."""
    rows = session.execute(
        select(LetterTemplate, User)
        .outerjoin(User, User.id == LetterTemplate.made_by)
        .where(LetterTemplate.kind == kind, LetterTemplate.language == language)
        .order_by(LetterTemplate.edition.desc())
    )
    return [Edition(*row) for row in rows]


def in_use(session: Session) -> dict[tuple[LetterKind, str], Edition]:
    """Return the wordings that count, by kind and language."""
    rows = session.execute(
        select(LetterTemplate, User)
        .outerjoin(User, User.id == LetterTemplate.made_by)
        .order_by(LetterTemplate.edition)
    )
    # The last of each is the newest.
    return {(LetterKind(row[0].kind), row[0].language): Edition(*row) for row in rows}


@dataclass(frozen=True)
class Matter:
    """What letters of a session may say; never a child's name, and no note anybody wrote freely."""

    found: VisitFile
    # The one who leads it first.
    workers: tuple[str, ...]
    principal: str
    heads: Sequence[Heads]
    materials: Rows
    photos: int
    costs: Sequence[VisitCost]


def matter_of(session: Session, found: VisitFile) -> Matter:
    """Read what letters of a session may say."""
    visit = found.visit
    crew = (
        select(User.full_name)
        .join(VisitWorker, VisitWorker.user_id == User.id)
        .where(VisitWorker.visit_id == visit.id)
        .order_by(User.full_name)
    )
    return Matter(
        found=found,
        workers=(found.worker.full_name, *session.scalars(crew)),
        principal=_principal(session, found.school.id),
        heads=delivery.heads_of(session, visit),
        materials=delivery.handed_over(session, visit.id),
        photos=delivery.photo_count(session, visit.id),
        costs=delivery.costs_of(session, visit.id),
    )


def _principal(session: Session, school_id: UUID) -> str:
    """Return who leads a school, the longest in office where there are several; empty: nobody."""
    found = (
        select(User.full_name)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.role == Role.PRINCIPAL,
            Membership.school_id == school_id,
            in_force(clock.today()),
        )
        .order_by(Membership.starts_on, Membership.id)
        .limit(1)
    )
    return session.scalars(found).first() or ""
