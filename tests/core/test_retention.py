"""What is old enough goes, what is held stays, and what was erased stays erased."""

from __future__ import annotations

import multiprocessing
import os
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import audit, crypto, retention, settings
from portal.core.access import Actor
from portal.core.audit import Note
from portal.core.db import Database, new_id, transaction
from portal.core.drafts import Draft
from portal.core.duties import Duty
from portal.core.limits import DailySalt, RateCounter
from portal.core.receipts import Receipt
from portal.core.retention import DamagedLedgerError, Erasure, LegalHold, Rule, ledger
from portal.core.retention import keeping as engine
from tests.conftest import KEY_RING, on_sqlite
from tests.trail import last, trail

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ADMIN = Actor(UUID(int=8), "Bu Admin", ())
SUBJECT = "draft"


@pytest.fixture(autouse=True)
def clock_at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ledger_path(tmp_path: Path) -> Iterator[Path]:
    """Choose a file for the ledger."""
    path = tmp_path / retention.FILE_NAME
    retention.use(path)
    yield path
    ledger._path = None


@pytest.fixture
def drafts_can_be_erased() -> Iterator[None]:
    """Let drafts stand for something whose eraser is registered."""

    @retention.eraser(SUBJECT)
    def erase(session: Session, subject_id: UUID) -> None:
        draft = session.get(Draft, subject_id)
        if draft is not None:
            session.delete(draft)
            # An eraser may tell of it like the action that first did it.
            retention.erased(session, SUBJECT, subject_id)

    yield
    del retention.erasers[SUBJECT]


def ago(**period: int) -> datetime:
    return NOW - timedelta(**period)


def draft(age: int, user_id: UUID | None = None) -> Draft:
    return Draft(
        id=new_id(), user_id=user_id or new_id(), page="/x", fields="[]", saved_at=ago(days=age)
    )


def duty(closed: datetime | None, **about: UUID) -> Duty:
    values: dict[str, Any] = {"subject_id": new_id(), "person_id": new_id(), **about}
    moment = ago(days=4000)
    return Duty(
        id=new_id(),
        kind="x",
        link="/",
        facts={},
        opened_at=moment,
        visible_from=moment,
        due_at=moment,
        closed_at=closed,
        **values,
    )


def hold(subject_id: UUID, *, lifted: bool = False) -> LegalHold:
    return LegalHold(
        subject="user",
        subject_id=subject_id,
        label="Bu Contoh",
        reason="Surat pengadilan",
        ordered_by=ADMIN.user_id,
        ordered_at=ago(days=1),
        lifted_at=NOW if lifted else None,
    )


def save(database: Database, *records: Any) -> None:
    with database.writer() as session, transaction(session):
        session.add_all(records)


def left(database: Database, column: Any) -> set[Any]:
    with database.reader() as session:
        return set(session.scalars(select(column)))


def planned(database: Database) -> dict[str, tuple[int, int]]:
    with database.reader() as session:
        return {each.rule.name: (each.count, each.held) for each in retention.plan(session)}


def done(database: Database) -> dict[str, int]:
    return {each.rule.name: each.count for each in retention.run(database, ADMIN) if each.count}


def test_each_kind_goes_when_its_time_is_over_and_not_before(database: Database) -> None:
    old_draft, new_draft = draft(15), draft(14)
    old_duty, new_duty, open_duty = duty(ago(days=366)), duty(ago(days=365)), duty(None)
    receipts = [
        Receipt(digest=bytes([number]) * 32, body_hash=bytes(32), done_at=ago(days=days))
        for number, days in ((1, 8), (2, 7))
    ]
    counters = [
        RateCounter(key=name, count=1, expires_at=moment)
        for name, moment in (("spent", NOW), ("open", NOW + timedelta(seconds=1)))
    ]
    salts = [DailySalt(day=NOW.date() - timedelta(days=back), salt=bytes(32)) for back in (1, 0)]
    save(database, old_draft, new_draft, old_duty, new_duty, open_duty, *receipts, *counters)
    save(database, *salts)
    expected = {"drafts": 1, "receipts": 1, "duties": 1, "counters": 1, "salts": 1}
    assert {name: count for name, (count, _) in planned(database).items() if count} == expected
    assert left(database, Draft.id) == {old_draft.id, new_draft.id}
    assert done(database) == expected
    assert left(database, Draft.id) == {new_draft.id}
    assert left(database, Duty.id) == {new_duty.id, open_duty.id}
    assert left(database, Receipt.digest) == {bytes([2]) * 32}
    assert left(database, RateCounter.key) == {"open"}
    assert left(database, DailySalt.day) == {NOW.date()}
    assert done(database) == {}


