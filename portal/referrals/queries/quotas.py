"""How many children were sent to a provider in a year, and what that cost.

A referral belongs to the year of its number. It takes a place from its approval on, and keeps it
once the provider took it on or it cost something; one that was refused or cancelled gives its
place back. These figures count all referrals: they say how much is left, never who was sent.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.referrals.models import Quota, Referral, ReferralAnswer
from portal.referrals.states import WITH_PROVIDER, AnswerKind, ReferralState

TAKEN = frozenset({ReferralState.APPROVED, *WITH_PROVIDER})


@dataclass(frozen=True)
class Use:
    """What a provider may be used for in one year, and how much of it is used; rupiah."""

    quota: Quota | None = None
    taken: int = 0
    spent: int = 0

    @property
    def places_left(self) -> int | None:
        """Return how many children may still be sent, never below 0; None without a quota."""
        return None if self.quota is None else max(0, self.quota.places - self.taken)

    @property
    def budget_left(self) -> int | None:
        """Return what may still be spent, never below 0; None where no money was set aside."""
        if self.quota is None or self.quota.budget is None:
            return None
        return max(0, self.quota.budget - self.spent)


def takes_place() -> ColumnElement[bool]:
    """Return the condition for the referrals that count against a quota."""
    accepted = (
        select(ReferralAnswer.id)
        .where(
            ReferralAnswer.referral_id == Referral.id, ReferralAnswer.kind == AnswerKind.ACCEPTED
        )
        .exists()
    )
    ended = and_(Referral.state == ReferralState.ENDED, or_(accepted, Referral.real_cost > 0))
    return or_(Referral.state.in_(sorted(TAKEN)), ended)


def of_year(year: int) -> ColumnElement[bool]:
    """Return the condition for the referrals of a year."""
    first, behind = clock.day_bounds(date(year, 1, 1), date(year, 12, 31))
    return and_(Referral.made_at >= first, Referral.made_at < behind)


def year_of(referral: Referral) -> int:
    """Return the year a referral counts in."""
    return referral.made_at.astimezone(clock.WIB).year


def uses(session: Session, providers: Collection[UUID], year: int) -> dict[UUID, Use]:
    """Return what is used of each provider in a year."""
    quotas = {
        each.provider_id: each
        for each in session.scalars(
            select(Quota).where(Quota.provider_id.in_(providers), Quota.year == year)
        )
    }
    cost = func.sum(func.coalesce(Referral.real_cost, Referral.expected_cost))
    rows = session.execute(
        select(Referral.provider_id, func.count(), cost)
        .where(Referral.provider_id.in_(providers), of_year(year), takes_place())
        .group_by(Referral.provider_id)
    )
    counted = {provider: (int(count), int(spent or 0)) for provider, count, spent in rows}
    return {each: Use(quotas.get(each), *counted.get(each, (0, 0))) for each in providers}


def lock(session: Session, provider_id: UUID, year: int) -> None:
    """Let nobody else take a place at a provider until this transaction ends."""
    session.execute(
        select(Quota.id)
        .where(Quota.provider_id == provider_id, Quota.year == year)
        .with_for_update()
    )
