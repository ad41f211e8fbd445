"""Every form gets an answer: the list, one tap, own words, and what an answer must not say."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from portal.cases.actions.opening import release
from portal.cases.models import Case, CaseTask
from portal.core import clock
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.monitoring.actions import answering
from portal.monitoring.models import MonitoringForm, Reply, ReplyText
from portal.monitoring.queries import inbox
from portal.notifications.models import Message
from portal.people.models import User
from tests.cases.casework import send
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.monitoring.classroom import INITIALS, NOTE, Classroom
from tests.monitoring.watching import arrives, corrects, in_english, wib
from tests.statements import read_statements

LIST = "/pemantauan/antrean"
OWN = "Terima kasih, kami menelepon besok pagi. Ia sudah lebih tenang di rumah."


def answer(room: Classroom, form: MonitoringForm, text: str, name: str = "manager") -> Reply:
    """Answer a form in own words."""
    with transaction(room.work.build.session) as session:
        asked = session.get_one(MonitoringForm, form.id)
        return answering.reply(session, room.actor(name), asked, text)


def tap(room: Classroom, form: MonitoringForm, code: str, name: str = "manager") -> Reply:
    """Answer a form with a ready text."""
    with transaction(room.work.build.session) as session:
        asked = session.get_one(MonitoringForm, form.id)
        return answering.reply_ready(session, room.actor(name), asked, code)


def listed(room: Classroom, name: str = "manager") -> list[UUID]:
    """Return the ids of the forms that wait for somebody's answer, in their order."""
    with room.work.build.database.reader() as reading:
        return [each.form.id for each in inbox.waiting_for(reading, room.actor(name))]


def test_an_answer_ends_the_waiting_and_reaches_the_teacher(room: Classroom) -> None:
    """The to-do closes, the form knows when, the teacher gets the news; only once."""
    form = arrives(room)
    (waiting,) = room.work.waiting(room.case, "answer_form")
    assert (waiting.person_id, waiting.link) == (
        room.work.manager.id,
        f"/pemantauan/{form.public_id}/baca",
    )
    answer(room, form, OWN)
    assert not room.work.waiting(room.case, "answer_form")
    (kept,) = room.work.rows(select(MonitoringForm).where(MonitoringForm.id == form.id))
    assert kept.answered_at is not None
    (news,) = room.work.rows(select(Message).where(Message.kind == "form_answered"))
    assert (news.recipient_id, news.link) == (room.teacher.id, f"/pemantauan/{form.public_id}")
    assert news.facts == {"school": room.work.school.name}
    with pytest.raises(Rejected, match="form_answered"):
        answer(room, form, OWN)


@on_sqlite
def test_answers_are_due_in_five_working_days(room: Classroom) -> None:
    """Sent on a Friday, answered by the Friday after."""
    with time_machine.travel(wib("2026-11-20 13:00"), tick=False):
        arrives(room)
        (waiting,) = room.work.waiting(room.case, "answer_form")
        assert waiting.due_at == wib("2026-11-27 16:00")


@on_sqlite
def test_the_worst_come_first_then_the_oldest(room: Classroom) -> None:
    """A red flag before everything, too little observed before calm."""
    at = clock.now() - timedelta(days=3)
    order = ("green", "too_little", "red", "yellow", "orange", "yellow")
    sent = [
        arrives(room, band, at=at + timedelta(hours=number)).id for number, band in enumerate(order)
    ]
    flagged = arrives(room, "green", ("r1",)).id
    assert listed(room) == [flagged, *(sent[place] for place in (2, 4, 3, 5, 1, 0))]


@on_sqlite
def test_only_whoever_works_on_the_case_answers(room: Classroom) -> None:
    """A coordinator reads it; without a manager it waits for the coordinators."""
    form = arrives(room)
    assert not listed(room, "coordinator")
    with pytest.raises(Rejected, match="not_allowed"):
        answer(room, form, OWN, "coordinator")
    with transaction(room.work.build.session) as session:
        case = session.get_one(Case, room.case.id)
        release(session, room.actor("coordinator"), case, room.work.manager.id)
    (waiting,) = room.work.waiting(room.case, "answer_form")
    assert (waiting.person_id, waiting.role) == (None, Role.COORDINATOR)


