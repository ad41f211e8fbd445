"""Letters of sessions: what each says, who makes it out, numbers without gaps, signed scans."""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session
from time_machine import Traveller

from portal.core import clock
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.documents.pdf import Letter as PlainLetter
from portal.documents.pdf import letter_pdf
from portal.people.models import User
from portal.schools.models import School
from portal.visits.actions.letters import Order, make_out
from portal.visits.models import (
    CostKind,
    Letter,
    LetterKind,
    Visit,
    VisitCost,
    VisitHeads,
    VisitWorker,
)
from portal.visits.policy.letters import number_fits, possible_for
from portal.visits.states import Origin, VisitState
from tests.client import PageClient
from tests.visits.conftest import MONDAY, Office, Site, codes, on_sqlite, refused, together
from tests.visits.screen import Screen

K, S = LetterKind, VisitState
PRINTED = {"paper": {}, "costs": None}


def session_of(office: Office, state: VisitState = S.SCHEDULED, **more: Any) -> Visit:
    """Make a session of the office's school on Wednesday, 12 August 2026."""
    visit = office.build.delivered(office.school, office.worker, date(2026, 8, 12), state=state)
    if more:
        with transaction(office.build.session) as writing:
            found = writing.get_one(Visit, visit.id)
            for name, value in more.items():
                setattr(found, name, value)
    return office.fresh(visit)


def kept(office: Office) -> list[Letter]:
    """Return all letters, in the order of their numbers."""
    with office.build.database.reader() as reading:
        return list(reading.scalars(select(Letter).order_by(Letter.year, Letter.sequence)))


def make(site: Site, user: User, visit: Visit, kind: LetterKind, **more: str) -> Letter:
    """Make out a letter on its page."""
    visitor = site.browser(user)
    visitor.get(f"/sesi/{visit.public_id}/surat")
    sent = visitor.post(
        f"/sesi/{visit.public_id}/surat", {"kind": kind.value, "tongue": "id", **more}
    )
    assert sent.status_code == 303, Screen(sent).text
    return kept(site)[-1]


def pdf_of(visitor: PageClient, visit: Visit, letter: Letter) -> PdfReader:
    """Fetch a letter."""
    answer = visitor.get(f"/sesi/{visit.public_id}/surat/{letter.public_id}.pdf")
    assert answer.mimetype == "application/pdf"
    return PdfReader(BytesIO(answer.get_data()))


def text_of(reader: PdfReader) -> str:
    """Return what a document says, with blanks evened out."""
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def letter_text(site: Site, user: User, visit: Visit, kind: LetterKind, **more: str) -> str:
    """Make out a letter and read it."""
    made = make(site, user, visit, kind, **more)
    return text_of(pdf_of(site.browser(user), visit, made))


SAYS = {
    K.REQUEST: ("NPSN", "Permohonan sesi Peksos Go to School", "Ibu Kepala", "Sari Peksos"),
    K.REPLY: ("Pemerintah Kota Metro", "Jawaban atas permohonan", "Drs. Contoh Kepala, M.Si."),
    K.DUTY: ("Surat tugas", "menugaskan Sari Peksos", "NIP 197001011990031001"),
    K.ATTENDANCE: ("Daftar hadir", "menulis namanya sendiri", "60", "Sari Peksos"),
    K.MINUTES: ("Berita acara", "Ibu Kepala", "Sari Peksos", "kedua pihak"),
    K.REPORT: ("Laporan kegiatan", "Sebanyak 62 orang", "30 siswa perempuan", "Sari Peksos"),
}


@on_sqlite
@pytest.mark.parametrize("kind", list(LetterKind))
def test_each_letter_says_what_the_session_is(site: Site, kind: LetterKind) -> None:
    site.build.setting("signer_name", "Drs. Contoh Kepala, M.Si.")
    site.build.setting("signer_nip", "197001011990031001")
    state = S.DELIVERED if kind is K.REPORT else S.SCHEDULED
    visit = session_of(site, state)
    user = site.principal if kind is K.REQUEST else site.coordinator
    text = letter_text(site, user, visit, kind)
    usual = ("SMP Contoh Melati", "Rabu, 12 Agustus 2026", "08.00–09.30 WIB", "Berteman")
    for words in (*usual, *SAYS[kind]):
        assert words in text, words
    assert "{" not in text


