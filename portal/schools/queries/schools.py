"""Reading the register: search, one school, memoranda, partner status."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session, contains_eager

from portal.core.access import Actor
from portal.core.files import StoredFile
from portal.core.prepared import prepared
from portal.schools import policy
from portal.schools.models import (
    District,
    FormerName,
    Level,
    Mou,
    Ownership,
    School,
    SchoolImport,
)

PAGE_SIZE = 30
# Counting stops here: nobody needs to know whether 40,000 or 41,000 rows fit a search.
MOST_COUNTED = 1000
MOST_WORDS = 6
# Shorter numbers are part of a name ("SDN 3") and must not find every school with a 3 in it.
WHOLE_NUMBER_DIGITS = 2
SHORT_PUBLIC_NAME = re.compile(r"(tk|sd|smp|sma|smk|slb|mi|mts|ma)n")
APOSTROPHES = ("'", "`", "’")  # noqa: RUF001 - typed names carry all three

SCHOOL_ID = School.id

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Filter:
    """What a list of schools is narrowed to; None means all."""

    text: str = ""
    district: str | None = None
    level: Level | None = None
    ownership: Ownership | None = None
    partner: bool | None = None
    active: bool | None = True


@dataclass(frozen=True)
class Page:
    """One page of schools, and the keys from which the list goes on."""

    rows: Sequence[Row[*tuple[Any, ...]]]
    before: Key | None
    after: Key | None


def partner_ids(day: date) -> Select[UUID]:
    """Select the ids of the schools with an MoU in force on a day."""
    return select(Mou.school_id).where(in_force(day))


def in_force(day: date) -> ColumnElement[bool]:
    """Return the condition for memoranda in force on a day."""
    return (Mou.signed_on <= day) & (Mou.valid_until >= day)


def is_partner(day: date) -> ColumnElement[bool]:
    """Return the condition that the statement's school has an MoU in force on a day."""
    return exists().where(Mou.school_id == School.id, in_force(day)).correlate(School)


def search(
    session: Session,
    actor: Actor,
    chosen: Filter,
    day: date,
    *,
    after: Key | None = None,
    before: Key | None = None,
) -> Page:
    """Return a page of schools by name, each with `district_name` and `partner`.

    `after` and `before` are keys of an earlier page: (name, id).
    """
    conditions = _conditions(actor, chosen, day)
    order = tuple_(School.name, School.id)
    if after is not None:
        conditions.append(order > _bound(after))
    elif before is not None:
        conditions.append(order < _bound(before))
    backwards = before is not None and after is None
    columns = (School.name, School.id)
    rows = session.execute(
        select(
            School.id,
            School.public_id,
            School.npsn,
            School.name,
            School.level,
            School.ownership,
            School.subdistrict,
            School.active,
            District.name.label("district_name"),
            is_partner(day).label("partner"),
        )
        .join(District, District.code == School.district_code)
        .where(*conditions)
        .order_by(*(column.desc() if backwards else column for column in columns))
        .limit(PAGE_SIZE + 1)
    ).all()
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    if backwards:
        rows = rows[::-1]
    return _page(rows, earlier=more if backwards else after is not None, later=backwards or more)


def _bound(key: Key) -> ColumnElement[Any]:
    name, school_id = key
    return tuple_(literal(name, School.name.type), literal(school_id, School.id.type))


def _page(rows: Sequence[Row[*tuple[Any, ...]]], *, earlier: bool, later: bool) -> Page:
    return Page(
        rows=rows,
        before=(rows[0].name, rows[0].id) if rows and earlier else None,
        after=(rows[-1].name, rows[-1].id) if rows and later else None,
    )


def count(session: Session, actor: Actor, chosen: Filter, day: date) -> int:
    """Return how many schools fit, at most `MOST_COUNTED` + 1."""
    found = (
        select(School.id)
        .join(District, District.code == School.district_code)
        .where(*_conditions(actor, chosen, day))
        .limit(MOST_COUNTED + 1)
    )
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def _conditions(actor: Actor, chosen: Filter, day: date) -> list[ColumnElement[bool]]:
    """Return what a row of School joined with District must meet."""
    conditions = [policy.visible_to(actor), *(mentions(word) for word in words(chosen.text))]
    if chosen.district is not None:
        conditions.append(District.slug == chosen.district)
    if chosen.level is not None:
        conditions.append(School.level == chosen.level)
    if chosen.ownership is not None:
        conditions.append(School.ownership == chosen.ownership)
    if chosen.active is not None:
        conditions.append(School.active.is_(chosen.active))
    if chosen.partner is not None:
        conditions.append(is_partner(day) if chosen.partner else ~is_partner(day))
    return conditions


def words(text: str) -> list[str]:
    """Return what a search text asks for: lower case, letters apart from digits ("sdn3")."""
    folded = text.lower()
    for mark in APOSTROPHES:
        folded = folded.replace(mark, "")
    return re.findall(r"\d+|[^\W\d_]+", folded)[:MOST_WORDS]


