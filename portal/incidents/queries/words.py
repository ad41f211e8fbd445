"""What the codes of a report mean in words, for everybody but the child who tells it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal.core import i18n
from portal.incidents.states import Door, Naming, Purpose, ReportState

_ = i18n.lazy

# By the questions of the policy and the codes of their answers, in the order they are offered.
ANSWERS: dict[str, dict[str, Any]] = {
    "teller": {
        "pupil": _("A pupil, about themselves"),
        "witness": _("A pupil who saw or heard it"),
        "parent": _("A parent or guardian"),
        "school_staff": _("A teacher or school employee"),
        "other": _("Somebody else"),
    },
    "what": {
        "verbal": _("Mocked, insulted or threatened"),
        "physical": _("Hit, pushed or hurt"),
        "social": _("Avoided or left out on purpose"),
        "online": _("Bothered on the internet"),
        "extortion": _("Money or things taken"),
        "sexual": _("Touched, looked at or spoken to in an uncomfortable way"),
        "hate": _("Treated badly for religion, ethnicity, body or disability"),
        "other": _("Something else, or hard to explain"),
    },
    "where": {
        "class": _("In class"),
        "toilet": _("In the toilet"),
        "yard": _("In the yard, canteen or field"),
        "route": _("On the way to or from school"),
        "online": _("On the internet"),
        "home": _("At home"),
        "other": _("Somewhere else"),
    },
    "when": {
        "today": _("Today"),
        "this_week": _("This week"),
        "this_month": _("This month"),
        "longer": _("Longer ago, or for a long time"),
    },
    "danger": {
        "yes": _("Yes"),
        "unsure": _("Not sure"),
        "no": _("No, not right now"),
    },
    "age": {
        "up_to_7": _("7 years or younger"),
        "8_to_12": _("8 to 12 years"),
        "13_to_15": _("13 to 15 years"),
        "16_up": _("16 years or older"),
    },
    "injury": {
        "none": _("No injury"),
        "light": _("A light injury, such as a bruise or scratch"),
        "serious": _("A serious injury, or a doctor was needed"),
    },
    "often": {
        "once": _("Once"),
        "several": _("Several times"),
        "daily": _("Almost every day"),
    },
    "signs": {
        "weapon": _("There was a weapon or a sharp object"),
        "self_harm": _("Somebody thinks of hurting themselves"),
        "missing": _("A child is missing"),
        "group": _("Several people did it together"),
        "images": _("A photo or video is being spread, or somebody threatens to"),
        "retaliation": _("Somebody threatened revenge if it is told"),
        "unsafe_home": _("Home is not safe either"),
        "avoids_school": _("Afraid to go to school"),
        "disability": _("The child has a disability"),
        "language": _("Help with language is needed, such as sign language"),
    },
    "reported": {
        "pupil": _("Another pupil"),
        "teacher": _("A teacher"),
        "principal": _("The principal"),
        "other_staff": _("Somebody else who works at the school"),
        "adult": _("Another adult"),
        "unknown": _("Not known, or not said"),
    },
}

# The same words as the reporter reads.
STATE_NAMES: dict[ReportState, Any] = {
    ReportState.RECEIVED: _("Received"),
    ReportState.REVIEWING: _("Being looked at"),
    ReportState.FOLLOWED_UP: _("Being acted on"),
    ReportState.REFERRED: _("Handed on"),
    ReportState.CLOSED: _("Finished"),
}
DOOR_NAMES: dict[Door, Any] = {
    Door.STORY_ROOM: _("Ruang Cerita"),
    Door.STAFF: _("School staff, signed in"),
    Door.PHONE: _("By phone"),
    Door.WHATSAPP: _("WhatsApp"),
    Door.WALK_IN: _("Came to the office"),
    Door.VISIT: _("During a session at school"),
}
NAMING_NAMES: dict[Naming, Any] = {
    Naming.ANONYMOUS: _("Without a name"),
    Naming.CONFIDENTIAL: _("The name stays at the office"),
    Naming.NAMED: _("With name"),
}
PURPOSE_NAMES: dict[Purpose, Any] = {
    Purpose.REPORT: _("A report"),
    Purpose.CONSULTATION: _("A question to a social worker"),
}
# What `Report.details` may hold.
DETAIL_NAMES: dict[str, Any] = {
    "school_typed": _("School, as it was named"),
    "child": _("The child it is about"),
    "reported_person": _("Who did it, by name"),
    "known_by": _("Who knows of it already"),
}


def said(question: str, codes: Iterable[str]) -> str:
    """Return answers to a question in words, in the order in which they are offered."""
    given = set(codes)
    return ", ".join(str(label) for code, label in ANSWERS[question].items() if code in given)
