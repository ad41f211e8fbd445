"""Every text and every file gets the new key, whatever happens meanwhile, and nothing is lost."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from portal.auditlog import models as _registers  # noqa: F401 - registers its tables
from portal.config import Settings
from portal.core import clock, crypto, files, rotation
from portal.core.crypto import KeyRing
from portal.core.db import Base, Database, connect, encrypted_columns, new_id, transaction
from portal.core.drafts import Draft
from portal.core.files import PDF, FolderStore, Store, StoredFile
from portal.core.rotation import BATCH, StillNeededError
from portal.visits import models as _visits  # noqa: F401 - registers its tables
from tests.architecture.sources import calls, modules, parsed
from tests.conftest import KEY_RING
from tests.papers import pdf_bytes

NAME, STORY = "Siti Rahasiawati", "Ia bercerita tentang malam itu"
DRAFTS = BATCH + 30


@pytest.fixture(autouse=True)
def own_ring(tmp_path: Path) -> Iterator[KeyRing]:
    """Work with a copy of the ring, since these tests turn it."""
    path = tmp_path / "ring" / "ring.json"
    path.parent.mkdir()
    shutil.copy(KEY_RING, path)
    yield crypto.use(path)
    crypto.use(KEY_RING)


def text_of(number: int) -> str:
    return f"{STORY} {number} " + "x" * (number % 50)


def write_drafts(database: Database, count: int = DRAFTS) -> dict[UUID, str]:
    """Write drafts and return what each says."""
    drafts = [
        Draft(
            id=new_id(), user_id=new_id(), page="/x", fields=text_of(number), saved_at=clock.now()
        )
        for number in range(count)
    ]
    with database.writer() as session, transaction(session):
        session.add_all(drafts)
    return {draft.id: draft.fields for draft in drafts}


def write_files(database: Database, store: Store, count: int = 3) -> dict[UUID, bytes]:
    """Keep files and return what each holds."""
    contents = {}
    for number in range(count):
        content = pdf_bytes() + f"% {STORY} {number}\n".encode()
        with database.writer() as session, transaction(session):
            record = files.keep(session, store, f"{NAME} {number}.pdf", content, frozenset({PDF}))
            contents[record.id] = files.read(store, record)
    return contents


def texts(database: Database) -> dict[UUID, str]:
    with database.reader() as session:
        return {draft.id: draft.fields for draft in session.scalars(sa.select(Draft))}


def contents(database: Database, store: Store) -> dict[UUID, bytes]:
    with database.reader() as session:
        records = session.scalars(sa.select(StoredFile)).all()
        return {record.id: files.read(store, record) for record in records}


def silent(_count: int) -> None:
    """Hear of progress and say nothing."""


def test_everything_gets_the_new_key_and_says_the_same(
    database: Database, store: FolderStore, own_ring: KeyRing
) -> None:
    said, held = write_drafts(database), write_files(database, store)
    assert rotation.remaining(database, store) == 0
    own_ring.add_key()
    # Each file has a name as well.
    everything = DRAFTS + 2 * len(held)
    assert rotation.remaining(database, store) == everything
    heard: list[int] = []
    done = rotation.rotate(database, store, heard.append)
    assert (done.texts, done.files, done.unreadable) == (DRAFTS + len(held), len(held), set())
    assert sum(heard) == everything
    assert max(heard) <= BATCH
    assert rotation.remaining(database, store) == 0
    assert rotation.forget_old(database, store) == ["k1"]
    assert (texts(database), contents(database, store)) == (said, held)


def test_a_second_rotation_has_nothing_to_do(
    database: Database, store: FolderStore, own_ring: KeyRing
) -> None:
    write_drafts(database, 5)
    own_ring.add_key()
    assert rotation.rotate(database, store, silent).texts == 5
    assert rotation.rotate(database, store, silent).texts == 0


def test_ten_keys_are_not_taken_for_one(
    database: Database, store: FolderStore, own_ring: KeyRing
) -> None:
    said = write_drafts(database, 3)
    for _ in range(9):
        own_ring.add_key()
    assert own_ring.active == "k10"
    assert rotation.remaining(database, store) == 3
    rotation.rotate(database, store, silent)
    assert texts(database) == said


class Unplugged(Exception):
    """The power went."""


def test_a_rotation_that_is_broken_off_again_and_again_loses_nothing(
    database: Database, store: FolderStore, own_ring: KeyRing
) -> None:
    said, held = write_drafts(database), write_files(database, store)
    own_ring.add_key()

    def unplug(_count: int) -> None:
        raise Unplugged

    left = [rotation.remaining(database, store)]
    while left[-1]:
        try:
            rotation.rotate(database, store, unplug)
        except Unplugged:
            left.append(rotation.remaining(database, store))
            assert left[-1] < left[-2]
            assert texts(database) == said
            assert contents(database, store) == held
    # Two batches of drafts, one of names, and each file by itself.
    assert len(left) == 1 + 2 + 1 + len(held)
    assert rotation.forget_old(database, store) == ["k1"]
    assert (texts(database), contents(database, store)) == (said, held)


def test_nobodys_change_is_overwritten(
    database: Database, store: FolderStore, own_ring: KeyRing
) -> None:
    said = write_drafts(database)
    own_ring.add_key()
    finished = threading.Event()
    latest = dict(said)

    def keep_writing() -> None:
        number = 0
        while not finished.is_set():
            for draft_id in list(said)[number % 7 :: 20]:
                with database.writer() as session, transaction(session):
                    draft = session.get_one(Draft, draft_id)
                    draft.fields = latest[draft_id] = f"{STORY}, baru {number}"
                number += 1

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        while rotation.remaining(database, store):
            rotation.rotate(database, store, silent)
    finally:
        finished.set()
        writer.join()
    assert texts(database) == latest
    assert latest != said
    assert rotation.forget_old(database, store) == ["k1"]
    assert texts(database) == latest


def test_a_text_that_was_changed_since_it_was_read_stays_as_it_is(
    database: Database, own_ring: KeyRing
) -> None:
    (draft_id,) = write_drafts(database, 1)
    column = next(each for each in rotation._columns() if each.table.name == "draft")
    place = column.place(draft_id)
    stale = (draft_id, b"what was read before", own_ring.encrypt(place, b"older words"))
    with database.writer() as session, transaction(session):
        assert rotation._replace(session, column, [stale]) == 0
    assert texts(database) == {draft_id: text_of(0)}


def test_old_keys_stay_while_anything_needs_them(
    database: Database, store: FolderStore, own_ring: KeyRing
) -> None:
    write_drafts(database, 2)
    write_files(database, store, 1)
    own_ring.add_key()
    with pytest.raises(StillNeededError) as caught:
        rotation.forget_old(database, store)
    assert caught.value.count == 4
    assert set(own_ring.keys) == {"k1", "k2"}


def test_what_opens_with_no_key_is_named_and_the_rest_goes_on(
    database: Database, store: FolderStore, own_ring: KeyRing
) -> None:
    said = write_drafts(database, 5)
    held = write_files(database, store, 2)
    lost_draft, lost_file = next(iter(said)), next(iter(held))
    own_ring.add_key()
    tokens = sa.table("draft", sa.column("id", sa.Uuid()), sa.column("fields", sa.LargeBinary()))
    with database.writing.begin() as connection:
        connection.execute(
            sa.update(tokens).where(tokens.c.id == lost_draft).values(fields=b"v1|k1|" + bytes(40))
        )
    with database.reader() as session:
        path = store.path_of(session.get_one(StoredFile, lost_file).public_id)
    path.write_bytes(b"no ciphertext of ours, but long enough to be one")
    done = rotation.rotate(database, store, silent)
    assert done.unreadable == {f"draft.fields.{lost_draft}", f"stored_file.content.{lost_file}"}
    assert (done.texts, done.files) == (4 + 2, 1)
    assert rotation.remaining(database, store) == 2
    with pytest.raises(StillNeededError):
        rotation.forget_old(database, store)


def test_a_file_whose_bytes_are_gone_stops_nothing(
    database: Database, store: FolderStore, own_ring: KeyRing
) -> None:
    (file_id,) = write_files(database, store, 1)
    own_ring.add_key()
    with database.reader() as session:
        store.delete(session.get_one(StoredFile, file_id).public_id)
    assert rotation.rotate(database, store, silent).texts == 1
    assert rotation.remaining(database, store) == 0


LIST = """
from portal.cli.keys import _everything
from portal.core.rotation import _columns
with _everything():
    print(sum(1 for each in _columns()))
