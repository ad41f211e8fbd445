"""Posts of a campaign: planned, approved, posted or dropped; and how far they reached.

An approval is for exactly these words: once they change, the post waits for another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.links import link_for
from portal.materials.actions import post_waiting, writing
from portal.materials.events import CampaignPostMoved
from portal.materials.models import Campaign, CampaignPost, Material, PostReach
from portal.materials.policy.channels import LINK
from portal.materials.states import UNPOSTED, Channel, MaterialState, PostState

# What a page can show of one campaign.
MOST_POSTS = 200
# What an approval is for, besides the material it leads to.
APPROVED = ("channel", "text_id", "text_en", "heading_id", "heading_en")
# Moments are typed to the minute.
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class PostCommand:
    """What is to be posted where and when; `material` is what it leads to."""

    channel: Channel
    planned_at: datetime
    text_id: str
    text_en: str
    heading_id: str
    heading_en: str
    material: Material | None


@dataclass(frozen=True)
class Reach:
    """What a channel says of a post; None for what it does not say."""

    noted_on: date
    reached: int
    reactions: int | None
    comments: int | None
    shares: int | None


def plan(session: Session, actor: Actor, campaign: Campaign, command: PostCommand) -> CampaignPost:
    """Plan a post.

    Raises Rejected("not_allowed"), Rejected("campaign_full"), Rejected("outside_campaign") and
    Rejected("link_without_material").
    """
    _check(actor)
    # Two who plan the last one wait for each other here.
    campaign = _locked(session, campaign.id)
    held = select(func.count()).where(CampaignPost.campaign_id == campaign.id)
    if (session.scalar(held) or 0) >= MOST_POSTS:
        raise Rejected("campaign_full", most=MOST_POSTS)
    _check_command(campaign, command)
    made = CampaignPost(id=new_id(), campaign_id=campaign.id, state=PostState.PLANNED)
    _write(actor, made, command)
    session.add(made)
    session.flush()
    _lead_to(session, made, command.material)
    post_waiting.ask_to_approve(session, made)
    emit(session, actor, CampaignPostMoved(made.id, step="planned"))
    return made


def change(
    session: Session, actor: Actor, campaign: Campaign, post: CampaignPost, command: PostCommand
) -> None:
    """Change a post that is not posted yet; other words wait for another approval.

    Raises as `plan` does, and Rejected("state_changed") for one posted or dropped meanwhile.
    """
    _check(actor)
    if post.state not in UNPOSTED:
        raise Rejected("state_changed")
    _check_command(_locked(session, campaign.id), command)
    if _changes(post, command):
        if post.state == PostState.APPROVED:
            post.move(actor, "reconsider")
            post.approved_by = post.approved_at = None
            post_waiting.nothing_more(session, post)
        _write(actor, post, command)
        _lead_to(session, post, command.material)
    else:
        post.planned_at = command.planned_at
    if post.state == PostState.APPROVED:
        post_waiting.ask_to_post(session, post)
    else:
        post_waiting.ask_to_approve(session, post)
    emit(session, actor, CampaignPostMoved(post.id, step="changed"))


def approve(session: Session, actor: Actor, post: CampaignPost) -> None:
    """Approve the words of a post.

    Raises Rejected("not_allowed"), Rejected("state_changed") and Rejected("post_leads_nowhere").
    """
    post.move(actor, "approve")
    material = session.get(Material, post.material_id) if post.material_id else None
    if material is not None and material.state != MaterialState.PUBLISHED:
        raise Rejected("post_leads_nowhere")
    post.approved_by, post.approved_at = actor.user_id, clock.now()
    post_waiting.ask_to_post(session, post)
    emit(session, actor, CampaignPostMoved(post.id, step="approved"))


def log(session: Session, actor: Actor, post: CampaignPost, moment: datetime, url: str) -> None:
    """Note when a post was posted, and where it is seen.

    Raises Rejected("not_allowed"), Rejected("state_changed"), Rejected("posted_to_come") and
    Rejected("posted_before_approval").
    """
    post.move(actor, "log")
    if moment > clock.now():
        raise Rejected("posted_to_come", "posted_on")
    if post.approved_at is not None and moment <= post.approved_at - MINUTE:
        raise Rejected("posted_before_approval", "posted_on", when=post.approved_at)
    post.posted_by, post.posted_at, post.posted_url = actor.user_id, moment, url
    post_waiting.nothing_more(session, post)
    emit(session, actor, CampaignPostMoved(post.id, step="posted"))


def drop(session: Session, actor: Actor, post: CampaignPost, reason: str) -> None:
    """Drop a post; raises Rejected("not_allowed") and Rejected("state_changed")."""
    post.move(actor, "drop")
    post.reason = reason
    post.approved_by = post.approved_at = None
    post_waiting.nothing_more(session, post)
    emit(session, actor, CampaignPostMoved(post.id, step="dropped"))


def take_up(session: Session, actor: Actor, post: CampaignPost) -> None:
    """Take up a dropped post again.

    Raises Rejected("not_allowed"), Rejected("state_changed"), and Rejected("day_outside") where the
    campaign has other days by now.
    """
    campaign = _locked(session, post.campaign_id)
    post.move(actor, "take_up")
    if _lies_outside(campaign, post.planned_at):
        day = i18n.plain_date(post.planned_at)
        raise Rejected("day_outside", day=day, days=_days(campaign))
    post.reason = ""
    post_waiting.ask_to_approve(session, post)
    emit(session, actor, CampaignPostMoved(post.id, step="taken_up"))


def note_reach(session: Session, actor: Actor, post: CampaignPost, reach: Reach) -> None:
    """Note how far a post reached by a day; what was noted before stays.

    Raises Rejected("not_allowed"), Rejected("state_changed") for one not posted, and
    Rejected("reach_day").
    """
    _check(actor)
    if post.state != PostState.POSTED or post.posted_at is None:
        raise Rejected("state_changed")
    first = clock.day_of(post.posted_at)
    if not first <= reach.noted_on <= clock.today():
        raise Rejected("reach_day", "noted_on", first=i18n.plain_date(first))
    noted = PostReach(id=new_id(), post_id=post.id, noted_by=actor.user_id, **vars(reach))
    session.add(noted)
    emit(session, actor, CampaignPostMoved(post.id, step="reach_noted"))


def _check(actor: Actor) -> None:
    if not actor.may(Permission.CAMPAIGN_WRITE):
        raise Rejected("not_allowed")


def _locked(session: Session, campaign_id: UUID) -> Campaign:
    """Return a campaign with its days as they are now; whoever changes them waits."""
    found = select(Campaign).where(Campaign.id == campaign_id).with_for_update()
    return session.scalars(found, execution_options={"populate_existing": True}).one()


def _lies_outside(campaign: Campaign, moment: datetime) -> bool:
    first, end = clock.day_bounds(campaign.starts_on, campaign.ends_on)
    return not first <= moment < end


def _days(campaign: Campaign) -> str:
    return i18n.date_range(campaign.starts_on, campaign.ends_on)


def _check_command(campaign: Campaign, command: PostCommand) -> None:
    if _lies_outside(campaign, command.planned_at):
        raise Rejected("outside_campaign", "day", days=_days(campaign))
    if command.material is None and LINK in command.text_id + command.text_en:
        raise Rejected("link_without_material", "material", link=LINK)


def _changes(post: CampaignPost, command: PostCommand) -> bool:
    """Say whether anything would change that an approval is for."""
    leads_to = command.material.id if command.material else None
    return post.material_id != leads_to or any(
        getattr(post, name) != getattr(command, name) for name in APPROVED
    )


def _write(actor: Actor, post: CampaignPost, command: PostCommand) -> None:
    for name in ("planned_at", *APPROVED):
        setattr(post, name, getattr(command, name))
    post.written_by, post.written_at = actor.user_id, clock.now()


def _lead_to(session: Session, post: CampaignPost, material: Material | None) -> None:
    """Let the post's own short link lead to a material; its opens are counted apart."""
    if material is None:
        post.material_id = post.link_code = None
        return
    link = link_for(session, f"post:{post.id}", writing.path_of(material))
    post.material_id, post.link_code = material.id, link.code
