"""What the codes of materials and campaigns are called."""

from __future__ import annotations

from portal.core import i18n
from portal.materials.states import (
    Audience,
    Channel,
    Licence,
    Mark,
    MaterialKind,
    MaterialState,
    Phase,
    PostState,
    Strategy,
)

_ = i18n.lazy

KINDS = {
    MaterialKind.ARTICLE: _("Article"),
    MaterialKind.FILE: _("File"),
    MaterialKind.VIDEO: _("Video"),
    MaterialKind.POSTER: _("Poster"),
    MaterialKind.LESSON_KIT: _("Lesson kit"),
    MaterialKind.SCENARIO: _("Story to play"),
    MaterialKind.QUIZ: _("Quiz"),
    MaterialKind.PARENT_CARD: _("Card for parents"),
}

AUDIENCES = {
    Audience.PUPIL: _("For pupils"),
    Audience.TEACHER: _("For teachers"),
    Audience.PARENT: _("For parents"),
}

STRATEGIES = {
    Strategy.PROMOTIVE: _("Promotive"),
    Strategy.PREVENTIVE: _("Preventive"),
    Strategy.REHABILITATIVE: _("Rehabilitative"),
    Strategy.CURATIVE: _("Curative"),
}

LICENCES = {
    Licence.CC0: _("Free of all conditions (CC0)"),
    Licence.CC_BY: _("Free with the author's name (CC BY 4.0)"),
    Licence.CC_BY_SA: _("Free with the author's name, under the same terms (CC BY-SA 4.0)"),
    Licence.CC_BY_NC: _("Free with the author's name, not for sale (CC BY-NC 4.0)"),
    Licence.CC_BY_NC_SA: _(
        "Free with the author's name, not for sale, under the same terms (CC BY-NC-SA 4.0)"
    ),
    Licence.PERMITTED: _("Offered here with the owner's permission"),
}

STATES = {
    MaterialState.DRAFT: _("Draft"),
    MaterialState.PUBLISHED: _("Published"),
    MaterialState.WITHDRAWN: _("Withdrawn"),
}

PHASES = {
    Phase.BEFORE: _("Before the session"),
    Phase.AFTER: _("After the session"),
}

MARKS = {
    Mark.FINISHED: _("Finished"),
    Mark.HELPED: _("It helped"),
    Mark.HELPED_PARTLY: _("It helped a little"),
    Mark.HELPED_NOT: _("It did not help yet"),
}

CHANNELS = {
    Channel.INSTAGRAM: "Instagram",
    Channel.FACEBOOK: "Facebook",
    Channel.TIKTOK: "TikTok",
    Channel.YOUTUBE: "YouTube",
    Channel.WHATSAPP: "WhatsApp",
    Channel.WEBSITE: _("Website"),
    Channel.RADIO: _("Radio"),
    Channel.PRINT: _("On paper"),
}

POST_STATES = {
    PostState.PLANNED: _("Planned"),
    PostState.APPROVED: _("Approved"),
    PostState.POSTED: _("Posted"),
    PostState.DROPPED: _("Dropped"),
}
