"""Whom the office speaks to at a school: kept in one form, one main one, forgotten in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, retention
from portal.core.access import Actor, Role
from portal.core.db import Database, transaction
from portal.core.errors import Rejected
from portal.core.retention import LegalHold
from portal.schools.actions.contacts import (
    ContactFacts,
    add_contact,
    change_contact,
    end_contact,
)
from portal.schools.models import (
    About,
    Answer,
    ContactAttempt,
    PartnershipRequest,
    School,
    SchoolContact,
    Way,
)
from portal.schools.queries import contacts as queries
from portal.schools.states import RequestState
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.schools.pages import look, send


@pytest.fixture
def school(build: Builder) -> School:
    """Return a school."""
    return build.school("SMP Satu")


@pytest.fixture
def operator(build: Builder, school: School) -> Actor:
    """Return whoever keeps its contacts."""
    return build.actor(build.user(Role.SCHOOL_OPERATOR, school))


def facts(name: str, *, main: bool = False, phone: str = "+6281234567890") -> ContactFacts:
    """Return somebody who can be reached."""
    return ContactFacts(name, "Guru BK", phone, "", main, "")


def test_one_is_asked_first(session: Session, school: School, operator: Actor) -> None:
    found = session.get_one(School, school.id)
    with transaction(session):
        one = add_contact(session, operator, found, facts("Bu Satu", main=True))
        two = add_contact(session, operator, found, facts("Bu Dua", main=True))
    session.expire_all()
    assert [
        (each.full_name, each.main) for each in queries.present(session, operator, school.id)
    ] == [("Bu Dua", True), ("Bu Satu", False)]
    with transaction(session):
        change_contact(session, operator, found, one, facts("Bu Satu", main=True))
    session.expire_all()
    assert not two.main
    assert queries.main_ones(session, operator, [school.id])[school.id].full_name == "Bu Satu"
    with transaction(session):
        end_contact(session, operator, found, one, clock.today())
    assert queries.main_ones(session, operator, [school.id])[school.id].full_name == "Bu Dua"
    assert [each.full_name for each in queries.past(session, operator, school.id)] == ["Bu Satu"]
    with pytest.raises(Rejected, match="contact_over"), transaction(session):
        change_contact(session, operator, found, one, facts("Bu Lain"))


def test_refused(session: Session, build: Builder, school: School, operator: Actor) -> None:
    found = session.get_one(School, school.id)
    with pytest.raises(Rejected, match="contact_needed"), transaction(session):
        add_contact(session, operator, found, facts("Bu Satu", phone=""))
    for actor in (
        build.actor(build.user(Role.TEACHER, school)),
        build.actor(build.user(Role.PRINCIPAL, build.school())),
        build.actor(build.user(Role.SOCIAL_WORKER)),
    ):
        with pytest.raises(Rejected, match="not_allowed"), transaction(session):
            add_contact(session, actor, found, facts("Bu Satu"))
    with transaction(session):
        one = add_contact(session, operator, found, facts("Bu Satu"))
    with pytest.raises(Rejected, match="contact_day_ahead"), transaction(session):
        end_contact(session, operator, found, one, clock.today() + timedelta(days=1))


def test_those_of_the_past_are_forgotten(
    session: Session, database: Database, school: School, operator: Actor
) -> None:
    found = session.get_one(School, school.id)
    years = timedelta(days=3 * 366)
    with transaction(session):
        for name, ended_on in (
            ("Lama", clock.today() - years),
            ("Baru", clock.today() - years / 2),
            ("Kini", None),
        ):
            contact = add_contact(session, operator, found, facts(name))
            contact.ended_on = ended_on
    session.rollback()
    gone = {done.rule.name: done.count for done in retention.run(database, None)}
    assert gone["school_contacts"] == 1
    session.expire_all()
    assert set(session.scalars(select(SchoolContact.full_name))) == {"Baru", "Kini"}


def test_nothing_of_a_school_is_forgotten_while_a_court_needs_it(
    build: Builder, database: Database, school: School
) -> None:
    long_ago = clock.now() - timedelta(days=9 * 366)
    other, worker = build.school(), build.worker()
    for place in (school, other):
        since = {"recorded_by": worker.id, "recorded_at": long_ago, "school_id": place.id}
        build.save(SchoolContact(full_name="Lama", ended_on=long_ago.date(), **since))
        way = {"about": About.OTHER, "way": Way.CALL, "answer": Answer.AGREED}
        made = {"made_by": worker.id, "made_on": long_ago.date(), "recorded_at": long_ago}
        build.save(ContactAttempt(school_id=place.id, **way, **made))
        asked = {"asked_at": long_ago, "answer_by": long_ago, "state": RequestState.NOT_NOW}
        names = {"school_id": place.id, "school_name": place.name, "full_name": "Lama"}
        build.save(PartnershipRequest(**names, **asked))
    order = {"ordered_by": worker.id, "ordered_at": clock.now(), "reason": "Surat polisi"}
    build.save(LegalHold(subject="school", subject_id=school.id, label=school.npsn, **order))
    gone = {done.rule.name: done.count for done in retention.run(database, None)}
    rules = ("school_contacts", "contact_attempts", "partnership_requests")
    assert [gone[each] for each in rules] == [1, 1, 1]
    with database.reader() as reading:
        for model in (SchoolContact, ContactAttempt, PartnershipRequest):
            assert reading.scalars(select(model.school_id)).all() == [school.id]


@on_sqlite
def test_the_pages(client: PageClient, build: Builder, school: School) -> None:
    build.user(Role.FOCAL_TEAM, school, name="Pak Tim")
    client.sign_in(build.user(Role.PRINCIPAL, school))
    base = f"/sekolah/{school.public_id}/kontak"
    assert base in look(client, f"/sekolah/{school.public_id}")
    text = look(client, base)
    assert "Pak Tim" in text
    assert "peran=focal_team" in text
    refused = send(client, base, {"full_name": "Bu Ani", "phone": "abc"}, 422)
    assert 'value="Bu Ani"' in refused
    send(client, base, {"full_name": "Bu Ani", "phone": "0812 3456 7890", "main": "y"})
    text = look(client, base)
    assert "https://wa.me/6281234567890" in text
    assert "tel:+6281234567890" in text
    assert "Bu Ani" in look(client, f"/sekolah/{school.public_id}")
    with build.database.reader() as reading:
        one = reading.scalars(select(SchoolContact)).one()
    page = f"{base}/{one.public_id}"
    look(client, f"{page}/ubah")
    shown = {"full_name": "Bu Ani S.", "phone": "+6281234567890", "version": "1"}
    send(client, f"{page}/ubah", shown)
    late = {**shown, "full_name": "Bu Ani T."}
    assert "Bu Ani S." in send(client, f"{page}/ubah", late, 409)
    send(client, f"{page}/akhiri", {"ended_on": "2999-01-01"}, 422)
    send(client, f"{page}/akhiri", {"ended_on": clock.today().isoformat()})
    assert "Bu Ani S." in look(client, base)
    look(client, f"/sekolah/{build.school().public_id}/kontak", 404)


@on_sqlite
def test_the_focal_teams_empty_state_and_invitation(
    client: PageClient, build: Builder, school: School
) -> None:
    client.sign_in(build.user(Role.PRINCIPAL, school))
    look(client, f"/sekolah/{school.public_id}/kontak")
    text = look(client, f"/undangan/baru?sekolah={school.public_id}&peran=focal_team")
    assert '<option selected value="focal_team">' in text


@on_sqlite
def test_the_register_says_when_and_through_whom(client: PageClient, build: Builder) -> None:
    school = build.school("SMP Satu")
    visit = build.delivered(school, build.worker())
    contact = SchoolContact(
        school_id=school.id,
        full_name="Bu Ani",
        phone="+6281234567890",
        recorded_by=visit.social_worker_id,
        recorded_at=clock.now(),
    )
    build.save(contact)
    client.sign_in(build.user(Role.COORDINATOR))
    text = look(client, "/sekolah")
    assert "Bu Ani" in text
    assert str(clock.day_of(visit.starts_at).year) in text
    client.sign_in(build.user(Role.EDUCATION_OFFICE))
    assert "Bu Ani" not in look(client, "/sekolah")
