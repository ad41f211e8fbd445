"""What happens to referrals; nothing here says who the child is or what was told."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from portal.core.events import Event


@dataclass(frozen=True)
class ProviderChanged(Event, action="provider.changed"):
    """Somebody changed who children can be referred to, or how many."""


@dataclass(frozen=True)
class ReferralMade(Event, action="referral.made"):
    """A referral was drafted."""

    case_id: UUID


@dataclass(frozen=True)
class ReferralMoved(Event, action="referral.moved"):
    """A referral went on, by a move of the office."""

    move: str


@dataclass(frozen=True)
class ReferralLinkMade(Event, action="referral.link_made"):
    """A provider was given a one-time link."""


@dataclass(frozen=True)
class ReferralOpened(Event, action="referral.opened"):
    """A provider opened its link, or read the packet again."""


@dataclass(frozen=True)
class ReferralAnswered(Event, action="referral.answered"):
    """A provider answered, by its link or on paper."""

    kind: str
    on_paper: bool
