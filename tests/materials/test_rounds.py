"""Classes asked before and after a session: sums that are right, and nothing else."""

from __future__ import annotations

import contextlib
import re
import threading
from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
import zxingcpp
from flask import Flask
from PIL import Image
from sqlalchemy import select

from portal.core import clock, limits, settings
from portal.core.access import Actor, Role
from portal.core.db import Database, transaction
from portal.core.errors import Rejected
from portal.core.receipts import Receipt
from portal.materials.actions import rounds as actions
from portal.materials.actions.questions import Step, save
from portal.materials.models import Material, QuizPhase, QuizRound, QuizTally
from portal.materials.policy.answering import UNSURE
from portal.materials.policy.class_results import FEWEST, Sums
from portal.materials.queries import library
from portal.materials.queries import rounds as queries
from portal.materials.queries.rounds import ClassRound
from portal.materials.routes.sheets import SHEETS, SHEETS_OF_PHONE
from portal.materials.states import MaterialKind, MaterialState, Phase
from portal.people.models import User
from portal.schools.models import School
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.materials.shelf import Shelf, questions
from tests.statements import read_statements

RIGHT, OTHER = [0, 0, 0], [1, 0, UNSURE]


@dataclass
class Asked:
    """A class of three questions, and its teacher."""

    build: Builder
    quiz: Material
    school: School
    teacher: User
    actor: Actor
    made: QuizRound

    @property
    def address(self) -> str:
        return f"/materi/tes/{self.made.public_id}"

    def now(self) -> ClassRound:
        with self.build.database.reader() as reading:
            found = queries.get(reading, self.actor, self.made.public_id)
        assert found is not None
        return found

    def send(self, phase: Phase, *sheets: list[int]) -> None:
        with self.build.database.writer() as session, transaction(session):
            for sheet in sheets:
                actions.send_sheet(session, self.made.id, phase, questions(3), sheet)

    def go_on(self) -> None:
        with self.build.database.writer() as session, transaction(session):
            actions.go_on(session, self.actor, session.get_one(QuizRound, self.made.id))


@pytest.fixture
def asked(shelf: Shelf, build: Builder) -> Asked:
    """Return a class that is asked before its session."""
    school = build.school("SMP Tunas Harapan")
    teacher = build.user(Role.TEACHER, school)
    quiz = shelf.material(MaterialKind.QUIZ, "Friends", content={"questions": questions(3)})
    actor = build.actor(teacher)
    with build.database.reader() as reading:
        shown = library.published(reading, quiz.slug)
    assert shown is not None
    with transaction(build.session) as session:
        made = actions.open_round(session, actor, shown, school.id, "8A")
    return Asked(build, quiz, school, teacher, actor, made)


def sheet_of(client: PageClient, address: str, answers: list[int]) -> dict[str, object]:
    """Return a sheet as a phone sends it."""
    client.get(address)
    chosen = {f"q{number}": str(answer) for number, answer in enumerate(answers)}
    return {**client.form(address), **chosen}


def test_a_teacher_opens_a_round_and_sees_what_the_class_learned(
    app: Flask, shelf: Shelf, build: Builder
) -> None:
    school = build.school()
    build.setting("quiz_least_sheets", FEWEST)
    quiz = shelf.material(MaterialKind.QUIZ, content={"questions": questions(3)})
    teacher = PageClient(app).sign_in(build.user(Role.TEACHER, school))
    opened = teacher.post(f"/materi/{quiz.slug}/tes", {"class_name": " 8A "})
    address = opened.headers["Location"]
    for phase, sheets in (
        ("sebelum", [OTHER] * 5 + [RIGHT] * 3),
        ("sesudah", [RIGHT] * 6 + [OTHER] * 3),
    ):
        for sheet in sheets:
            phone = PageClient(app)
            sent = phone.post(f"{address}/{phase}", sheet_of(phone, f"{address}/{phase}", sheet))
            assert sent.headers["Location"] == f"{address}/{phase}/terima-kasih"
            phone.get(sent.headers["Location"])
            # Nothing but the form's own token stays in the browser.
            assert not phone.http.get_cookie("sid")
        teacher.get(address, headers={"Accept-Language": "en"})
        assert "Right answers by question" not in teacher.page or phase == "sesudah"
        teacher.post(f"{address}/{'lanjut' if phase == 'sebelum' else 'tutup'}")
        teacher.get(address)
    # 14 of 24 right before, 21 of 27 after.
    assert "60%" in teacher.page
    assert "80%" in teacher.page
    assert "Other (id)" in teacher.page
    listed = teacher.get("/materi/tes").get_data(as_text=True)
    assert address in listed
    with build.database.reader() as reading:
        made = reading.scalars(select(QuizRound)).one()
        assert (made.class_name, made.school_id) == ("8A", school.id)
        kept = {
            each.phase: (each.sheets, each.right) for each in reading.scalars(select(QuizPhase))
        }
        assert kept == {"before": (8, 14), "after": (9, 21)}
        tallies = {
            (each.phase, each.question, each.option): each.count
            for each in reading.scalars(select(QuizTally))
        }
    assert tallies[("before", 0, 1)] == 5
    assert tallies[("before", 2, UNSURE)] == 5
    assert tallies[("after", 2, 0)] == 6


