"""Office settings: sourced defaults, bounds, kept in the database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import settings
from portal.core.access import Actor
from portal.core.db import Database, new_id, transaction
from portal.core.errors import Rejected
from portal.core.settings import REGISTRY, Office, OfficeSetting
from tests.builders import Builder
from tests.statements import all_statements

NUMBERS = sorted(name for name, known in REGISTRY.items() if isinstance(known.default, int))


def read(database: Database) -> Office:
    """Read the settings as the next request would."""
    with database.reader() as session:
        return settings.read(session)


def test_a_new_database_has_every_default_and_is_no_demonstration(database: Database) -> None:
    office = read(database)
    assert {name: office[name] for name in REGISTRY} == {
        name: known.default for name, known in REGISTRY.items()
    }
    assert not office.demo


def test_every_setting_says_where_its_default_comes_from() -> None:
    assert all(known.source for known in REGISTRY.values())


@pytest.mark.parametrize("name", NUMBERS)
def test_every_default_lies_within_its_bounds(name: str) -> None:
    known = REGISTRY[name]
    assert known.least <= known.default <= known.most


@pytest.mark.parametrize("name", NUMBERS)
def test_both_bounds_are_allowed_and_nothing_beyond(session: object, name: str) -> None:
    known = REGISTRY[name]
    for value in (known.least, known.most):
        settings.write(session, None, name, value)
    for value in (known.least - 1, known.most + 1):
        with pytest.raises(Rejected) as refusal:
            settings.write(session, None, name, value)
        assert (refusal.value.code, refusal.value.field) == ("out_of_bounds", name)
        assert refusal.value.facts == {"least": known.least, "most": known.most}


def test_a_written_setting_is_read_and_names_who_changed_it(
    database: Database, build: Builder
) -> None:
    actor = Actor(new_id(), "Pak Rizki", ())
    with transaction(build.session) as session:
        settings.write(session, actor, "hold_minutes", 15)
        settings.write(session, actor, "visit_starts", ["08:30"])
    office = read(database)
    assert office["hold_minutes"] == 15
    assert office["visit_starts"] == ["08:30"]
    assert office["undo_seconds"] == REGISTRY["undo_seconds"].default
    with database.reader() as session:
        assert session.get_one(OfficeSetting, "hold_minutes").changed_by == "Pak Rizki"


def test_settings_are_read_once_in_a_transaction_and_anew_in_the_next(
    build: Builder, database: Database
) -> None:
    with database.writer() as session, all_statements(database) as asked:
        with transaction(session):
            assert [settings.read(session)["hold_minutes"] for _time in range(3)] == [10] * 3
        assert sum("office_setting" in each for each in asked) == 1
        build.setting("hold_minutes", 15)
        with transaction(session):
            assert settings.read(session)["hold_minutes"] == 15
        session.rollback()
        build.setting("hold_minutes", 20)
        assert settings.read(session)["hold_minutes"] == 20


def test_what_is_written_is_read_at_once_and_forgotten_when_undone(database: Database) -> None:
    with database.writer() as session:
        assert settings.read(session)["hold_minutes"] == 10
        settings.write(session, None, "hold_minutes", 15)
        assert settings.read(session)["hold_minutes"] == 15
        within = session.begin_nested()
        settings.write(session, None, "hold_minutes", 20)
        assert settings.read(session)["hold_minutes"] == 20
        within.rollback()
        assert settings.read(session)["hold_minutes"] == 15
        session.rollback()
        assert settings.read(session)["hold_minutes"] == 10


def test_writing_twice_keeps_the_last_value(build: Builder, database: Database) -> None:
    build.setting("hold_minutes", 15)
    build.setting("hold_minutes", 20)
    assert read(database)["hold_minutes"] == 20


@pytest.mark.parametrize("value", ["10", None, 1.5, True, [10]])
def test_a_number_takes_nothing_else(build: Builder, database: Database, value: object) -> None:
    with pytest.raises(TypeError):
        build.setting("hold_minutes", value)
    assert read(database)["hold_minutes"] == REGISTRY["hold_minutes"].default


@pytest.mark.parametrize("value", [1, None, ["Portal"]])
def test_a_text_takes_nothing_else(build: Builder, database: Database, value: object) -> None:
    with pytest.raises(TypeError):
        build.setting("product_name", value)
    assert read(database)["product_name"] == REGISTRY["product_name"].default


def test_asking_for_a_setting_nobody_knows_is_a_mistake_in_the_code(database: Database) -> None:
    with pytest.raises(KeyError):
        read(database)["colour_of_the_bikeshed"]


@given(st.dictionaries(st.sampled_from(NUMBERS), st.integers(0, 5)))
def test_what_is_stored_wins_over_the_default(stored: dict[str, int]) -> None:
    office = Office(stored)
    for name, known in REGISTRY.items():
        assert office[name] == stored.get(name, known.default)


@pytest.mark.parametrize(("value", "demo"), [(True, True), (1, False), ("ya", False)])
def test_only_the_mark_itself_makes_a_demonstration(value: object, *, demo: bool) -> None:
    assert Office({"demo": value}).demo is demo
