"""Typed and unsent text: encrypted, one draft for each page, its writer's alone."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, drafts
from portal.core.db import Database, new_id, new_public_id, transaction
from portal.core.drafts import Draft, Fields

FIELDS: Fields = [
    ("room", "Aula <lantai 2>"),
    ("grades", "7"),
    ("grades", "8"),
    ("needs", "a\r\nb 👩‍👧 \u202e \x00"),
    ("", ""),
]


def kept(database: Database) -> list[Draft]:
    """Return all drafts."""
    with database.reader() as reading:
        return list(reading.scalars(select(Draft)))


def keep(session: Session, user_id: object, page: str, fields: Fields = FIELDS) -> str:
    """Keep what was typed and return where it is found."""
    with transaction(session):
        return drafts.keep(session, user_id, page, fields).public_id  # type: ignore[arg-type]


def test_what_was_typed_comes_back_to_the_letter(session: Session, database: Database) -> None:
    user, before = new_id(), clock.now()
    public_id = keep(session, user, "/sesi/baru")
    with database.reader() as reading:
        draft = drafts.find(reading, user, public_id)
        assert draft is not None
        assert drafts.fields_of(draft) == FIELDS
        assert draft.saved_at >= before


def test_nobody_else_finds_it(session: Session, database: Database) -> None:
    public_id = keep(session, new_id(), "/sesi/baru")
    with database.reader() as reading:
        assert drafts.find(reading, new_id(), public_id) is None
        assert drafts.find(reading, new_id(), new_public_id()) is None


def test_a_page_has_one_draft_of_each_person(session: Session, database: Database) -> None:
    user, other = new_id(), new_id()
    first = keep(session, user, "/sesi/baru")
    keep(session, other, "/sesi/baru")
    keep(session, user, "/akun")
    assert keep(session, user, "/sesi/baru", [("room", "Baru")]) == first
    assert len(kept(database)) == 3


def test_what_was_sent_is_forgotten_and_nothing_else(session: Session, database: Database) -> None:
    user, other = new_id(), new_id()
    keep(session, user, "/sesi/baru")
    keep(session, user, "/akun")
    keep(session, other, "/sesi/baru")
    for _ in range(2):
        with transaction(session):
            drafts.discard(session, user, "/sesi/baru")
    assert {(draft.user_id, draft.page) for draft in kept(database)} == {
        (user, "/akun"),
        (other, "/sesi/baru"),
    }


@pytest.mark.parametrize("words", ["Aula", "grades", "lantai"])
def test_the_table_holds_no_plain_words(session: Session, database: Database, words: str) -> None:
    keep(session, new_id(), "/sesi/baru")
    with database.reading.connect() as connection:
        raw = bytes(connection.exec_driver_sql("SELECT fields FROM draft").scalar_one())
    assert raw.startswith(b"v1|")
    assert words.encode() not in raw
