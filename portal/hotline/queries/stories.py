"""Reading a story on its way: whose it is, its school, its files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from portal.core import clock, tokens
from portal.core.files import StoredFile
from portal.hotline.models import Story, Telling
from portal.schools.models import District, School
from portal.schools.queries import meant_by

MOST_SCHOOLS = 8


def find(session: Session, token: str | None) -> Telling | None:
    """Return the story of this token, unless it was idle too long."""
    return session.scalar(_alive(token)) if token else None


def find_to_change(session: Session, token: str | None) -> Telling | None:
    """Return the story of this token; a second request about it waits for this one's end."""
    return session.scalar(_alive(token).with_for_update()) if token else None


def _alive(token: str) -> Select[Telling]:
    return select(Telling).where(
        Telling.token_hash == tokens.token_hash(token), Telling.expires_at > clock.now()
    )


def schools_meant(session: Session, typed: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return `public_id`, `name` and `district_name` of the schools that a text may mean."""
    return session.execute(
        select(School.public_id, School.name, District.name.label("district_name"))
        .join(District, District.code == School.district_code)
        .where(School.active, meant_by(typed))
        .order_by(School.name, School.id)
        .limit(MOST_SCHOOLS)
    ).all()


def school_of(session: Session, story: Story) -> Row[*tuple[Any, ...]] | None:
    """Return `id` and `name` of the school that was chosen."""
    chosen = select(School.id, School.name).where(School.public_id == story.school)
    return session.execute(chosen).one_or_none() if story.school else None


def evidence(session: Session, story: Story) -> Sequence[StoredFile]:
    """Return the files handed in so far, the oldest first."""
    found = select(StoredFile).where(StoredFile.public_id.in_(story.files))
    return session.scalars(found.order_by(StoredFile.id)).all()
