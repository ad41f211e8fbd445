"""Case conferences: who is invited, what that opens (nothing), and what is decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.cases.actions import conferences, serving
from portal.cases.actions.conferences import Guests
from portal.cases.actions.deciding import Reasons
from portal.cases.actions.file import record_of
from portal.cases.actions.serving import Appointment, Outcome
from portal.cases.models import (
    Case,
    CaseEntry,
    ConferencePerson,
    Decision,
    DecisionBasis,
    LegalBasis,
    Service,
)
from portal.cases.queries import conferences as queries
from portal.cases.states import DecisionKind, DecisionState, EntryKind, ServiceKind, ServiceState
from portal.core import clock
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.people.actions.confidential import record_conflict
from tests.cases.casework import PLANTED, WORDS, Casework
from tests.client import PageClient
from tests.conftest import on_sqlite

AUNT = "Wahyuningtyas Prabandari"
REASONS = Reasons("Disepakati", "Tetap di sekolahnya", "Setuju", "Pindah tempat duduk")
HELD = Outcome(ServiceState.HELD, 90, result="Semua sepakat")


def meeting(work: Casework, case: Case, hours: int = 24, kind: str = "case_conference") -> Service:
    """Plan a conference."""
    at = clock.now() + timedelta(hours=hours)
    wanted = Appointment(ServiceKind(kind), at, 90, work.manager.id, purpose=WORDS)
    with transaction(work.build.session) as session:
        return serving.plan(session, work.actor("manager"), case, wanted)


def invite(work: Casework, case: Case, service: Service, *people: Any, **more: str) -> None:
    with transaction(work.build.session) as session:
        guests = Guests(frozenset(each.id for each in people), **more)
        conferences.invite(session, work.actor("manager"), case, service, guests)


def refused(code: str) -> Any:
    return pytest.raises(Rejected, match=f"^{code}$")


def test_a_conference_from_invitation_to_decision(work: Casework) -> None:
    case = work.open()
    service = meeting(work, case)
    invite(work, case, service, work.coordinator, work.other)
    # Once more the same, and somebody from outside.
    invite(work, case, service, work.other, name=AUNT, capacity="bibi")
    with work.build.database.reader() as reading:
        guests = queries.guests_of(reading, service.id)
    assert [each.label(named=True) for each in guests if not each.account] == [f"{AUNT} (bibi)"]
    assert [each.label(named=False) for each in guests if not each.account] == ["bibi"]
    assert len(guests) == 3
    manager = work.actor("manager")
    with refused("record_first"), transaction(work.build.session) as session:
        conferences.decide(session, manager, case, service, REASONS)
    here = frozenset({guests[0].person.id, guests[2].person.id})
    tomorrow = clock.now() + timedelta(hours=26)
    with time_machine.travel(tomorrow), transaction(work.build.session) as session:
        conferences.record(session, manager, case, service, HELD, here)
        basis = session.scalars(select(LegalBasis).order_by(LegalBasis.citation)).all()[0]
        decision = conferences.decide(
            session, manager, case, service, replace(REASONS, bases=(basis.id,))
        )
    came = work.build.session.scalars(
        select(ConferencePerson.came).order_by(ConferencePerson.id)
    ).all()
    assert came == [True, False, True]
    assert (decision.kind, decision.state) == (DecisionKind.CONFERENCE, DecisionState.MADE)
    assert decision.record_id == service.id
    assert work.build.session.scalars(select(DecisionBasis.basis_id)).all() == [basis.id]
    entries = work.build.session.scalars(
        select(CaseEntry.facts)
        .where(CaseEntry.case_id == case.id, CaseEntry.kind == EntryKind.CONFERENCE)
        .order_by(CaseEntry.id)
    ).all()
    assert [each["state"] for each in entries] == ["planned", "planned", "planned", "held"]
    assert [each.get("invited") for each in entries] == [None, 2, 1, None]
    assert AUNT not in str(entries)


def test_who_is_never_invited(work: Casework) -> None:
    case = work.open()
    service = meeting(work, case)
    kept = work.build.worker()
    with transaction(work.build.session) as session:
        record_conflict(
            session, work.actor("coordinator"), record_of(case), kept.id, "Tetangga keluarga"
        )
    outside = [
        work.build.user(Role.PRINCIPAL, work.school),
        work.build.user(Role.ADMIN),
        work.build.user(Role.EDUCATION_OFFICE),
        work.build.user(Role.VOLUNTEER),
    ]
    for person in (kept, *outside):
        with refused("in_conflict"):
            invite(work, case, service, person)
    with refused("guest_needed"):
        invite(work, case, service)
    with refused("guest_name"):
        invite(work, case, service, capacity="polisi")
    talk = meeting(work, case, kind="counselling")
    with refused("state_changed"):
        invite(work, case, talk, work.other)
    assert not work.build.session.scalars(select(ConferencePerson)).all()


def test_whoever_must_not_see_it_any_more_is_not_invited_any_more(work: Casework) -> None:
    case = work.open()
    coming, over = meeting(work, case), meeting(work, case, hours=1)
    for each in (coming, over):
        invite(work, case, each, work.other, work.head, name=AUNT)
    later = time_machine.travel(clock.now() + timedelta(hours=3))
    with later, transaction(work.build.session) as session:
        conferences.record(session, work.actor("manager"), case, over, HELD, frozenset())
        record_conflict(
            session, work.actor("coordinator"), record_of(case), work.other.id, "Ipar anak"
        )
    with work.build.database.reader() as reading:
        there = [
            {guest.person.user_id for guest in queries.guests_of(reading, each.id)}
            for each in (coming, over)
        ]
    # Who was asked to one that is over stays part of what happened.
    assert there == [{work.head.id, None}, {work.other.id, work.head.id, None}]


@on_sqlite
def test_being_invited_opens_nothing(app: Flask, work: Casework) -> None:
    case = work.open()
    service = meeting(work, case)
    invite(work, case, service, work.other, work.head)
    path = f"/kasus/{case.public_id}/layanan/{service.public_id}"
    assert PageClient(app).sign_in(work.other).get(path).status_code == 404
    page = PageClient(app).sign_in(work.head).get(path).text
    assert not [word for word in PLANTED if word in page]
    assert not work.waiting(case, "case_given")


@on_sqlite
def test_the_page_of_a_conference(app: Flask, work: Casework) -> None:
    case = work.open(kinds=("sexual",))
    service = meeting(work, case, hours=1)
    client = PageClient(app).sign_in(work.manager)
    client.get("/beranda?bahasa=en")
    path = f"/kasus/{case.public_id}/layanan/{service.public_id}"
    page = client.get(path).text
    assert "Being on the list opens nothing" in page
    assert "no mediation" in page
    assert client.post(f"{path}/undang", {"capacity": "bibi"}).status_code == 422
    assert "Write the name" in client.page
    sent = {"colleagues": [work.other.public_id], "name": AUNT, "capacity": "bibi"}
    assert client.post(f"{path}/undang", sent).status_code == 303
    page = client.get(path).text
    assert f"{AUNT} (bibi)" in page
    with work.build.database.reader() as reading:
        guests = queries.guests_of(reading, service.id)
    removed = next(each.person for each in guests if each.account)
    assert client.post(f"{path}/undang/{removed.public_id}/hapus").status_code == 303
    assert client.post(f"{path}/undang/{removed.public_id}/hapus").status_code == 404
    aunt = next(each.person for each in guests if not each.account)
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        client = PageClient(app).sign_in(work.manager)
        client.get(path)
        done = {
            "took_place": "yes",
            "came": [aunt.public_id],
            "child": "not_expected",
            "family": "came",
            "result": WORDS,
            "took_minutes": "80",
        }
        form = client.form(f"{path}/hasil")
        assert client.post(f"{path}/hasil", {**form, **done}).status_code == 303
        client.get(path)
        form = client.form(f"{path}/hasil")
        assert form["came"] == [aunt.public_id]
        assert form["took_place"] == ["yes"]
        decided = {
            "text": "Islah di kantor kelurahan",
            "reason": "Disepakati",
            "best_interests": "Aman",
            "child_view": "Setuju",
        }
        assert client.post(f"{path}/keputusan", decided).status_code == 422
        decided["text"] = "Pendamping menjemput setiap hari"
        assert client.post(f"{path}/keputusan", decided).status_code == 303
        assert "Pendamping menjemput setiap hari" in client.get(path).text
    with work.build.database.reader() as reading:
        assert reading.scalars(select(Decision.record_id)).all() == [service.id]
    page = PageClient(app).sign_in(work.coordinator).get(path).text
    assert "bibi" in page
    assert AUNT not in page
