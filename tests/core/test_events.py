"""What happened is told once: to the trail and to whoever listens, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portal.core import clock, events, settings
from portal.core.access import Actor
from portal.core.db import Database, transaction
from portal.core.errors import Rejected
from portal.core.events import Event, emit, on, untold
from portal.core.settings import OfficeSetting
from tests.builders import Builder
from tests.trail import trail

SUBJECT, OTHER = UUID(int=7), UUID(int=9)
ACTOR = Actor(UUID(int=8), "Bu Sari", ())


class Colour(StrEnum):
    """A code."""

    RED = "red"


@pytest.fixture
def happening() -> Iterator[type[Any]]:
    """Return a kind of event that only this test knows."""

    @dataclass(frozen=True)
    class Painted(Event, action="wall.painted"):
        colour: str = Colour.RED
        by: UUID | None = OTHER
        day: date = date(2026, 8, 3)
        moment: datetime = datetime(2026, 8, 3, 2, tzinfo=UTC)
        coats: int = 2
        dry: bool = False
        note: None = None

    yield Painted
    events.ACTIONS.discard(Painted.action)


def remember(session: Session, name: str) -> None:
    """Write a row, as a handler would."""
    session.add(OfficeSetting(name=name, value=1, changed_at=clock.now()))


def kept(database: Database, name: str) -> bool:
    """Say whether a row is really there."""
    with database.reader() as session:
        return session.get(OfficeSetting, name) is not None


def test_an_event_becomes_an_entry(database: Database, happening: type[Any]) -> None:
    with database.writer() as session, transaction(session):
        emit(session, ACTOR, happening(SUBJECT))
    (entry,) = trail(database)
    assert (entry.action, entry.subject) == ("wall.painted", "wall")
    assert (entry.subject_id, entry.actor_id) == (SUBJECT, ACTOR.user_id)
    assert entry.facts == {
        "colour": "red",
        "by": OTHER.hex,
        "day": "2026-08-03",
        "moment": "2026-08-03T02:00:00+00:00",
        "coats": 2,
        "dry": False,
        "note": None,
    }


def test_what_is_untold_reaches_listeners_and_no_trail(database: Database) -> None:
    @dataclass(frozen=True)
    class Opened(Event, action="wall.opened"):
        """Something with a secret."""

        door: str
        token: str = untold("")

    events.ACTIONS.discard(Opened.action)
    heard = []
    on(Opened)(lambda _session, _actor, happened: heard.append(happened.token))
    opened = Opened(SUBJECT, "left", "rahasia")
    with database.writer() as session, transaction(session):
        emit(session, ACTOR, opened)
    assert heard == ["rahasia"]
    assert [entry.facts for entry in trail(database)] == [{"door": "left"}]
    assert "rahasia" not in repr(opened)


def test_the_portal_itself_acts_without_a_name(database: Database, happening: type[Any]) -> None:
    with database.writer() as session, transaction(session):
        emit(session, None, happening(None))
    (entry,) = trail(database)
    assert (entry.actor_id, entry.subject_id) == (None, None)


def test_handlers_hear_who_did_what_once(database: Database, happening: type[Any]) -> None:
    heard = []

    def listen(session: Session, actor: Actor | None, happened: Any) -> None:
        heard.append((session, actor, happened))

    on(happening)(listen)
    # A module that is read again registers again.
    on(happening)(listen)
    with database.writer() as session, transaction(session):
        emit(session, ACTOR, happening(SUBJECT))
        assert heard == [(session, ACTOR, happening(SUBJECT))]


def test_handlers_hear_in_order_and_only_their_own_kind(
    database: Database, happening: type[Any]
) -> None:
    heard = []

    @dataclass(frozen=True)
    class PaintedTwice(happening, action="wall.painted_twice"):
        """Another kind, even where it looks alike."""

    events.ACTIONS.discard(PaintedTwice.action)
    on(happening)(lambda *_told: heard.append("first"))
    on(happening)(lambda *_told: heard.append("second"))
    on(PaintedTwice)(lambda *_told: heard.append("other"))
    with database.writer() as session, transaction(session):
        emit(session, ACTOR, happening(SUBJECT))
    assert heard == ["first", "second"]


def test_what_handlers_write_belongs_to_the_action(
    database: Database, happening: type[Any]
) -> None:
    on(happening)(lambda session, _actor, _happened: remember(session, "heard"))
    with database.writer() as session:
        emit(session, ACTOR, happening(SUBJECT))
        session.rollback()
        assert not kept(database, "heard")
        with transaction(session):
            emit(session, ACTOR, happening(SUBJECT))
    assert kept(database, "heard")
    assert len(trail(database)) == 1


def test_an_exception_in_a_handler_undoes_everything(
    database: Database, happening: type[Any]
) -> None:
    def break_down(session: Session, _actor: Actor | None, _happened: Any) -> None:
        remember(session, "handler")
        session.flush()
        raise ZeroDivisionError

    def act(session: Session) -> None:
        with transaction(session):
            remember(session, "action")
            session.flush()
            emit(session, ACTOR, happening(SUBJECT))

    on(happening)(break_down)
    with database.writer() as session:
        with pytest.raises(ZeroDivisionError):
            act(session)
        # The session goes on as if nothing had happened.
        with transaction(session):
            remember(session, "next")
    assert [kept(database, name) for name in ("action", "handler", "next")] == [False, False, True]
    assert trail(database) == []


def test_a_handler_may_tell_of_more(database: Database, happening: type[Any]) -> None:
    @dataclass(frozen=True)
    class Dried(Event, action="wall.dried"):
        """What follows from painting."""

    events.ACTIONS.discard(Dried.action)
    on(happening)(lambda session, actor, happened: emit(session, actor, Dried(happened.subject_id)))
    with database.writer() as session, transaction(session):
        emit(session, ACTOR, happening(SUBJECT))
    assert [entry.action for entry in trail(database)] == ["wall.painted", "wall.dried"]


def test_every_action_is_known_by_its_name(happening: type[Any]) -> None:
    assert happening.action in events.ACTIONS
    assert happening(SUBJECT).subject == "wall"


def test_a_changed_setting_is_told_by_its_name_alone(database: Database, build: Builder) -> None:
    with transaction(build.session) as session:
        settings.write(session, ACTOR, "office_name", "Dinas Sosial Contoh")
    (entry,) = trail(database)
    assert (entry.action, entry.actor_id) == ("setting.changed", ACTOR.user_id)
    assert (entry.subject_id, entry.facts) == (None, {"name": "office_name"})


def test_only_another_value_is_a_change(database: Database, build: Builder) -> None:
    default = settings.REGISTRY["hold_minutes"].default
    for value in (default, 15, 15, 16, default, default):
        build.setting("hold_minutes", value)
    assert [entry.facts for entry in trail(database)] == [{"name": "hold_minutes"}] * 3


def test_a_refused_setting_leaves_nothing(database: Database, build: Builder) -> None:
    with pytest.raises(Rejected):
        build.setting("hold_minutes", 0)
    assert trail(database) == []
