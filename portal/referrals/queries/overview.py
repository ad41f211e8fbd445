"""All referrals somebody may know of, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, func, literal, select
from sqlalchemy import tuple_ as row_of
from sqlalchemy.orm import Session

from portal.cases import policy as cases
from portal.cases.models import Case
from portal.core import clock
from portal.core.access import Actor
from portal.referrals.models import Provider, Referral
from portal.referrals.queries.quotas import of_year, takes_place
from portal.referrals.states import OPEN, WITH_PROVIDER, ReferralState

PAGE_SIZE = 25
# What waits for a decision or for sending lies with the office, the rest with the provider; one
# that was refused waits for another provider.
TABS: dict[str, frozenset[ReferralState]] = {
    "kantor": OPEN - WITH_PROVIDER | {ReferralState.REFUSED},
    "menunggu": frozenset({ReferralState.SENT}),
    "berjalan": WITH_PROVIDER - {ReferralState.SENT},
    "selesai": frozenset({ReferralState.ENDED, ReferralState.CANCELLED}),
}
# Since when it is as it is, as far as the office moved it.
SINCE = func.coalesce(Referral.ended_at, Referral.answered_at, Referral.sent_at, Referral.made_at)


@dataclass(frozen=True)
class Entry:
    """A referral by its numbers."""

    public_id: str
    number: str
    state: ReferralState
    whole_case: bool
    beyond_quota: bool
    answer_by: date | None
    days: int
    case_id: str
    case_number: str
    provider: str


@dataclass(frozen=True)
class Page:
    """A stretch of the list, and the public id after which it goes on."""

    entries: list[Entry]
    after: str | None


@dataclass(frozen=True)
class Cost:
    """What one provider cost in one year: children sent, rupiah spent and still expected."""

    provider: str
    sent: int
    real: int
    expected: int


def _known(actor: Actor) -> ColumnElement[bool]:
    return Referral.case_id.in_(select(Case.id).where(cases.listed_to(actor)))


def list_referrals(session: Session, actor: Actor, tab: str, after: str | None = None) -> Page:
    """Return a page of a tab, what waits longest first; of the ended ones the newest first.

    The page begins behind the referral with the public id `after`; with an id the actor may not
    know of, at the start.
    """
    ended = tab == "selesai"
    columns: list[Any] = [SINCE, Referral.id]
    query = (
        select(
            Referral.public_id,
            Referral.number,
            Referral.state,
            Referral.whole_case,
            Referral.beyond_quota,
            Referral.answer_by,
            SINCE.label("since"),
            Case.public_id.label("case_id"),
            Case.number.label("case_number"),
            Provider.name.label("provider"),
        )
        .join(Case, Case.id == Referral.case_id)
        .join(Provider, Provider.id == Referral.provider_id)
        .where(cases.listed_to(actor), Referral.state.in_(sorted(TABS[tab])))
    )
    key = session.execute(
        select(*columns).where(Referral.public_id == after, _known(actor))
    ).one_or_none()
    if key:
        there = row_of(*map(literal, key, (column.type for column in columns)))
        here = row_of(*columns)
        query = query.where(here < there if ended else here > there)
    order = [column.desc() for column in columns] if ended else columns
    rows = session.execute(query.order_by(*order).limit(PAGE_SIZE + 1)).all()
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    return Page([_entry(row) for row in rows], rows[-1].public_id if more else None)


def _entry(row: Row[*tuple[Any, ...]]) -> Entry:
    known = {name: value for name, value in row._mapping.items() if name != "since"}
    days = (clock.today() - clock.day_of(row.since)).days
    return Entry(**{**known, "state": ReferralState(row.state), "days": days})


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """Return how many referrals stand under each tab, for this actor."""
    rows = session.execute(
        select(Referral.state, func.count()).where(_known(actor)).group_by(Referral.state)
    )
    by_state = {ReferralState(state): count for state, count in rows}
    return {tab: sum(by_state.get(state, 0) for state in states) for tab, states in TABS.items()}


def costs(session: Session, year: int) -> list[Cost]:
    """Return what each provider cost in a year, the dearest first; figures without any case."""
    real = func.coalesce(func.sum(Referral.real_cost), 0)
    outstanding = func.sum(Referral.expected_cost).filter(Referral.real_cost.is_(None))
    expected = func.coalesce(outstanding, 0)
    rows = session.execute(
        select(Provider.name, func.count(), real, expected)
        .join(Provider, Provider.id == Referral.provider_id)
        .where(of_year(year), takes_place())
        .group_by(Provider.id, Provider.name)
        .order_by((real + expected).desc(), Provider.name)
    )
    return [Cost(name, count, int(paid or 0), int(due or 0)) for name, count, paid, due in rows]
