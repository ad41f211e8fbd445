"""Reading what schools were called before, and which became part of which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.schools import policy
from portal.schools.models import FormerName, School


def former_names(session: Session, school: School) -> list[FormerName]:
    """Return the names a school itself bore, the last first; not those of schools in it now."""
    in_it = select(School.name).where(School.merged_into_id == school.id)
    return list(
        session.scalars(
            select(FormerName)
            .where(FormerName.school_id == school.id, FormerName.name.not_in(in_it))
            .order_by(FormerName.until.desc(), FormerName.name, FormerName.id)
        )
    )


def names_borne(session: Session) -> dict[UUID, set[str]]:
    """Return the former names of all schools."""
    borne: dict[UUID, set[str]] = {}
    for school_id, name in session.execute(select(FormerName.school_id, FormerName.name)):
        borne.setdefault(school_id, set()).add(name)
    return borne


def merged_into(session: Session, school: School) -> list[School]:
    """Return the schools that became part of one, the last first."""
    return list(
        session.scalars(
            select(School)
            .where(School.merged_into_id == school.id)
            .order_by(School.merged_on.desc(), School.name, School.id)
        )
    )


def candidates(session: Session, school: School) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return `public_id`, `name` and `npsn` of the schools one could become part of, by name."""
    return session.execute(
        select(School.public_id, School.name, School.npsn)
        .where(School.active, School.merged_into_id.is_(None), School.id != school.id)
        .order_by(School.name, School.npsn)
    ).all()


def successor_of(session: Session, actor: Actor, school: School) -> School | None:
    """Return the school one became part of, if the actor may see that."""
    if school.merged_into_id is None:
        return None
    return session.scalar(
        select(School).where(School.id == school.merged_into_id, policy.visible_to(actor))
    )
