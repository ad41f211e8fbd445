"""Letters about a breach: what the law asks for, in both languages, as page and as PDF."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from flask import Flask
from pypdf import PdfReader

from portal.auditlog.exports.letters import UNKNOWN, Print, Reader, letter_of
from portal.auditlog.forms.breaches import KIND_NAMES, kind_name
from portal.core import clock, i18n, settings
from portal.core.db import Database
from portal.people.models import User
from tests.auditlog.registers import MONDAY, Staff, breached, make_staff
from tests.builders import Builder
from tests.client import PageClient
from tests.trail import trail

LIST = "/insiden-data"
ADDRESSEE = "Pimpinan Lembaga Contoh"


@pytest.fixture
def staff(build: Builder) -> Staff:
    return make_staff(build)


def client_of(app: Flask, user: User) -> PageClient:
    """Return somebody's client, which reads English."""
    client = PageClient(app).sign_in(user)
    client.get("/tentang?bahasa=en")
    return client


def pdf_text(content: bytes) -> str:
    """Return what a PDF says, in one line."""
    pages = PdfReader(BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


@pytest.mark.parametrize("reader", list(Reader))
def test_a_letter_says_what_the_law_asks_for(
    database: Database, staff: Staff, reader: Reader
) -> None:
    staff.build.setting("privacy_contact", "pdp@uji.example")
    with time_machine.travel(MONDAY, tick=False), i18n.in_language("en"):
        breach = breached(staff)
        with database.reader() as session:
            office = settings.read(session)
        wanted = Print(reader, ADDRESSEE, "Kepala Contoh", MONDAY)
        letter = letter_of(breach, office, wanted, kind_name)
    text = "\n".join(letter.paragraphs)
    assert ADDRESSEE in letter.paragraphs[0]
    # Which data, when and how it happened, what is being done (article 46 paragraph 2).
    assert "Names and contacts; Passwords and other means to sign in" in text
    assert "Sunday, 22 November 2026, 12:00 WIB" in text
    assert "Monday, 23 November 2026, 08:00 WIB" in text
    assert breach.what_happened in text
    assert breach.measures in text
    assert "Pasal 46" in text
    assert "pdp@uji.example" in text
    assert letter.reference.endswith(breach.number)
    assert letter.place_and_date == "23 November 2026"
    assert letter.signer_lines[-1] == "Kepala Contoh"
    assert UNKNOWN not in "\n".join(
        part for part in letter.paragraphs if not part.startswith("The people concerned")
    )
    assert ("1,250" in text) == (reader is Reader.AUTHORITY)
    assert ("choose a new password" in text) == (reader is Reader.PEOPLE)


@pytest.mark.parametrize("reader", list(Reader))
def test_what_is_not_known_is_left_as_dots(
    database: Database, staff: Staff, reader: Reader
) -> None:
    breach = breached(
        staff, data_kinds=("visits",), people_affected=None, started_at=None, measures=""
    )
    with database.reader() as session:
        office = settings.read(session)
    with i18n.in_language("en"):
        letter = letter_of(breach, office, Print(reader, "", "", clock.now()), kind_name)
    text = "\n".join(letter.paragraphs)
    assert letter.paragraphs[0] == f"To: {UNKNOWN}"
    assert f"When it happened: {UNKNOWN}." in text
    assert f"put things right: {UNKNOWN}" in text
    assert letter.address_lines == (UNKNOWN,)
    assert letter.signer_lines[-1] == UNKNOWN
    assert "None" not in text
    assert "choose a new password" not in text


def test_the_page_shows_the_letter_before_it_is_saved(app: Flask, staff: Staff) -> None:
    breach = breached(staff)
    address = f"{LIST}/{breach.public_id}/surat"
    client = client_of(app, staff.head)
    text = client.get(address).get_data(as_text=True)
    assert "Under UU 27/2022 Pasal 46" in text
    assert "To: ………" in text
    sent = {"reader": "people", "tongue": "en", "addressee": ADDRESSEE, "signer": ""}
    text = client.post(address, sent).get_data(as_text=True)
    assert f"To: {ADDRESSEE}" in text
    assert "We are sorry" in text
    assert breach.what_happened in text
    wrong = client.post(address, {**sent, "reader": "tetangga"})
    assert wrong.status_code == 422


@pytest.mark.parametrize("tongue", i18n.LANGUAGES)
@pytest.mark.parametrize("reader", list(Reader))
def test_the_letter_is_saved_as_pdf_again_and_again(
    app: Flask, database: Database, staff: Staff, reader: Reader, tongue: str
) -> None:
    breach = breached(staff)
    address = f"{LIST}/{breach.public_id}/surat.pdf"
    client = client_of(app, staff.admin)
    key = "a" * 22
    sent = {
        "reader": reader.value,
        "tongue": tongue,
        "addressee": ADDRESSEE,
        "signer": "Kepala Contoh",
        "idempotency_key": key,
    }
    for _press in range(2):
        answer = client.post(address, sent)
        assert answer.mimetype == "application/pdf"
        disposition = answer.headers["Content-Disposition"]
        assert "attachment" in disposition
        assert f"surat-{breach.number}-{reader.value}-{tongue}.pdf" in disposition
        text = pdf_text(answer.get_data())
        for part in (ADDRESSEE, breach.number, breach.what_happened, "Kepala Contoh"):
            assert part in text
    pdf = PdfReader(BytesIO(answer.get_data()))
    assert str(pdf.trailer["/Root"]["/Lang"]).startswith(tongue)
    with i18n.in_language(tongue):
        assert str(KIND_NAMES["contacts"]) in text
    took = [entry.facts for entry in trail(database, "breach") if entry.action == "breach.read"]
    assert took == [{"letter": reader.value, "language": tongue}] * 2


def test_letters_ask_for_the_password_again(app: Flask, staff: Staff) -> None:
    breach = breached(staff)
    with time_machine.travel(clock.now(), tick=False) as travel:
        client = client_of(app, staff.head)
        client.csrf()
        travel.shift(timedelta(minutes=11))
        address = f"{LIST}/{breach.public_id}/surat"
        answers = [client.get(address), client.post(address), client.post(f"{address}.pdf")]
    assert [answer.status_code for answer in answers] == [303] * 3
