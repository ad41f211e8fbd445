"""Keeping the list of providers: who helps, how many children, for what money."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.referrals.events import ProviderChanged
from portal.referrals.models import Provider, Quota
from portal.referrals.queries.providers import quota_of
from portal.referrals.states import ProviderKind


@dataclass(frozen=True)
class ProviderFacts:
    """Who helps, how they are reached, what one child usually costs (rupiah)."""

    name: str
    kind: ProviderKind
    contact_person: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    note: str = ""
    usual_cost: int = 0
    active: bool = True


@dataclass(frozen=True)
class QuotaFacts:
    """How many children in a year, and the money set aside (rupiah; None for none)."""

    places: int
    budget: int | None = None
    source: str = ""


def add_provider(session: Session, actor: Actor, facts: ProviderFacts) -> Provider:
    """Write down a new provider; raises Rejected("not_allowed")."""
    _check(actor)
    provider = Provider(id=new_id(), changed_at=clock.now(), **facts.__dict__)
    session.add(provider)
    session.flush()
    emit(session, actor, ProviderChanged(provider.id))
    return provider


def change_provider(
    session: Session, actor: Actor, provider: Provider, facts: ProviderFacts
) -> None:
    """Correct a provider, or offer it no longer; raises Rejected("not_allowed")."""
    _check(actor)
    for name, value in facts.__dict__.items():
        setattr(provider, name, value)
    provider.changed_at = clock.now()
    emit(session, actor, ProviderChanged(provider.id))


def set_quota(
    session: Session, actor: Actor, provider: Provider, year: int, facts: QuotaFacts
) -> Quota:
    """Write down what was agreed for a year; raises Rejected("not_allowed")."""
    _check(actor)
    # Two people who write the first quota of a year do so one after the other.
    session.refresh(provider, with_for_update=True)
    quota = quota_of(session, provider, year)
    if quota is None:
        quota = Quota(id=new_id(), provider_id=provider.id, year=year)
        session.add(quota)
    quota.places, quota.budget, quota.source = facts.places, facts.budget, facts.source
    quota.changed_at = clock.now()
    emit(session, actor, ProviderChanged(provider.id))
    return quota


def _check(actor: Actor) -> None:
    if not actor.may(Permission.PROVIDER_WRITE):
        raise Rejected("not_allowed")
