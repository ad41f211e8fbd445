"""What happened in a case, newest first, told in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.cases.models import Case, CaseEntry
from portal.cases.queries import searching
from portal.cases.queries.sentences import TITLES, details_of
from portal.cases.states import EntryKind
from portal.core import clock
from portal.core.prepared import prepared
from portal.people.models import User
from portal.schools.models import School

K = EntryKind

PAGE_SIZE = 20
FOLDED_FROM = 240
# The kinds of line by what somebody looks for; "semua" is all of them.
GROUPS: dict[str, frozenset[EntryKind]] = {
    "semua": frozenset(),
    "kontak": frozenset({K.NOTE, K.FAMILY_CONTACT, K.SENTINEL}),
    "keputusan": frozenset({K.DECISION, K.CONSENT, K.PLAN, K.CLOSED, K.REOPENED}),
    "layanan": frozenset(
        {K.SERVICE, K.CONFERENCE, K.REFERRAL, K.ASSESSMENT, K.GOAL_REVIEWED, K.OBSTACLE}
    ),
    "sekolah": frozenset({K.RETURN_PLAN, K.MONITORING, K.ALERT}),
    "tahap": frozenset({K.OPENED, K.STAGE_DONE, K.STAGE_SKIPPED, K.STAGE_REOPENED}),
}
# On which part of the file the record of a line stands.
PLACES: dict[EntryKind, str] = {
    K.ASSIGNED: "access",
    K.IDENTITY: "child",
    K.SCHOOL_CHANGED: "child",
    K.STAGE_DONE: "stages",
    K.STAGE_SKIPPED: "stages",
    K.STAGE_REOPENED: "stages",
    K.ASSESSMENT: "assessment",
    K.OBSTACLE: "stages",
    K.PLAN: "plan",
    K.GOAL_REVIEWED: "plan",
    K.SERVICE: "services",
    K.CONFERENCE: "services",
    K.FAMILY_CONTACT: "family",
    K.CONSENT: "decisions",
    K.DECISION: "decisions",
    K.REFERRAL: "referrals",
    K.CLOSED: "closure",
    K.REOPENED: "closure",
    K.SENTINEL: "closure",
    K.RETURN_PLAN: "return",
    K.MONITORING: "monitoring",
    K.ALERT: "monitoring",
}
# What was written there tells who the child is.
NAMING = frozenset({K.IDENTITY, K.SCHOOL_CHANGED})


@dataclass(frozen=True)
class Line:
    """One line of the timeline, as somebody reads it."""

    kind: EntryKind
    title: str
    # What the facts say, in the order in which they were written.
    details: tuple[str, ...]
    text: str
    writer: str
    at: datetime
    # When it was written down, where that was another day.
    written_later: datetime | None
    # The part of the file where its record stands; empty for none.
    place: str

    @property
    def long(self) -> bool:
        """Say whether its text is folded away at first."""
        return len(self.text) > FOLDED_FROM or self.text.count("\n") > 3

    @property
    def month(self) -> tuple[int, int]:
        """Return the year and month in which it happened, in WIB."""
        local = self.at.astimezone(clock.WIB)
        return local.year, local.month


@dataclass(frozen=True)
class Stretch:
    """A page of a timeline, and the key (moment, id) after which it goes on."""

    lines: list[Line]
    after: tuple[datetime, UUID] | None


@dataclass(frozen=True)
class Wanted:
    """What of a timeline somebody wants to see."""

    group: str = "semua"
    text: str = ""


def read(
    session: Session,
    case: Case,
    wanted: Wanted,
    after: tuple[Any, ...] | None = None,
    *,
    named: bool,
) -> Stretch:
    """Return a page of a case's timeline, newest first.

    Without the name (`named`), what was written about who the child is stays closed.
    """
    kinds = GROUPS[wanted.group]
    query, values = _entries(case_id=case.id)
    if wanted.text:
        open_kinds = (kinds or frozenset(EntryKind)) - (frozenset() if named else NAMING)
        found = searching.entries_with(
            session, case.id, open_kinds, wanted.text, after, PAGE_SIZE + 1
        )
        query = query.where(CaseEntry.id.in_(found))
    else:
        if kinds:
            query = query.where(CaseEntry.kind.in_(sorted(kinds)))
        if after is not None:
            query = query.where(searching.older_than(after))
        query = query.limit(PAGE_SIZE + 1)
    entries = list(session.scalars(query, values))
    more, entries = len(entries) > PAGE_SIZE, entries[:PAGE_SIZE]
    names = _names(session, entries)
    lines = [_line(entry, names, named=named) for entry in entries]
    return Stretch(lines, (entries[-1].at, entries[-1].id) if more else None)


def _names(session: Session, entries: Iterable[CaseEntry]) -> dict[str, str]:
    """Return the names of all people and schools some lines mention, by the words for their ids."""
    told = [entry.facts for entry in entries]
    people = {UUID(facts["user"]) for facts in told if facts.get("user")}
    people |= {entry.written_by for entry in entries if entry.written_by}
    schools = {UUID(facts["school"]) for facts in told if facts.get("school")}
    found = list(session.execute(*_people(ids=list(people)))) if people else []
    found += session.execute(*_schools(ids=list(schools))) if schools else ()
    return {key.hex: name for key, name in found}


@prepared
def _entries(*, case_id: UUID) -> Select[CaseEntry]:
    newest = CaseEntry.at.desc(), CaseEntry.id.desc()
    return select(CaseEntry).where(CaseEntry.case_id == case_id).order_by(*newest)


@prepared
def _people(*, ids: list[UUID]) -> Select[UUID, str]:
    return select(User.id, User.full_name).where(User.id.in_(ids))


@prepared
def _schools(*, ids: list[UUID]) -> Select[UUID, str]:
    return select(School.id, School.name).where(School.id.in_(ids))


def _line(entry: CaseEntry, names: dict[str, str], *, named: bool) -> Line:
    kind = EntryKind(entry.kind)
    other_day = clock.day_of(entry.written_at) != clock.day_of(entry.at)
    return Line(
        kind=kind,
        title=str(TITLES[kind]),
        details=tuple(details_of(kind, entry.facts, names)),
        text=entry.text if named or kind not in NAMING else "",
        writer=names.get(entry.written_by.hex, "") if entry.written_by else "",
        at=entry.at,
        written_later=entry.written_at if other_day else None,
        place=PLACES.get(kind, ""),
    )