def test_twenty_sheets_at_once_are_all_counted(asked: Asked, database: Database) -> None:
    ready = threading.Barrier(20)
    failed: list[Exception] = []

    def send(sheet: list[int]) -> None:
        ready.wait()
        try:
            with database.writer() as session, transaction(session):
                actions.send_sheet(session, asked.made.id, Phase.BEFORE, questions(3), sheet)
        except Exception as problem:
            failed.append(problem)

    threads = [
        threading.Thread(target=send, args=(RIGHT if number % 2 else OTHER,))
        for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    with asked.build.database.reader() as reading:
        sums = queries.sums(reading, asked.now())[Phase.BEFORE]
    assert (sums.sheets, sums.right) == (20, 10 * 3 + 10)
    assert sums.chosen == {(0, 0): 10, (0, 1): 10, (1, 0): 20, (2, 0): 10, (2, UNSURE): 10}


def test_a_sheet_pressed_twice_is_counted_once(asked: Asked, app: Flask) -> None:
    phone = PageClient(app)
    address = f"{asked.address}/sebelum"
    sheet = sheet_of(phone, address, RIGHT)
    for _press in range(2):
        assert phone.post(address, sheet).headers["Location"].endswith("/terima-kasih")
    assert asked.now().standing.before == 1
    # Of the sheet itself nothing is kept, neither here nor with what tells the second press.
    with asked.build.database.reader() as reading:
        (receipt,) = reading.scalars(select(Receipt)).all()
    assert receipt.location == f"{address}/terima-kasih"


@on_sqlite
def test_every_question_is_answered_or_not_known_yet(asked: Asked, app: Flask) -> None:
    phone = PageClient(app)
    address = f"{asked.address}/sebelum"
    for answers in ({"q0": "0", "q1": "-1"}, {"q0": "7", "q1": "0", "q2": "0"}, {"q0": "x"}):
        phone.get(address)
        sent = {**phone.form(address), **answers}
        assert phone.post(address, sent).status_code == 422
        assert asked.now().standing.before == 0
    phone.post(address, {**phone.form(address), "q0": "0", "q1": "-1"})
    assert (phone.form(address)["q0"], phone.form(address)["q1"]) == (["0"], ["-1"])
    assert "q2" not in phone.form(address)


@on_sqlite
def test_phases_follow_each_other(asked: Asked, app: Flask) -> None:
    phone = PageClient(app)
    assert phone.get(f"{asked.address}/sesudah").status_code == 200
    assert 'name="q0"' not in phone.page
    late = sheet_of(phone, f"{asked.address}/sebelum", RIGHT)
    asked.go_on()
    assert phone.get(f"{asked.address}/sebelum").status_code == 410
    assert phone.post(f"{asked.address}/sebelum", late).status_code == 410
    assert phone.get(f"{asked.address}/sesudah").status_code == 200
    assert 'name="q0"' in phone.page
    assert asked.now().standing.before == 0
    with pytest.raises(Rejected, match="state_changed"):
        asked.go_on()
    with pytest.raises(Rejected, match="round_over"):
        asked.send(Phase.BEFORE, RIGHT)
    unknown = f"/materi/tes/{'x' * 22}/sebelum"
    assert phone.get(unknown).status_code == 404
    assert phone.post(unknown).status_code == 404


@on_sqlite
def test_time_runs_out_and_can_be_given_once_more(asked: Asked, client: PageClient) -> None:
    asked.go_on()
    asked.send(Phase.AFTER, *[RIGHT] * (FEWEST - 1))
    asked.build.setting("quiz_least_sheets", FEWEST)
    client.sign_in(asked.teacher)
    hours = settings.REGISTRY["quiz_round_hours"].default
    with time_machine.travel(clock.now() + timedelta(hours=hours, minutes=1), tick=True):
        client = PageClient(client.app).sign_in(asked.teacher)
        with pytest.raises(Rejected, match="round_over"):
            asked.send(Phase.AFTER, RIGHT)
        client.get(asked.address)
        assert f"{asked.address}/buka-lagi" in client.page
        assert client.post(f"{asked.address}/buka-lagi").status_code == 303
        asked.send(Phase.AFTER, RIGHT)
        client.post(f"{asked.address}/tutup")
        # What is shown never changes again.
        client.get(asked.address)
        assert "data-table" in client.page
        assert f"{asked.address}/buka-lagi" not in client.page
        assert client.post(f"{asked.address}/buka-lagi").status_code == 422
        with pytest.raises(Rejected, match="round_over"):
            asked.send(Phase.AFTER, OTHER)


@on_sqlite
def test_few_sheets_are_never_shown(asked: Asked, client: PageClient) -> None:
    asked.send(Phase.BEFORE, *[RIGHT] * (FEWEST - 1))
    asked.go_on()
    asked.send(Phase.AFTER, *[RIGHT] * (FEWEST + 1))
    client.sign_in(asked.teacher)
    client.get(asked.address)
    client.post(f"{asked.address}/tutup")
    client.get(asked.address)
    assert "data-table" not in client.page
    asked.build.setting("quiz_least_sheets", FEWEST)
    client.get(asked.address)
    assert "data-table" in client.page
    assert f"({FEWEST - 1} " in client.page


@on_sqlite
def test_one_network_cannot_fill_a_round(asked: Asked, app: Flask) -> None:
    phone = PageClient(app)
    address = f"{asked.address}/sebelum"
    database = app.extensions["database"]
    network = limits.network_bucket(database, "127.0.0.1")
    for _sheet in range(SHEETS.item.amount - 1):
        assert limits.try_once(database, SHEETS, asked.made.public_id, network) is None
    for expected in (303, 429):
        assert phone.post(address, sheet_of(phone, address, RIGHT)).status_code == expected
    assert phone.form(address)["q0"] == ["0"]
    assert asked.now().standing.before == 1


@on_sqlite
def test_one_phone_sends_a_few_sheets_and_stops_nobody_else(asked: Asked, app: Flask) -> None:
    phone, friend = PageClient(app), PageClient(app)
    address, few = f"{asked.address}/sebelum", SHEETS_OF_PHONE.item.amount
    for expected in [*[303] * few, 429]:
        assert phone.post(address, sheet_of(phone, address, RIGHT)).status_code == expected
    assert phone.form(address)["q0"] == ["0"]
    assert friend.post(address, sheet_of(friend, address, RIGHT)).status_code == 303
    assert asked.now().standing.before == few + 1


@on_sqlite
def test_only_pupils_send_sheets(asked: Asked, app: Flask) -> None:
    teacher, address = PageClient(app).sign_in(asked.teacher), f"{asked.address}/sebelum"
    assert teacher.get(address).status_code == 200
    assert 'name="q0"' not in teacher.page
    teacher.post(address, {f"q{number}": "0" for number in range(3)})
    assert asked.now().standing.before == 0


@on_sqlite
def test_the_wall_begins_anew_with_the_other_phase(asked: Asked, client: PageClient) -> None:
    client.sign_in(asked.teacher)
    wall = f"{asked.address}/layar"
    client.get(wall)
    counting = re.search(rf'hx-get="({asked.address}/jumlah[^"]*)"', client.page)
    assert counting
    assert "HX-Redirect" not in client.fragment(counting[1]).headers
    asked.go_on()
    moved = client.fragment(counting[1])
    assert moved.headers["HX-Redirect"] == wall
    assert not moved.get_data()


@on_sqlite
def test_a_draft_is_asked_of_no_class(asked: Asked, app: Flask, build: Builder) -> None:
    worker = build.user(Role.SOCIAL_WORKER)
    actor = build.actor(worker)
    with transaction(build.session) as session:
        shown = library.newest(session, actor, asked.quiz.slug)
        assert shown is not None
        save(session, actor, shown, questions(4), Step.SAVE)
        draft = library.newest(session, actor, asked.quiz.slug)
    assert draft is not None
    assert draft.edition.published_at is None
    with pytest.raises(Rejected, match="state_changed"):
        actions.open_round(build.session, actor, draft, asked.school.id, "8A")
    sent = {"class_name": "8\u202eA\nX\u200b", "school": asked.school.public_id}
    client = PageClient(app).sign_in(worker)
    assert client.post(f"/materi/{asked.quiz.slug}/tes?draf=1", sent).status_code == 303
    with build.database.reader() as reading:
        _first, made = reading.scalars(select(QuizRound).order_by(QuizRound.opened_at))
    assert made.edition_id == shown.edition.id
    # What nobody can see is no part of a class's name.
    assert made.class_name == "8A X"


@on_sqlite
def test_the_code_on_the_wall_leads_to_the_questions(asked: Asked, client: PageClient) -> None:
    client.sign_in(asked.teacher)
    client.get(f"{asked.address}/layar")
    assert "<nav" not in client.page
    for phase, word in actions.IN_ADDRESS.items():
        drawn = client.get(f"{asked.address}/qr-{word}.svg")
        assert drawn.mimetype == "image/svg+xml"
        with asked.build.database.reader() as reading:
            code = queries.codes(reading, asked.made.id)[phase]
        read = decoded(drawn.get_data(as_text=True))
        # What is read from the picture is what pupils type from the wall.
        assert read.endswith(f"/m/{code}")
        phone = PageClient(client.app)
        to = phone.get(read[read.index("/m/") :]).headers["Location"]
        assert to.endswith(f"{asked.address}/{word}")
    asked.send(Phase.BEFORE, RIGHT, OTHER)
    counted = client.fragment(f"{asked.address}/jumlah?tahap=sebelum").get_data(as_text=True)
    assert "<b>2</b>" in counted


def decoded(svg: str) -> str:
    """Read the code from the strokes of the drawing."""
    size = int(svg.partition('width="')[2].partition('"')[0]) // 8
    strokes = svg.partition('class="qrline"')[2].partition(' d="')[2].partition('"')[0]
    image = Image.new("L", (size, size), 255)
    x = y = 0.0
    for move, numbers in re.findall(r"([Mmh])([-\d. ]*)", strokes):
        along, *down = [float(each) for each in numbers.split()]
        if move == "h":
            for step in range(int(along)):
                image.putpixel((int(x) + step, int(y)), 0)
        x, y = (along, down[0]) if move == "M" else (x + along, y + sum(down))
    (found,) = zxingcpp.read_barcodes(image.resize((size * 8, size * 8)))
    return str(found.text)


@on_sqlite
def test_only_the_own_school_and_the_office_see_a_class(
    asked: Asked, app: Flask, build: Builder
) -> None:
    def sees(user: User) -> list[int]:
        client = PageClient(app).sign_in(user)
        pages = (asked.address, f"{asked.address}/layar", f"{asked.address}/qr-sebelum.svg")
        codes = [client.get(path).status_code for path in pages]
        return [*codes, client.post(f"{asked.address}/lanjut").status_code]

    away = build.school()
    assert sees(build.user(Role.TEACHER, away)) == [404] * 4
    assert sees(build.user(Role.SCHOOL_OPERATOR, asked.school)) == [403] * 4
    assert sees(build.user(Role.PRINCIPAL, asked.school))[:3] == [200] * 3
    elsewhere = PageClient(app).sign_in(build.user(Role.PRINCIPAL, away))
    elsewhere.get("/materi/tes")
    assert asked.address not in elsewhere.page
    office = PageClient(app).sign_in(build.user(Role.SOCIAL_WORKER))
    office.get("/materi/tes")
    assert asked.address in office.page
    assert asked.school.name in office.page
    assert PageClient(app).get(asked.address).status_code == 303


@on_sqlite
def test_the_office_chooses_the_school(asked: Asked, app: Flask, build: Builder) -> None:
    client = PageClient(app).sign_in(build.user(Role.SOCIAL_WORKER))
    path = f"/materi/{asked.quiz.slug}/tes"
    client.get(f"/materi/{asked.quiz.slug}/kuis")
    away = build.school("SMP Kedua")
    for wrong in ({"class_name": "7B"}, {"school": away.public_id}, {"school": "x" * 22}):
        assert client.post(path, wrong).status_code == 422
    sent = {"class_name": "7B", "school": away.public_id}
    assert client.post(path, sent).status_code == 303
    teacher = PageClient(app).sign_in(asked.teacher)
    # A teacher's own school is meant, whatever else is sent.
    assert teacher.post(path, {**sent, "class_name": "9C"}).status_code == 303
    with build.database.reader() as reading:
        made = reading.scalars(select(QuizRound).order_by(QuizRound.opened_at)).all()
        assert [each.school_id for each in made] == [asked.school.id, away.id, asked.school.id]


@on_sqlite
def test_what_cannot_be_asked_is_said(asked: Asked, shelf: Shelf, build: Builder) -> None:
    long = shelf.material(MaterialKind.QUIZ, content={"questions": questions(11)})
    article = shelf.material()
    with build.database.reader() as reading:
        shown = {each: library.published(reading, each.slug) for each in (long, article)}
        own = library.published(reading, asked.quiz.slug)
    away = build.school()

    def refused(of: object, school: School) -> str:
        assert of is not None
        with pytest.raises(Rejected) as problem:
            actions.open_round(build.session, asked.actor, of, school.id, "8A")  # type: ignore[arg-type]
        return problem.value.code

    assert refused(shown[long], asked.school) == "quiz_length"
    assert refused(shown[article], asked.school) == "state_changed"
    assert refused(own, away) == "not_allowed"


@on_sqlite
def test_a_round_keeps_its_edition(asked: Asked, build: Builder) -> None:
    with transaction(build.session) as session:
        quiz = session.get_one(Material, asked.quiz.id)
        quiz.state = MaterialState.WITHDRAWN
    asked.send(Phase.BEFORE, RIGHT)
    assert asked.now().questions == questions(3)


def test_a_long_list_comes_in_pages_and_costs_no_more(
    asked: Asked, client: PageClient, build: Builder
) -> None:
    with build.database.reader() as reading:
        shown = library.published(reading, asked.quiz.slug)
    assert shown is not None
    with transaction(build.session) as session:
        for number in range(queries.LIST_LIMIT + 3):
            actions.open_round(session, asked.actor, shown, asked.school.id, f"{number}")
    with read_statements(build.database) as said, build.database.reader() as reading:
        first = queries.list_rounds(reading, asked.actor)
    assert len([each for each in said if each.startswith("SELECT")]) == 1
    assert len(first.rows) == queries.LIST_LIMIT
    with build.database.reader() as reading:
        rest = queries.list_rounds(reading, asked.actor, first.after)
    assert rest.after is None
    names = [each.row.class_name for each in (*first.rows, *rest.rows)]
    assert len(names) == len(set(names)) == queries.LIST_LIMIT + 4
    assert names[0] == str(queries.LIST_LIMIT + 2)
    client.sign_in(asked.teacher)
    client.get("/materi/tes")
    assert 'rel="next"' in client.page


def test_what_is_read_after_closing_stays_whatever_was_on_its_way(
    asked: Asked, database: Database
) -> None:
    asked.go_on()
    asked.send(Phase.AFTER, *[RIGHT] * FEWEST)
    ready = threading.Barrier(9)
    seen: list[Sums] = []

    def send() -> None:
        ready.wait()
        with (
            contextlib.suppress(Rejected),
            database.writer() as session,
            transaction(session),
        ):
            actions.send_sheet(session, asked.made.id, Phase.AFTER, questions(3), OTHER)

    def close() -> None:
        ready.wait()
        with database.writer() as session, transaction(session):
            made = session.get_one(QuizRound, asked.made.id)
            actions.close_round(session, asked.actor, made)
        with database.reader() as reading:
            found = queries.get(reading, asked.actor, asked.made.public_id)
            assert found is not None
            assert found.standing.shows(Phase.AFTER, clock.now(), FEWEST)
            seen.append(queries.sums(reading, found)[Phase.AFTER])

    threads = [threading.Thread(target=send) for _sheet in range(8)]
    threads.append(threading.Thread(target=close))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reader() as reading:
        assert queries.sums(reading, asked.now())[Phase.AFTER] == seen[0]


@on_sqlite
def test_a_visit_leads_to_its_tests_and_materials(app: Flask, shelf: Shelf, build: Builder) -> None:
    school = build.school()
    visit = build.delivered(school, build.worker())
    quiz = shelf.material(MaterialKind.QUIZ, "Friends", content={"questions": questions(3)})
    shelf.material(MaterialKind.QUIZ, "Small ones", levels=["TK"])
    for who, asks in (
        (build.user(Role.TEACHER, school), True),
        (build.user(Role.SCHOOL_OPERATOR, school), False),
    ):
        client = PageClient(app).sign_in(who)
        client.get(f"/sesi/{visit.public_id}")
        assert ("Friends (id)" in client.page) == asks
        assert "Small ones" not in client.page
        path = f"/sesi/{visit.public_id}/tes"
        assert client.post(path, {"quiz": quiz.slug}).status_code == (422 if asks else 403)
        sent = client.post(path, {"quiz": quiz.slug, "class_name": "8A"})
        assert sent.status_code == (303 if asks else 403)
    with build.database.reader() as reading:
        (listed,) = queries.rounds_of_visit(reading, visit.id)
    assert listed.row.class_name == "8A"
    client = PageClient(app).sign_in(build.user(Role.COORDINATOR))
    client.get(f"/sesi/{visit.public_id}")
    assert f"/materi/tes/{listed.row.public_id}" in client.page
    elsewhere = PageClient(app).sign_in(build.user(Role.TEACHER, build.school()))
    assert elsewhere.post(f"/sesi/{visit.public_id}/tes").status_code == 404