def mentions(word: str) -> ColumnElement[bool]:
    """Return the condition that a school's names or number hold a word, or its ownership is it."""
    if word in tuple(Ownership):
        return or_(_holds(word), School.ownership == word)
    if word.isdigit() and len(word) <= WHOLE_NUMBER_DIGITS:
        return _holds(f" {word} ")
    if SHORT_PUBLIC_NAME.fullmatch(word):
        # People say "SDN 3"; the register says "SD NEGERI 3".
        return or_(_holds(word), _holds(f"{word[:-1]} negeri"))
    return _holds(word)


def _holds(text: str) -> ColumnElement[bool]:
    own = literal(" ") + School.name + " " + School.aliases + " " + School.npsn + " "
    before = literal(" ") + FormerName.name + " "
    bore = exists().where(FormerName.school_id == School.id, _within(before, text))
    return or_(_within(own, text), bore.correlate(School))


def _within(spaced: ColumnElement[str], text: str) -> ColumnElement[bool]:
    everything: ColumnElement[str] = func.replace(func.lower(spaced), "\n", " ")
    for mark in APOSTROPHES:
        everything = func.replace(everything, mark, "")
    return everything.contains(text, autoescape=True)


def get_school(session: Session, actor: Actor, public_id: str) -> School | None:
    """Return one school with its district, if the actor may see it."""
    return session.scalar(
        select(School)
        .join(School.district)
        .options(contains_eager(School.district))
        .where(School.public_id == public_id, policy.visible_to(actor))
    )


def public_id_of(session: Session, actor: Actor, school_id: UUID) -> str | None:
    """Return the id under which a school appears in addresses."""
    return session.scalar(
        select(School.public_id).where(School.id == school_id, policy.visible_to(actor))
    )


def names(session: Session) -> dict[UUID, str]:
    """Return the names of all schools."""
    return {row.id: row.name for row in session.execute(select(School.id, School.name))}


def choices(session: Session, condition: ColumnElement[bool]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return `id`, `public_id` and `name` of the active schools that meet a condition, by name."""
    return session.execute(
        select(School.id, School.public_id, School.name)
        .where(School.active, condition)
        .order_by(School.name, School.id)
    ).all()


def meant_by(text: str) -> ColumnElement[bool]:
    """Return the condition for schools whose names or number a text means; blank means none."""
    wanted = words(text)
    return and_(*map(mentions, wanted)) if wanted else false()


def districts(session: Session) -> list[District]:
    """Return all districts, by name."""
    return list(session.scalars(select(District).order_by(District.name)))


def partner_on(session: Session, school_id: UUID, day: date) -> bool:
    """Say whether a school has an MoU in force on a day."""
    return bool(session.scalar(select(is_partner(day)).where(School.id == school_id)))


def current_mou(session: Session, school_id: UUID, day: date) -> Mou | None:
    """Return the MoU of a school in force on a day."""
    found: Mou | None = session.scalar(*_current_mou(school_id=school_id, day=day))
    return found


@prepared
def _current_mou(*, school_id: UUID, day: date) -> Select[Mou]:
    return (
        select(Mou)
        .where(Mou.school_id == school_id, in_force(day))
        .order_by(Mou.signed_on.desc(), Mou.id.desc())
        .limit(1)
    )


def mous_of(session: Session, actor: Actor, school_id: UUID) -> list[tuple[Mou, StoredFile | None]]:
    """Return the memoranda of a school an actor may see, the newest first, each with its file."""
    rows = session.execute(
        select(Mou, StoredFile)
        .outerjoin(StoredFile, StoredFile.id == Mou.file_id)
        .where(Mou.school_id == school_id, policy.mous_visible_to(actor))
        .order_by(Mou.signed_on.desc(), Mou.id.desc())
    )
    return [(mou, file) for mou, file in rows]


def get_mou(session: Session, actor: Actor, school_id: UUID, public_id: str) -> Mou | None:
    """Return one MoU of a school, if the actor may see it."""
    return session.scalar(
        select(Mou).where(
            Mou.public_id == public_id,
            Mou.school_id == school_id,
            policy.mous_visible_to(actor),
        )
    )


def get_file(session: Session, mou: Mou) -> StoredFile | None:
    """Return the signed copy of an MoU."""
    return session.get(StoredFile, mou.file_id) if mou.file_id else None


def get_import(session: Session, actor: Actor, public_id: str) -> SchoolImport | None:
    """Return a waiting import of the actor's own."""
    return session.scalar(
        select(SchoolImport).where(
            SchoolImport.public_id == public_id, policy.imports_visible_to(actor)
        )
    )


def imports_of(session: Session, actor: Actor) -> Sequence[SchoolImport]:
    """Return the actor's own waiting imports."""
    return session.scalars(select(SchoolImport).where(policy.imports_visible_to(actor))).all()


def register(session: Session) -> dict[str, School]:
    """Return all schools by their NPSN."""
    return {school.npsn: school for school in session.scalars(select(School))}