"""


def test_the_command_knows_every_encrypted_column_of_the_code(tmp_path: Path) -> None:
    written = sum(1 for path in modules() for _call in calls(parsed(path), "Encrypted"))
    known = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", LIST],
        capture_output=True,
        text=True,
        check=True,
        env={"PORTAL_DATA_DIR": str(tmp_path), "PORTAL_KEY_RING": str(KEY_RING)},
    )
    assert int(known.stdout) == written > 10


def mappers() -> list[Mapper[Any]]:
    """Return the models that have something encrypted."""
    return sorted(
        (mapper for mapper in Base.registry.mappers if encrypted_columns(mapper)),
        key=lambda mapper: str(mapper.class_.__tablename__),
    )


def plain_value(column: sa.Column[Any], row_id: UUID) -> Any:
    """Return something a column accepts."""
    kind = column.type
    if isinstance(kind, sa.JSON):
        return []
    if isinstance(kind, sa.LargeBinary):
        return row_id.bytes
    if isinstance(kind, sa.String):
        return row_id.hex[-min(6, kind.length or 6) :]
    values = {UUID: row_id, int: 1, bool: False, bytes: row_id.bytes}
    python_type = getattr(kind, "impl_instance", kind).python_type
    return values.get(python_type) if python_type in values else clock.now()


def planted(mapper: Mapper[Any]) -> dict[str, str]:
    """Return what is planted in each encrypted column of a model."""
    return {
        column.name: f"{NAME} {mapper.class_.__tablename__} {column.name}: {STORY}"
        for column in encrypted_columns(mapper)
    }


def plant(database: Database) -> int:
    """Write a record of every model with a name and a story in each encrypted column."""
    count = 0
    for mapper in mappers():
        row_id = new_id()
        words = planted(mapper)
        values = {
            column.name: plain_value(column, row_id)
            for column in mapper.columns
            if column.name not in words
            and column.name not in {"public_id", "version"}
            # An account needs a contact, so texts are filled in wherever there is room.
            and (not column.nullable or isinstance(column.type, sa.String))
            and column.default is None
            and column.server_default is None
        }
        with database.writer() as session:
            _without_foreign_keys(session)
            with transaction(session):
                session.add(mapper.class_(**{**values, "id": row_id, **words}))
        with database.reader() as session:
            kept = session.get_one(mapper.class_, row_id)
            assert {name: getattr(kept, name) for name in words} == words
        count += len(words)
    return count


def _without_foreign_keys(session: Any) -> None:
    """Let this connection's rows refer to nothing; the test is about what they say."""
    if session.get_bind().dialect.name == "sqlite":
        raw = session.connection().connection.dbapi_connection
        session.rollback()
        raw.execute("PRAGMA foreign_keys=OFF")
    else:
        session.execute(sa.text("SET session_replication_role = replica"))


