"""Collections and paths: made, put in order, shown."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.access import Role
from portal.core.db import new_id, transaction
from portal.core.errors import Rejected
from portal.materials.actions import groups as actions
from portal.materials.actions.groups import GroupCommand
from portal.materials.models import GroupItem, Material, MaterialGroup
from portal.materials.queries import groups as queries
from portal.materials.states import GroupKind, MaterialKind, MaterialState
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.materials.racing import on_postgresql, refused_after
from tests.materials.shelf import Shelf

ALL = "/materi/kelola/koleksi"


def sent(client: PageClient, address: str, page: str = "", **changes: Any) -> Any:
    assert client.get(page or address).status_code == 200
    return client.post(address, {**client.form(address), **changes})


def group(build: Builder) -> MaterialGroup:
    with build.database.reader() as reading:
        return reading.scalars(select(MaterialGroup)).one()


def inside(build: Builder) -> list[str]:
    with build.database.reader() as reading:
        return [row.title_id for row in queries.items(reading, group(build).id)]


def test_a_collection_is_made_filled_and_put_in_order(
    writer: PageClient, chief: PageClient, client: PageClient, shelf: Shelf, build: Builder
) -> None:
    made = sent(writer, f"{ALL}/baru", title_id="Mulai dari sini", title_en="Start here")
    page = made.location
    assert group(build).slug == "mulai-dari-sini"
    shelf.material(title="Kartu draf", state=MaterialState.DRAFT)
    for title in ("Kartu satu", "Kartu dua", "Kartu tiga"):
        shelf.material(MaterialKind.PARENT_CARD, title)
    for title in ("satu", "dua", "tiga"):
        writer.get(f"{page}?cari=kartu {title}")
        answer = writer.post(f"{page}/tambah", writer.form(f"{page}/tambah"))
        assert answer.status_code == 303
    assert inside(build) == ["Kartu satu (id)", "Kartu dua (id)", "Kartu tiga (id)"]
    writer.get(f"{page}?cari=Kartu")
    # Neither drafts nor what is in it already.
    assert f"{page}/tambah" not in writer.page
    with build.database.reader() as reading:
        ids = {row.title_id[6:10]: row.public_id for row in queries.items(reading, group(build).id)}
    moves = [("naik", "tiga"), ("naik", "tiga"), ("naik", "tiga"), ("turun", "satu")]
    for way, which in moves:
        writer.get(page)
        form = writer.form(f"{page}/keluarkan")
        writer.post(f"{page}/{way}", {**form, "material": ids.get(which) or ids[which[:4]]})
    assert inside(build) == ["Kartu tiga (id)", "Kartu dua (id)", "Kartu satu (id)"]
    writer.get(page)
    writer.post(f"{page}/keluarkan", {**writer.form(f"{page}/keluarkan"), "material": ids["tiga"]})
    assert inside(build) == ["Kartu dua (id)", "Kartu satu (id)"]
    with build.database.reader() as reading:
        positions = reading.scalars(select(GroupItem.position).order_by(GroupItem.position)).all()
    assert positions == [1, 2]
    # Only a coordinator lets everybody see it, and from then on changes it.
    assert sent(writer, page, seen_by_all="y").status_code == 422
    assert sent(chief, page, seen_by_all="y").status_code == 303
    writer.get(page)
    assert f"{page}/keluarkan" not in writer.page
    one = {"material": ids["satu"], "csrf_token": writer.csrf()}
    assert writer.post(f"{page}/keluarkan", one).status_code == 422
    assert len(inside(build)) == 2
    writer.get(ALL)
    assert "Mulai dari sini" in writer.page


@on_sqlite
def test_two_who_rename_a_group_see_both(
    writer: PageClient, chief: PageClient, build: Builder
) -> None:
    page = sent(writer, f"{ALL}/baru", title_id="Awal").location
    writer.get(page)
    mine = writer.form(page)
    sent(chief, page, title_id="Dari koordinator")
    answer = writer.post(page, {**mine, "title_id": "Dari peksos"})
    assert (answer.status_code, "Dari koordinator" in writer.page) == (409, True)


@on_sqlite
@pytest.mark.parametrize(
    "changes",
    [
        {"title_id": ""},
        {"title_en": "<i>"},
        {"position": "-1"},
        {"kind": "pile"},
        {"text_id": "x" * 401},
    ],
)
def test_nothing_typed_is_lost(writer: PageClient, build: Builder, changes: dict[str, str]) -> None:
    answer = sent(writer, f"{ALL}/baru", **{"title_id": "Nama", "text_en": "Stays here", **changes})
    assert (answer.status_code, "Stays here" in writer.page) == (422, True)
    with build.database.reader() as reading:
        assert reading.scalars(select(MaterialGroup)).all() == []


@on_sqlite
def test_rules_of_groups(shelf: Shelf, build: Builder) -> None:
    actor = build.actor(build.user(Role.SOCIAL_WORKER))
    command = GroupCommand("Jalur", "", "", "", 0, shown=False)
    article, card = shelf.material(), shelf.material(MaterialKind.PARENT_CARD)
    with transaction(build.session) as session:
        path = actions.make(session, actor, GroupKind.PATH, command)
        again = actions.make(session, actor, GroupKind.COLLECTION, command)
        actions.add(session, actor, path, session.merge(card))
        assert [each.slug for each in (path, again)] == ["jalur", "jalur-2"]
        # What lies at an end stays there.
        for step in (actions.UP, actions.DOWN):
            actions.move(session, actor, path, session.merge(card), step)
        actions.take_off(session, actor, again, session.merge(card))
        for material, code in ((article, "only_parent_cards"), (card, "already_in_group")):
            with pytest.raises(Rejected, match=code):
                actions.add(session, actor, path, session.merge(material))
        for _more in range(actions.MOST_ITEMS):
            session.add(GroupItem(group_id=again.id, material_id=shelf_less(session), position=1))
        session.flush()
        with pytest.raises(Rejected, match="group_full"):
            actions.add(session, actor, again, session.merge(article))
    reader = build.actor(build.user(Role.PRINCIPAL, build.school()))
    with pytest.raises(Rejected, match="not_allowed"):
        actions.make(build.session, reader, GroupKind.PATH, command)
    build.session.rollback()


def shelf_less(session: Any) -> Any:
    """Return a copy of a material, which only has to be there."""
    one = session.scalars(select(Material).limit(1)).one()
    values = {each.name: getattr(one, each.name) for each in Material.__table__.columns}
    for name in ("id", "public_id", "version"):
        del values[name]
    made = Material(**{**values, "slug": new_id().hex})
    session.add(made)
    session.flush()
    return made.id


@on_sqlite
def test_only_those_who_write_come_in(client: PageClient, build: Builder) -> None:
    client.sign_in(build.user(Role.PRINCIPAL, build.school()))
    assert {client.get(each).status_code for each in (ALL, f"{ALL}/baru")} == {403}
    client.sign_in(build.user(Role.SOCIAL_WORKER))
    assert client.get(f"{ALL}/{'x' * 22}").status_code == 404
    assert client.get(ALL).status_code == 200


@on_postgresql
def test_two_of_one_title_at_the_same_moment(build: Builder) -> None:
    actor = build.actor(build.user(Role.COORDINATOR))

    def make(session: Session) -> None:
        command = GroupCommand("Mulai", "", "", "", 0, shown=False)
        actions.make(session, actor, GroupKind.COLLECTION, command)

    assert refused_after(build, make, make) == []
    with build.database.reader() as reading:
        assert sorted(reading.scalars(select(MaterialGroup.slug))) == ["mulai", "mulai-2"]
