"""Campaigns: begun and changed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.materials.events import CampaignChanged
from portal.materials.models import Campaign, CampaignPost
from portal.materials.states import UNPOSTED, Strategy

# A longer one is two campaigns, and its calendar would have no end.
MOST_DAYS = 366


@dataclass(frozen=True)
class CampaignCommand:
    """What a campaign is called, what it is to reach, and from when to when it goes."""

    name: str
    goal: str
    strategy: Strategy
    starts_on: date
    ends_on: date


def begin(session: Session, actor: Actor, command: CampaignCommand) -> Campaign:
    """Begin a campaign; raises Rejected("not_allowed") and Rejected("campaign_days")."""
    made = Campaign(id=new_id(), made_by=actor.user_id, made_at=clock.now())
    change(session, actor, made, command)
    session.add(made)
    return made


def change(session: Session, actor: Actor, campaign: Campaign, command: CampaignCommand) -> None:
    """Change a campaign.

    Raises as `begin` does, and Rejected("posts_outside") where a post still to come would lie on
    none of its days.
    """
    if not actor.may(Permission.CAMPAIGN_WRITE):
        raise Rejected("not_allowed")
    if not 0 <= (command.ends_on - command.starts_on).days < MOST_DAYS:
        raise Rejected("campaign_days", "ends_on")
    # Whoever plans a post waits here, or is waited for: its day is compared with these.
    session.execute(select(Campaign.id).where(Campaign.id == campaign.id).with_for_update())
    if _holds_outside(session, campaign, command):
        raise Rejected("posts_outside", "ends_on")
    for name, value in asdict(command).items():
        setattr(campaign, name, value)
    emit(session, actor, CampaignChanged(campaign.id))


def _holds_outside(session: Session, campaign: Campaign, command: CampaignCommand) -> bool:
    first, end = clock.day_bounds(command.starts_on, command.ends_on)
    outside = select(CampaignPost.id).where(
        CampaignPost.campaign_id == campaign.id,
        CampaignPost.state.in_(UNPOSTED),
        or_(CampaignPost.planned_at < first, CampaignPost.planned_at >= end),
    )
    return session.scalars(outside.limit(1)).first() is not None
