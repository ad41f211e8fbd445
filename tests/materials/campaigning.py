"""Campaigns for tests, and the people who plan them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from portal.core import clock
from portal.core.access import Actor
from portal.core.audit import AuditEntry
from portal.core.db import transaction
from portal.core.duties import Duty
from portal.materials.actions import campaigns, posts
from portal.materials.actions.campaigns import CampaignCommand
from portal.materials.actions.posts import PostCommand
from portal.materials.models import Campaign, CampaignPost
from portal.materials.states import Channel, Strategy
from tests.builders import Builder

WEEK = timedelta(days=7)


def wanted(name: str = "Pekan teman baik", starts_on: date | None = None) -> CampaignCommand:
    """Return the command for a campaign of three weeks, the second of which is this one."""
    first = starts_on or clock.today() - WEEK
    return CampaignCommand(name, "Semua kelas menyapa", Strategy.PROMOTIVE, first, first + 3 * WEEK)


def post(**changes: Any) -> PostCommand:
    """Return the command for a post of this moment."""
    values: dict[str, Any] = {
        "channel": Channel.WHATSAPP,
        "planned_at": clock.now(),
        "text_id": "Sapa satu teman baru",
        "text_en": "Greet somebody new",
        "heading_id": "",
        "heading_en": "",
        "material": None,
    }
    return PostCommand(**{**values, **changes})


@dataclass
class Planners:
    """A social worker and a coordinator, who plan one campaign."""

    build: Builder
    writer: Actor
    chief: Actor

    def do(self, act: Callable[..., Any], *given: Any) -> Any:
        """Carry out an action, in a transaction of its own."""
        with transaction(self.build.session) as session:
            return act(session, *given)

    def campaign(self, command: CampaignCommand | None = None) -> Campaign:
        """Begin a campaign."""
        made: Campaign = self.do(campaigns.begin, self.writer, command or wanted())
        return made

    def plan(self, campaign: Campaign, **changes: Any) -> CampaignPost:
        """Plan a post."""
        made: CampaignPost = self.do(posts.plan, self.writer, campaign, post(**changes))
        return made

    def posted(self, campaign: Campaign, **changes: Any) -> CampaignPost:
        """Plan, approve and log a post."""
        made = self.plan(campaign, **changes)
        self.do(posts.approve, self.chief, made)
        self.do(posts.log, self.writer, made, clock.now(), "https://example.org/p/1")
        return made

    def waiting(self, kind: str) -> list[Duty]:
        """Return what still waits."""
        with self.build.database.reader() as reading:
            found = select(Duty).where(Duty.kind == kind, Duty.closed_at.is_(None))
            return list(reading.scalars(found))

    def steps(self) -> list[str]:
        """Return the steps of posts the trail tells of."""
        with self.build.database.reader() as reading:
            moved = select(AuditEntry.facts).where(AuditEntry.action == "campaign_post.moved")
            return [facts["step"] for facts in reading.scalars(moved.order_by(AuditEntry.seq))]