@on_sqlite
def test_the_letter_of_assignment_says_how_soon_the_office_wants_it_recorded(site: Site) -> None:
    site.build.setting("report_working_days", 5)
    visit = session_of(site)
    assert "paling lambat 5 hari kerja sesudahnya" in letter_text(
        site, site.coordinator, visit, K.DUTY
    )
    site.build.setting("report_working_days", 1)
    text = letter_text(site, site.coordinator, visit, K.DUTY, tongue="en")
    assert "on the portal within 1 working day. Costs" in text


@on_sqlite
def test_a_letter_can_be_in_english(site: Site) -> None:
    visit = session_of(site)
    text = letter_text(site, site.coordinator, visit, K.DUTY, tongue="en")
    for words in ("Letter of assignment", "Wednesday, 12 August 2026", "08:00–09:30 WIB"):
        assert words in text
    for label in ("Number: 400.9/001/Dinsos/2026", "Programme", "Place", "Kepala Dinas Sosial,"):
        assert label in text


@on_sqlite
def test_a_letter_made_out_never_changes(site: Site) -> None:
    visit = session_of(site)
    made = make(site, site.coordinator, visit, K.DUTY)
    before = text_of(pdf_of(site.browser(site.principal), visit, made))
    with transaction(site.build.session) as writing:
        found = writing.get_one(Visit, visit.id)
        found.starts_at += timedelta(days=1)
        found.ends_at += timedelta(days=1)
        writing.get_one(School, site.school.id).name = "SMP Nama Baru"
    assert text_of(pdf_of(site.browser(site.principal), visit, made)) == before
    again = make(site, site.coordinator, visit, K.DUTY)
    assert again.sequence == made.sequence + 1
    assert "SMP Nama Baru" in text_of(pdf_of(site.browser(site.principal), visit, again))


@on_sqlite
def test_an_answer_of_no_says_why_and_leads_on(site: Site) -> None:
    visit = session_of(site, S.DECLINED, reason="Semua peksos bertugas hari itu")
    text = letter_text(site, site.coordinator, visit, K.REPLY)
    assert "Semua peksos bertugas hari itu." in text
    assert "Sari Peksos" not in text


@on_sqlite
def test_what_the_office_wrote_down_names_the_principal_of_the_school(site: Site) -> None:
    asked = {"requested_by": site.coordinator.id, "origin": Origin.CALLER}
    text = letter_text(site, site.principal, session_of(site, **asked), K.REQUEST)
    assert "Kontak Ibu Kepala" in text
    assert "Pak Koordinator" not in text


@on_sqlite
def test_an_attendance_list_has_a_line_for_everybody_class_by_class(site: Site) -> None:
    expected = {"7A": 32, "7B": 31, "8 Unggulan": 237}
    visit = session_of(site, classes=list(expected), expected_by_class=expected, expected_heads=300)
    made = make(site, site.worker, visit, K.ATTENDANCE)
    pages = [page.extract_text() for page in pdf_of(site.browser(site.worker), visit, made).pages]
    assert 10 <= len(pages) <= 16
    lines = "\n".join(pages).splitlines()
    for count in (32, 31, 237):
        assert lines.count(str(count)) >= 1, count
    assert lines.count("237") == 1
    # Every page that goes on says again what its columns are for.
    assert all("anda tangan" in page or "Signature" in page for page in pages[1:-1])
    for name in expected:
        assert f"Kelas {name}" in "\n".join(pages) or f"Class {name}" in "\n".join(pages)


@on_sqlite
def test_long_names_break_and_nothing_is_lost(site: Site) -> None:
    long = "Sekolah Menengah Pertama Islam Terpadu " * 4
    with transaction(site.build.session) as writing:
        writing.get_one(School, site.school.id).name = long.strip()
    crew = site.build.worker("Muhammad " + "Abdurrahman " * 11)
    visit = session_of(site, social_worker_id=crew.id)
    text = letter_text(site, site.coordinator, visit, K.DUTY)
    assert long.strip() in text
    assert ("Abdurrahman " * 11).strip() in text


@on_sqlite
def test_minutes_count_class_by_class(site: Site) -> None:
    visit = session_of(site, S.DELIVERED)
    site.build.save(VisitHeads(visit_id=visit.id, class_name="7A", girls=18, boys=13))
    site.build.save(VisitHeads(visit_id=visit.id, class_name="7B", girls=12, boys=17))
    text = letter_text(site, site.worker, visit, K.MINUTES)
    assert "7A 18 13 31" in text
    assert "7B 12 17 29" in text
    assert "30 30 60" in text


