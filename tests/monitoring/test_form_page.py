"""The teacher's form as pages: asked, refused kindly, sent once, corrected, read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.access import Role
from portal.core.db import new_id, transaction
from portal.monitoring.models import MonitoringForm, Reply, Watcher
from portal.monitoring.policy.scoring import Filled
from portal.monitoring.states import FollowUpState, FormKind, FormState
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.monitoring.classroom import CALM, INITIALS, NOTE, Classroom
from tests.monitoring.teaching import (
    ROWS,
    answers,
    checked,
    filled,
    path_of,
    substitute,
    teacher,
    text_of,
    tree,
    versions,
)
from tests.statements import all_statements

WORDS_ID = ("Tidak pernah", "Jarang", "Kadang", "Sering", "Selalu")
# Whatever was sent before: what it takes to show a form, and to send it with all that follows.
TO_SHOW, TO_SEND = 4, 29


@on_sqlite
def test_every_question_is_a_group_with_its_words(room: Classroom, client: PageClient) -> None:
    teacher(room, client).get(path_of(room.form(number=4, kind=FormKind.REGULAR)))
    page = tree(client)
    groups = [each for each in page.iter("fieldset") if each.find(".//input") is not None]
    assert [each.get("id") for each in groups] == [
        "flags", "m1", "m4", "m5", "m2", "m3", "m6", "m7", "m8", "m9", "m10", "m11", "m12",
    ]  # fmt: skip
    for group in groups:
        assert text_of(group.find("legend"))
        assert group.findall(".//label")
    rows = groups[1].findall(".//label")
    assert [text_of(each) for each in rows[:5]] == [
        f"{point} {word}" for point, word in enumerate(WORDS_ID)
    ]
    assert [field.get("value") for field in groups[1].iter("input")] == [*"01234", "n"]
    assert len(groups[0].findall(".//input")) == 6
    assert text_of(page.find(".//h1")).startswith(INITIALS)
    # What stands in a list of tabs tells nothing.
    assert INITIALS not in text_of(page.find(".//title"))
    assert not checked(client)


@on_sqlite
def test_both_languages_say_which_form_it_is(room: Classroom, client: PageClient) -> None:
    form = room.form()
    teacher(room, client).get(path_of(form))
    assert "Alat pemantauan, bukan diagnosis" in client.page
    client.get(f"{path_of(form)}?bahasa=en")
    client.get(path_of(form))
    assert "Monitoring aid, not a diagnosis" in client.page
    assert "Form 1 of 11" in client.page
    assert "Took part in lessons" in client.page
    first_day = room.form(kind=FormKind.FIRST_DAY)
    client.get(path_of(first_day))
    assert "First day back" in client.page


@on_sqlite
def test_what_is_missing_is_said_linked_and_nothing_is_lost(
    room: Classroom, client: PageClient
) -> None:
    form = room.form()
    teacher(room, client).get(path_of(form))
    sent = {**filled((), m3=None, m9=None), "note": NOTE}
    answer = client.post(path_of(form), sent)
    assert answer.status_code == 422
    page = tree(client)
    summary = next(each for each in page.iter("div") if each.get("id") == "error-summary")
    assert [each.get("href") for each in summary.iter("a")] == ["#flags", "#m3", "#m9"]
    for name in ("flags", "m3", "m9"):
        group = next(each for each in page.iter("fieldset") if each.get("id") == name)
        assert f"{name}-error" in str(group.get("aria-describedby"))
    kept = checked(client)
    assert kept == {code: [str(CALM[code])] for code in ROWS if code not in {"m3", "m9"}}
    assert NOTE in client.page
    assert versions(room, form) == []


@on_sqlite
@pytest.mark.parametrize(
    ("flags", "more"),
    [
        (("r1", "none"), {}),
        (("r9",), {}),
        ((), {}),
        (("none",), {"m1": "5"}),
        (("none",), {"m1": "-1"}),
        (("none",), {"m1": "x" * 500}),
        (("none",), {"note": "x" * 1001}),
        (("none",), {"device_key": "x" * 65}),
    ],
)
def test_odd_answers_are_refused_kindly(
    room: Classroom, client: PageClient, flags: tuple[str, ...], more: dict[str, str]
) -> None:
    form = room.form()
    teacher(room, client).get(path_of(form))
    assert client.post(path_of(form), {**filled(flags), **more}).status_code == 422
    assert 'id="error-summary"' in client.page
    assert versions(room, form) == []


def test_a_form_pressed_twice_arrives_once(room: Classroom, client: PageClient) -> None:
    form = room.form()
    teacher(room, client).get(path_of(form))
    shown = client.form(path_of(form))
    sent = {**shown, **filled(m4="n"), "note": f"  {NOTE}\n"}
    first = client.post(path_of(form), sent)
    second = client.post(path_of(form), sent)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"] == path_of(form)
    (version,) = versions(room, form)
    assert answers(version) == Filled(frozenset(), {**CALM, "m4": None})
    assert version.note == NOTE


def test_a_device_that_heard_nothing_sends_again_under_its_key(
    room: Classroom, client: PageClient
) -> None:
    form = room.form()
    teacher(room, client)
    sent = {**filled(("r1",)), "device_key": "d" * 22}
    for _time in range(2):
        # Another page each time, so that only the device's own key tells.
        if not versions(room, form):
            client.get(path_of(form))
        answer = client.post(path_of(form), sent)
        assert (answer.status_code, answer.headers["Location"]) == (303, path_of(form))
    assert len(versions(room, form)) == 1


@on_sqlite
def test_what_another_device_sent_first_becomes_a_correction(
    room: Classroom, client: PageClient
) -> None:
    form = room.form()
    teacher(room, client).get(path_of(form))
    client.post(path_of(form), {**filled(), "device_key": "a" * 22})
    late = client.post(path_of(form), {**filled(("r4",), m1="0"), "device_key": "b" * 22})
    assert late.status_code == 422
    assert checked(client)["flags"] == ["r4"]
    sent = client.form(path_of(form, "/perbaiki"))
    assert client.post(path_of(form, "/perbaiki"), sent).status_code == 303
    assert [answers(each).flags for each in versions(room, form)] == [set(), {"r4"}]


def test_what_the_substitute_sent_first_loses_nothing_of_the_teacher(
    room: Classroom, client: PageClient
) -> None:
    substitute(room)
    form = room.form()
    stand_in = PageClient(client.app).sign_in(room.colleague)
    stand_in.get(path_of(form))
    assert stand_in.post(path_of(form), filled(("r1",))).status_code == 303
    teacher(room, client)
    answer = client.post(path_of(form), {**filled(m1="1"), "note": NOTE})
    assert answer.status_code == 422
    assert NOTE in client.page
    assert "Hadir sesuai jadwal sekolah" in client.page
    # What the colleague saw is not the teacher's to read.
    assert "Luka tanpa penjelasan" not in client.page
    assert client.get(path_of(form)).status_code == 200
    assert "Luka tanpa penjelasan" not in client.page
    assert len(versions(room, form)) == 1


def test_others_find_no_form(room: Classroom, client: PageClient) -> None:
    form = room.form()
    for person, status in (
        (room.colleague, 404),
        (room.principal, 403),
        (room.work.manager, 403),
        (room.work.build.user(Role.SCHOOL_OPERATOR, room.work.school), 403),
    ):
        browser = PageClient(client.app).sign_in(person)
        assert browser.get(path_of(form)).status_code == status
        assert browser.post(path_of(form), filled()).status_code == status
        assert browser.post(path_of(form, "/simpan"), filled()).status_code == status
    with transaction(room.work.build.session) as session:
        for each in session.query(Watcher):
            each.ended_at = clock.now()
    teacher(room, client)
    assert client.get(path_of(form)).status_code == 404
    assert client.post(path_of(form), filled()).status_code == 404
    assert versions(room, form) == []


@on_sqlite
@pytest.mark.parametrize(
    ("form_values", "follow_up_state", "words"),
    [
        ({"opens_on": 2}, FollowUpState.ACTIVE, "form opens on"),
        ({"closes_on": -1}, FollowUpState.ACTIVE, "last day for this form"),
        ({"state": FormState.CANCELLED}, FollowUpState.ACTIVE, "not needed any more"),
        ({"state": FormState.CANCELLED}, FollowUpState.PAUSED, "monitoring is paused"),
        ({"state": FormState.CANCELLED}, FollowUpState.ENDED, "monitoring has ended"),
    ],
)
def test_a_form_that_cannot_be_filled_in_says_why(
    room: Classroom,
    client: PageClient,
    form_values: dict[str, Any],
    follow_up_state: FollowUpState,
    words: str,
) -> None:
    today = clock.today()
    form = room.form(
        **{
            name: today + timedelta(days=value) if isinstance(value, int) else value
            for name, value in form_values.items()
        }
    )
    with transaction(room.work.build.session) as session:
        session.get_one(type(room.follow_up), room.follow_up.id).state = follow_up_state
    teacher(room, client).get(f"{path_of(form)}?bahasa=en")
    client.get(path_of(form))
    assert words in client.page
    assert "<textarea" not in client.page
    # Typed before it came to this: shown, not sent.
    answer = client.post(path_of(form), {**filled(m1="2"), "note": NOTE})
    assert answer.status_code == 422
    assert NOTE in client.page
    assert "Sometimes" in client.page
    assert versions(room, form) == []


@on_sqlite
def test_a_late_form_says_so_and_can_be_sent(room: Classroom, client: PageClient) -> None:
    due = clock.today() - timedelta(days=3)
    form = room.form(state=FormState.MISSED, due_on=due, missed_at=clock.now())
    teacher(room, client).get(f"{path_of(form)}?bahasa=en")
    client.get(path_of(form))
    assert "This form was due on" in client.page
    assert client.post(path_of(form), filled()).status_code == 303
    assert len(versions(room, form)) == 1


@on_sqlite
def test_the_switch_of_language_keeps_what_was_tapped(room: Classroom, client: PageClient) -> None:
    form = room.form()
    teacher(room, client).get(path_of(form))
    half = {**filled(("r1",), m7=None), "note": NOTE, "bahasa": "en"}
    answer = client.post(path_of(form), half)
    assert answer.status_code == 200
    assert "Took part in lessons" in client.page
    assert 'id="error-summary"' not in client.page
    kept = checked(client)
    assert kept.pop("flags") == ["r1"]
    assert set(kept) == set(ROWS) - {"m7"}
    assert NOTE in client.page
    assert versions(room, form) == []


@pytest.mark.parametrize("before", [3, 30])
def test_a_form_costs_as_many_statements_whatever_was_sent_before(
    room: Classroom, client: PageClient, before: int
) -> None:
    database = client.app.extensions["database"]
    for _form in range(before):
        room.sent(at=clock.now() - timedelta(days=30))
    form = room.form()
    teacher(room, client).get(path_of(form))
    client.post(path_of(form, "/simpan"), {**filled(), "note": NOTE})
    with all_statements(database) as seen:
        client.get(path_of(form))
    assert NOTE in client.page
    assert len(without_begin(seen)) == TO_SHOW
    sent = {**client.form(path_of(form)), **filled(), "device_key": "d" * 22}
    with all_statements(database) as seen:
        assert client.post(path_of(form), sent).status_code == 303
    assert len(without_begin(seen)) == TO_SEND
    assert len(versions(room, form)) == 1


def without_begin(seen: list[str]) -> list[str]:
    """Return what a database was asked; only SQLite is told aloud that a transaction begins."""
    return [each for each in seen if not each.startswith("BEGIN")]


def test_what_was_typed_and_answered_stands_on_the_page_once(
    room: Classroom, client: PageClient
) -> None:
    before = [room.sent(at=clock.now() - timedelta(days=days)) for days in (30, 20, 10)]
    by_other = room.sent(at=clock.now() - timedelta(days=5))
    with transaction(room.work.build.session) as session:
        session.get_one(MonitoringForm, by_other.id).sent_by = room.colleague.id
    texts = ["Terima kasih, Bu.", "Kami menelepon besok.", "Sudah kami baca.", "Untuk rekan Anda."]
    for number, sent in enumerate([before[0], *before[:2], by_other]):
        room.work.build.save(
            Reply(
                id=new_id(),
                form_id=sent.id,
                text=texts[number],
                written_by=room.work.manager.id,
                written_at=clock.now() - timedelta(hours=9 - number),
            )
        )
    form = room.form()
    teacher(room, client).get(path_of(form))
    assert [client.page.count(text) for text in texts] == [1, 1, 1, 0]
    assert client.page.index(texts[0]) < client.page.index(texts[1]) < client.page.index(texts[2])
    assert client.post(path_of(form), filled()).status_code == 303
    with room.work.build.database.reader() as reading:
        unseen = reading.scalars(select(Reply).where(Reply.seen_at.is_(None))).all()
        assert [each.text for each in unseen] == texts[3:]


def test_a_foreign_id_opens_nothing(room: Classroom, client: PageClient) -> None:
    teacher(room, client)
    for path in ("/pemantauan/x", "/pemantauan/" + "x" * 22, "/pemantauan/" + "x" * 22 + "/simpan"):
        assert client.post(path, filled()).status_code == 404
    assert isinstance(room.form(), MonitoringForm)
