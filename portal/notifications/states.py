"""The few words that messages and their deliveries are described with."""

from __future__ import annotations

from enum import StrEnum


class Nature(StrEnum):
    """What a message is, which decides when it may reach somebody."""

    # An answer or a change; told at once, outside quiet hours.
    NEWS = "news"
    # Something still to be done; bundled, and void once it is done.
    REMINDER = "reminder"
    # About somebody's safety; passes quiet hours and bundling.
    ALARM = "alarm"


class Mailing(StrEnum):
    """How far a message is on its way into an e-mail."""

    WAITING = "waiting"
    BUNDLED = "bundled"
    # Its receiver has no address or wants none, or it was read or void before.
    NONE = "none"


class DeliveryState(StrEnum):
    """How far an e-mail is."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"
    # All it had to say was done, read or void before it left.
    WITHDRAWN = "withdrawn"


class Rhythm(StrEnum):
    """How often somebody wants reminders by e-mail."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    NEVER = "never"
