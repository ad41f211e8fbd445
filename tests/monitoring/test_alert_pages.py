"""The alert's page: who sees it, what it says, taking it on, settling it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.cases.actions.file import record_of
from portal.core import clock
from portal.core.access import Role
from portal.core.db import transaction
from portal.monitoring.models import Alert, MonitoringForm
from portal.people.actions.confidential import record_conflict
from tests.cases.casework import NAME, STORY, send
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.monitoring.classroom import INITIALS, NOTE, Classroom
from tests.monitoring.test_alerts import DONE
from tests.monitoring.watching import alerts, arrives, corrects, in_english, misses, on_duty
from tests.trail import trail


def page_of(alert: Alert) -> str:
    """Return the address of an alert's page."""
    return f"/peringatan/{alert.public_id}"


def raised(room: Classroom, *flags: str) -> Alert:
    """Raise an alert by a form with these flags."""
    arrives(room, "harassed", flags, note=NOTE)
    return next(each for each in alerts(room) if each.kind == "red_flag")


def test_take_it_on_and_settle_it(room: Classroom, client: PageClient) -> None:
    """The officer reads what was seen, calls, takes it on and writes what was done."""
    today = clock.today()
    on_duty(room, room.work.other, today, today)
    alert = raised(room, "r2")
    client.sign_in(room.work.other)
    client.get(page_of(alert))
    for words in (INITIALS, "7B", NOTE, room.teacher.full_name, room.work.manager.full_name):
        assert words in client.page
    # Not the case file: no name, no story, no way there.
    for words in (NAME, STORY, "/kasus/", "/baca"):
        assert words not in client.page.replace('href="/kasus"', "")
    send(client, f"{page_of(alert)}/tangani")
    client.get(page_of(alert))
    # Settling without words keeps the page and says what is needed.
    send(client, f"{page_of(alert)}/selesai", {"done": " "}, status=422)
    answer = send(client, f"{page_of(alert)}/selesai", {"done": DONE})
    # Whoever was asked because it rang has nothing to look up there afterwards.
    assert answer.headers["Location"] == "/pemantauan/antrean"
    assert client.get(page_of(alert)).status_code == 404
    assert DONE in PageClient(client.app).sign_in(room.work.manager).get(page_of(alert)).get_data(
        as_text=True
    )


@on_sqlite
def test_the_second_reads_who_was_faster(room: Classroom, client: PageClient) -> None:
    """A press that comes too late is told kindly, with the name."""
    alert = raised(room, "r2")
    client.sign_in(room.work.manager)
    client.get(page_of(alert))
    other = PageClient(client.app).sign_in(room.work.coordinator)
    other.get(page_of(alert))
    send(other, f"{page_of(alert)}/tangani")
    send(client, f"{page_of(alert)}/tangani", status=422)
    assert room.work.coordinator.full_name in client.page


@on_sqlite
def test_who_sees_an_alert(room: Classroom, client: PageClient) -> None:
    """The office by its part in it; yesterday's officer, schools and the conflict list nothing."""
    today, build = clock.today(), room.work.build
    on_duty(room, room.work.other, today - timedelta(days=1), today - timedelta(days=1))
    alert, apart = raised(room, "r2"), room.work.second
    with transaction(build.session) as session:
        record_conflict(session, room.actor("coordinator"), record_of(room.case), apart.id, "Ipar")
    people = {
        room.work.manager: 200,
        room.work.coordinator: 200,
        room.work.other: 404,
        apart: 404,
        # Nobody handed it on to the division head yet.
        room.work.head: 404,
        room.teacher: 403,
        room.principal: 403,
        build.user(Role.ADMIN): 403,
    }
    seen = {
        each: PageClient(client.app).sign_in(each).http.get(page_of(alert)).status_code
        for each in people
    }
    assert seen == people
    with transaction(build.session) as session:
        session.get_one(Alert, alert.id).handed_on_at = clock.now()
    head = PageClient(client.app).sign_in(room.work.head)
    head.get(page_of(alert))
    assert INITIALS in head.page
    assert NAME not in head.page


@on_sqlite
def test_whoever_has_the_duty_reads_red_flags_and_nothing_else(
    room: Classroom, client: PageClient
) -> None:
    today = clock.today()
    on_duty(room, room.work.other, today, today)
    client.sign_in(room.work.other)
    arrives(room, "harassed")
    (alert,) = alerts(room)
    assert client.http.get(page_of(alert)).status_code == 404
    assert client.http.get(page_of(raised(room, "r1"))).status_code == 200


@on_sqlite
def test_the_page_says_that_the_guardian_must_not_hear(room: Classroom, client: PageClient) -> None:
    """Large, until people decided; settling asks for just that."""
    alert = raised(room, "r5")
    client.sign_in(room.work.manager)
    in_english(client).get(page_of(alert))
    assert "Do not inform the guardian." in client.page
    send(client, f"{page_of(alert)}/selesai", {"done": DONE}, status=422)
    assert DONE in client.page
    send(client, f"{page_of(alert)}/selesai", {"done": DONE, "guardian_settled": "y"})
    client.get(page_of(alert))
    assert "Do not inform the guardian." not in client.page


@on_sqlite
def test_a_flag_taken_back_is_marked_and_stays(room: Classroom, client: PageClient) -> None:
    alert = raised(room, "r2")
    form = next(each for each in alerts(room) if each.id == alert.id).form_id
    with room.work.build.database.reader() as reading:
        sent = reading.get_one(MonitoringForm, form)
    corrects(room, sent)
    client.sign_in(room.work.manager)
    in_english(client).get(page_of(alert))
    assert "Corrected later" in client.page
    assert "harm themselves" in client.page


@on_sqlite
@pytest.mark.parametrize("language", ["id", "en"])
def test_silence_has_a_page_without_answers(
    room: Classroom, client: PageClient, language: str
) -> None:
    misses(room)
    misses(room)
    (alert,) = alerts(room)
    client.sign_in(room.work.manager)
    client.http.get(f"/?bahasa={language}")
    client.get(page_of(alert))
    assert room.teacher.full_name in client.page


@on_sqlite
def test_two_worrying_forms_lead_to_a_conference(room: Classroom, client: PageClient) -> None:
    arrives(room, "orange")
    arrives(room, "orange")
    alert = next(each for each in alerts(room) if each.kind == "orange_twice")
    client.sign_in(room.work.manager)
    client.get(page_of(alert))
    assert f"/kasus/{room.case.public_id}/layanan" in client.page


@on_sqlite
def test_reading_an_alert_is_recorded(room: Classroom, client: PageClient) -> None:
    alert = raised(room, "r2")
    client.sign_in(room.work.coordinator)
    client.get(page_of(alert))
    read = [each for each in trail(room.work.build.database) if each.action == "case.read"]
    assert [(each.actor_id, each.facts) for each in read] == [
        (room.work.coordinator.id, {"page": "alert"})
    ]


@on_sqlite
def test_what_a_correction_changed_stays_readable(room: Classroom, client: PageClient) -> None:
    """A red flag that is taken back leaves a trace on the form's page, as the answers do."""
    form = arrives(room, "harassed", ("r1",))
    corrects(room, form)
    client.sign_in(room.work.manager)
    page = in_english(client).get(f"/pemantauan/{form.public_id}/baca").text
    changed = page.partition("What the correction changed")[2].partition("</table>")[0]
    assert changed.count('<th scope="row">') == 2
    assert ">Yes<" in changed
    assert ">Often<" in changed
    assert ">Never<" in changed
