"""Campaigns and their posts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from wtforms import DateField, IntegerField, RadioField, SelectField, TimeField
from wtforms import StringField as Text
from wtforms import TextAreaField as LongText
from wtforms.fields import SelectChoice
from wtforms.validators import NumberRange, Optional

from portal.core import clock, i18n
from portal.materials.actions.campaigns import CampaignCommand
from portal.materials.actions.posts import PostCommand, Reach
from portal.materials.forms.desk import SeenForm, choices
from portal.materials.forms.parts import Https, Plain
from portal.materials.models import CampaignPost, Material
from portal.materials.queries.words import CHANNELS, STRATEGIES
from portal.materials.states import Channel, Strategy
from portal.web.forms import Needed, PortalForm, VersionedForm, stripped

_ = i18n.lazy

TEXT_LENGTH = 5000
MOST_PEOPLE = 100_000_000


class CampaignForm(VersionedForm):
    """What a campaign is called, what it is to reach, and its days."""

    name = Text(
        _("Name of the campaign"),
        [Needed(_("Give it a name, so that others know it.")), Plain(120)],
        filters=[stripped],
    )
    goal = LongText(_("What is it to reach?"), [Plain(400)], filters=[stripped])
    strategy = SelectField(_("Strategy"), choices=choices(STRATEGIES), default=Strategy.PROMOTIVE)
    starts_on = DateField(_("First day"), [Needed(_("Choose the first day."))])
    ends_on = DateField(_("Last day"), [Needed(_("Choose the last day."))])

    def to_command(self) -> CampaignCommand:
        """Return what was written."""
        return CampaignCommand(
            name=self.name.data or "",
            goal=self.goal.data or "",
            strategy=Strategy(self.strategy.data),
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
        )


class PostForm(VersionedForm):
    """What is to be posted where and when."""

    channel = SelectField(_("Channel"), choices=choices(CHANNELS), default=Channel.INSTAGRAM)
    day = DateField(_("Day"), [Needed(_("Choose the day it is to be posted on."))])
    time = TimeField(_("Time (WIB)"), [Needed(_("Enter the time, for example 09:00."))])
    material = RadioField(_("Material it leads to"), default="", filters=[stripped])
    text_id = LongText(
        _("Text in Indonesian"),
        [Needed(_("Write what is to be posted.")), Plain(TEXT_LENGTH)],
        filters=[stripped],
    )
    text_en = LongText(_("Text in English"), [Plain(TEXT_LENGTH)], filters=[stripped])
    heading_id = Text(_("On the card, in Indonesian"), [Plain(120)], filters=[stripped])
    heading_en = Text(_("On the card, in English"), [Plain(120)], filters=[stripped])

    @classmethod
    def of(cls, post: CampaignPost, material: Material | None, **more: Any) -> Self:
        """Return the form filled with a post as it stands."""
        planned = post.planned_at.astimezone(clock.WIB)
        leads_to = material.public_id if material else ""
        values = {"day": planned.date(), "time": planned.time(), "material": leads_to}
        return cls.showing(post, **values, **more)

    def offer(self, titles: Mapping[str, str], nothing: str) -> None:
        """Offer materials by their public ids, and none."""
        self.material.choices = [
            SelectChoice("", nothing),
            *(SelectChoice(*each) for each in titles.items()),
        ]

    @property
    def chosen_channel(self) -> Channel:
        """Return the channel, also while something else is still to be mended."""
        return Channel(self.channel.data) if self.channel.data in set(Channel) else Channel.WHATSAPP

    def to_command(self, material: Material | None) -> PostCommand:
        """Return what was written; `material` is the one chosen."""
        return PostCommand(
            channel=Channel(self.channel.data),
            planned_at=clock.at_wib(self.day.data, self.time.data),
            text_id=self.text_id.data or "",
            text_en=self.text_en.data or "",
            heading_id=self.heading_id.data or "",
            heading_en=self.heading_en.data or "",
            material=material,
        )


class ApproveForm(SeenForm):
    """That the words may be posted as they stand."""


class LogForm(SeenForm):
    """When and where it was posted."""

    posted_on = DateField(_("Posted on"), [Needed(_("Choose the day."))])
    posted_time = TimeField(_("At (WIB)"), [Needed(_("Enter the time, for example 09:00."))])
    posted_url = Text(
        _("Address where it is seen"), [Optional(), Plain(300), Https()], filters=[stripped]
    )

    @property
    def moment(self) -> datetime:
        """Return when it was posted."""
        return clock.at_wib(self.posted_on.data, self.posted_time.data)


class DropForm(PortalForm):
    """Why a post is dropped."""

    reason = Text(
        _("Why is it dropped?"),
        [Needed(_("Write why, so that the others know.")), Plain(300)],
        filters=[stripped],
    )


def _figure(label: Any, *before: Any) -> IntegerField:
    return IntegerField(label, [*before, NumberRange(0, MOST_PEOPLE)])


class ReachForm(PortalForm):
    """What the channel says of a post."""

    noted_on = DateField(_("Day"), [Needed(_("Choose the day you read the figures."))])
    reached = _figure(
        _("People reached"), Needed(_("Enter the number as a figure, for example 850."))
    )
    reactions = _figure(_("Reactions"), Optional())
    comments = _figure(_("Comments"), Optional())
    shares = _figure(_("Passed on"), Optional())

    def to_reach(self) -> Reach:
        """Return what was noted."""
        return Reach(
            noted_on=self.noted_on.data,
            reached=self.reached.data or 0,
            reactions=self.reactions.data,
            comments=self.comments.data,
            shares=self.shares.data,
        )
