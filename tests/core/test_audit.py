"""The trail: nothing goes unwritten, and nothing that is written changes unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.core import audit, clock
from portal.core.access import Actor
from portal.core.audit import AuditEntry, AuditHead, Break, Facts, Note
from portal.core.db import Base, Database, transaction
from portal.core.settings import OfficeSetting
from tests.conftest import on_sqlite
from tests.trail import trail

ENTRY, HEAD = sa.inspect(AuditEntry).local_table, sa.inspect(AuditHead).local_table
SUBJECT, ACTOR = UUID(int=7), Actor(UUID(int=8), "Bu Sari", ())
LONG_AGO = datetime(2019, 5, 2, 3, 4, 5, 678901, tzinfo=UTC)
COUNT = 6
FIRST, MIDDLE, LAST = 1, 3, COUNT
THREADS, ROUNDS = 8, 10


def entry(number: int = 1, **facts: Any) -> Note:
    """Return something to note."""
    return Note("visit.approved", "visit", SUBJECT, ACTOR.user_id, {"number": number, **facts})


def write(database: Database, count: int = COUNT) -> None:
    """Commit some entries, each in a transaction of its own."""
    for number in range(1, count + 1):
        with database.writer() as session, transaction(session):
            audit.note(session, entry(number))


def verdict(database: Database, noted: str | None = None) -> Break | None:
    """Look the whole chain through."""
    with database.reader() as session:
        return audit.verify(session, noted)


def head(database: Database) -> str:
    """Return the head that is carried off the machine."""
    with database.reader() as session:
        return audit.head(session)


def tamper(database: Database, *statements: Any) -> None:
    """Change the tables as somebody could who owns the database, but not the key."""
    with database.writing.begin() as connection:
        if connection.dialect.name == "sqlite":
            for name in ("audit_entry_unchanged", "audit_entry_kept"):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        else:
            connection.exec_driver_sql("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
        for statement in statements:
            connection.execute(statement)


def changed(number: int, **values: Any) -> sa.Update:
    """Return the statement that changes an entry."""
    return sa.update(ENTRY).where(ENTRY.c.seq == number).values(**values)


def removed(*numbers: int) -> sa.Delete:
    """Return the statement that removes entries."""
    return sa.delete(ENTRY).where(ENTRY.c.seq.in_(numbers))


def slipped_in(number: int, **values: Any) -> sa.Insert:
    """Return the statement that adds an entry."""
    row = {
        "seq": number,
        "at": clock.now(),
        "actor_id": ACTOR.user_id,
        "action": "visit.approved",
        "subject": "visit",
        "subject_id": SUBJECT,
        "facts": {"number": number},
        "seal": bytes(32),
    }
    return sa.insert(ENTRY).values({**row, **values})


def test_entries_are_numbered_and_the_head_names_the_last(database: Database) -> None:
    assert (verdict(database), head(database)) == (None, "0:")
    write(database)
    every = trail(database)
    assert [(each.seq, each.facts) for each in every] == [
        (number, {"number": number}) for number in range(1, COUNT + 1)
    ]
    assert {(each.actor_id, each.action, each.subject, each.subject_id) for each in every} == {
        (ACTOR.user_id, "visit.approved", "visit", SUBJECT)
    }
    assert len({each.seal for each in every}) == COUNT
    assert head(database) == f"{COUNT}:{every[-1].seal.hex()}"
    assert verdict(database, head(database)) is None


def test_a_longer_trail_than_one_batch(database: Database) -> None:
    with database.writer() as session, transaction(session):
        for number in range(2 * audit.BATCH):
            audit.note(session, entry(number))
    assert len(trail(database)) == 2 * audit.BATCH
    tamper(database, changed(2 * audit.BATCH, subject="mou"))
    assert verdict(database) == Break(2 * audit.BATCH, "changed")


@pytest.mark.parametrize("microsecond", [0, 1, 999_999])
def test_facts_and_moments_come_back_as_they_were_sealed(
    database: Database, microsecond: int
) -> None:
    facts: Facts = {"ä": '“é” \\ "x" \u2028 🌺', "big": 2**80, "no": False, "none": None, "": -1}
    moment = LONG_AGO.replace(microsecond=microsecond)
    stopped = time_machine.travel(moment, tick=False)
    with stopped, database.writer() as session, transaction(session):
        audit.note(session, Note("visit.approved", "visit", None, None, facts))
    (kept,) = trail(database)
    assert kept.facts == facts
    assert kept.at == moment
    assert (kept.actor_id, kept.subject_id) == (None, None)


def test_a_read_is_written_down(database: Database) -> None:
    with database.side_write() as session:
        audit.record_read(session, ACTOR, "case", SUBJECT, step=3)
    (kept,) = trail(database)
    assert (kept.action, kept.subject, kept.subject_id) == ("case.read", "case", SUBJECT)
    assert (kept.actor_id, kept.facts) == (ACTOR.user_id, {"step": 3})


def test_what_was_rolled_back_left_no_entry(database: Database) -> None:
    with database.writer() as session:
        audit.note(session, entry(1))
        session.rollback()
        with transaction(session):
            audit.note(session, entry(2))
    assert [each.facts["number"] for each in trail(database)] == [2]


def test_a_refused_commit_leaves_no_entry(database: Database) -> None:
    with database.writer() as session:
        audit.note(session, entry(1))
        session.add(OfficeSetting(name="x", value=1, changed_at=None))
        with pytest.raises(DBAPIError):
            session.commit()
        session.rollback()
        with transaction(session):
            audit.note(session, entry(2))
    assert [each.facts["number"] for each in trail(database)] == [2]


def test_a_session_closed_without_commit_forgets(database: Database) -> None:
    session = database.writer()
    audit.note(session, entry(1))
    session.close()
    with transaction(session):
        audit.note(session, entry(2))
    session.close()
    assert [each.facts["number"] for each in trail(database)] == [2]


def test_a_savepoint_that_is_undone_takes_only_its_own_entries_along(database: Database) -> None:
    with database.writer() as session, transaction(session):
        audit.note(session, entry(1))
        undone = session.begin_nested()
        audit.note(session, entry(2))
        with session.begin_nested():
            audit.note(session, entry(3))
        undone.rollback()
        with session.begin_nested():
            audit.note(session, entry(4))
        audit.note(session, entry(5))
    assert [each.facts["number"] for each in trail(database)] == [1, 4, 5]


def test_the_head_is_not_touched_before_the_commit(database: Database) -> None:
    with database.writer() as session, transaction(session):
        with session.begin_nested():
            audit.note(session, entry(1))
        # Whoever held the head from here on would let everybody else wait.
        assert session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == 0
    assert len(trail(database)) == 1


def test_parallel_writers_leave_one_chain_without_gaps(database: Database) -> None:
    def work(number: int) -> None:
        for turn in range(ROUNDS):
            with database.writer() as session, transaction(session):
                audit.note(session, entry(number * ROUNDS + turn))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    every = trail(database)
    assert [each.seq for each in every] == list(range(1, THREADS * ROUNDS + 1))
    assert {each.facts["number"] for each in every} == set(range(THREADS * ROUNDS))


def test_who_looks_while_others_write_sees_a_whole_chain(database: Database) -> None:
    def write_on(_number: int) -> None:
        write(database, ROUNDS)

    def look(_number: int) -> list[Break | None]:
        return [verdict(database) for _turn in range(ROUNDS)]

    with ThreadPoolExecutor(THREADS) as pool:
        writing = [pool.submit(write_on, number) for number in range(THREADS // 2)]
        looking = [pool.submit(look, number) for number in range(THREADS // 2)]
        assert {each for looked in looking for each in looked.result()} == {None}
        for each in writing:
            each.result()


@pytest.mark.parametrize(
    "statement",
    [changed(MIDDLE, facts={}), sa.update(ENTRY).values(at=LONG_AGO), removed(LAST)],
    ids=["update", "update all", "delete"],
)
def test_the_database_refuses_to_change_entries(database: Database, statement: Any) -> None:
    write(database)
    with pytest.raises(DBAPIError, match="append-only"), database.writing.begin() as connection:
        connection.execute(statement)
    assert len(trail(database)) == COUNT


def test_the_database_refuses_to_empty_the_trail(database: Database) -> None:
    write(database)
    empty = "DELETE FROM" if database.writing.dialect.name == "sqlite" else "TRUNCATE"
    with pytest.raises(DBAPIError, match="append-only"), database.writing.begin() as connection:
        connection.exec_driver_sql(f"{empty} audit_entry")
    assert len(trail(database)) == COUNT


@on_sqlite
def test_what_sqlite_lets_somebody_replace_is_found(database: Database) -> None:
    # REPLACE removes a row without asking the trigger; the seal tells all the same.
    write(database)
    with database.writing.begin() as connection:
        connection.execute(slipped_in(MIDDLE).prefix_with("OR REPLACE"))
    assert verdict(database) == Break(MIDDLE, "changed")


COLUMNS: dict[str, Any] = {
    "at": LONG_AGO,
    "actor_id": UUID(int=9),
    "action": "visit.declined",
    "subject": "mou",
    "subject_id": None,
    "facts": {"number": 99},
    "seal": bytes(32),
}


@pytest.mark.parametrize("number", [FIRST, MIDDLE, LAST])
@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_entry_is_found(database: Database, column: str, number: int) -> None:
    write(database)
    tamper(database, changed(number, **{column: COLUMNS[column]}))
    assert verdict(database) == Break(number, "changed")


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        ((FIRST,), Break(FIRST + 1, "missing")),
        ((1, 2, 3), Break(4, "missing")),
        ((MIDDLE,), Break(MIDDLE + 1, "missing")),
        ((LAST,), Break(LAST, "cut")),
        ((LAST - 1, LAST), Break(LAST - 1, "cut")),
        (tuple(range(1, COUNT + 1)), Break(1, "cut")),
    ],
)
def test_removed_entries_are_found(
    database: Database, numbers: tuple[int, ...], found: Break
) -> None:
    write(database)
    tamper(database, removed(*numbers))
    assert verdict(database) == found


@pytest.mark.parametrize("number", [-1, 0, COUNT + 1])
def test_an_entry_put_before_or_behind_the_chain_is_found(database: Database, number: int) -> None:
    write(database)
    tamper(database, slipped_in(number))
    assert verdict(database) == Break(number, "changed")


def test_an_entry_put_far_behind_the_chain_is_found(database: Database) -> None:
    write(database)
    tamper(database, slipped_in(COUNT + 5))
    assert verdict(database) == Break(COUNT + 5, "missing")


def test_an_entry_slipped_in_between_is_found(database: Database) -> None:
    write(database)
    moved_up = [changed(number, seq=number + 1) for number in range(COUNT, MIDDLE - 1, -1)]
    tamper(database, *moved_up, slipped_in(MIDDLE))
    assert verdict(database) == Break(MIDDLE, "changed")


def test_an_entry_that_was_written_twice_is_found(database: Database) -> None:
    write(database)
    copied = trail(database)[-1]
    values = {name: getattr(copied, name) for name in COLUMNS}
    tamper(database, slipped_in(COUNT + 1, **values))
    assert verdict(database) == Break(COUNT + 1, "changed")


def test_entries_that_changed_places_are_found(database: Database) -> None:
    write(database)
    tamper(
        database,
        changed(2, seq=COUNT + 9),
        changed(MIDDLE + 1, seq=2),
        changed(COUNT + 9, seq=MIDDLE + 1),
    )
    assert verdict(database) == Break(2, "changed")


def test_a_head_that_was_moved_is_found(database: Database) -> None:
    write(database)
    earlier = trail(database)[MIDDLE - 1]
    tamper(database, sa.update(HEAD).values(seq=earlier.seq, seal=earlier.seal))
    assert verdict(database) == Break(COUNT + 1, "cut")


def test_only_a_noted_head_tells_of_an_end_that_was_cut_with_care(database: Database) -> None:
    write(database)
    noted = head(database)
    earlier = trail(database)[MIDDLE - 1]
    tamper(
        database,
        removed(*range(MIDDLE + 1, COUNT + 1)),
        sa.update(HEAD).values(seq=earlier.seq, seal=earlier.seal),
    )
    assert verdict(database) is None
    assert verdict(database, noted) == Break(COUNT, "head")


def test_a_chain_grown_again_after_a_careful_cut_is_found(database: Database) -> None:
    write(database)
    noted = head(database)
    earlier = trail(database)[MIDDLE - 1]
    tamper(
        database,
        removed(*range(MIDDLE + 1, COUNT + 1)),
        sa.update(HEAD).values(seq=earlier.seq, seal=earlier.seal),
    )
    write(database)
    assert verdict(database) is None
    assert verdict(database, noted) == Break(COUNT, "head")


def test_a_trail_begun_anew_is_found(database: Database) -> None:
    write(database)
    noted = head(database)
    tamper(database, sa.delete(ENTRY), sa.delete(HEAD))
    assert verdict(database) is None
    assert verdict(database, noted) == Break(COUNT, "head")


FACTS = st.dictionaries(
    st.text(max_size=8),
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=12)),
    max_size=4,
)
NOTES = st.builds(
    Note,
    action=st.sampled_from(["visit.approved", "mou.changed"]),
    subject=st.sampled_from(["visit", "mou"]),
    subject_id=st.one_of(st.none(), st.uuids()),
    actor_id=st.one_of(st.none(), st.uuids()),
    facts=FACTS,
)
TRANSACTIONS = st.lists(st.lists(NOTES, min_size=1, max_size=3), min_size=1, max_size=5)


def in_memory(transactions: list[list[Note]]) -> Session:
    """Write a trail into a database of its own; nothing guards it but the seals."""
    engine = sa.create_engine("sqlite://")
    Base.metadata.create_all(engine, [ENTRY, HEAD])
    session = Session(engine)
    for notes in transactions:
        for each in notes:
            audit.note(session, each)
        session.commit()
    return session


@given(TRANSACTIONS)
def test_any_trail_holds(transactions: list[list[Note]]) -> None:
    with in_memory(transactions) as session:
        noted = [each for notes in transactions for each in notes]
        assert [each.facts for each in audit.entries(session)] == [each.facts for each in noted]
        assert audit.verify(session, audit.head(session)) is None


@given(TRANSACTIONS, st.sampled_from(sorted(COLUMNS)), st.data())
def test_any_change_is_found_where_it_is(
    transactions: list[list[Note]], column: str, data: st.DataObject
) -> None:
    with in_memory(transactions) as session:
        every = list(audit.entries(session))
        chosen = data.draw(st.sampled_from(every))
        other = {**COLUMNS, "facts": {**chosen.facts, "slipped in": 1}}[column]
        if getattr(chosen, column) == other:
            return
        session.execute(changed(chosen.seq, **{column: other}))
        assert audit.verify(session) == Break(chosen.seq, "changed")


@given(TRANSACTIONS, st.data())
def test_any_removal_is_found_where_it_is(
    transactions: list[list[Note]], data: st.DataObject
) -> None:
    with in_memory(transactions) as session:
        numbers = [each.seq for each in audit.entries(session)]
        gone = data.draw(st.sets(st.sampled_from(numbers), min_size=1))
        session.execute(removed(*gone))
        behind = [number for number in numbers if number not in gone and number > min(gone)]
        found = Break(behind[0], "missing") if behind else Break(min(gone), "cut")
        assert audit.verify(session) == found


def five_years_before_now() -> datetime:
    """Return the moment before which the office lets entries go."""
    return clock.now() - timedelta(days=5 * 366)


@pytest.fixture
def old(database: Database) -> Iterator[Callable[[int], None]]:
    """Return what writes entries that are older than five years."""

    def write_old(count: int) -> None:
        with time_machine.travel(LONG_AGO, tick=False):
            write(database, count)

    return write_old


def purge(database: Database, before: datetime | None = None) -> int:
    """Let old entries go."""
    with database.writer() as session, transaction(session):
        return audit.purge(session, before or five_years_before_now())


def test_old_entries_go_and_the_chain_still_holds(
    database: Database, old: Callable[[int], None]
) -> None:
    old(4)
    write(database, 2)
    noted = head(database)
    assert purge(database) == 4
    assert [each.seq for each in trail(database)] == [5, 6, 7]
    assert verdict(database, noted) is None
    write(database, 1)
    assert verdict(database, noted) is None


def test_letting_go_is_written_down(database: Database, old: Callable[[int], None]) -> None:
    old(4)
    write(database, 1)
    purge(database)
    mark = trail(database)[-1]
    assert (mark.action, mark.actor_id, mark.facts["first_kept"]) == (audit.PURGED, None, 5)


def test_nothing_old_means_nothing_to_write_down(database: Database) -> None:
    assert purge(database) == 0
    write(database)
    assert purge(database) == 0
    assert len(trail(database)) == COUNT


def test_the_newest_entry_stays_however_old(database: Database, old: Callable[[int], None]) -> None:
    old(4)
    assert purge(database) == 3
    assert [each.seq for each in trail(database)] == [4, 5]


def test_entries_go_again_and_again(database: Database, old: Callable[[int], None]) -> None:
    old(3)
    with time_machine.travel(LONG_AGO, tick=False):
        assert purge(database, clock.now() + timedelta(days=1)) == 2
    old(2)
    write(database, 1)
    assert purge(database) == 4
    assert [each.seq for each in trail(database)] == [7, 8]


def test_a_clock_that_once_went_wrong_makes_no_hole(
    database: Database, old: Callable[[int], None]
) -> None:
    old(2)
    write(database, 1)
    old(2)
    write(database, 1)
    assert purge(database) == 2
    assert [each.seq for each in trail(database)] == [3, 4, 5, 6, 7]


def test_the_database_keeps_five_years_whatever_it_is_asked(database: Database) -> None:
    with time_machine.travel(clock.now() - timedelta(days=4 * 365)):
        write(database)
    with pytest.raises(DBAPIError, match="append-only"):
        purge(database, clock.now())
    assert len(trail(database)) == COUNT


def test_more_than_was_let_go_is_missed(database: Database, old: Callable[[int], None]) -> None:
    old(3)
    write(database, 3)
    purge(database)
    tamper(database, removed(4))
    assert verdict(database) == Break(5, "missing")


def test_a_mark_that_nobody_sealed_excuses_nothing(database: Database) -> None:
    write(database)
    before = trail(database)[MIDDLE - 1]
    facts = {"first_kept": MIDDLE + 1, "seal_before": before.seal.hex()}
    mark = {"action": audit.PURGED, "subject": "audit", "subject_id": None, "facts": facts}
    tamper(database, removed(*range(1, MIDDLE + 1)), slipped_in(COUNT + 1, **mark))
    assert verdict(database) == Break(COUNT + 1, "changed")
