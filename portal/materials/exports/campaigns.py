"""A campaign as a workbook: its calendar, what each channel reached, and what the figures mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from portal.core import i18n
from portal.core.i18n import gettext
from portal.documents.xlsx import Cell, Sheet, workbook
from portal.materials.models import Campaign
from portal.materials.policy.channels import with_link
from portal.materials.policy.content import Words
from portal.materials.queries.campaigns import by_channel
from portal.materials.queries.words import CHANNELS, POST_STATES, STRATEGIES

_ = i18n.lazy

Rows = Sequence[Any]
Address = Callable[[Any], str]

# What a figure is called, and what it counts.
DEFINITIONS = (
    (
        _("People reached"),
        _(
            "What the channel itself says, as noted last for each post. Who saw two posts counts "
            "twice, so the sum is more than there are people."
        ),
    ),
    (
        _("Link opened"),
        _(
            "How often the short link of the post was opened. Counted per day, without any trace "
            "of who opened it; who opens it twice counts twice."
        ),
    ),
    (_("To be posted"), _("Posts that are planned or approved, and not posted yet.")),
    (_("Posted"), _("Posts that somebody noted as posted, with day and time.")),
)


def campaign_workbook(
    campaign: Campaign, rows: Rows, reach: Rows, address: Address, as_of: datetime
) -> bytes:
    """Return the workbook of a campaign.

    `rows` and `reach` come from `queries.campaigns`; `address` gives the whole address of a code.
    """
    return workbook(
        (
            Sheet(
                gettext("Summary"),
                (gettext("Figure"), gettext("Value")),
                _summary(campaign, as_of),
                (30, 60),
            ),
            _calendar(rows, address),
            _channels(rows),
            _reach(reach),
            Sheet(
                gettext("Definitions"),
                (gettext("Term"), gettext("Definition"), gettext("Time")),
                ((str(term), str(meaning), as_of) for term, meaning in DEFINITIONS),
                (26, 90, 26),
            ),
        )
    )


def _summary(campaign: Campaign, as_of: datetime) -> Iterator[tuple[Cell, Cell]]:
    yield gettext("Campaign"), campaign.name
    yield gettext("Goal"), campaign.goal
    yield gettext("Strategy"), str(STRATEGIES[campaign.strategy])
    yield gettext("First day"), campaign.starts_on
    yield gettext("Last day"), campaign.ends_on
    yield gettext("As of"), as_of


def _calendar(rows: Rows, address: Address) -> Sheet:
    headers = (
        gettext("Planned for"),
        gettext("Channel"),
        gettext("State"),
        gettext("Text in Indonesian"),
        gettext("Text in English"),
        gettext("Material"),
        gettext("Short link"),
        gettext("Link opened"),
        gettext("Posted"),
        gettext("Address where it is seen"),
        gettext("People reached"),
        gettext("Why it was dropped"),
    )
    widths = (26, 14, 14, 60, 60, 30, 30, 14, 26, 40, 16, 40)
    return Sheet(gettext("Calendar"), headers, _posts(rows, address), widths)


def _posts(rows: Rows, address: Address) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        post = row.CampaignPost
        link = address(post.link_code)
        yield (
            post.planned_at,
            str(CHANNELS[post.channel]),
            str(POST_STATES[post.state]),
            with_link(post.text_id, link),
            with_link(post.text_en, link),
            Words.of(row, "title").shown(i18n.language())[0] or None,
            link if post.link_code else None,
            row.opened if post.link_code else None,
            post.posted_at,
            post.posted_url,
            row.reached,
            post.reason,
        )


def _channels(rows: Rows) -> Sheet:
    headers = (
        gettext("Channel"),
        gettext("To be posted"),
        gettext("Posted"),
        gettext("People reached"),
        gettext("Link opened"),
    )
    figures = (
        (str(CHANNELS[each.channel]), each.open, each.posted, each.reached, each.opened)
        for each in by_channel(rows)
    )
    return Sheet(gettext("Channels"), headers, figures)


def _reach(rows: Rows) -> Sheet:
    headers = (
        gettext("Day"),
        gettext("Channel"),
        gettext("Posted"),
        gettext("People reached"),
        gettext("Reactions"),
        gettext("Comments"),
        gettext("Passed on"),
    )
    return Sheet(gettext("Reach"), headers, _noted(rows), (22, 14, 26))


def _noted(rows: Rows) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        noted = row.PostReach
        yield (
            noted.noted_on,
            str(CHANNELS[row.channel]),
            row.posted_at,
            noted.reached,
            noted.reactions,
            noted.comments,
            noted.shares,
        )
