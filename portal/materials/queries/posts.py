"""One post of a campaign, with all its page shows, and the materials it may lead to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, or_, select
from sqlalchemy.orm import Session, aliased

from portal.core import links
from portal.materials.models import Campaign, CampaignPost, Material, PostReach
from portal.materials.policy.access import PUBLISHED
from portal.materials.queries.library import titled
from portal.materials.states import UNPOSTED, MaterialState
from portal.people.models import User

# How many materials are offered at once.
MOST_OFFERED = 6
WRITER, APPROVER, POSTER = aliased(User), aliased(User), aliased(User)


@dataclass(frozen=True)
class Shown:
    """A post with its campaign, what it leads to, who did what, and how far it reached."""

    post: CampaignPost
    campaign: Campaign
    material: Material | None
    writer: str
    approver: str
    poster: str
    # What was noted, the newest first, each with who noted it.
    reach: Sequence[Row[*tuple[Any, ...]]]
    opened: int

    @property
    def leads_nowhere(self) -> bool:
        """Say whether what it leads to is off the shelf."""
        return self.material is not None and self.material.state != MaterialState.PUBLISHED


def get(session: Session, public_id: str) -> CampaignPost | None:
    """Return one post."""
    return session.scalar(select(CampaignPost).where(CampaignPost.public_id == public_id))


def shown(session: Session, public_id: str) -> Shown | None:
    """Return one post with all its page shows."""
    found = (
        select(
            CampaignPost,
            Campaign,
            Material,
            WRITER.full_name.label("writer"),
            APPROVER.full_name.label("approver"),
            POSTER.full_name.label("poster"),
        )
        .join(Campaign, Campaign.id == CampaignPost.campaign_id)
        .outerjoin(Material, Material.id == CampaignPost.material_id)
        .outerjoin(WRITER, WRITER.id == CampaignPost.written_by)
        .outerjoin(APPROVER, APPROVER.id == CampaignPost.approved_by)
        .outerjoin(POSTER, POSTER.id == CampaignPost.posted_by)
        .where(CampaignPost.public_id == public_id)
    )
    row = session.execute(found).first()
    if row is None:
        return None
    post = row.CampaignPost
    noted = (
        select(PostReach, User.full_name.label("noted_by"))
        .outerjoin(User, User.id == PostReach.noted_by)
        .where(PostReach.post_id == post.id)
        .order_by(PostReach.noted_on.desc(), PostReach.id.desc())
    )
    return Shown(
        post,
        row.Campaign,
        row.Material,
        row.writer or "",
        row.approver or "",
        row.poster or "",
        session.execute(noted).all(),
        links.opened(session, [post.link_code]).get(post.link_code, 0) if post.link_code else 0,
    )


def material(session: Session, public_id: str, post: CampaignPost | None = None) -> Material | None:
    """Return a published material by its public id, or the one a post leads to already."""
    offered: ColumnElement[bool] = PUBLISHED
    if post is not None and post.material_id:
        offered = or_(PUBLISHED, Material.id == post.material_id)
    return session.scalar(select(Material).where(Material.public_id == public_id, offered))


def leading_to(session: Session, material_id: UUID) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the posts still to come that lead to a material, in the order they are planned in."""
    found = (
        select(
            CampaignPost.public_id,
            CampaignPost.channel,
            CampaignPost.planned_at,
            Campaign.name.label("campaign"),
        )
        .join(Campaign, Campaign.id == CampaignPost.campaign_id)
        .where(CampaignPost.material_id == material_id, CampaignPost.state.in_(UNPOSTED))
        .order_by(CampaignPost.planned_at, CampaignPost.id)
    )
    return session.execute(found).all()


def offered(session: Session, typed: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return published materials whose title holds what was typed, the newest first."""
    found = select(Material.public_id, Material.kind, Material.title_id, Material.title_en)
    found = found.where(PUBLISHED).order_by(Material.published_at.desc(), Material.id.desc())
    return session.execute(found.where(titled(typed)).limit(MOST_OFFERED)).all()
