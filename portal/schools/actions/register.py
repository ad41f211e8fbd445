"""Changing one school of the register."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.schools.events import SchoolChanged
from portal.schools.models import School

ALIASES_LENGTH = School.aliases.type.length


@dataclass(frozen=True)
class SchoolChange:
    """A school as the office wants it."""

    name: str
    aliases: tuple[str, ...]
    subdistrict: str
    address: str
    week_days: int
    pupil_count: int | None
    active: bool


def with_alias(aliases: str, alias: str, name: str) -> str:
    """Return the aliases with one more, unless it is the name itself or known already.

    Raises Rejected("aliases_full").
    """
    known = aliases.split("\n") if aliases else []
    if not alias or alias == name or alias in known:
        return aliases
    longer = "\n".join([*known, alias])
    if len(longer) > ALIASES_LENGTH:
        raise Rejected("aliases_full", "aliases")
    return longer


def change_school(session: Session, actor: Actor, school: School, command: SchoolChange) -> None:
    """Change what the office keeps of a school; a former name stays as an alias.

    Raises Rejected("not_allowed"), Rejected("aliases_full"), or Rejected("school_merged") for one
    that would be active again.
    """
    if not actor.may(Permission.SCHOOL_EDIT, school.id):
        raise Rejected("not_allowed")
    if command.active and school.merged_into_id is not None:
        raise Rejected("school_merged", "active")
    aliases = ""
    for alias in command.aliases:
        aliases = with_alias(aliases, alias, command.name)
    if command.name != school.name:
        aliases = with_alias(aliases, school.name, command.name)
    wanted = {
        "name": command.name,
        "aliases": aliases,
        "subdistrict": command.subdistrict,
        "address": command.address,
        "week_days": command.week_days,
        "pupil_count": command.pupil_count,
        "active": command.active,
    }
    changes = {field: value for field, value in wanted.items() if value != getattr(school, field)}
    if not changes:
        return
    for field, value in changes.items():
        setattr(school, field, value)
    school.changed_at = clock.now()
    session.flush()
    emit(session, actor, SchoolChanged(school.id, ",".join(sorted(changes))))


def change_week(session: Session, actor: Actor, school: School, week_days: int) -> None:
    """Say on how many days a week a school teaches; whoever keeps its calendar may.

    Raises Rejected("not_allowed").
    """
    if not actor.may(Permission.CALENDAR_WRITE, school.id):
        raise Rejected("not_allowed")
    if week_days == school.week_days:
        return
    school.week_days = week_days
    school.changed_at = clock.now()
    session.flush()
    emit(session, actor, SchoolChanged(school.id, "week_days"))
