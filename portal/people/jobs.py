"""How long what people leave behind at the door is kept, and whom the portal asks next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from portal.core import duties, i18n, ladders
from portal.core.access import Role
from portal.core.ladders import Ladder
from portal.core.retention import Rule, deleting, register
from portal.people.actions.confidential import REVIEW
from portal.people.actions.invitations import APPROVE
from portal.people.actions.sessions import RESET_WANTED
from portal.people.models import Invitation, ResetLink, SignInSession
from portal.people.policy import kept_from

_ = i18n.lazy


def _old_sessions(before: datetime) -> Select[*tuple[Any, ...]]:
    over = func.coalesce(SignInSession.ended_at, SignInSession.expires_at)
    return select(SignInSession.id, over).where(over < before)


def _old_invitations(before: datetime) -> Select[*tuple[Any, ...]]:
    over = func.coalesce(Invitation.used_at, Invitation.cancelled_at, Invitation.expires_at)
    return select(Invitation.id, over).where(over < before)


def _old_reset_links(before: datetime) -> Select[*tuple[Any, ...]]:
    over = func.coalesce(ResetLink.used_at, ResetLink.cancelled_at, ResetLink.expires_at)
    return select(ResetLink.id, over).where(over < before)


register(
    Rule(
        "sessions",
        _("Sign-ins that are over"),
        "keep_sessions_days",
        _old_sessions,
        deleting(SignInSession, SignInSession.id),
        (SignInSession.user_id,),
    )
)
register(
    Rule(
        "invitations",
        _("Invitations that were used or ran out, with name and contacts"),
        "keep_links_days",
        _old_invitations,
        deleting(Invitation, Invitation.id),
        (Invitation.id,),
    )
)
register(
    Rule(
        "reset_links",
        _("Links to a new password that were used or ran out"),
        "keep_links_days",
        _old_reset_links,
        deleting(ResetLink, ResetLink.id),
        (ResetLink.user_id,),
    )
)
duties.hide_with(kept_from)
ladders.register(
    Ladder(RESET_WANTED, then=(Role.ADMIN,)),
    # Nobody stands above those who review and agree.
    Ladder(REVIEW),
    Ladder(APPROVE),
)
