"""A quiz for oneself, and writing its questions."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from portal.core.access import Role
from portal.materials.actions.questions import Step, save
from portal.materials.models import Edition, Material
from portal.materials.policy.content import Content, Option, Question, Words
from portal.materials.queries import library
from portal.materials.states import Audience, MaterialKind, MaterialState
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.materials.shelf import Shelf, questions, words
from tests.statements import all_statements

QUIZ = MaterialKind.QUIZ


@on_sqlite
def test_a_quiz_says_what_is_right_and_why_and_keeps_nothing(
    client: PageClient, shelf: Shelf, app: Flask
) -> None:
    quiz = shelf.material(QUIZ, content={"questions": questions(3)})
    story = shelf.material(MaterialKind.SCENARIO, "Dewi's day")
    address = f"/materi/{quiz.slug}/kuis"
    client.get(address)
    assert "Question 1 (id)" in client.page
    assert "Because 1" not in client.page
    with all_statements(app.extensions["database"]) as asked:
        client.post(address, {"q0": "0", "q1": "2"})
    assert not [each for each in asked if not each.startswith(("SELECT", "BEGIN", "PRAGMA"))]
    assert "Because 1 (id)" in client.page
    assert "Third (id)" in client.page
    assert f"/materi/{story.slug}/main" in client.page
    # Whoever reads on in the other language still has the answers.
    switched = {**client.form(address), "bahasa": "en"}
    assert switched["q1"] == ["2"]
    client.post(address, switched)
    assert "Because 1 (en)" in client.page
    client.post(address, {**client.form(address), "bahasa": "id"})
    assert "Because 1 (id)" in client.page


@on_sqlite
def test_before_the_answers_are_asked_for_a_language_keeps_them(
    client: PageClient, shelf: Shelf
) -> None:
    quiz = shelf.material(QUIZ)
    address = f"/materi/{quiz.slug}/kuis"
    for chosen in ("2", "9"):
        answer = client.post(address, {"q1": chosen, "bahasa": "en"})
        assert answer.status_code == 200
        assert "Question 3 (en)" in client.page
        assert "Because 1" not in client.page
        assert client.form(address).get("q1") == (["2"] if chosen == "2" else None)
    forged = client.post(address, {"q1": "9", "bahasa": "en", "checked": "1"})
    assert (forged.status_code, "Because 1" in client.page) == (200, False)


@on_sqlite
@pytest.mark.parametrize(
    ("audience", "addressed"),
    [(Audience.PUPIL, "Tell a friend"), (Audience.TEACHER, "Pass it on")],
)
def test_what_came_out_is_told_in_the_words_of_its_readers(
    client: PageClient, shelf: Shelf, audience: Audience, addressed: str
) -> None:
    quiz = shelf.material(QUIZ, audiences=[audience], content={"questions": questions(2)})
    answers = {"q0": "0", "q1": "0"}
    in_english = {"headers": {"Accept-Language": "en"}}
    client.post(f"/materi/{quiz.slug}/kuis", answers, **in_english)
    assert "data-focus" in client.page
    assert addressed in client.page


@on_sqlite
def test_odd_answers_are_asked_for_again(client: PageClient, shelf: Shelf) -> None:
    quiz = shelf.material(QUIZ)
    for odd in ("9", "-1", "x", ""):
        assert client.post(f"/materi/{quiz.slug}/kuis", {"q0": odd}).status_code in (200, 422)
    assert client.post(f"/materi/{quiz.slug}/kuis", {"q0": "9"}).status_code == 422
    assert client.post(f"/materi/{quiz.slug}/kuis").status_code == 200
    draft = shelf.material(QUIZ, state=MaterialState.DRAFT)
    article = shelf.material()
    for other in (draft, article):
        assert client.get(f"/materi/{other.slug}/kuis").status_code == 404
        assert client.get(f"/materi/{other.slug}/kuis?draf=1").status_code == 404


@on_sqlite
def test_what_is_not_translated_says_so_once(client: PageClient, shelf: Shelf) -> None:
    only_indonesian = (
        Question(Words("Apa itu teman?"), (Option(Words("Dia"), right=True), Option(Words("Aku")))),
    )
    quiz = shelf.material(QUIZ, Words("Teman"), content={"questions": only_indonesian})
    client.get(f"/materi/{quiz.slug}/kuis", headers={"Accept-Language": "en"})
    assert '<span lang="id">Apa itu teman?</span>' in client.page
    assert client.page.count("not translated yet") == 1


def written(client: PageClient, quiz: Material, **changes: object) -> dict[str, object]:
    """Return what a browser sends for the questions as they stand, with changes."""
    client.get(f"/materi/{quiz.slug}/soal")
    return {**client.form(f"/materi/{quiz.slug}/soal"), **changes}


def draft(build: Builder, quiz: Material) -> tuple[Question, ...]:
    """Return the questions of a quiz as they are to be."""
    newest = select(Edition.content).where(Edition.material_id == quiz.id)
    with build.database.reader() as reading:
        said = reading.scalars(newest.order_by(Edition.number.desc()).limit(1)).one()
    return Content.read(said).questions


def test_questions_are_written_moved_and_taken_off(
    client: PageClient, shelf: Shelf, build: Builder
) -> None:
    writer = build.user(Role.SOCIAL_WORKER)
    quiz = shelf.material(QUIZ, content={"questions": questions(2)})
    address = f"/materi/{quiz.slug}/soal"
    client.sign_in(writer)
    new = {
        "questions-1-text_id": "Apa yang membantu?",
        "questions-1-right": "1",
        "questions-1-options-2-text_id": "",
        "questions-1-options-2-text_en": "",
        "langkah": "up-1",
    }
    answer = client.post(address, written(client, quiz, **new))
    assert answer.headers["Location"].endswith("#q1")
    first, second = draft(build, quiz)
    assert first.text == Words("Apa yang membantu?", "Question 2 (en)")
    assert [option.right for option in first.options] == [False, True]
    assert second.text == words("Question 1")
    # What people see stays.
    with build.database.reader() as reading:
        shown = library.published(reading, quiz.slug)
    assert shown is not None
    assert shown.content.questions == questions(2)
    client.post(address, written(client, quiz, langkah="add"))
    assert draft(build, quiz)[2] == Question(Words())
    client.get(address)
    assert "#q3" in client.page
    client.post(address, written(client, quiz, langkah="remove-0"))
    assert draft(build, quiz) == (second, Question(Words()))


@on_sqlite
def test_what_cannot_be_kept_stays_in_the_form(
    client: PageClient, shelf: Shelf, build: Builder
) -> None:
    quiz = shelf.material(QUIZ, content={"questions": questions(1)})
    client.sign_in(build.user(Role.COORDINATOR))
    hostile = {"questions-0-text_id": "Hai <b>kamu</b>", "questions-0-why_en": "kept"}
    answer = client.post(f"/materi/{quiz.slug}/soal", written(client, quiz, **hostile))
    assert answer.status_code == 422
    assert client.form(f"/materi/{quiz.slug}/soal")["questions-0-why_en"] == ["kept"]
    assert draft(build, quiz) == questions(1)


@on_sqlite
def test_two_writers_never_write_over_each_other(app: Flask, shelf: Shelf, build: Builder) -> None:
    quiz = shelf.material(QUIZ, content={"questions": questions(1)})
    address = f"/materi/{quiz.slug}/soal"
    one = PageClient(app).sign_in(build.user(Role.SOCIAL_WORKER))
    other = PageClient(app).sign_in(build.user(Role.SOCIAL_WORKER))
    mine = written(one, quiz, **{"questions-0-text_id": "Yang pertama"})
    theirs = written(other, quiz, **{"questions-0-text_id": "Yang kedua"})
    assert one.post(address, mine).status_code == 303
    assert other.post(address, theirs).status_code == 409
    assert "Yang pertama" in other.page
    assert "Yang kedua" in other.page
    assert other.post(address, other.form(address)).status_code == 303
    assert draft(build, quiz)[0].text.id == "Yang kedua"


@on_sqlite
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text_id", "Lain"),
        ("text_en", "Another"),
        ("options-1-text_id", "Lain"),
        ("options-1-text_en", "Another"),
        ("right", "1"),
        ("why_id", "Sebab lain"),
        ("why_en", "Another reason"),
    ],
)
def test_no_word_of_a_colleague_is_lost(
    writer: PageClient, chief: PageClient, shelf: Shelf, build: Builder, field: str, value: str
) -> None:
    quiz = shelf.material(QUIZ, state=MaterialState.DRAFT, content={"questions": questions(1)})
    address = f"/materi/{quiz.slug}/soal"
    mine = written(writer, quiz)
    theirs = {f"questions-0-{field}": value}
    assert chief.post(address, written(chief, quiz, **theirs)).status_code == 303
    stands = draft(build, quiz)
    assert stands != questions(1)
    assert writer.post(address, mine).status_code == 409
    assert draft(build, quiz) == stands


@on_sqlite
def test_questions_saved_as_they_stand_begin_no_draft(
    writer: PageClient, shelf: Shelf, build: Builder
) -> None:
    quiz = shelf.material(QUIZ)
    sent = writer.post(f"/materi/{quiz.slug}/soal", written(writer, quiz))
    assert sent.status_code == 303
    found = select(Edition.number).where(Edition.material_id == quiz.id)
    assert build.session.scalars(found).all() == [1]


@on_sqlite
def test_odd_numbers_of_questions_are_passed_over(
    writer: PageClient, shelf: Shelf, build: Builder
) -> None:
    quiz = shelf.material(QUIZ)
    for odd in ("²", "5" * 5000, "-1", ""):
        changed = written(writer, quiz, **{f"questions-{odd}-text_id": "Lain"})
        assert writer.post(f"/materi/{quiz.slug}/soal", changed).status_code == 303
    assert draft(build, quiz) == questions()


@on_sqlite
def test_steps_at_the_edges_change_nothing(shelf: Shelf, build: Builder) -> None:
    actor = build.actor(build.user(Role.SOCIAL_WORKER))
    quiz = shelf.material(QUIZ)
    shown = library.newest(build.session, actor, quiz.slug)
    assert shown is not None
    asked = questions(3)
    for step, place, order in (
        (Step.UP, 0, [0, 1, 2]),
        (Step.UP, 2, [0, 2, 1]),
        (Step.DOWN, 0, [1, 0, 2]),
        (Step.DOWN, 2, [0, 1, 2]),
        (Step.DOWN, 9, [0, 1, 2]),
        (Step.REMOVE, 9, [0, 1, 2]),
    ):
        save(build.session, actor, shown, asked, step, place)
        newest = library.newest(build.session, actor, quiz.slug)
        assert newest is not None
        assert newest.content.questions == tuple(asked[number] for number in order)


@on_sqlite
def test_schools_write_no_questions(client: PageClient, shelf: Shelf, build: Builder) -> None:
    quiz = shelf.material(QUIZ)
    client.sign_in(build.user(Role.TEACHER, build.school()))
    assert client.get(f"/materi/{quiz.slug}/soal").status_code == 403
