"""Which messages leave by e-mail and when: quiet hours, bundles, wishes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from time_machine import Traveller, travel

from portal.core import clock, duties
from portal.core.access import Role
from portal.core.clock import Week
from portal.core.db import new_id, transaction
from portal.core.duties import Due, Duty
from portal.core.settings import Office
from portal.notifications.actions import collecting, writing
from portal.notifications.actions.collecting import Collected, earliest, is_quiet
from portal.notifications.actions.preferences import Wishes
from portal.notifications.actions.writing import Outsider, Telling
from portal.notifications.models import Delivery, Message, Preference
from portal.notifications.states import DeliveryState, Mailing, Nature, Rhythm
from portal.people.models import User
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.notifications.told import told
from tests.visits.conftest import MONDAY, at

DAY = timedelta(days=1)
HOUR = st.integers(0, 23)
MINUTES = 700 * 24 * 60
MOMENT = st.integers(0, MINUTES).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
WISHES = st.builds(
    Wishes,
    news_by_mail=st.just(True),
    reminders=st.sampled_from([Rhythm.DAILY, Rhythm.AT_ONCE]),
    quiet_from=HOUR,
    quiet_until=HOUR,
)
NATURE = st.sampled_from(Nature)
WEEK = st.sampled_from(Week)


def hours(first: int, last: int, reminders: Rhythm = Rhythm.DAILY) -> Wishes:
    """Return wishes with these quiet hours."""
    return Wishes(True, reminders, first, last)


@given(NATURE, WISHES, HOUR, MOMENT, WEEK)
def test_it_is_never_quiet_then_except_for_alarms(
    nature: Nature, wishes: Wishes, bundle: int, moment: datetime, week: Week
) -> None:
    when = earliest(nature, wishes, Office({"bundle_hour": bundle}), moment, week)
    assert when >= moment
    if nature is Nature.ALARM:
        assert when == moment
    else:
        assert not is_quiet(wishes, when)
        # What may leave at a moment may leave at that moment.
        again = earliest(nature, wishes, Office({"bundle_hour": bundle}), when, week)
        assert again == when


@given(WISHES, HOUR, MOMENT, WEEK)
def test_it_is_never_later_than_needed(
    wishes: Wishes, bundle: int, moment: datetime, week: Week
) -> None:
    office = Office({"bundle_hour": bundle})
    news = earliest(Nature.NEWS, wishes, office, moment, week)
    assert news - moment < DAY
    reminder = earliest(Nature.REMINDER, wishes, office, moment, week)
    if wishes.reminders is Rhythm.AT_ONCE:
        assert reminder == news
        return
    day = reminder.astimezone(clock.WIB).date()
    assert week.is_open(day)
    # No open day was passed over since the day after it was told.
    between = moment.astimezone(clock.WIB).date() + DAY
    while between < day:
        assert not week.is_open(between)
        between += DAY


@given(HOUR, MOMENT, NATURE)
def test_the_same_hour_twice_is_no_quiet_time(hour: int, moment: datetime, nature: Nature) -> None:
    wishes = hours(hour, hour, Rhythm.AT_ONCE)
    assert earliest(nature, wishes, Office({}), moment) == moment


@pytest.mark.parametrize(
    ("told_at", "leaves_at"),
    [
        (at(3, 19, 59), at(3, 19, 59)),
        (at(3, 20), at(4, 6)),
        (at(3, 23, 59), at(4, 6)),
        (at(4, 0), at(4, 6)),
        (at(4, 5, 59), at(4, 6)),
        (at(4, 6), at(4, 6)),
    ],
)
def test_a_quiet_night(told_at: datetime, leaves_at: datetime) -> None:
    assert earliest(Nature.NEWS, hours(20, 6), Office({}), told_at) == leaves_at


@pytest.mark.parametrize(
    ("wishes", "bundle", "told_at", "week", "leaves_at"),
    [
        (hours(20, 6), 7, at(3, 6, 59), Week.OFFICE, at(3, 7)),
        (hours(20, 6), 7, at(3, 7, 1), Week.OFFICE, at(4, 7)),
        # Friday after the hour: Monday for the office, Saturday for a school of six days.
        (hours(20, 6), 7, at(7, 9), Week.OFFICE, at(10, 7)),
        (hours(20, 6), 7, at(7, 9), Week.SCHOOL_6, at(8, 7)),
        # Independence Day is a Monday in 2026.
        (hours(20, 6), 7, at(14, 9), Week.OFFICE, at(18, 7)),
        # Who sleeps at the bundle's hour gets it on waking, on the same day.
        (hours(22, 9), 7, at(3, 6), Week.OFFICE, at(3, 9)),
        (hours(20, 6), 22, at(7, 12), Week.OFFICE, at(10, 6)),
    ],
)
def test_a_days_reminders(
    wishes: Wishes, bundle: int, told_at: datetime, week: Week, leaves_at: datetime
) -> None:
    office = Office({"bundle_hour": bundle})
    assert earliest(Nature.REMINDER, wishes, office, told_at, week) == leaves_at


@pytest.fixture
def now() -> Iterator[Traveller]:
    """Stop the clock on a Monday at nine."""
    with travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def user(build: Builder, now: Traveller) -> User:
    """Return somebody who gets e-mails."""
    return build.user(Role.PRINCIPAL, build.school())


def collect(build: Builder) -> Collected:
    """Collect, as the worker does."""
    with build.database.writer() as session, transaction(session):
        return collecting.collect(session)


def deliveries(build: Builder) -> list[Delivery]:
    """Return all e-mails, the oldest first."""
    with build.database.reader() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.written_at, Delivery.id)))


def mailing(build: Builder, message: Message) -> str:
    """Return how far a message is."""
    return build.fresh(Message, message.id).mailing


def duty_for(build: Builder, user: User, **more: Any) -> Duty:
    """Open a to-do for one person."""
    due = Due(
        kind="record_delivery",
        subject_id=new_id(),
        link="/sesi",
        due_at=clock.now() + DAY,
        facts={},
        person_id=user.id,
    )
    with transaction(build.session) as session:
        duty = duties.open_duty(session, due)
        for name, value in more.items():
            setattr(duty, name, value)
    return duty


def remind(build: Builder, user: User, duty: Duty) -> Message:
    """Remind somebody of a to-do."""
    return told(build, user, duty.kind, nature=Nature.REMINDER, duty_id=duty.id)


def wish(build: Builder, user: User, **more: Any) -> None:
    """Let somebody choose how to be told."""
    values = {
        "news_by_mail": True,
        "reminders": Rhythm.DAILY,
        "quiet_from": 20,
        "quiet_until": 6,
        "changed_at": clock.now(),
    }
    build.save(Preference(user_id=user.id, **{**values, **more}))


def test_several_pieces_of_news_share_one_email(build: Builder, user: User) -> None:
    other = build.user(Role.TEACHER, build.school())
    for person in (user, user, other):
        told(build, person)
    assert collect(build) == Collected(messages=3, letters=2, without=0)
    assert {each.recipient_id for each in deliveries(build)} == {user.id, other.id}
    assert collect(build) == Collected(0, 0, 0)


def test_what_is_told_at_night_waits_for_the_morning(
    build: Builder, user: User, now: Traveller
) -> None:
    now.move_to(at(3, 22))
    message = told(build, user)
    assert collect(build).messages == 0
    now.move_to(at(4, 5, 59))
    assert collect(build).messages == 0
    now.move_to(at(4, 6))
    assert collect(build).messages == 1
    assert mailing(build, message) == Mailing.BUNDLED


@on_sqlite
def test_what_was_late_already_does_not_leave_at_night(
    build: Builder, user: User, now: Traveller
) -> None:
    now.move_to(at(3, 19, 58))
    told(build, user)
    told(build, user, "answer_request", nature=Nature.REMINDER)
    now.move_to(at(3, 20, 1))
    assert collect(build).messages == 0


def test_an_alarm_leaves_at_once_and_alone(build: Builder, user: User, now: Traveller) -> None:
    now.move_to(at(3, 23))
    wish(build, user, news_by_mail=False, reminders=Rhythm.NEVER)
    for _time in range(2):
        told(build, user, "factor_removed", nature=Nature.ALARM)
    assert collect(build) == Collected(2, 2, 0)


def test_reminders_come_bundled_on_the_next_open_morning(
    build: Builder, user: User, now: Traveller
) -> None:
    now.move_to(at(14, 9))
    six = duty_for(build, user, week=Week.SCHOOL_6)
    office = duty_for(build, user)
    remind(build, user, six)
    for _time in range(2):
        remind(build, user, office)
    seen = {}
    for day in range(14, 19):
        now.move_to(at(day, 7, 1) if day > 14 else at(14, 12))
        seen[day] = collect(build).messages
    assert seen == {14: 0, 15: 1, 16: 0, 17: 0, 18: 2}


@pytest.mark.parametrize(
    ("wishes", "nature", "expected"),
    [
        ({"news_by_mail": False}, Nature.NEWS, Mailing.NONE),
        ({"news_by_mail": False, "reminders": Rhythm.AT_ONCE}, Nature.REMINDER, Mailing.BUNDLED),
        ({"reminders": Rhythm.NEVER}, Nature.REMINDER, Mailing.NONE),
        ({"reminders": Rhythm.NEVER}, Nature.NEWS, Mailing.BUNDLED),
        ({"quiet_from": 8, "quiet_until": 10}, Nature.NEWS, Mailing.WAITING),
    ],
)
@on_sqlite
def test_wishes_hold(
    build: Builder, user: User, wishes: dict[str, Any], nature: Nature, expected: Mailing
) -> None:
    wish(build, user, **wishes)
    message = told(build, user, nature=nature)
    collect(build)
    assert mailing(build, message) == expected


def test_who_has_no_address_gets_no_email(build: Builder, now: Traveller) -> None:
    user = build.user(Role.TEACHER, build.school(), email=None)
    messages = [told(build, user, nature=nature) for nature in Nature]
    assert collect(build) == Collected(0, 0, 3)
    assert {mailing(build, each) for each in messages} == {Mailing.NONE}


@pytest.mark.parametrize("why", ["read", "withdrawn", "done", "forgotten", "old"])
def test_what_is_void_is_let_go(build: Builder, user: User, now: Traveller, why: str) -> None:
    duty = duty_for(build, user)
    message = told(build, user, "record_delivery", duty_id=duty.id)
    with transaction(build.session) as session:
        kept = session.get_one(Message, message.id)
        if why == "read":
            kept.read_at = clock.now()
        elif why == "withdrawn":
            writing.withdraw(session, kept.subject_id)
        elif why == "done":
            duties.close_duties(session, duty.subject_id)
        elif why == "forgotten":
            session.delete(session.get_one(Duty, duty.id))
    if why == "old":
        now.shift(timedelta(hours=72, seconds=1))
    assert collect(build) == Collected(0, 0, 1)
    assert mailing(build, message) == Mailing.NONE


@on_sqlite
def test_a_long_holiday_makes_no_reminder_old(build: Builder, user: User, now: Traveller) -> None:
    # The days around Idul Fitri 2027: nobody is there from Saturday 6 to Sunday 14 March.
    build.setting("mail_hours", 24)
    now.move_to(clock.at_wib(date(2027, 3, 5), time(9)))
    remind(build, user, duty_for(build, user))
    day = clock.add_working_days(clock.today(), 1)
    assert day - clock.today() > timedelta(days=3)
    while clock.today() < day:
        assert collect(build) == Collected(0, 0, 0)
        now.shift(timedelta(hours=7))
    now.move_to(clock.at_wib(day, time(7)))
    assert collect(build).messages == 1


def test_news_joins_an_email_that_has_not_left(build: Builder, user: User, now: Traveller) -> None:
    told(build, user)
    collect(build)
    now.shift(timedelta(minutes=1))
    told(build, user)
    assert collect(build) == Collected(1, 0, 0)
    assert len(deliveries(build)) == 1


@pytest.mark.parametrize(
    ("changes", "joins"),
    [
        ({"tries": 1, "problem": "no_connection"}, True),
        # A server may have taken it.
        ({"tries": 1, "tried_at": MONDAY, "problem": "broke_off"}, False),
        ({"tries": 2, "tried_at": MONDAY, "problem": "no_connection"}, False),
        ({"tries": 1, "tried_at": MONDAY, "problem": ""}, False),
        ({"leased_until": MONDAY + timedelta(hours=1)}, False),
        ({"state": DeliveryState.SENT}, False),
        ({"nature": Nature.REMINDER}, False),
    ],
)
@on_sqlite
def test_what_may_have_left_takes_nothing_more(
    build: Builder, user: User, now: Traveller, changes: dict[str, Any], joins: bool
) -> None:
    told(build, user)
    collect(build)
    [delivery] = deliveries(build)
    with transaction(build.session) as session:
        for name, value in changes.items():
            setattr(session.get_one(Delivery, delivery.id), name, value)
    now.shift(timedelta(minutes=2))
    told(build, user)
    assert collect(build).letters == (0 if joins else 1)


@on_sqlite
def test_strangers_never_wait_and_never_share(build: Builder, now: Traveller) -> None:
    now.move_to(at(3, 23))
    whom = Outsider("tamu@luar.example", "id")
    with transaction(build.session) as session:
        for _time in range(2):
            writing.tell_outsider(session, whom, Telling("trail_head", new_id(), "/jejak"))
    assert collect(build) == Collected(2, 2, 0)


def test_what_can_be_undone_is_not_collected_before(
    build: Builder, user: User, now: Traveller
) -> None:
    later = clock.now() + timedelta(seconds=15)
    told(build, user, not_before=later)
    assert collect(build).messages == 0
    now.move_to(later)
    assert collect(build).messages == 1


def test_an_outsiders_address_is_sealed_and_goes_with_its_message(
    build: Builder, now: Traveller
) -> None:
    whom = Outsider("tamu@luar.example", "id")
    facts = {"until": clock.now().isoformat(), "product": "Portal"}
    what = Telling("invitation", new_id(), "/undangan/", facts, secret="rahasia")
    with transaction(build.session) as session:
        message: UUID = writing.tell_outsider(session, whom, what).id
    collect(build)
    kept = build.fresh(Message, message)
    assert (kept.mailing, kept.secret, kept.address) == (Mailing.NONE, None, writing.NOBODY)
