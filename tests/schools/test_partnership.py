"""A school asks to become a partner: the public page, the office's answer, the MoU."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, retention
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.duties import Duty, is_open
from portal.core.errors import Rejected
from portal.core.files import Store
from portal.schools.actions import partnership as actions
from portal.schools.actions import record_mou
from portal.schools.actions.partnership import ANSWER_PARTNERSHIP, Asked
from portal.schools.models import PartnershipRequest, School
from portal.schools.states import RequestState
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.schools.test_mou import terms

HERE = "/jadi-mitra"


def typed(**changed: Any) -> dict[str, Any]:
    """Return what somebody types on the public page."""
    values = {
        "school": "MI Contoh Baru",
        "full_name": "Ibu Rahma",
        "position": "Kepala sekolah",
        "phone": "0812 3456 7890",
        "message": "Kami ingin sesi",
    }
    return {**values, **changed}


def asked(session: Session, school: School | None = None) -> PartnershipRequest:
    """Keep a wish."""
    school_id, name = (school.id, school.name) if school else (None, "MI Contoh Baru")
    wish = Asked(school_id, name, "Ibu Rahma", "Kepala", "+6281234567890", "", "Halo")
    with transaction(session):
        return actions.ask(session, wish)


def wishes(build: Builder) -> list[PartnershipRequest]:
    """Return what was kept, in order."""
    with build.database.reader() as session:
        return list(
            session.scalars(select(PartnershipRequest).order_by(PartnershipRequest.asked_at))
        )


def test_anybody_may_ask_without_an_account(client: PageClient, build: Builder) -> None:
    client.get(HERE)
    response = client.post(HERE, typed())
    assert (response.status_code, response.location) == (303, f"{HERE}/terkirim")
    assert client.get(f"{HERE}/terkirim").status_code == 200
    (wish,) = wishes(build)
    assert (wish.school_id, wish.school_name, wish.state) == (
        None,
        "MI Contoh Baru",
        RequestState.NEW,
    )
    assert (wish.phone, wish.message) == ("+6281234567890", "Kami ingin sesi")
    with build.database.reader() as session:
        (duty,) = session.scalars(select(Duty).where(Duty.kind == ANSWER_PARTNERSHIP))
    assert (duty.role, duty.due_at) == (Role.COORDINATOR, wish.answer_by)


@on_sqlite
def test_pressed_twice_it_is_kept_once(client: PageClient, build: Builder) -> None:
    client.get(HERE)
    form = {name: value[0] for name, value in client.form(HERE).items()}
    for _press in range(2):
        assert client.post(HERE, {**form, **typed()}).status_code == 303
    assert len(wishes(build)) == 1


@on_sqlite
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"school": ""}, "school"),
        ({"full_name": " "}, "full_name"),
        ({"phone": ""}, "phone"),
        ({"phone": "12"}, "phone"),
        ({"email": "rahma"}, "email"),
        ({"message": "x" * 1001}, "message"),
    ],
)
def test_what_is_missing_is_said_and_the_rest_kept(
    client: PageClient, build: Builder, changed: dict[str, str], field: str
) -> None:
    client.get(HERE)
    response = client.post(HERE, typed(**changed))
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text
    assert "Kepala sekolah" in response.text
    assert wishes(build) == []


@on_sqlite
def test_a_school_is_found_or_chosen_of_several(client: PageClient, build: Builder) -> None:
    one, other = build.school("SDN 1 Contoh"), build.school("SDN 2 Contoh")
    client.get(HERE)
    open_ended = client.post(HERE, typed(school="Contoh"))
    assert open_ended.status_code == 422
    assert one.name in open_ended.text
    # The question is said aloud and takes the focus, as an error would.
    assert 'role="alert" data-focus' in open_ended.text
    assert wishes(build) == []
    client.post(HERE, typed(school="Contoh", which=other.public_id))
    client.post(HERE, typed(school="Contoh", which="none"))
    client.post(HERE, typed(school=one.npsn))
    assert [each.school_id for each in wishes(build)] == [other.id, None, one.id]


@on_sqlite
def test_programs_are_thanked_and_too_many_wait(client: PageClient, build: Builder) -> None:
    client.get(HERE)
    assert client.post(HERE, typed(website="https://x.example")).status_code == 303
    assert wishes(build) == []
    statuses = [client.post(HERE, typed(full_name=f"Ibu {n}")).status_code for n in range(6)]
    assert statuses == [303] * 5 + [429]
    assert len(wishes(build)) == 5


def test_from_the_wish_to_the_mou(session: Session, build: Builder, store: Store) -> None:
    school = build.school()
    coordinator = build.actor(build.user(Role.COORDINATOR))
    wish = asked(session)
    with pytest.raises(Rejected, match="partnership_place"), transaction(session):
        actions.agree(session, coordinator, wish, "")
    worker = build.actor(build.user(Role.SOCIAL_WORKER))
    with pytest.raises(Rejected, match="not_allowed"), transaction(session):
        actions.note_contact(session, worker, wish, "")
    with transaction(session):
        actions.place(session, coordinator, wish, school)
        actions.note_contact(session, coordinator, wish, "Mau sesi Januari")
    assert (wish.state, wish.school_name) == (RequestState.CONTACTED, school.name)
    assert is_open(session, wish.id, ANSWER_PARTNERSHIP)
    with pytest.raises(Rejected, match="state_changed"), transaction(session):
        actions.note_contact(session, coordinator, wish, "")
    with transaction(session):
        actions.agree(session, coordinator, wish, "")
    assert (wish.state, wish.note) == (RequestState.AGREED, "Mau sesi Januari")
    assert not is_open(session, wish.id, ANSWER_PARTNERSHIP)
    with transaction(session):
        mou = record_mou(session, coordinator, store, school.id, terms())
    assert wish.mou_id == mou.id


def test_an_mou_answers_what_still_waits(session: Session, build: Builder, store: Store) -> None:
    school = build.school()
    coordinator = build.actor(build.user(Role.COORDINATOR))
    wish, late = asked(session, school), asked(session, school)
    with pytest.raises(Rejected, match="partnership_reason"), transaction(session):
        actions.put_off(session, coordinator, late, "")
    with transaction(session):
        actions.put_off(session, coordinator, late, "Tahun depan")
        mou = record_mou(session, coordinator, store, school.id, terms())
    for each in (wish, late):
        assert (each.state, each.mou_id) == (RequestState.AGREED, mou.id)
        assert not is_open(session, each.id, ANSWER_PARTNERSHIP)


def test_the_offices_pages(client: PageClient, build: Builder, session: Session) -> None:
    school = build.school("SD Contoh Jauh")
    wish = asked(session)
    here = f"/permintaan-mitra/{wish.public_id}"
    coordinator = client.sign_in(build.user(Role.COORDINATOR))
    assert here in coordinator.get("/permintaan-mitra").text
    assert "Halo" in coordinator.get(here).text
    assert coordinator.post(f"{here}/sekolah", {"school": ""}).status_code == 422
    assert coordinator.post(f"{here}/sekolah", {"school": school.public_id}).status_code == 303
    coordinator.get(here)
    refused = coordinator.post(f"{here}/belum", {"note": ""})
    assert refused.status_code == 422
    assert 'id="not-now-note-error"' in refused.text
    assert coordinator.post(f"{here}/dihubungi", {"note": "Ditelepon"}).status_code == 303
    assert coordinator.post(f"{here}/setujui", {"note": ""}).status_code == 303
    page = coordinator.get(here)
    assert f"/sekolah/{school.public_id}/mou/baru" in page.text
    coordinator.get(f"/sekolah/{school.public_id}/mou/baru")
    form = coordinator.form(f"/sekolah/{school.public_id}/mou/baru")
    assert form["school_signer"] == ["Ibu Rahma"]
    assert here in coordinator.get("/permintaan-mitra?status=disetujui").text


@on_sqlite
def test_the_list_goes_on(client: PageClient, build: Builder, session: Session) -> None:
    with transaction(session):
        for number in range(35):
            wish = Asked(None, f"SD Contoh {number:02}", "Ibu", "", "", "a@b.example", "")
            actions.ask(session, wish)
    reader = client.sign_in(build.user(Role.DIVISION_HEAD))
    first = reader.get("/permintaan-mitra").text
    after = first.partition("setelah=")[2].partition('"')[0]
    second = reader.get(f"/permintaan-mitra?setelah={after}").text
    names = [f"SD Contoh {number:02}" for number in range(35)]
    assert sum(name in first for name in names) == 30
    assert all((name in first) != (name in second) for name in names)
    assert reader.get("/permintaan-mitra?setelah=xx&status=yy").status_code == 200
    # Whoever was put off does not wait, so nobody is said to.
    assert "Belum ada" in reader.get("/permintaan-mitra?status=belum").text


@on_sqlite
def test_answered_wishes_are_forgotten_after_their_time(session: Session, build: Builder) -> None:
    coordinator = build.actor(build.user(Role.COORDINATOR))
    old, open_one = asked(session), asked(session)
    with transaction(session):
        actions.put_off(session, coordinator, old, "Tahun depan")
        for each in (old, open_one):
            each.asked_at = clock.at_wib(date(2020, 1, 1), clock.OFFICE_OPENS) + timedelta(days=1)
    rule = retention.rules["partnership_requests"]
    (due,) = session.execute(rule.old(clock.now() - timedelta(days=700))).all()
    assert due[0] == old.id
