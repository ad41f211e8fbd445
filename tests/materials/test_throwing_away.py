"""Drafts that nobody but their writers ever saw, thrown away."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from portal.core import duties
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.files import StoredFile
from portal.materials.actions import groups, publishing, waiting
from portal.materials.actions.groups import GroupCommand
from portal.materials.models import Edition, GroupItem, Material, MaterialFile
from portal.materials.states import GroupKind
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.materials.keeping import picture, sent
from tests.materials.shelf import Shelf

DESK = "/materi/kelola"


def test_a_draft_nobody_saw_goes_with_all_that_belongs_to_it(
    writer: PageClient, chief: PageClient, build: Builder
) -> None:
    sent(writer, "/materi/baru", kind="article", title="Salah jenis", audiences=["pupil"])
    texts = {
        "summary_id": "Singkat",
        "body_id": "Isi",
        "file": (picture(), "a.png"),
        "file_label_id": "Foto",
    }
    sent(writer, "/materi/salah-jenis/ubah", **texts)
    with transaction(build.session) as session:
        made = session.scalars(select(Material)).one()
        # Whoever knows its name may put it into a collection already.
        office = build.actor(build.user(Role.COORDINATOR))
        command = GroupCommand("Mulai", "", "", "", 0, shown=False)
        group = groups.make(session, office, GroupKind.COLLECTION, command)
        session.flush()
        groups.add(session, office, group, made)
        publishing.ask(session, office, made)
    chief.get("/materi/salah-jenis/terbitan")
    address = "/materi/salah-jenis/buang"
    press = chief.form(address)
    assert chief.post(address, press).location == DESK
    # The same press once more changes nothing.
    assert chief.post(address, press).location == DESK
    assert chief.get(DESK).status_code == 200
    with build.database.reader() as reading:
        for left in (Material, Edition, MaterialFile, StoredFile, GroupItem):
            assert reading.scalars(select(left)).all() == []
        assert not duties.is_open(reading, made.id, waiting.CHECK)
    # Its address is free again, for a material of another kind.
    again = sent(writer, "/materi/baru", kind="quiz", title="Salah jenis", audiences=["pupil"])
    assert again.location == "/materi/salah-jenis/ubah"


@on_sqlite
def test_only_its_writer_and_a_coordinator_throw_it_away(
    app: Flask, writer: PageClient, build: Builder
) -> None:
    sent(writer, "/materi/baru", kind="article", title="Milik saya", audiences=["pupil"])
    address = "/materi/milik-saya/buang"
    colleague = PageClient(app).sign_in(build.user(Role.SOCIAL_WORKER))
    colleague.get("/materi/milik-saya/terbitan")
    with pytest.raises(LookupError):
        colleague.form(address)
    assert colleague.post(address).status_code == 422
    # What a colleague wrote since is not thrown away unread.
    writer.get("/materi/milik-saya/terbitan")
    press = writer.form(address)
    sent(colleague, "/materi/milik-saya/ubah", body_id="Milik rekan")
    assert writer.post(address, press).status_code == 422
    assert writer.post(address, writer.form(address)).location == DESK


@on_sqlite
def test_what_people_saw_is_not_thrown_away(chief: PageClient, shelf: Shelf) -> None:
    made = shelf.material()
    sent(chief, f"/materi/{made.slug}/ubah", body_id="Lain")
    chief.get(f"/materi/{made.slug}/terbitan")
    with pytest.raises(LookupError):
        chief.form(f"/materi/{made.slug}/buang")
    assert chief.post(f"/materi/{made.slug}/buang").status_code == 422
    assert chief.get(f"/materi/{made.slug}").status_code == 200
