"""The page on which the office says which words mean the same."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.core.access import Role
from portal.core.audit import AuditEntry
from portal.core.db import Database, transaction
from portal.core.errors import Rejected
from portal.materials.actions import indexing, synonyms
from portal.materials.models import SynonymGroup
from portal.materials.policy.content import Content, Words
from portal.materials.queries import search
from portal.materials.queries import synonyms as queries
from portal.people.models import User
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.materials.shelf import Shelf

PATH = "/materi/kelola/sinonim"


@pytest.fixture
def writer(build: Builder) -> User:
    """Return somebody who writes materials."""
    return build.user(Role.SOCIAL_WORKER)


def send(client: PageClient, page: str, action: str, **typed: str) -> TestResponse:
    """Fill in a form of a page and send it."""
    client.get(page)
    return client.post(action, {**client.form(action), **typed})


def groups(database: Database) -> list[SynonymGroup]:
    """Return the groups as the database has them now."""
    with database.reader() as reading:
        return queries.every(reading)


def finds(database: Database, typed: str) -> list[UUID]:
    """Search."""
    with database.reader() as reading:
        return [row.id for row in search.find(reading, typed, search.Wanted()).rows]


def test_a_new_group_is_searched_at_once(
    build: Builder, database: Database, shelf: Shelf, client: PageClient, writer: User
) -> None:
    made = shelf.material(title=Words("Bekal makan siang"))
    with transaction(build.session) as writing:
        indexing.index(writing, made, Content(title=Words("Bekal makan siang")))
    assert not finds(database, "lunchbox")
    client.sign_in(writer)
    sent = send(client, PATH, PATH, words="Bekal, LUNCHBOX lunchbox yang rantang")
    assert sent.status_code == 303
    (group,) = [each for each in groups(database) if each.words == "bekal lunchbox rantang"]
    assert finds(database, "lunchbox") == [made.id]
    changed = select(AuditEntry).where(AuditEntry.action == "search_synonyms.changed")
    with database.reader() as reading:
        told = reading.scalars(changed).one()
    assert told.subject_id == group.id


@on_sqlite
def test_groups_are_changed_and_taken_out(
    database: Database, client: PageClient, writer: User
) -> None:
    client.sign_in(writer)
    group = groups(database)[0]
    opened = f"{PATH}?ubah={group.public_id}"
    changed = send(client, opened, f"{PATH}/{group.public_id}", words="satu dua tiga")
    assert changed.status_code == 303
    assert "satu dua tiga" in [each.words for each in groups(database)]
    gone = send(client, opened, f"{PATH}/{group.public_id}/hapus")
    assert gone.status_code == 303
    assert group.public_id not in [each.public_id for each in groups(database)]
    assert client.get(opened).status_code == 200
    assert client.post(f"{PATH}/{group.public_id}/hapus").status_code == 404


@on_sqlite
def test_what_a_colleague_changed_is_not_overwritten_unseen(
    build: Builder, database: Database, client: PageClient, writer: User
) -> None:
    client.sign_in(writer)
    group = groups(database)[0]
    opened = f"{PATH}?ubah={group.public_id}"
    client.get(opened)
    before = client.form(f"{PATH}/{group.public_id}")
    with transaction(build.session) as writing:
        theirs = queries.get(writing, group.public_id)
        assert theirs
        synonyms.change(writing, build.actor(writer), theirs, "theirs alone")
    late = client.post(f"{PATH}/{group.public_id}", {**before, "words": "mine alone"})
    assert late.status_code == 409
    page = late.get_data(as_text=True)
    assert "theirs alone" in page
    assert "mine alone" in page
    assert "theirs alone" in [each.words for each in groups(database)]


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", None),
        ("satu", "synonyms_too_few"),
        ("satu SATU yang", "synonyms_too_few"),
        (" ".join(f"kata{number}" for number in range(31)), "synonyms_too_many"),
        (" ".join("k" * 38 + str(number) for number in range(10, 24)), "synonyms_too_long"),
    ],
)
def test_what_cannot_be_kept_is_said_and_stays_typed(
    build: Builder,
    database: Database,
    client: PageClient,
    writer: User,
    typed: str,
    code: str | None,
) -> None:
    count = len(groups(database))
    if code:
        actor = build.actor(writer)
        with pytest.raises(Rejected, match=code), transaction(build.session) as writing:
            synonyms.add(writing, actor, typed)
    client.sign_in(writer)
    answer = send(client, PATH, PATH, words=typed)
    assert answer.status_code == 422
    assert typed in answer.get_data(as_text=True)
    assert len(groups(database)) == count


@on_sqlite
def test_there_is_an_end_of_groups(build: Builder, writer: User) -> None:
    actor = build.actor(writer)
    with transaction(build.session) as writing:
        for number in range(synonyms.MOST_GROUPS - len(queries.every(writing))):
            synonyms.add(writing, actor, f"satu{number} dua{number}")
    with pytest.raises(Rejected, match="synonyms_full"):
        synonyms.add(build.session, actor, "satu dua")


@on_sqlite
def test_only_whoever_writes_materials_changes_words(build: Builder, client: PageClient) -> None:
    reader = build.user(Role.PRINCIPAL, build.school())
    actor = build.actor(reader)
    with pytest.raises(Rejected, match="not_allowed"), transaction(build.session) as writing:
        synonyms.add(writing, actor, "satu dua")
    client.sign_in(reader)
    assert client.get(PATH).status_code == 403
