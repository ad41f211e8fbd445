"""What a teacher sees of a form they sent: thanks, what to do now, the answer, a correction."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine

from portal.core import clock
from portal.core.db import new_id, transaction
from portal.monitoring.models import Reply
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.monitoring.classroom import NOTE, Classroom
from tests.monitoring.teaching import (
    answers,
    filled,
    path_of,
    teacher,
    versions,
)
from tests.trail import trail


@on_sqlite
def test_a_correction_begins_with_what_was_sent(room: Classroom, client: PageClient) -> None:
    form = room.form()
    teacher(room, client).get(path_of(form))
    client.post(path_of(form), {**filled(("r1", "r5"), m2="n", m9="3"), "note": NOTE})
    client.get(path_of(form))
    assert path_of(form, "/perbaiki") in client.page
    client.get(path_of(form, "/perbaiki"))
    shown = client.form(path_of(form, "/perbaiki"))
    assert shown["flags"] == ["r1", "r5"]
    assert (shown["m2"], shown["m9"], shown["note"]) == (["n"], ["3"], [NOTE])
    # Nothing of a correction is kept for later: what was sent stands.
    assert path_of(form, "/simpan") not in client.page
    changed = {**shown, "flags": ["none"]}
    assert client.post(path_of(form, "/perbaiki"), changed).status_code == 303
    assert [answers(each).flags for each in versions(room, form)] == [{"r1", "r5"}, set()]
    client.get(path_of(form))
    assert "steps-now" not in client.page


@on_sqlite
def test_after_two_days_it_is_read_only(room: Classroom, client: PageClient) -> None:
    form = room.sent(at=clock.now() - timedelta(hours=49), note=NOTE)
    teacher(room, client).get(path_of(form))
    assert path_of(form, "/perbaiki") not in client.page
    assert NOTE in client.page
    answer = client.get(path_of(form, "/perbaiki"))
    assert (answer.status_code, answer.headers["Location"]) == (303, path_of(form))
    tried = client.post(path_of(form, "/perbaiki"), filled(("r1",)))
    assert tried.status_code == 422
    assert len(versions(room, form)) == 1


@on_sqlite
@pytest.mark.parametrize("flags", [("r5",), ("r4", "r5"), ("r2",)])
def test_a_red_flag_says_at_once_what_to_do(
    room: Classroom, client: PageClient, flags: tuple[str, ...]
) -> None:
    form = room.form()
    teacher(room, client).get(f"{path_of(form)}?bahasa=en")
    client.get(path_of(form))
    client.post(path_of(form), filled(flags))
    client.get(path_of(form))
    assert "What to do now" in client.page
    for number in ("129", "110"):
        assert f'href="tel:{number}"' in client.page
    silent = "Do not talk with the family about this yet" in client.page
    asks = "Ask the family today" in client.page
    assert (silent, asks) == ("r5" in flags, False)


@on_sqlite
@pytest.mark.parametrize(("hour", "first"), [("09:00", "manager"), ("19:00", "129")])
def test_outside_office_hours_the_help_line_comes_first(
    room: Classroom, client: PageClient, hour: str, first: str
) -> None:
    # A Thursday without a holiday.
    form = room.sent(flags=("r3",))
    with transaction(room.work.build.session) as session:
        session.get_one(type(room.work.manager), room.work.manager.id).phone = "+6281200000001"
    with time_machine.travel(f"2026-11-26 {hour}+07:00", tick=False):
        teacher(room, client).get(path_of(form))
    numbers = re.findall(r'href="tel:([^"]+)"', client.page)
    assert numbers[0] == ("+6281200000001" if first == "manager" else "129")
    assert {"129", "110", "+6281200000001"} <= set(numbers)


def test_the_answer_of_the_office_is_seen_once(room: Classroom, client: PageClient) -> None:
    before, form = room.sent(), room.form()
    reply = room.work.build.save(
        Reply(
            id=new_id(),
            form_id=before.id,
            text="Terima kasih, lembarnya sudah kami baca",
            written_by=room.work.manager.id,
            written_at=clock.now(),
        )
    )
    teacher(room, client).get(path_of(form))
    assert reply.text in client.page
    # A look changes nothing; to send does.
    client.get(path_of(form))
    assert reply.text in client.page
    client.get(path_of(before))
    assert client.post(path_of(before, "/balasan")).status_code == 303
    client.get(path_of(form))
    assert reply.text not in client.page
    client.get(path_of(before))
    assert reply.text in client.page


@on_sqlite
def test_reading_what_was_sent_is_written_down(room: Classroom, client: PageClient) -> None:
    waiting, sent = room.form(), room.sent(note=NOTE)
    teacher(room, client)
    client.get(path_of(waiting))
    client.get(path_of(sent))
    client.get(path_of(sent, "/perbaiki"))
    reads = [
        (each.subject_id, each.actor_id)
        for each in trail(room.work.build.database, "monitoring_form")
        if each.action.endswith("read")
    ]
    assert reads == [(sent.id, room.teacher.id)] * 2
