"""Invented campaigns: one that runs, with posts at every step, and one that is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.core.links import LinkDay
from portal.core.tallies import count
from portal.demo import posts as told
from portal.demo.posts import CampaignStory, PostStory
from portal.materials.actions import campaigns, posts
from portal.materials.actions.campaigns import CampaignCommand
from portal.materials.actions.posts import PostCommand, Reach
from portal.materials.models import Campaign, CampaignPost, Material
from portal.materials.states import PostState
from portal.people.models import User
from portal.people.queries.appointments import actor_for

DAY = timedelta(days=1)
BEGUN, WRITTEN, APPROVED, POSTED_AFTER = 9 * DAY, 5 * DAY, 2 * DAY, timedelta(minutes=7)
# How many of a hundred reached follow the link, on the day of the post and on those after it.
FOLLOWED = (2.0, 1.0, 0.5, 0.25)


def add_campaigns(session: Session, materials: dict[str, Material], users: dict[str, User]) -> None:
    """Add the campaigns; a social worker writes them, the coordinator approves."""
    writer, coordinator = (
        actor_for(session, users[name]) for name in ("Nia Rahmawati", "Yuni Astuti")
    )
    for story in (told.OVER, told.RUNNING):
        _Planning(session, materials, writer, coordinator, story).add()
    session.flush()


@dataclass
class _Planning:
    """One campaign on its way: what it may lead to, who writes, who approves."""

    session: Session
    materials: dict[str, Material]
    writer: Actor
    coordinator: Actor
    story: CampaignStory
    # Made by `add`.
    campaign: Campaign = field(init=False)

    def add(self) -> None:
        story = self.story
        command = CampaignCommand(
            story.name, story.goal, story.strategy, _day(story.first), _day(story.last)
        )
        self.campaign = campaigns.begin(self.session, self.writer, command)
        self.campaign.made_at = clock.at_wib(command.starts_on - BEGUN, time(9, 30))
        self.session.flush()
        for each in story.posts:
            self._add_post(each)

    def _add_post(self, story: PostStory) -> None:
        planned_at = clock.at_wib(_day(story.day), story.at)
        command = PostCommand(
            story.channel,
            planned_at,
            *(story.text, story.text_en, story.heading, story.heading_en),
            self.materials[story.material] if story.material else None,
        )
        post = posts.plan(self.session, self.writer, self.campaign, command)
        post.written_at = _before(planned_at, WRITTEN)
        self.session.flush()
        if story.dropped:
            posts.drop(self.session, self.writer, post, story.dropped)
        elif story.state != PostState.PLANNED:
            posts.approve(self.session, self.coordinator, post)
            post.approved_at = _before(planned_at, APPROVED)
        if story.state == PostState.POSTED:
            self._post(story, post)

    def _post(self, story: PostStory, post: CampaignPost) -> None:
        moment = post.planned_at + POSTED_AFTER
        posts.log(self.session, self.writer, post, moment, story.url)
        self.session.flush()
        for after, reached, *more in story.reach:
            noted = Reach(_day(story.day + after), reached, *more)
            posts.note_reach(self.session, self.writer, post, noted)
        most = max((each[1] for each in story.reach), default=0)
        for number, share in enumerate(FOLLOWED):
            day, opened = _day(story.day + number), int(most * share / 100)
            if post.link_code and opened and day <= clock.today():
                key = {"code": post.link_code, "day": day}
                count(self.session, LinkDay, key, opened=opened)


def _day(offset: int) -> date:
    """Return the day that lies so many days after today; before it, if negative."""
    return clock.today() + offset * DAY


def _before(moment: datetime, by: timedelta) -> datetime:
    """Return an earlier moment that is over, whatever is to come."""
    return min(moment, clock.now()) - by
