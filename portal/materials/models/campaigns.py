"""Campaigns on social media and elsewhere: what is to be posted where, and how far it reached."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Identified, Public
from portal.core.machine import Stateful
from portal.materials.states import POST_MACHINE, Channel, PostState, Strategy


class Campaign(Public, Base):
    """Posts that belong together, from a first to a last day."""

    __tablename__ = "campaign"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="days"),)

    name: Mapped[str] = mapped_column(String(120))
    goal: Mapped[str] = mapped_column(String(400), default="")
    strategy: Mapped[Strategy] = mapped_column(String(20))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper


class CampaignPost(Public, Stateful, Base):
    """One text for one channel, with a share card where it has a heading."""

    __tablename__ = "campaign_post"
    __table_args__ = (Index(None, "campaign_id", "planned_at"), Index(None, "state", "planned_at"))
    machine = POST_MACHINE

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    state: Mapped[PostState] = mapped_column(String(20))
    channel: Mapped[Channel] = mapped_column(String(20))
    planned_at: Mapped[datetime]
    text_id: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text, default="")
    # What the share card says; empty for a post without one.
    heading_id: Mapped[str] = mapped_column(String(120), default="")
    heading_en: Mapped[str] = mapped_column(String(120), default="")
    # What the post leads to; its short link counts how often, never who.
    material_id: Mapped[UUID | None] = mapped_column(ForeignKey("material.id"), index=True)
    link_code: Mapped[str | None] = mapped_column(ForeignKey("short_link.code"))
    written_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    written_at: Mapped[datetime]
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    approved_at: Mapped[datetime | None]
    posted_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    posted_at: Mapped[datetime | None]
    # Where it can be seen.
    posted_url: Mapped[str] = mapped_column(String(300), default="")
    # Why it was dropped.
    reason: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper

    def place(self) -> UUID | None:
        """Return None: campaigns belong to no school."""
        return None


class PostReach(Identified, Base):
    """What a channel said of a post on a day; later rows take nothing from earlier ones."""

    __tablename__ = "campaign_post_reach"

    post_id: Mapped[UUID] = mapped_column(ForeignKey("campaign_post.id"), index=True)
    noted_on: Mapped[date]
    reached: Mapped[int]
    reactions: Mapped[int | None]
    comments: Mapped[int | None]
    shares: Mapped[int | None]
    noted_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
