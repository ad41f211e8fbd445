"""What happens to materials and campaigns."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from portal.core.events import Event


@dataclass(frozen=True)
class MaterialMoved(Event, action="material.moved"):
    """A material was drafted, saved, imported, published, reviewed or withdrawn; its step says."""

    step: str


@dataclass(frozen=True)
class MaterialUsed(Event, action="material.used"):
    """A school said that it used a material."""

    school_id: UUID


@dataclass(frozen=True)
class MaterialUseTakenBack(Event, action="material.use_taken_back"):
    """A school took back that it used a material."""

    school_id: UUID


@dataclass(frozen=True)
class GroupChanged(Event, action="material_group.changed"):
    """A collection or path was made, changed or taken off."""


@dataclass(frozen=True)
class SynonymsChanged(Event, action="search_synonyms.changed"):
    """The office changed which words mean the same in the search."""


@dataclass(frozen=True)
class QuizRoundMoved(Event, action="quiz_round.moved"):
    """A class was asked before and after a session, or the asking ended; its step says which."""

    step: str


@dataclass(frozen=True)
class CampaignChanged(Event, action="campaign.changed"):
    """A campaign was planned or changed."""


@dataclass(frozen=True)
class CampaignPostMoved(Event, action="campaign_post.moved"):
    """A post was planned, changed, approved, posted, dropped, or its reach noted; its step says."""

    step: str