@on_sqlite
def test_an_answer_names_no_child(room: Classroom) -> None:
    """Parts of the name and the initials, however they are spelled; no parts of other words."""
    form = arrives(room)
    for text in (
        "Kinasih tampak lebih tenang.",
        "Terima kasih sudah menemani WULANDARI.",
        "Asih boleh duduk di depan.",
        f"Untuk {INITIALS} kami menelepon.",
        "Anak K.W.T. boleh duduk di depan",
        "Anak KWT boleh duduk di depan",
        "anak k.w.t. boleh duduk di depan",
    ):
        with pytest.raises(Rejected) as problem:
            answer(room, form, text)
        assert (problem.value.code, problem.value.field) == ("reply_unsafe", "text")
    fine = f"{OWN} Terima kasih, pengasihan yang tulus."
    assert answer(room, form, fine).text == fine


@on_sqlite
def test_what_is_offered_first_fits_the_form(room: Classroom) -> None:
    """Nobody answers an acute form, or a red flag, with "go on as you do now" by one tap."""
    bands = ("red", "orange", "yellow", "too_little", "green")
    sent = {arrives(room, band).id: band for band in bands}
    sent[arrives(room, "green", ("r4",)).id] = "flag"
    with room.work.build.database.reader() as reading:
        rows = inbox.waiting_for(reading, room.actor("manager"))
        offered = {sent[row.form.id]: [each.code for each in row.ready] for row in rows}
    assert offered == {
        "red": ["visit", "call", "watch"],
        "flag": ["visit", "call", "watch"],
        "orange": ["call", "watch", "steps_again"],
        "yellow": ["watch", "steps_again", "thanks"],
        "too_little": ["more", "watch", "steps_again"],
        "green": ["thanks", "thanks_continue_steps", "watch"],
    }


@on_sqlite
@pytest.mark.parametrize("language", ["id", "en"])
def test_a_ready_text_speaks_the_teachers_language(room: Classroom, language: str) -> None:
    """One that announces a call sets the task to call."""
    form, build = arrives(room), room.work.build
    with transaction(build.session) as session:
        session.get_one(User, room.teacher.id).language = language
    made = tap(room, form, "call")
    (ready,) = room.work.rows(select(ReplyText).where(ReplyText.code == "call"))
    assert made.text == (ready.text_en if language == "en" else ready.text_id)
    (task,) = room.work.rows(select(CaseTask).where(CaseTask.code == "call_school"))
    assert task.due_on == clock.add_working_days(clock.today(), 1)


@on_sqlite
def test_a_text_that_is_no_longer_offered_is_not_sent(room: Classroom) -> None:
    form = arrives(room)
    with transaction(room.work.build.session) as session:
        ready = session.scalars(select(ReplyText).where(ReplyText.code == "watch")).one()
        ready.active = False
    with pytest.raises(Rejected, match="reply_text_gone"):
        tap(room, form, "watch")


@on_sqlite
def test_a_corrected_form_is_answered_once_more(room: Classroom) -> None:
    """What was answered stays; the first answer is the one that counts for the figures."""
    form = arrives(room)
    answer(room, form, OWN)
    (before,) = room.work.rows(select(MonitoringForm).where(MonitoringForm.id == form.id))
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        corrects(room, form, "yellow")
        assert listed(room) == [form.id]
        answer(room, form, "Terima kasih atas perbaikannya.")
    assert not listed(room)
    (after,) = room.work.rows(select(MonitoringForm).where(MonitoringForm.id == form.id))
    assert after.answered_at == before.answered_at
    assert len(room.work.rows(select(Reply.id))) == 2


def test_answer_with_one_tap(room: Classroom, client: PageClient) -> None:
    """On the list, with and without JavaScript."""
    first, second = arrives(room, "orange", note=NOTE), arrives(room)
    client.sign_in(room.work.manager)
    client.get(LIST)
    assert INITIALS in client.page
    answer_of = client.post(f"/pemantauan/{first.public_id}/jawab", {"code": "call"}, htmx=True)
    assert 'data-done="answer_form"' in answer_of.get_data(as_text=True)
    client.get(LIST)
    assert first.public_id not in client.page
    send(client, f"/pemantauan/{second.public_id}/jawab", {"code": "thanks"})
    in_english(client).get(LIST)
    assert "No form waits for your answer." in client.page