def everything_on_disk(database: Database, folder: Path) -> dict[str, bytes]:
    """Return every byte the portal keeps: the data folder, and a dump of a PostgreSQL."""
    found = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    if database.writing.dialect.name == "postgresql":
        with database.reading.connect() as connection:
            for table in Base.metadata.sorted_tables:
                # As text, so that nothing of ours decodes it first.
                rows = connection.execute(sa.text(f'SELECT t::text FROM "{table.name}" t'))  # noqa: S608 - our own names
                found[table.name] = "\n".join(row[0] for row in rows).encode()
    return found


def hidden(words: str) -> list[bytes]:
    """Return how a text could stand in a file: as bytes, wide, as hex."""
    plain = words.encode()
    return [plain, words.encode("utf-16-le"), plain.hex().encode(), plain.hex().upper().encode()]


def test_names_and_stories_stand_in_no_byte_of_database_files_and_log(
    settings: Settings, store: FolderStore, own_ring: KeyRing, caplog: pytest.LogCaptureFixture
) -> None:
    # Whoever turns up the log sees statements, and still not what people wrote.
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "sqlalchemy.engine")
    database = connect(settings.database_url)
    assert plant(database) > 10
    write_files(database, store, 2)
    own_ring.add_key()
    rotation.rotate(database, store, silent)
    kept = everything_on_disk(database, settings.data_dir)
    assert any(b"v1|k2|" in content or b"76317c6b327c" in content for content in kept.values())
    for words in (NAME, STORY, "Rahasiawati"):
        for form in hidden(words):
            assert [name for name, content in kept.items() if form in content] == []
    assert "INSERT INTO draft" in caplog.text
    assert NAME not in caplog.text
    assert STORY not in caplog.text
    database.dispose()