@on_sqlite
def test_what_it_cost_is_read_by_whoever_may(site: Site) -> None:
    visit = session_of(site, S.DELIVERED)
    site.build.save(
        VisitCost(
            visit_id=visit.id,
            kind=CostKind.TRANSPORT,
            amount=75_000,
            recorded_by=site.worker.id,
            recorded_at=clock.now(),
        )
    )
    made = make(site, site.coordinator, visit, K.REPORT)
    for user, sees in ((site.coordinator, True), (site.worker, True), (site.principal, False)):
        text = text_of(pdf_of(site.browser(user), visit, made))
        assert ("Rp75.000" in text) is sees
        if sees:
            # Among the figures, above the words that close it.
            assert text.index("Rp75.000") < text.index("Demikian laporan")
        assert "Sebanyak 62 orang" in text


WRITERS = {
    "principal": {K.REQUEST},
    "coordinator": {K.REPLY, K.DUTY, K.ATTENDANCE, K.MINUTES},
    "worker": {K.ATTENDANCE, K.MINUTES},
    "teacher": set(),
    "another_worker": set(),
    "division_head": set(),
}


@on_sqlite
@pytest.mark.parametrize("who", WRITERS)
def test_everybody_is_offered_what_they_make_out(site: Site, who: str) -> None:
    visit = session_of(site)
    make(site, site.coordinator, visit, K.DUTY)
    people = {
        "principal": site.principal,
        "coordinator": site.coordinator,
        "worker": site.worker,
    }
    if who == "teacher":
        people[who] = site.build.user(Role.TEACHER, site.school)
    elif who not in people:
        role = Role.SOCIAL_WORKER if who == "another_worker" else Role.DIVISION_HEAD
        people[who] = site.build.user(role)
    visitor = site.browser(people[who])
    screen = Screen(visitor.get(f"/sesi/{visit.public_id}/surat"))
    found = {each.get("value") for each in screen.tree.iter("option")}
    assert found == {kind.value for kind in WRITERS[who]}
    for kind in set(LetterKind) - WRITERS[who]:
        sent = visitor.post(f"/sesi/{visit.public_id}/surat", {"kind": kind.value, "tongue": "id"})
        assert sent.status_code in {403, 404, 422}
    assert len(kept(site)) == 1


@on_sqlite
def test_another_school_finds_neither_letters_nor_their_pages(site: Site) -> None:
    visit = session_of(site)
    made = make(site, site.coordinator, visit, K.DUTY)
    stranger = site.browser(site.another_school()[1])
    root = f"/sesi/{visit.public_id}/surat"
    for path in (root, f"{root}/{made.public_id}.pdf", f"{root}/{made.public_id}/bertanda-tangan"):
        assert stranger.get(path).status_code == 404
    assert stranger.post(root, {"kind": "request", "tongue": "id"}).status_code == 404
    day, elsewhere = date(2026, 8, 13), site.build.school()
    other = site.build.delivered(elsewhere, site.worker, day, state=S.SCHEDULED)
    # A letter belongs to its session, whatever the address says.
    path = f"/sesi/{other.public_id}/surat/{made.public_id}.pdf"
    assert site.browser(site.coordinator).get(path).status_code == 404


# What the office makes out while a session is in a state; in all others nothing.
OF_OFFICE = {
    S.SCHEDULED: {K.REPLY, K.DUTY, K.ATTENDANCE, K.MINUTES},
    S.DELIVERED: {K.ATTENDANCE, K.MINUTES, K.REPORT},
    S.DECLINED: {K.REPLY},
}


@on_sqlite
@pytest.mark.parametrize("state", list(VisitState))
def test_letters_follow_the_state_of_the_session(office: Office, state: VisitState) -> None:
    visit = session_of(office, state)
    actor = office.actor(office.coordinator)
    assert set(possible_for(actor, visit)) == OF_OFFICE.get(state, set())
    school = possible_for(office.actor(office.principal), visit)
    assert school == ((K.REQUEST,) if state in {S.REQUESTED, S.SCHEDULED} else ())
    with office.build.database.writer() as session:
        for kind in set(K) - OF_OFFICE.get(state, set()) - {K.REQUEST}:
            problem = refused(partial(order, session, office, visit, kind))
            assert problem.code == "letter_not_possible"


