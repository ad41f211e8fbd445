"""The row that stands for a form: written first, undone with what fails, seen by others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.core import receipts, settings
from portal.core.db import Database, new_id, new_public_id, transaction
from portal.core.receipts import AlreadyDoneError, Claim, Receipt
from tests.conftest import on_sqlite

FORM = Claim(b"d" * 32, b"b" * 32)


def kept(database: Database) -> list[Receipt]:
    """Return all receipts."""
    with database.reader() as reading:
        return list(reading.scalars(select(Receipt)))


def minutes(database: Database) -> int:
    """Return what the tests change."""
    with database.reader() as reading:
        return int(settings.read(reading)["hold_minutes"])


def carry_out(session: Session, value: int = 15) -> None:
    """Do what a form asks for."""
    with transaction(session):
        settings.write(session, None, "hold_minutes", value)


def fail(session: Session) -> None:
    """Do what a form asks for, and fall over it."""
    with transaction(session):
        settings.write(session, None, "hold_minutes", 15)
        session.flush()
        raise LookupError


def test_a_form_carried_out_leaves_one_receipt(session: Session, database: Database) -> None:
    receipts.claim(session, FORM)
    assert not receipts.is_done(session)
    carry_out(session)
    assert receipts.is_done(session)
    carry_out(session, 16)
    (receipt,) = kept(database)
    assert (receipt.digest, receipt.body_hash, receipt.location) == (
        FORM.digest,
        FORM.body_hash,
        "",
    )
    with transaction(session):
        receipts.note_location(session, FORM.digest, "/sesi")
    assert kept(database)[0].location == "/sesi"


def test_reading_writes_no_receipt_that_lasts(session: Session, database: Database) -> None:
    receipts.claim(session, FORM)
    session.execute(text("SELECT 1"))
    session.close()
    assert not receipts.is_done(session)
    assert kept(database) == []


def test_what_fails_leaves_none_and_may_be_tried_again(
    session: Session, database: Database
) -> None:
    receipts.claim(session, FORM)
    for _ in range(2):
        with pytest.raises(LookupError):
            fail(session)
        assert not receipts.is_done(session)
    assert kept(database) == []
    carry_out(session)
    assert receipts.is_done(session)
    assert len(kept(database)) == 1


@pytest.mark.parametrize("undone", [False, True])
def test_a_savepoint_is_no_second_form(session: Session, database: Database, undone: bool) -> None:
    receipts.claim(session, FORM)
    with transaction(session):
        settings.write(session, None, "hold_minutes", 15)
        session.flush()
        savepoint = session.begin_nested()
        settings.write(session, None, "hold_minutes", 20)
        session.flush()
        if undone:
            savepoint.rollback()
        else:
            savepoint.commit()
        assert not receipts.is_done(session)
    assert receipts.is_done(session)
    assert len(kept(database)) == 1
    assert minutes(database) == (15 if undone else 20)


def test_the_second_press_learns_that_all_is_done(session: Session, database: Database) -> None:
    receipts.claim(session, FORM)
    carry_out(session)
    with database.writer() as second:
        receipts.claim(second, FORM)
        with pytest.raises(AlreadyDoneError):
            carry_out(second, 30)
        assert not receipts.is_done(second)
    assert minutes(database) == 15


def test_of_many_at_once_one_is_carried_out(database: Database) -> None:
    def press(value: int) -> bool:
        with database.writer() as session:
            receipts.claim(session, FORM)
            try:
                carry_out(session, value)
            except AlreadyDoneError:
                return False
            return receipts.is_done(session)

    with ThreadPoolExecutor(8) as presses:
        assert sum(presses.map(press, range(11, 19))) == 1
    assert len(kept(database)) == 1


def test_a_broken_rule_of_another_table_is_no_second_press(session: Session) -> None:
    receipts.claim(session, FORM)
    salt = text("INSERT INTO daily_salt (day, salt) VALUES ('2026-01-01', :salt)")
    session.execute(salt, {"salt": b"x" * 32})
    with pytest.raises(IntegrityError):
        session.execute(salt, {"salt": b"x" * 32})


@on_sqlite
def test_a_session_that_did_nothing_did_not_carry_out_a_form(session: Session) -> None:
    receipts.claim(session, FORM)
    with transaction(session):
        pass
    assert not receipts.is_done(session)


def test_a_form_is_known_by_its_key_its_sender_and_where_it_goes() -> None:
    key, user = new_public_id(), new_id()
    known: tuple[str, UUID | None, str] = (key, user, "/akun?")
    others = [
        (new_public_id(), user, "/akun?"),
        (key, new_id(), "/akun?"),
        (key, None, "/akun?"),
        (key, user, "/akun?x=1"),
    ]
    assert receipts.digest_of(*known) == receipts.digest_of(*known)
    assert receipts.digest_of(*known) not in {receipts.digest_of(*other) for other in others}
