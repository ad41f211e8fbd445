"""Who may see and change referrals and the list of providers."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from portal.cases import policy as cases
from portal.cases.models import Case
from portal.core.access import Actor, Permission
from portal.referrals.models import Referral


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the referrals an actor may read: those of cases open to them."""
    return Referral.case_id.in_(select(Case.id).where(cases.open_to(actor)))


def worked_on_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the referrals an actor may change."""
    return Referral.case_id.in_(select(Case.id).where(cases.worked_on_by(actor)))


def providers_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the providers an actor may see."""
    return actor.within(Permission.PROVIDER_READ)