def test_the_dry_run_names_the_oldest_and_writes_nothing(database: Database) -> None:
    save(database, draft(15), draft(40), draft(3))
    with database.reader() as session:
        found = next(each for each in retention.plan(session) if each.rule.name == "drafts")
    assert (found.count, found.oldest, found.held) == (2, ago(days=40), 0)
    assert len(left(database, Draft.id)) == 3
    assert trail(database) == []


def test_the_office_decides_how_long(database: Database) -> None:
    save(database, draft(15))
    with database.writer() as session, transaction(session):
        settings.write(session, None, "keep_drafts_days", 30)
    assert planned(database)["drafts"] == (0, 0)
    assert done(database) == {}


def test_what_is_held_stays_until_the_hold_is_lifted(database: Database) -> None:
    person = new_id()
    theirs, other = draft(99, person), draft(99)
    about, of_person = duty(ago(days=900), subject_id=person), duty(ago(days=900), person_id=person)
    free, unassigned = duty(ago(days=900)), duty(ago(days=900), person_id=None)  # type: ignore[arg-type]
    kept = hold(person)
    save(database, theirs, other, about, of_person, free, unassigned, kept)
    assert planned(database)["drafts"] == (1, 1)
    assert planned(database)["duties"] == (2, 2)
    assert done(database) == {"drafts": 1, "duties": 2}
    assert left(database, Draft.id) == {theirs.id}
    assert left(database, Duty.id) == {about.id, of_person.id}
    with database.writer() as session, transaction(session):
        assert retention.is_held(session, person)
        session.get_one(LegalHold, kept.id).lifted_at = NOW
        session.flush()
        assert not retention.is_held(session, person)
    assert done(database) == {"drafts": 1, "duties": 2}


def test_every_run_leaves_figures_in_the_trail_and_no_content(database: Database) -> None:
    save(database, draft(15), draft(16))
    retention.run(database, ADMIN)
    entry = last(database, "retention")
    assert (entry.actor_id, entry.facts) == (ADMIN.user_id, {"rule": "drafts", "count": 2})


def test_a_leap_day_counts_back_to_the_last_of_february(database: Database) -> None:
    rule = retention.rules["trail"]
    with database.reader() as session, time_machine.travel(datetime(2028, 2, 29, tzinfo=UTC)):
        assert retention.limit_of(rule, settings.read(session)).date().isoformat() == "2023-02-28"


def test_many_go_in_batches_and_each_batch_is_told(database: Database) -> None:
    save(database, *(draft(20) for _ in range(2 * engine.BATCH + 7)))
    assert done(database) == {"drafts": 2 * engine.BATCH + 7}
    counts = [each.facts["count"] for each in trail(database, "retention")]
    assert counts == [engine.BATCH, engine.BATCH, 7]


class Unplugged(Exception):
    """The power went."""


@pytest.fixture
def breaking_rule() -> Iterator[Rule]:
    """Register a rule whose third batch is interrupted in the middle of its transaction."""
    plain = retention.rules["drafts"]
    batches: list[int] = []

    def erase(session: Session, keys: Sequence[Any]) -> int:
        gone = plain.erase(session, keys)
        batches.append(gone)
        if len(batches) == 3:
            raise Unplugged
        return gone

    rule = Rule("drafts", plain.title, plain.setting, plain.old, erase, plain.about, batch=10)
    retention.register(rule)
    yield rule
    retention.register(plain)


def test_an_interruption_loses_nothing_and_the_next_run_goes_on(
    database: Database, breaking_rule: Rule
) -> None:
    save(database, *(draft(20) for _ in range(45)), draft(1))
    with pytest.raises(Unplugged):
        retention.run(database, None)
    # Two whole batches went and were told; the third was undone with its entry.
    assert len(left(database, Draft.id)) == 26
    assert sum(int(each.facts["count"] or 0) for each in trail(database, "retention")) == 20
    assert done(database) == {"drafts": 25}
    assert len(left(database, Draft.id)) == 1


