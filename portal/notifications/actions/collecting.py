"""Which messages leave by e-mail, when, and with which others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.clock import Week
from portal.core.crypto import UndecipherableError
from portal.core.db import new_id
from portal.core.duties import Duty
from portal.core.settings import Office
from portal.notifications.actions.meaning import Meant
from portal.notifications.actions.preferences import Wishes, as_chosen
from portal.notifications.actions.writing import let_go
from portal.notifications.models import Delivery, Message, Preference
from portal.notifications.queries import outbox
from portal.notifications.states import DeliveryState, Mailing, Nature, Rhythm
from portal.people.models import User

HOURS = 24
DAY = timedelta(days=1)
# How many messages are read at once.
MANY = 1000


def is_quiet(wishes: Wishes, moment: datetime) -> bool:
    """Say whether somebody wants no e-mail at a moment."""
    hour = moment.astimezone(clock.WIB).hour
    return _is_quiet_at(wishes, hour)


def _is_quiet_at(wishes: Wishes, hour: int) -> bool:
    span = (wishes.quiet_until - wishes.quiet_from) % HOURS
    return (hour - wishes.quiet_from) % HOURS < span


def after_quiet(wishes: Wishes, moment: datetime) -> datetime:
    """Return a moment, or when the quiet hours it falls into are over."""
    if not is_quiet(wishes, moment):
        return moment
    day = clock.day_of(moment)
    ends = clock.at_wib(day, time(wishes.quiet_until))
    return ends if ends > moment else ends + DAY


def earliest(
    nature: Nature, wishes: Wishes, office: Office, moment: datetime, week: Week = Week.OFFICE
) -> datetime:
    """Return from when on something that is to be told at a moment may leave by e-mail."""
    if nature is Nature.ALARM:
        return moment
    if nature is Nature.REMINDER and wishes.reminders is Rhythm.DAILY:
        return _next_bundle(wishes, office["bundle_hour"], moment, week)
    return after_quiet(wishes, moment)


def _next_bundle(wishes: Wishes, hour: int, moment: datetime, week: Week) -> datetime:
    if _is_quiet_at(wishes, hour):
        hour = wishes.quiet_until
    day = clock.day_of(moment)
    while not week.is_open(day) or clock.at_wib(day, time(hour)) < moment:
        day += DAY
    return clock.at_wib(day, time(hour))


@dataclass(frozen=True)
class Receiver:
    """Who would get an e-mail, and how they want to be told; `user` is None for outsiders."""

    user: User | None
    wishes: Wishes
    week: Week

    def wants(self, nature: Nature) -> bool:
        """Say whether a message is to be mailed to them at all."""
        if self.user is None:
            return True
        by_mail = {
            Nature.NEWS: self.wishes.news_by_mail,
            Nature.REMINDER: self.wishes.reminders is not Rhythm.NEVER,
            Nature.ALARM: True,
        }
        return bool(self.user.email) and by_mail[nature]

    def first_time(self, nature: Nature, office: Office, told: datetime) -> datetime:
        """Return from when on a message told at a moment may leave.

        What outsiders get they asked for, or it is rare and presses: it never waits.
        """
        if self.user is None:
            return told
        return earliest(nature, self.wishes, office, told, self.week)

    def reachable(self, nature: Nature) -> bool:
        """Say whether what is late may leave just now: not in quiet hours or on a closed day."""
        if self.user is None or nature is Nature.ALARM:
            return True
        bundled = nature is Nature.REMINDER and self.wishes.reminders is Rhythm.DAILY
        closed = bundled and not self.week.is_open(clock.today())
        return not closed and not is_quiet(self.wishes, clock.now())


@dataclass(frozen=True)
class Collected:
    """How many messages went into how many new e-mails, and how many get none.

    Unreadable ones go on waiting: a key that is missing may come back.
    """

    messages: int
    letters: int
    without: int
    unreadable: int = 0


def collect(session: Session) -> Collected:
    """Put the messages whose time has come into e-mails: one e-mail for each person and nature.

    Alarms, and what goes to people without an account, leave each by itself.
    """
    sorted_out = _sort(session)
    letters = 0
    for messages in sorted_out.groups.values():
        first = messages[0]
        delivery = _begun(session, first)
        if delivery is None:
            delivery = _new_delivery(first)
            session.add(delivery)
            session.flush()
            letters += 1
        for message in messages:
            message.mailing, message.delivery_id = Mailing.BUNDLED, delivery.id
    carried = sum(len(messages) for messages in sorted_out.groups.values())
    return Collected(carried, letters, sorted_out.without, sorted_out.unreadable)


def tidy(session: Session) -> Collected:
    """Where no mail server is named: end only the waiting of what is void or too old by now."""
    return Collected(0, 0, _sort(session).without)


@dataclass
class _Sorted:
    groups: dict[object, list[Message]]
    without: int = 0
    unreadable: int = 0


def _sort(session: Session) -> _Sorted:
    """Return what may leave now, by e-mail to be; what is void, too old or unwanted is let go."""
    office, moment = settings.read(session), clock.now()
    patience = timedelta(hours=office["mail_hours"])
    meant = Meant(session)
    ids = list(session.scalars(outbox.waiting_ids(moment)))
    rows = _readable(session, ids)
    found = _Sorted(defaultdict(list), unreadable=len(ids) - len(rows))
    for message, duty, user, preference in rows:
        nature = Nature(message.nature)
        receiver = Receiver(user, as_chosen(preference, office), _week_of(duty))
        first_time = receiver.first_time(nature, office, message.not_before)
        in_time = moment <= first_time + patience
        if not (outbox.stands(message, duty) and receiver.wants(nature) and in_time):
            let_go(message)
            found.without += 1
        elif first_time <= moment and receiver.reachable(nature):
            if meant.still(message, duty):
                found.groups[_group_of(message)].append(message)
            else:
                let_go(message)
                found.without += 1
    return found


def _readable(session: Session, ids: Sequence[UUID]) -> list[Row[Message, Duty, User, Preference]]:
    """Return messages with what decides about them, but those that do not open.

    Halves are tried again, so a damaged one costs a few queries and holds up no other.
    """
    found: list[Row[Message, Duty, User, Preference]] = []
    for start in range(0, len(ids), MANY):
        found += _halves(session, ids[start : start + MANY])
    return found


def _halves(session: Session, ids: Sequence[UUID]) -> list[Row[Message, Duty, User, Preference]]:
    try:
        return list(session.execute(outbox.waiting(ids)))
    except UndecipherableError:
        # Records that were read halfway would pass for opened ones.
        session.expire_all()
    if len(ids) == 1:
        return []
    middle = len(ids) // 2
    return _halves(session, ids[:middle]) + _halves(session, ids[middle:])


def _week_of(duty: Duty | None) -> Week:
    return Week(duty.week) if duty else Week.OFFICE


def _group_of(message: Message) -> object:
    if message.recipient_id is None or message.nature == Nature.ALARM:
        return message.id
    return message.recipient_id, message.nature


def _begun(session: Session, message: Message) -> Delivery | None:
    if message.recipient_id is None or message.nature == Nature.ALARM:
        return None
    return outbox.open_for_more(session, message.recipient_id, Nature(message.nature))


def _new_delivery(message: Message) -> Delivery:
    moment = clock.now()
    return Delivery(
        id=new_id(),
        recipient_id=message.recipient_id,
        address=message.address,
        language=message.language,
        nature=message.nature,
        state=DeliveryState.WAITING,
        written_at=moment,
        next_try_at=moment,
        trying_since=moment,
    )
