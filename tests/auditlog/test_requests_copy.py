"""The copy of an account's data: complete, without other people, for programs and for reading."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from pypdf import PdfReader

from portal.auditlog.actions import requests as actions
from portal.auditlog.exports import copies
from portal.auditlog.forms.copies import WORDS
from portal.auditlog.models import DataRequest, RequestKind
from portal.auditlog.queries.copies import account_of
from portal.core import clock, i18n, settings
from portal.core.access import Role
from portal.core.db import Database, transaction
from portal.people.actions import invitations
from portal.people.actions.invitations import Invite
from portal.people.models import Passkey, User
from portal.schools.models import PartnershipRequest, SchoolClass, SchoolContact
from portal.schools.states import RequestState
from portal.visits.models import CalendarFeed, Visit, VisitWorker, WorkerTerms
from tests.auditlog.registers import Staff, make_staff, recorded
from tests.builders import Builder
from tests.client import PageClient
from tests.trail import trail

LIST = "/permintaan-data"
OTHERS = ("Orang Ketiga", "ketiga@uji.example", "Rekan Sekantor", "Peksos Tujuan")


@pytest.fixture
def staff(build: Builder) -> Staff:
    return make_staff(build)


@pytest.fixture
def owner(build: Builder, staff: Staff) -> User:
    """Return a principal who did something in every room of the portal."""
    school = build.school("SMP Contoh Salinan")
    worker = build.worker("Peksos Tujuan")
    owner = build.user(
        Role.PRINCIPAL, school, name="Ratna Pemilik", called="Bu Ratna", language="id"
    )
    build.user(Role.TEACHER, school, name="Rekan Sekantor")
    build.sign_in(owner)
    build.requested(owner, school, build.first_slot(school))
    build.delivered(school, worker)
    wish = Invite(Role.TEACHER, school.id, "Orang Ketiga", "ketiga@uji.example", None)
    mine = Invite(Role.PRINCIPAL, school.id, "Ratna Pemilik", str(owner.email), None)
    with transaction(build.session) as session:
        invitations.invite(session, build.actor(owner), wish)
        invitations.invite(session, staff.actor("admin"), mine)
        # Somebody else without an e-mail, as the account might be.
        other = Invite(Role.TEACHER, school.id, "Orang Ketiga", None, "+628111111111")
        invitations.invite(session, staff.actor("admin"), other)
    build.save(
        Passkey(
            user_id=owner.id,
            credential_id=b"1",
            public_key=b"2",
            sign_count=0,
            name="HP Ratna",
            created_at=clock.now(),
        )
    )
    return owner


def copy(database: Database, user: User) -> dict[str, Any]:
    """Return the copy of an account."""
    with database.reader() as session:
        account, office = account_of(session, user.id), settings.read(session)
    return copies.copy_of(account, office, "PD-2026-001", clock.now(), WORDS)


def entries(made: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    """Return the entries of each section."""
    return {section["key"]: section["entries"] for section in made["sections"]}


def test_a_copy_holds_everything_about_the_account_and_nobody_else(
    database: Database, owner: User
) -> None:
    with i18n.in_language("en"):
        made = copy(database, owner)
    found = entries(made)
    assert found["profile"][0]["Full name"] == "Ratna Pemilik"
    assert found["profile"][0]["E-mail"] == owner.email
    assert [(each["Role"], each["School"]) for each in found["appointments"]] == [
        ("Principal", "SMP Contoh Salinan")
    ]
    assert len(found["sign_ins"]) == 1
    assert [each["Name"] for each in found["keys"]] == ["HP Ratna"]
    assert [each["Role"] for each in found["invitations_made"]] == ["Teacher"]
    assert [each["Role"] for each in found["invitations_received"]] == ["Principal"]
    assert [each["Your part"] for each in found["visits"]] == ["asked for it"]
    acts = [each["What"] for each in found["acts"]]
    assert acts[:2] == ["signed in", "requested a session"]
    assert len(acts) == 3
    assert [name for name in OTHERS if name in json.dumps(made, ensure_ascii=False)] == []


def test_a_copy_says_where_else_somebody_is_written_down(
    database: Database, build: Builder, owner: User
) -> None:
    school = build.school("SMP Contoh Lain")
    noted = {"recorded_by": owner.id, "recorded_at": clock.now(), "school_id": school.id}
    mine = {"full_name": "Bu Ratna", "position": "Kepala sekolah", "phone": owner.phone}
    other = {"full_name": "Orang Ketiga", "position": "Operator", "phone": "+628111111111"}
    asked = {"asked_at": clock.now(), "answer_by": clock.now(), "school_name": "SMP Peminat"}
    room = {"school_id": school.id, "start_year": 2026, "grade": "7"}
    feed = {"made_by": owner.id, "made_at": clock.now()}
    for record in (
        *(SchoolContact(**each, **noted, note="Orang Ketiga") for each in (mine, other)),
        *(PartnershipRequest(**each, **asked, state=RequestState.NEW) for each in (mine, other)),
        SchoolClass(**room, name="7A", homeroom_id=owner.id, homeroom_name="Bu Ratna"),
        SchoolClass(**room, name="7B", homeroom_name="Orang Ketiga"),
        CalendarFeed(**feed, user_id=owner.id, token_hash=b"1" * 32),
        CalendarFeed(**feed, school_id=school.id, token_hash=b"2" * 32),
    ):
        build.save(record)
    with i18n.in_language("en"):
        made = copy(database, owner)
    found = [tuple(each.values())[:3] for each in entries(made)["elsewhere"]]
    assert found == [
        ("Contact of a school", "SMP Contoh Lain", "Kepala sekolah"),
        ("Class", "SMP Contoh Lain", "Homeroom teacher of 7A"),
        ("Request for partnership", "SMP Peminat", "Kepala sekolah"),
        ("Calendar address", "–", "–"),
    ]
    assert "1 July 2026" in entries(made)["elsewhere"][1]["From"]
    assert [name for name in OTHERS if name in json.dumps(made, ensure_ascii=False)] == []


def test_a_copy_names_every_part_somebody_had_in_a_session(
    database: Database, build: Builder
) -> None:
    school, leader, second = build.school(), build.worker(), build.worker()
    principal = build.user(Role.PRINCIPAL, school)
    visit = build.delivered(school, leader)
    with transaction(build.session) as session:
        held = session.get_one(Visit, visit.id)
        held.offered_by, held.school_confirmed_by = leader.id, principal.id
        session.add(VisitWorker(visit_id=visit.id, user_id=second.id))
        since = {"from_on": date(2026, 1, 5), "recorded_by": leader.id}
        hours = {"weekly_minutes": 1125, "visit_minutes": 240, "recorded_at": clock.now()}
        session.add(WorkerTerms(user_id=second.id, **since, **hours))
    with i18n.in_language("en"):
        parts = {
            who.id: [each["Your part"] for each in entries(copy(database, who))["visits"]]
            for who in (leader, second, principal)
        }
        times = entries(copy(database, second))["times"]
    assert parts[leader.id][0].endswith("recorded it, offered it")
    assert parts[second.id] == ["went along"]
    assert parts[principal.id] == ["confirmed it"]
    terms = {"Kind": "Working time", "When": "From 5 January 2026: 18.8 hours, sessions 4"}
    assert terms in times


def test_a_copy_of_a_social_worker_names_their_sessions_hours_and_leave(
    database: Database, build: Builder
) -> None:
    school = build.school("SMP Contoh Peksos")
    worker = build.worker("Peksos Tujuan")
    build.user(Role.PRINCIPAL, school, name="Rekan Sekantor")
    build.delivered(school, worker)
    with i18n.in_language("en"):
        found = entries(copy(database, worker))
    parts = "asked for it, decided on it, social worker, recorded it"
    assert [(each["School"], each["Your part"]) for each in found["visits"]] == [
        ("SMP Contoh Peksos", parts)
    ]
    assert found["times"][0] == {"Kind": "Working hours", "When": "Monday, 07:30–15:30"}
    assert len(found["times"]) == 5


@pytest.mark.parametrize("missing", ["phone", "email"])
def test_a_contact_the_account_lacks_finds_nobody_elses_invitations(
    database: Database, build: Builder, staff: Staff, missing: str
) -> None:
    school = build.school()
    owner = build.user(Role.TEACHER, school, **{missing: None})
    others = (("ketiga@uji.example", None), (None, "+628111111111"))
    with transaction(build.session) as session:
        for email, phone in others:
            wish = Invite(Role.TEACHER, school.id, "Orang Ketiga", email, phone)
            invitations.invite(session, staff.actor("admin"), wish)
    assert entries(copy(database, owner))["invitations_received"] == []


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_entry_of_a_section_has_the_same_names(
    database: Database, owner: User, language: str
) -> None:
    widths = {
        "profile": 9,
        "appointments": 4,
        "sign_ins": 4,
        "keys": 4,
        "invitations_made": 4,
        "invitations_received": 4,
        "visits": 5,
        "acts": 2,
    }
    with i18n.in_language(language):
        found = entries(copy(database, owner))
    # Two names that were translated alike would swallow each other.
    assert {key: {len(each) for each in found[key]} for key in widths} == {
        key: {width} for key, width in widths.items()
    }


def test_each_section_says_what_for_and_from_where(database: Database, owner: User) -> None:
    made = copy(database, owner)
    assert "20" in made["legal_basis"]
    assert "27" in made["legal_basis"]
    for section in made["sections"]:
        assert section["title"]
        assert section["purpose"]
        assert section["source"]


def ready(staff: Staff, owner: User, kind: RequestKind = RequestKind.ACCESS) -> DataRequest:
    """Return a request about an account whose owner was identified."""
    request = recorded(staff, staff.worker, kind=kind, account=str(owner.email))
    with transaction(staff.build.session) as session:
        actions.identify(session, staff.actor("worker"), request, "KTP")
    return request


def client_of(app: Flask, user: User, language: str = "en") -> PageClient:
    """Return somebody's client in a language."""
    client = PageClient(app).sign_in(user)
    client.get(f"/akun?bahasa={language}")
    return client


