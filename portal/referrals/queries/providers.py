"""Reading the list of providers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.referrals import policy
from portal.referrals.models import Provider, Quota
from portal.referrals.queries.quotas import Use, uses


@dataclass(frozen=True)
class Listed:
    """A provider with what is used of it in one year."""

    provider: Provider
    use: Use


def list_providers(session: Session, actor: Actor, year: int) -> list[Listed]:
    """Return all providers by name, those that are no longer used last."""
    found = session.scalars(
        select(Provider)
        .where(policy.providers_visible_to(actor))
        .order_by(Provider.active.desc(), Provider.name, Provider.id)
    ).all()
    used = uses(session, [each.id for each in found], year)
    return [Listed(each, used[each.id]) for each in found]


def get_provider(session: Session, actor: Actor, public_id: str) -> Provider | None:
    """Return one provider."""
    return session.scalar(
        select(Provider).where(Provider.public_id == public_id, policy.providers_visible_to(actor))
    )


def quota_of(session: Session, provider: Provider, year: int) -> Quota | None:
    """Return what was agreed with a provider for a year."""
    return session.scalar(select(Quota).where(Quota.provider_id == provider.id, Quota.year == year))


def quotas_of(session: Session, provider: Provider) -> list[Quota]:
    """Return the quotas of all years, the newest first."""
    return list(
        session.scalars(
            select(Quota).where(Quota.provider_id == provider.id).order_by(Quota.year.desc())
        )
    )
