"""Campaigns with what was planned, posted and reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Subquery, case, func, select
from sqlalchemy import tuple_ as row_of
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.links import LinkDay
from portal.materials.models import Campaign, CampaignPost, Material, PostReach
from portal.materials.states import UNPOSTED, Channel, PostState

PAGE_SIZE = 20
Key = tuple[date, UUID]


@dataclass(frozen=True)
class Page:
    """A stretch of the list, and the key (last day, id) from which it goes on."""

    rows: Sequence[Row[*tuple[Any, ...]]]
    after: Key | None


@dataclass(frozen=True)
class ChannelFigures:
    """What a campaign did on one channel; `reached` is None where nothing was noted."""

    channel: Channel
    open: int
    posted: int
    reached: int | None
    opened: int


def get(session: Session, public_id: str) -> Campaign | None:
    """Return one campaign."""
    return session.scalar(select(Campaign).where(Campaign.public_id == public_id))


def latest_reach() -> Subquery:
    """Return what was noted last of each post."""
    order = (PostReach.noted_on.desc(), PostReach.id.desc())
    place = func.row_number().over(partition_by=PostReach.post_id, order_by=order)
    numbered = select(PostReach, place.label("place")).subquery()
    return select(numbered).where(numbered.c.place == 1).subquery()


def listed(session: Session, after: Key | None = None, limit: int = PAGE_SIZE) -> Page:
    """Return campaigns, those that end last first, each with its figures."""
    reach = latest_reach()
    still_open = CampaignPost.state.in_(UNPOSTED)
    posts = (
        select(
            CampaignPost.campaign_id,
            func.sum(case((still_open, 1), else_=0)).label("open"),
            func.sum(case((CampaignPost.state == PostState.POSTED, 1), else_=0)).label("posted"),
            func.sum(reach.c.reached).label("reached"),
            func.min(case((still_open, CampaignPost.planned_at))).label("next_at"),
        )
        .outerjoin(reach, reach.c.post_id == CampaignPost.id)
        .group_by(CampaignPost.campaign_id)
        .subquery()
    )
    found = (
        select(
            Campaign.id,
            Campaign.public_id,
            Campaign.name,
            Campaign.starts_on,
            Campaign.ends_on,
            func.coalesce(posts.c.open, 0).label("open"),
            func.coalesce(posts.c.posted, 0).label("posted"),
            posts.c.reached,
            posts.c.next_at,
        )
        .outerjoin(posts, posts.c.campaign_id == Campaign.id)
        .order_by(Campaign.ends_on.desc(), Campaign.id.desc())
    )
    if after is not None:
        found = found.where(row_of(Campaign.ends_on, Campaign.id) < row_of(*after))
    rows = session.execute(found.limit(limit + 1)).all()
    more = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], (more.ends_on, more.id) if more else None)


def posts(session: Session, campaign_id: UUID) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the posts of a campaign in the order they are planned in, with reach and opens."""
    reach, opens = latest_reach(), _opens()
    found = (
        select(
            CampaignPost,
            Material.title_id,
            Material.title_en,
            reach.c.reached,
            func.coalesce(opens.c.opened, 0).label("opened"),
        )
        .outerjoin(Material, Material.id == CampaignPost.material_id)
        .outerjoin(reach, reach.c.post_id == CampaignPost.id)
        .outerjoin(opens, opens.c.code == CampaignPost.link_code)
        .where(CampaignPost.campaign_id == campaign_id)
        .order_by(CampaignPost.planned_at, CampaignPost.id)
    )
    return session.execute(found).all()


def reach_of(session: Session, campaign_id: UUID) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return all that was noted of the posts of a campaign, day by day."""
    found = (
        select(PostReach, CampaignPost.channel, CampaignPost.posted_at)
        .join(CampaignPost, CampaignPost.id == PostReach.post_id)
        .where(CampaignPost.campaign_id == campaign_id)
        .order_by(PostReach.noted_on, PostReach.id)
    )
    return session.execute(found).all()


def by_channel(rows: Sequence[Row[*tuple[Any, ...]]]) -> list[ChannelFigures]:
    """Return the figures of each channel that posts of a campaign (`posts`) are for."""
    figures = []
    for channel in Channel:
        own = [row for row in rows if row.CampaignPost.channel == channel]
        reached = [row.reached for row in own if row.reached is not None]
        states = [row.CampaignPost.state for row in own]
        if own:
            figures.append(
                ChannelFigures(
                    channel,
                    sum(state in UNPOSTED for state in states),
                    states.count(PostState.POSTED),
                    sum(reached) if reached else None,
                    sum(row.opened for row in own),
                )
            )
    return figures


@dataclass(frozen=True)
class Month:
    """One month as a wall calendar shows it: whole weeks from Monday on."""

    first: date

    @property
    def weeks(self) -> Iterator[list[date]]:
        """Yield the days week by week, with those of the months beside it."""
        day = clock.monday_of(self.first)
        while day < self.next:
            yield [day + timedelta(days=number) for number in range(7)]
            day += timedelta(days=7)

    @property
    def previous(self) -> date:
        """Return the first day of the month before."""
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def next(self) -> date:
        """Return the first day of the month after."""
        return (self.first + timedelta(days=31)).replace(day=1)

    def holds(self, day: date) -> bool:
        """Say whether a day is one of its own."""
        return self.first <= day < self.next


def month_of(campaign: Campaign, asked: str, today: date) -> Month:
    """Return the month asked for as `2026-11`, else that of today, within the campaign's days."""
    try:
        day = date.fromisoformat(f"{asked}-01")
    except ValueError:
        day = today
    return Month(min(max(day, campaign.starts_on), campaign.ends_on).replace(day=1))


def _opens() -> Subquery:
    return (
        select(LinkDay.code, func.sum(LinkDay.opened).label("opened"))
        .group_by(LinkDay.code)
        .subquery()
    )