def test_two_runs_at_once_do_not_count_twice(database: Database) -> None:
    save(database, *(draft(20) for _ in range(engine.BATCH)))
    results: list[dict[str, int]] = []
    threads = [threading.Thread(target=lambda: results.append(done(database))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(each.get("drafts", 0) for each in results) == engine.BATCH
    assert left(database, Draft.id) == set()


def write_trail(database: Database, *ages: int, about: UUID | None = None) -> None:
    for age in ages:
        with (
            time_machine.travel(ago(days=age), tick=False),
            database.writer() as session,
            transaction(session),
        ):
            audit.note(session, Note("visit.approved", "visit", about, None, {}))


def test_the_trail_goes_from_its_beginning_and_stays_whole(database: Database) -> None:
    write_trail(database, 2400, 2300, 2200, 100, 1)
    assert planned(database)["trail"] == (3, 0)
    assert done(database) == {"trail": 3}
    # Reading it looks the chain through, from the mark on.
    assert [each.seq for each in trail(database, "visit")] == [4, 5]


def test_entries_about_what_is_held_keep_all_later_ones(database: Database) -> None:
    person = new_id()
    write_trail(database, 2400)
    write_trail(database, 2300, about=person)
    write_trail(database, 2200, 1)
    save(database, hold(person))
    assert done(database) == {"trail": 1}
    assert [each.seq for each in trail(database, "visit")] == [2, 3, 4]


def test_the_newest_entry_stays_however_old_it_is(database: Database) -> None:
    write_trail(database, 2400, 2300)
    assert planned(database)["trail"] == (1, 0)
    assert done(database) == {"trail": 1}


def erase(database: Database, *ids: UUID) -> None:
    """Erase drafts as an action would."""
    for subject_id in ids:
        with database.writer() as session, transaction(session):
            found = session.get(Draft, subject_id)
            if found is not None:
                session.delete(found)
            retention.erased(session, SUBJECT, subject_id)


def told(path: Path) -> list[UUID]:
    return [line.subject_id for line in ledger.read(path)]


def test_an_erasure_stands_in_table_and_file(database: Database, ledger_path: Path) -> None:
    first, second = new_id(), new_id()
    erase(database, first, second, first)
    assert told(ledger_path) == [first, second]
    assert left(database, Erasure.subject_id) == {first, second}
    assert stat.S_IMODE(ledger_path.stat().st_mode) == 0o600
    assert ledger.read(ledger_path)[0].erased_at == NOW


def test_what_is_undone_is_told_nowhere(database: Database, ledger_path: Path) -> None:
    kept, undone = new_id(), new_id()
    with database.writer() as session:
        retention.erased(session, SUBJECT, undone)
        session.rollback()
    with database.writer() as session, transaction(session):
        savepoint = session.begin_nested()
        retention.erased(session, SUBJECT, undone)
        savepoint.rollback()
        with session.begin_nested():
            retention.erased(session, SUBJECT, kept)
    assert told(ledger_path) == [kept]
    assert left(database, Erasure.subject_id) == {kept}


def test_after_a_restore_everything_is_erased_again(
    database: Database, ledger_path: Path, drafts_can_be_erased: None
) -> None:
    gone, kept = draft(1), draft(1)
    save(database, gone, kept)
    erase(database, gone.id)
    # The backup knew the draft and nothing of its end.
    with database.writer() as session, transaction(session):
        session.delete(session.scalars(select(Erasure)).one())
        session.add(draft(1))
        restored = Draft(id=gone.id, user_id=new_id(), page="/x", fields="[]", saved_at=ago(days=2))
        session.add(restored)
    replayed = retention.replay(database, ledger_path)
    assert [line.subject_id for line in replayed.again] == [gone.id]
    assert gone.id not in left(database, Draft.id)
    assert kept.id in left(database, Draft.id)
    assert left(database, Erasure.erased_at) == {NOW}
    entry = last(database, "erasure")
    assert (entry.action, entry.subject_id) == ("erasure.repeated", gone.id)
    again = retention.replay(database, ledger_path)
    assert (list(again.again), again.into_file, list(again.unknown)) == ([], 0, [])
    assert told(ledger_path) == [gone.id]


def test_what_the_file_lacks_is_written_into_it(database: Database, ledger_path: Path) -> None:
    ids = [new_id() for _ in range(3)]
    erase(database, *ids)
    whole = ledger_path.read_bytes()
    ledger_path.unlink()
    assert retention.replay(database, ledger_path).into_file == 3
    assert sorted(told(ledger_path)) == sorted(ids)
    assert len(ledger_path.read_bytes()) == len(whole)


def test_a_kind_nobody_can_erase_is_named_and_not_ticked_off(
    database: Database, ledger_path: Path
) -> None:
    ledger.append(ledger_path, [ledger.Line("future", new_id(), NOW)])
    for _ in range(2):
        assert retention.replay(database, ledger_path).unknown == ["future"]
    assert left(database, Erasure.id) == set()


def changed(content: bytes, number: int) -> bytes:
    lines = content.splitlines(keepends=True)
    lines[number] = lines[number].replace(b"draft", b"user", 1)
    return b"".join(lines)


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (lambda content: changed(content, 1), 2),
        (lambda content: b"".join(content.splitlines(keepends=True)[1:]), 1),
        (
            lambda content: b"".join(
                [content.splitlines(keepends=True)[0], *content.splitlines(keepends=True)[2:]]
            ),
            2,
        ),
        (lambda content: content + content.splitlines(keepends=True)[0], 4),
        (lambda content: content + b"user 00 now\n", 4),
        (lambda content: b"\xff\x00" + content, 1),
    ],
    ids=["changed", "first removed", "second removed", "repeated", "made up", "garbage"],
)
@on_sqlite
def test_a_file_that_was_tampered_with_erases_nothing(
    database: Database,
    ledger_path: Path,
    drafts_can_be_erased: None,
    damage: Callable[[bytes], bytes],
    line: int,
) -> None:
    records = [draft(1) for _ in range(3)]
    save(database, *records)
    ledger.append(ledger_path, [ledger.Line(SUBJECT, each.id, NOW) for each in records])
    ledger_path.write_bytes(damage(ledger_path.read_bytes()))
    with pytest.raises(DamagedLedgerError) as caught:
        retention.replay(database, ledger_path)
    assert caught.value.number == line
    assert len(left(database, Draft.id)) == 3


