"""What is kept of materials, of their use, of classes asked, and of campaigns."""

from portal.materials.models.campaigns import Campaign, CampaignPost, PostReach
from portal.materials.models.groups import GroupItem, MaterialGroup
from portal.materials.models.library import Edition, Material, MaterialFile
from portal.materials.models.rounds import QuizPhase, QuizRound, QuizTally
from portal.materials.models.searching import (
    SearchEntry,
    SearchTerm,
    SearchTrigram,
    SearchTurn,
    SynonymGroup,
)
from portal.materials.models.using import Favourite, MaterialTally, MaterialUse

__all__ = [
    "Campaign",
    "CampaignPost",
    "Edition",
    "Favourite",
    "GroupItem",
    "Material",
    "MaterialFile",
    "MaterialGroup",
    "MaterialTally",
    "MaterialUse",
    "PostReach",
    "QuizPhase",
    "QuizRound",
    "QuizTally",
    "SearchEntry",
    "SearchTerm",
    "SearchTrigram",
    "SearchTurn",
    "SynonymGroup",
]
