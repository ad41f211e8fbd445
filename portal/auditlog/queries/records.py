"""Finding the records that entries and holds speak of, by what people call them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.auditlog.models import Breach, DataRequest
from portal.cases.models import Case
from portal.core.retention import LegalHold
from portal.incidents.models import Report
from portal.people.models import Conflict, EmergencyAccess, Invitation, Membership, User
from portal.people.queries.accounts import find_by_identifier
from portal.referrals.models import Referral
from portal.schools.models import Mou, School, SchoolImport
from portal.visits.models import Leave, Visit


@dataclass(frozen=True)
class Kind:
    """A kind of record: its model, and the column with the number people know it by."""

    model: Any
    number: Any = None


KINDS: dict[str, Kind] = {
    "user": Kind(User),
    "membership": Kind(Membership),
    "invitation": Kind(Invitation),
    "conflict": Kind(Conflict),
    "emergency": Kind(EmergencyAccess),
    "school": Kind(School, School.npsn),
    "school_import": Kind(SchoolImport),
    "mou": Kind(Mou, Mou.number),
    "visit": Kind(Visit, Visit.reference),
    "leave": Kind(Leave),
    "data_request": Kind(DataRequest, DataRequest.number),
    "breach": Kind(Breach, Breach.number),
    "hold": Kind(LegalHold),
    "report": Kind(Report, Report.locator),
    "case": Kind(Case, Case.number),
    "referral": Kind(Referral, Referral.number),
}
# What a court or an inquiry may ask to keep.
HOLDABLE = ("case", "report", "user", "data_request", "breach", "visit", "mou", "school")


@dataclass(frozen=True)
class Found:
    """A record somebody named, and what it is called."""

    kind: str
    record_id: UUID
    label: str


def ids_named(session: Session, text: str, kind: str | None = None) -> list[UUID]:
    """Return the ids of the records with this number or id, of one kind or of any."""
    try:
        return [UUID(text)]
    except ValueError:
        pass
    kinds = [KINDS[kind]] if kind in KINDS else list(KINDS.values()) if kind is None else []
    return [
        record_id
        for each in kinds
        for record_id in session.scalars(select(each.model.id).where(_named(each, text)))
    ]


def _named(kind: Kind, text: str) -> Any:
    ways = [kind.model.public_id == text]
    if kind.number is not None:
        ways.append(kind.number.in_({text, text.upper()}))
    return or_(*ways)


def numbers(session: Session, records: Iterable[tuple[str, UUID | None]]) -> dict[UUID, str]:
    """Return the numbers of the records that have one, a statement for each kind."""
    wanted: dict[str, set[UUID]] = defaultdict(set)
    for kind, record_id in records:
        if record_id and kind in KINDS and KINDS[kind].number is not None:
            wanted[kind].add(record_id)
    return {
        row[0]: row[1]
        for kind, ids in wanted.items()
        for row in session.execute(
            select(KINDS[kind].model.id, KINDS[kind].number).where(KINDS[kind].model.id.in_(ids))
        )
    }


def names(session: Session, user_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return the names of accounts."""
    wanted = {user_id for user_id in user_ids if user_id}
    rows = session.execute(select(User.id, User.full_name).where(User.id.in_(wanted)))
    return {row.id: row.full_name for row in rows}


def people_called(session: Session, part: str, limit: int) -> Sequence[User]:
    """Return accounts whose name contains this, by name."""
    return session.scalars(
        select(User)
        .where(User.full_name.icontains(part, autoescape=True))
        .order_by(User.full_name, User.id)
        .limit(limit)
    ).all()


def to_hold(session: Session, kind: str, text: str) -> Found | None:
    """Return the record a hold shall keep, and keep it from going meanwhile.

    An account is named by its e-mail address or phone number, other records by their number.
    """
    model, number = KINDS[kind].model, KINDS[kind].number
    if kind == "user":
        user = find_by_identifier(session, text)
        found = Found(kind, user.id, user.full_name) if user else None
    else:
        named = select(model.id, number).where(number.in_({text, text.upper()}))
        row = session.execute(named.limit(1)).first()
        found = Found(kind, row[0], row[1]) if row else None
    if found is None:
        return None
    locked = select(model.id).where(model.id == found.record_id).with_for_update()
    return found if session.scalar(locked) else None