@pytest.mark.parametrize("torn_off", [1, 20, 60])
@on_sqlite
def test_a_line_the_power_cut_in_half_is_written_again(
    database: Database, ledger_path: Path, torn_off: int
) -> None:
    ids = [new_id() for _ in range(3)]
    erase(database, *ids)
    ledger_path.write_bytes(ledger_path.read_bytes()[:-torn_off])
    assert told(ledger_path) == ids[:2]
    assert retention.replay(database, ledger_path).into_file == 1
    assert told(ledger_path) == ids
    erase(database, extra := new_id())
    assert told(ledger_path) == [*ids, extra]


def test_a_seal_of_the_trail_is_no_seal_of_the_ledger(ledger_path: Path) -> None:
    content = f"user {new_id().hex} {NOW.isoformat()}".encode()
    seal = crypto.ring().seal("audit", content).hex().encode()
    ledger_path.write_bytes(content + b" " + seal + b"\n")
    with pytest.raises(DamagedLedgerError):
        ledger.read(ledger_path)


def append_many(path: Path, count: int) -> None:
    """Append lines one by one, in a process of its own."""
    crypto.use(KEY_RING)
    for _ in range(count):
        ledger.append(path, [ledger.Line("user", new_id(), datetime.now(UTC))])


def test_processes_that_append_at_once_keep_one_chain(tmp_path: Path) -> None:
    path = tmp_path / retention.FILE_NAME
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=append_many, args=(path, 25)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert len(ledger.read(path)) == 100


@on_sqlite
def test_a_full_disk_does_not_undo_what_was_erased(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # A folder stands where the file should be: it cannot be opened for writing.
    path = tmp_path / retention.FILE_NAME
    path.mkdir()
    retention.use(path)
    erase(database, gone := new_id())
    ledger._path = None
    assert left(database, Erasure.subject_id) == {gone}
    assert "ledger of erasures" in caplog.text
    assert gone.hex not in caplog.text
    os.rmdir(path)
    assert retention.replay(database, path).into_file == 1
