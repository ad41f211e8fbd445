"""Changing one school of the register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.errors import Rejected
from portal.schools.models import School

ALIASES_LENGTH = School.aliases.type.length


@dataclass(frozen=True)
class SchoolChange:
    """A school as the office wants it; `seen` is when the school last changed before that."""

    name: str
    aliases: tuple[str, ...]
    subdistrict: str
    address: str
    week_days: int
    pupil_count: int | None
    active: bool
    seen: datetime | None


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

    Raises Rejected("not_allowed"), Rejected("state_changed") when somebody else changed the school
    meanwhile, and Rejected("aliases_full").
    """
    if not actor.may(Permission.SCHOOL_EDIT, school.id):
        raise Rejected("not_allowed")
    session.refresh(school, with_for_update=True)
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
        # A second press of the same button has nothing left to do.
        return
    if command.seen != school.changed_at:
        raise Rejected("state_changed")
    for field, value in changes.items():
        setattr(school, field, value)
    school.changed_at = clock.now()
    session.flush()