@on_sqlite
def test_read_one_form_and_answer_it(room: Classroom, client: PageClient) -> None:
    """The form before stands beside it; what was typed stays when it names the child."""
    arrives(room, "yellow")
    form = arrives(room, "orange", ("r1",), note=NOTE)
    client.sign_in(room.work.manager)
    path = f"/pemantauan/{form.public_id}"
    in_english(client).get(f"{path}/baca")
    for words in (NOTE, "clearly worse", room.teacher.full_name, "An injury nobody explains"):
        assert words in client.page
    named = "Kinasih tampak lebih tenang."
    send(client, f"{path}/jawab", {"text": named}, status=422)
    assert named in client.page
    send(client, f"{path}/jawab", {"text": ""}, status=422)
    send(client, f"{path}/jawab", {"text": OWN})
    client.get(f"{path}/baca")
    assert OWN in client.page
    send(client, f"{path}/jawab", {"text": OWN}, status=422)


@on_sqlite
def test_who_reads_a_form_at_the_office(room: Classroom, client: PageClient) -> None:
    form = arrives(room)
    people = {
        room.work.manager: 200,
        room.work.coordinator: 200,
        room.work.other: 404,
        room.work.head: 404,
        room.teacher: 403,
    }
    path = f"/pemantauan/{form.public_id}/baca"
    assert people == {
        each: PageClient(client.app).sign_in(each).http.get(path).status_code for each in people
    }


@on_sqlite
def test_the_list_costs_the_same_for_one_form_and_for_many(room: Classroom) -> None:
    database = room.work.build.database
    arrives(room, "orange")

    def cost() -> int:
        actor = room.actor("manager")
        with read_statements(database) as said, database.reader() as reading:
            for row in inbox.waiting_for(reading, actor):
                assert row.stands_out is not None
            return len(said)

    once = cost()
    for _time in range(3):
        arrives(room, "red", ("r2",))
    assert len(listed(room)) == 4
    assert cost() == once


@on_sqlite
def test_the_office_edits_its_ready_answers(room: Classroom, client: PageClient) -> None:
    """The division head writes them; others read them; the editor minds a colleague."""
    path = "/pemantauan/jawaban-siap"
    (ready,) = room.work.rows(select(ReplyText).where(ReplyText.code == "thanks"))
    assert PageClient(client.app).sign_in(room.work.manager).get(path).status_code == 200
    client.sign_in(room.work.head)
    client.get(path)
    client.get(f"{path}/{ready.public_id}")
    kept = client.form(f"{path}/{ready.public_id}")
    send(client, f"{path}/{ready.public_id}", {**kept, "text_id": "Terima kasih banyak."})
    # A colleague who still looks at the old one learns of it before anything is overwritten.
    send(client, f"{path}/{ready.public_id}", {**kept, "text_id": "Makasih."}, status=409)
    new = {"text_id": "Baik.", "text_en": "Good.", "band": "", "position": "9", "active": "y"}
    client.get(f"{path}/baru")
    send(client, f"{path}/baru", {**new, "text_en": ""}, status=422)
    send(client, f"{path}/baru", new)
    client.get(path)
    for words in ("Terima kasih banyak.", "Baik."):
        assert words in client.page


@on_sqlite
def test_an_answer_is_about_what_was_read(room: Classroom, client: PageClient) -> None:
    """The teacher corrects a calm form while it is being answered: no "all is well" goes out."""
    form = arrives(room)
    client.sign_in(room.work.manager)
    for page in (f"/pemantauan/{form.public_id}/baca", LIST):
        in_english(client).get(page)
        assert 'name="read" value="1"' in client.page
    corrects(room, form, flags=("r2",))
    refused = {"text": OWN, "read": "1"}
    send(client, f"/pemantauan/{form.public_id}/jawab", refused, status=422)
    assert "The teacher corrected the form meanwhile." in client.page
    assert OWN in client.page
    assert 'name="read" value="2"' in client.page
    send(client, f"/pemantauan/{form.public_id}/jawab", {**refused, "read": "2"})
