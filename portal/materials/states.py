"""What materials and posts of a campaign can be, and the steps they take."""

from __future__ import annotations

from enum import StrEnum

from portal.core.access import Permission
from portal.core.machine import Machine, Move


class MaterialKind(StrEnum):
    """What a material is, and so how it is shown and written."""

    ARTICLE = "article"
    FILE = "file"
    VIDEO = "video"
    POSTER = "poster"
    LESSON_KIT = "lesson_kit"
    SCENARIO = "scenario"
    QUIZ = "quiz"
    PARENT_CARD = "parent_card"


class Audience(StrEnum):
    """Whom a material is for."""

    PUPIL = "pupil"
    TEACHER = "teacher"
    PARENT = "parent"


class Strategy(StrEnum):
    """The four strategies of the office's work (domain.md, point 13)."""

    PROMOTIVE = "promotive"
    PREVENTIVE = "preventive"
    REHABILITATIVE = "rehabilitative"
    CURATIVE = "curative"


class Licence(StrEnum):
    """Under which terms others may use a material."""

    CC0 = "cc0"
    CC_BY = "cc_by"
    CC_BY_SA = "cc_by_sa"
    CC_BY_NC = "cc_by_nc"
    CC_BY_NC_SA = "cc_by_nc_sa"
    # All rights with its owner, who allowed the office to offer it.
    PERMITTED = "permitted"


class MaterialState(StrEnum):
    """Whether people find a material; one never published is a draft."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class GroupKind(StrEnum):
    """Whether materials that belong together are a shelf or are gone through day by day."""

    COLLECTION = "collection"
    PATH = "path"


class Phase(StrEnum):
    """Whether a class answered before or after the session."""

    BEFORE = "before"
    AFTER = "after"


class Mark(StrEnum):
    """What is counted of a material per day, without anybody's name."""

    FINISHED = "finished"
    HELPED = "helped"
    HELPED_PARTLY = "helped_partly"
    HELPED_NOT = "helped_not"


class Channel(StrEnum):
    """Where a post of a campaign appears."""

    INSTAGRAM = "instagram"
    FACEBOOK = "facebook"
    TIKTOK = "tiktok"
    YOUTUBE = "youtube"
    WHATSAPP = "whatsapp"
    WEBSITE = "website"
    RADIO = "radio"
    PRINT = "print"


class PostState(StrEnum):
    """How far a post of a campaign is."""

    PLANNED = "planned"
    APPROVED = "approved"
    POSTED = "posted"
    DROPPED = "dropped"


S, P = MaterialState, Permission

MATERIAL_MACHINE = Machine(
    (
        # Published once more: a new edition takes the place of the last one.
        Move("publish", frozenset({S.DRAFT, S.PUBLISHED}), S.PUBLISHED, P.MATERIAL_PUBLISH),
        Move("withdraw", frozenset({S.PUBLISHED}), S.WITHDRAWN, P.MATERIAL_PUBLISH),
        Move("restore", frozenset({S.WITHDRAWN}), S.PUBLISHED, P.MATERIAL_PUBLISH),
    )
)

UNPOSTED = frozenset({PostState.PLANNED, PostState.APPROVED})

POST_MACHINE = Machine(
    (
        Move("approve", frozenset({PostState.PLANNED}), PostState.APPROVED, P.CAMPAIGN_APPROVE),
        # Its words changed after the approval.
        Move("reconsider", frozenset({PostState.APPROVED}), PostState.PLANNED, P.CAMPAIGN_WRITE),
        Move("log", frozenset({PostState.APPROVED}), PostState.POSTED, P.CAMPAIGN_WRITE),
        Move("drop", UNPOSTED, PostState.DROPPED, P.CAMPAIGN_WRITE),
        Move("take_up", frozenset({PostState.DROPPED}), PostState.PLANNED, P.CAMPAIGN_WRITE),
    )
)