def order(session: Session, office: Office, visit: Visit, kind: LetterKind) -> Letter:
    """Make out a letter by the rules alone."""
    user = office.principal if kind is K.REQUEST else office.coordinator
    found = session.get_one(Visit, visit.id)
    school = session.get_one(School, visit.school_id)
    return make_out(session, office.actor(user), found, school, Order(kind, "id"), "400.9", PRINTED)


class Interrupted(Exception):
    """Somebody pulled the plug."""


def test_numbers_have_no_gaps_also_at_the_same_moment(office: Office) -> None:
    visits = [
        office.build.delivered(
            office.build.school(), office.worker, date(2026, 8, 12 + day), state=S.SCHEDULED
        )
        for day in range(4)
    ]

    def job(visit: Visit) -> Any:
        return lambda session: order(session, office, visit, K.DUTY).number

    numbers = together(office.build.database, [job(visit) for visit in visits])
    assert sorted(numbers) == [f"400.9/{n:03d}/Dinsos/2026" for n in range(1, 5)]

    def interrupted() -> None:
        with office.build.database.writer() as session, transaction(session):
            order(session, office, visits[0], K.DUTY)
            raise Interrupted

    with pytest.raises(Interrupted):
        interrupted()
    with office.build.database.writer() as session, transaction(session):
        assert order(session, office, visits[0], K.DUTY).sequence == 5


def test_each_school_and_each_year_has_a_book_of_its_own(office: Office, now: Traveller) -> None:
    visit = session_of(office)
    theirs = office.build.delivered(
        office.build.school(), office.worker, date(2026, 8, 13), state=S.SCHEDULED
    )
    with office.build.database.writer() as session, transaction(session):
        first = order(session, office, visit, K.REQUEST)
        second = order(session, office, visit, K.REQUEST)
        of_office = order(session, office, theirs, K.DUTY)
        assert [first.sequence, second.sequence, of_office.sequence] == [1, 2, 1]
        assert first.number == f"400.9/001/{office.school.npsn}/2026"
    # Seven hours before London, it is the new year in Metro.
    now.move_to(MONDAY.replace(year=2026, month=12, day=31, hour=16, minute=59))
    with office.build.database.writer() as session, transaction(session):
        assert order(session, office, theirs, K.DUTY).number.endswith("/002/Dinsos/2026")
    now.shift(60)
    with office.build.database.writer() as session, transaction(session):
        assert order(session, office, theirs, K.DUTY).number.endswith("/001/Dinsos/2027")


@on_sqlite
def test_the_pattern_is_the_offices(office: Office) -> None:
    office.build.setting("letter_number_pattern", "{number}/{code}/{month_roman}/{year}")
    with office.build.database.writer() as session, transaction(session):
        assert order(session, office, session_of(office), K.DUTY).number == "001/400.9/VIII/2026"


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("{number}", True),
        ("{code}/{number}/{office}/{year}", True),
        ("", False),
        ("{code}/{year}", False),
        ("{number}/{school}", False),
        ("{number}/{", False),
        ("{number}}", False),
        ("{number}" + "x" * 80, False),
    ],
)
def test_a_pattern_makes_numbers_that_differ_and_fit(pattern: str, fits: bool) -> None:
    assert number_fits(pattern, "Dinsos") is fits


@on_sqlite
def test_a_school_may_use_the_number_of_its_own_register(site: Site) -> None:
    visit = session_of(site, S.REQUESTED)
    made = make(site, site.principal, visit, K.REQUEST, own_number="421.3/077/SMP/2026")
    assert made.number == "421.3/077/SMP/2026"
    assert "421.3/077/SMP/2026" in text_of(pdf_of(site.browser(site.worker), visit, made))


@on_sqlite
def test_pressed_twice_it_is_one_letter(site: Site) -> None:
    visit = session_of(site)
    visitor = site.browser(site.coordinator)
    visitor.get(f"/sesi/{visit.public_id}/surat")
    form = {"kind": "duty", "tongue": "id", "idempotency_key": "A" * 22}
    for _press in range(2):
        assert visitor.post(f"/sesi/{visit.public_id}/surat", form).status_code == 303
    assert len(kept(site)) == 1


