"""How each channel of a campaign takes a text; hints for whoever writes it, not rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.materials.states import Channel

# Stands in a text where the post's short link is to be; the link is made when the post is saved.
LINK = "{tautan}"


class Manner(StrEnum):
    """Whether people can follow a link there, only see it, or only hear the text."""

    LINKED = "linked"
    SHOWN = "shown"
    SPOKEN = "spoken"


@dataclass(frozen=True)
class Habit:
    """What is usual on a channel; `length` in characters."""

    manner: Manner
    length: int


HABITS: Mapping[Channel, Habit] = {
    # What these two take at most; links in their texts cannot be tapped.
    Channel.INSTAGRAM: Habit(Manner.SHOWN, 2200),
    Channel.TIKTOK: Habit(Manner.SHOWN, 2200),
    # Longer texts are folded, and few unfold them.
    Channel.FACEBOOK: Habit(Manner.LINKED, 480),
    Channel.YOUTUBE: Habit(Manner.LINKED, 5000),
    Channel.WHATSAPP: Habit(Manner.LINKED, 700),
    Channel.WEBSITE: Habit(Manner.LINKED, 5000),
    # About thirty seconds when read aloud without haste.
    Channel.RADIO: Habit(Manner.SPOKEN, 450),
    Channel.PRINT: Habit(Manner.LINKED, 400),
}


def with_link(text: str, address: str) -> str:
    """Return a text as it is posted: with the address where the link is to be."""
    return text.replace(LINK, address)