@pytest.mark.parametrize("kind", [RequestKind.ACCESS, RequestKind.INFORMATION])
def test_the_handler_takes_both_copies_and_that_is_recorded(
    app: Flask, database: Database, staff: Staff, owner: User, kind: RequestKind
) -> None:
    request = ready(staff, owner, kind)
    client = client_of(app, staff.worker)
    address = f"{LIST}/{request.public_id}/salinan"
    answer = client.get(f"{address}.json")
    assert answer.mimetype == "application/json"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert request.number in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    made = json.loads(answer.get_data())
    assert made["request"] == request.number
    found = entries(made)
    assert found["profile"][0]["Full name"] == "Ratna Pemilik"
    answer = client.get(f"{address}.pdf")
    assert answer.mimetype == "application/pdf"
    assert "attachment" in answer.headers["Content-Disposition"]
    text = pdf_text(answer.get_data())
    for part in ("Ratna Pemilik", "SMP Contoh Salinan", "Your part", "HP Ratna", request.number):
        assert part in text
    assert [name for name in OTHERS if name in text] == []
    took = [
        entry.facts
        for entry in trail(database, "data_request")
        if entry.action == "data_request.read"
    ]
    assert took == [{"copy": "json"}, {"copy": "pdf"}]


def pdf_text(content: bytes) -> str:
    """Return what a PDF says, in one line."""
    pages = PdfReader(BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def test_the_copy_speaks_the_language_of_its_reader(app: Flask, staff: Staff, owner: User) -> None:
    request = ready(staff, owner)
    address = f"{LIST}/{request.public_id}/salinan.json"
    made = {}
    for language in i18n.LANGUAGES:
        client = client_of(app, staff.worker, language)
        made[language] = json.loads(client.get(address).get_data())
    dates = [made[language]["made_at"] for language in ("id", "en")]
    assert dates[0] != dates[1]
    assert made["en"]["sections"][0]["title"] == "Account"


def test_there_is_no_copy_before_it_is_known_who_asks(
    app: Flask, staff: Staff, owner: User
) -> None:
    request = recorded(staff, staff.worker, kind=RequestKind.ACCESS, account=str(owner.email))
    client = client_of(app, staff.worker)
    address = f"{LIST}/{request.public_id}"
    assert client.get(f"{address}/salinan.json").status_code == 404
    text = client.get(address).get_data(as_text=True)
    assert "salinan.json" not in text
    assert "as soon as you have noted how you checked who asks" in text


def test_there_is_no_copy_for_others(
    app: Flask, database: Database, staff: Staff, owner: User
) -> None:
    access, correction = ready(staff, owner), ready(staff, owner, RequestKind.CORRECTION)
    nobody = recorded(staff, staff.worker, kind=RequestKind.ACCESS)
    with transaction(staff.build.session) as session:
        actions.identify(session, staff.actor("worker"), nobody, "KTP")
    worker = client_of(app, staff.worker)
    for request in (correction, nobody):
        for name in ("salinan.json", "salinan.pdf"):
            assert worker.get(f"{LIST}/{request.public_id}/{name}").status_code == 404
    for user in (staff.head, staff.coordinator):
        answer = client_of(app, user).get(f"{LIST}/{access.public_id}/salinan.json")
        assert answer.status_code == 404
    assert (
        client_of(app, staff.admin).get(f"{LIST}/{access.public_id}/salinan.json").status_code
        == 403
    )


def test_a_copy_asks_for_the_password_again(app: Flask, staff: Staff, owner: User) -> None:
    request = ready(staff, owner)
    with time_machine.travel(clock.now(), tick=False) as travel:
        client = client_of(app, staff.worker)
        travel.shift(timedelta(minutes=11))
        for name in ("salinan.json", "salinan.pdf"):
            answer = client.get(f"{LIST}/{request.public_id}/{name}")
            assert answer.status_code == 303
            assert "salinan" in answer.headers["Location"]


def test_nobody_takes_a_copy_of_their_own_account_this_way(app: Flask, staff: Staff) -> None:
    request = ready(staff, staff.coordinator)
    with transaction(staff.build.session) as session:
        session.get_one(DataRequest, request.id).handler_id = staff.coordinator.id
    client = client_of(app, staff.coordinator)
    address = f"{LIST}/{request.public_id}"
    assert client.get(f"{address}/salinan.json").status_code == 404
    text = client.get(address).get_data(as_text=True)
    assert "so a colleague has to handle it" in text
    assert f"{address}/penuhi" not in text