def a_pdf(text: str) -> bytes:
    """Return a small document."""
    plain = PlainLetter("Sekolah", (), text, "", "", (), ())
    return letter_pdf(plain, "id", MONDAY)


def hand_in(visitor: PageClient, visit: Visit, letter: Letter, content: bytes) -> Any:
    """Hand in a signed scan."""
    path = f"/sesi/{visit.public_id}/surat"
    visitor.get(path)
    sent = {"file": (BytesIO(content), "pindaian.pdf")}
    return visitor.post(
        f"{path}/{letter.public_id}/bertanda-tangan", sent, content_type="multipart/form-data"
    )


@on_sqlite
def test_the_signed_scan_comes_back_and_may_be_replaced(site: Site) -> None:
    visit = session_of(site)
    made = make(site, site.coordinator, visit, K.DUTY)
    visitor = site.browser(site.coordinator)
    path = f"/sesi/{visit.public_id}/surat/{made.public_id}/bertanda-tangan"
    assert visitor.get(path).status_code == 404
    for text in ("Bertanda tangan", "Lebih terang"):
        assert hand_in(visitor, visit, made, a_pdf(text)).status_code == 303
        scan = site.browser(site.principal).get(path)
        assert text in text_of(PdfReader(BytesIO(scan.get_data())))
    [again] = kept(site)
    assert again.signed_by == site.coordinator.id
    assert again.signed_at == MONDAY
    assert again.content == made.content


@on_sqlite
def test_a_signed_list_of_children_is_for_those_who_were_there_and_the_school(site: Site) -> None:
    visit = session_of(site, S.DELIVERED)
    along = site.build.worker("Andi Peksos")
    site.build.save(VisitWorker(visit_id=visit.id, user_id=along.id))
    made = make(site, along, visit, K.ATTENDANCE)
    assert hand_in(site.browser(along), visit, made, a_pdf("Budi, 8A")).status_code == 303
    path = f"/sesi/{visit.public_id}/surat/{made.public_id}/bertanda-tangan"
    seen = {
        site.worker: True,
        along: True,
        site.coordinator: True,
        site.principal: True,
        site.build.worker("Rina Peksos"): False,
        site.build.user(Role.TEACHER, site.school): False,
        site.build.user(Role.ADMIN): False,
        site.build.user(Role.DIVISION_HEAD): False,
    }
    for user, may in seen.items():
        visitor = site.browser(user)
        assert visitor.get(path).status_code == (200 if may else 404)
        links = Screen(visitor.get(f"/sesi/{visit.public_id}/surat")).links()
        assert (path in links) is may
        # The list as it was printed names nobody.
        assert f"/sesi/{visit.public_id}/surat/{made.public_id}.pdf" in links


@on_sqlite
def test_what_is_no_scan_is_refused_and_says_so(site: Site) -> None:
    visit = session_of(site)
    made = make(site, site.coordinator, visit, K.DUTY)
    visitor = site.browser(site.coordinator)
    assert hand_in(visitor, visit, made, b"").status_code == 422
    assert hand_in(visitor, visit, made, b"\x00\x01 nothing").status_code == 422
    # The worker's own papers are others.
    assert hand_in(site.browser(site.worker), visit, made, a_pdf("x")).status_code == 404
    assert kept(site)[0].signed_file_id is None


@on_sqlite
def test_no_child_and_no_note_is_kept_in_a_letter(site: Site) -> None:
    visit = session_of(
        site,
        S.DELIVERED,
        needs="Rahasia: Ananda Bunga duduk di depan",
        delivery_note="Rahasia: Ananda Bunga menangis",
    )
    for kind in (K.ATTENDANCE, K.MINUTES, K.REPORT):
        made = make(site, site.coordinator, visit, kind)
        assert "Bunga" not in json.dumps(json.loads(made.content))


def test_two_answers_at_once_make_two_numbers_or_none(office: Office) -> None:
    visit = session_of(office)

    def cancel(session: Session) -> str:
        found = session.get_one(Visit, visit.id, with_for_update=True)
        found.move(office.actor(office.coordinator), "cancel")
        return "cancelled"

    results = together(
        office.build.database,
        [cancel, lambda session: order(session, office, visit, K.DUTY).number],
    )
    assert "cancelled" in results
    assert codes(results) in ([], ["letter_not_possible"], ["state_changed"])
    assert not isinstance(results[0], Rejected)
