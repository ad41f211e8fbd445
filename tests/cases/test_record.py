"""The record of a case on paper, and the sheet for SIMFONI."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from portal.cases.actions.deciding import Reasons, decide
from portal.cases.actions.file import begin, write_entry
from portal.cases.exports.simfoni import age_words, sheet_of
from portal.cases.models import (
    Assessment,
    Case,
    Consent,
    FamilyContact,
    Guardian,
    Need,
    Obstacle,
    Service,
)
from portal.cases.queries.record import record_of
from portal.cases.states import (
    ConsentAbout,
    ConsentAnswer,
    ContactWay,
    DecisionKind,
    Domain,
    EntryKind,
    Nature,
    ServiceKind,
    ServiceState,
    Side,
    Stage,
)
from portal.core import clock, i18n
from portal.core.audit import AuditEntry
from portal.core.db import new_id, transaction
from tests.cases.casework import NAME, STORY, WORDS, Casework
from tests.client import PageClient
from tests.conftest import on_sqlite


def filled(work: Casework) -> Case:
    """A case with one of everything, each with words of its own."""
    case = work.open()
    actor, today, now = work.actor("manager"), clock.today(), clock.now()
    by = {"case_id": case.id}
    with transaction(work.build.session) as session:
        begin(session, actor, case)
        session.add_all(
            [
                Guardian(
                    id=new_id(), child_id=case.child_id, full_name="Bibi Lastri", kept_out=True
                ),
                Assessment(
                    **by,
                    domain=Domain.FAMILY,
                    concern=2,
                    findings="Tinggal bersama bibinya",
                    assessed_on=today,
                    assessed_by=actor.user_id,
                ),
                Need(
                    **by,
                    domain=Domain.SCHOOL,
                    text="Teman makan siang",
                    found_on=today,
                    found_by=actor.user_id,
                ),
                Service(
                    **by,
                    kind=ServiceKind.COUNSELLING,
                    state=ServiceState.HELD,
                    starts_at=now - timedelta(days=1),
                    minutes=45,
                    result="Mulai mau bercerita",
                    child_came=True,
                    held_by=actor.user_id,
                ),
                FamilyContact(
                    **by,
                    at=now,
                    way=ContactWay.PHONE,
                    reached=True,
                    text="Bibi akan menjemput",
                    written_by=actor.user_id,
                    written_at=now,
                ),
                Consent(
                    **by,
                    about=ConsentAbout.SERVICES,
                    answer=ConsentAnswer.GIVEN,
                    reason="Lewat telepon",
                    given_on=today,
                    recorded_by=actor.user_id,
                    recorded_at=now,
                ),
                Obstacle(
                    **by,
                    stage=Stage.INTAKE,
                    side=Side.EXTERNAL,
                    nature=Nature.CULTURAL,
                    text="Keluarga malu",
                    noted_on=today,
                    noted_by=actor.user_id,
                ),
            ]
        )
        decide(
            session, actor, case, DecisionKind.OTHER, Reasons("Perlu", "Aman", "Mau", "Dijemput")
        )
        write_entry(session, actor, case, EntryKind.NOTE, text=WORDS)
    return case


EVERYTHING = (
    NAME,
    STORY,
    WORDS,
    "Bibi Lastri",
    "Tinggal bersama bibinya",
    "Teman makan siang",
    "Mulai mau bercerita",
    "Bibi akan menjemput",
    "Lewat telepon",
    "Keluarga malu",
    "Dijemput",
)


@on_sqlite
@pytest.mark.parametrize("language", ["id", "en"])
def test_the_record_holds_everything_and_says_who_took_it_out(
    app: Flask, work: Casework, language: str
) -> None:
    case = filled(work)
    client = PageClient(app).sign_in(work.manager)
    client.get(f"/beranda?bahasa={language}")
    assert f"/kasus/{case.public_id}/catatan.pdf" in client.get(f"/kasus/{case.public_id}").text
    answer = client.get(f"/kasus/{case.public_id}/catatan.pdf")
    assert answer.mimetype == "application/pdf"
    assert case.number in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    pages = [page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages]
    told = " ".join("\n".join(pages).split())
    assert [word for word in EVERYTHING if word not in told] == []
    assert all(work.manager.full_name in page for page in pages)
    assert work.rows(select(AuditEntry.facts).where(AuditEntry.action == "case.exported")) == [
        {"form": "pdf"}
    ]


@on_sqlite
def test_only_whoever_knows_the_name_takes_a_record_out(app: Flask, work: Casework) -> None:
    case = filled(work)
    for user in (work.coordinator, work.head, work.other):
        client = PageClient(app).sign_in(user)
        assert client.get(f"/kasus/{case.public_id}/catatan.pdf").status_code == 404
        assert NAME not in client.get(f"/kasus/{case.public_id}/simfoni").get_data(as_text=True)
    client = PageClient(app).sign_in(work.coordinator)
    client.post(f"/kasus/{case.public_id}/buka", {"reason": "Rapat supervisi"})
    assert client.get(f"/kasus/{case.public_id}/catatan.pdf").status_code == 200


@on_sqlite
def test_the_sheet_answers_what_simfoni_asks(app: Flask, work: Casework) -> None:
    case = filled(work)
    with work.build.database.reader() as reading, i18n.in_language("id"):
        sheet = [
            line.words
            for line in sheet_of(record_of(reading, reading.get_one(Case, case.id)), clock.today())
        ]
    assert case.number in sheet
    assert "SMP 7B" in sheet
    page = PageClient(app).sign_in(work.manager).get(f"/kasus/{case.public_id}/simfoni").text
    assert "SMP 7B" in page
    assert STORY not in page


@pytest.mark.parametrize(
    ("born", "years"),
    [("", ""), ("2014", "12"), ("2014-11-22", "12"), ("2014-11-23", "11"), ("2012-02-29", "14")],
)
def test_age(born: str, years: str) -> None:
    assert years in age_words(born, date(2026, 11, 22))
    assert bool(age_words(born, date(2026, 11, 22))) == bool(born)
