"""Messages that the office brings to schools by WhatsApp: what waits, noting it, and the log."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from portal.core import clock, duties, i18n
from portal.core.access import Role
from portal.core.db import new_id, transaction
from portal.core.duties import Due
from portal.core.errors import Rejected
from portal.notifications.actions.handing_over import hand_over
from portal.notifications.actions.writing import Telling, tell
from portal.notifications.models import Message
from portal.notifications.queries.hand_over import PAGE_SIZE, WORTH_FOR
from portal.notifications.queries.words import CHATS
from portal.notifications.states import DeliveryState, Nature
from portal.people.models import User
from portal.schools.models import School
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.notifications.told import stuck, told
from tests.trail import trail

PATH = "/pesan/serahkan"
LOG = f"{PATH}?status=diserahkan"
ROW = re.compile(r'<tr id="row-([\w-]{22})">')
CHAT = re.compile(r'href="(https://wa\.me/[^"]*)"')
NEXT = re.compile(r'rel="next" href="([^"]+)"')


@pytest.fixture
def school(client: PageClient) -> School:
    """Return a school."""
    return client.builder.school("SMP Contoh Melati")


@pytest.fixture
def reader(client: PageClient, school: School) -> User:
    """Return somebody at the school who reads English and has e-mail."""
    return client.builder.user(Role.PRINCIPAL, school, name="Ratna Dewi", language="en")


@pytest.fixture
def desk(client: PageClient) -> PageClient:
    """Return a coordinator's browser, in English."""
    user = client.builder.user(
        Role.COORDINATOR, name="Yuni Astuti", called="Bu Yuni", language="en"
    )
    return client.sign_in(user)


def listed(desk: PageClient, path: str = PATH) -> list[str]:
    """Return the messages of a page in their order."""
    return ROW.findall(desk.get(path).get_data(as_text=True))


def chat(page: str) -> tuple[str, str]:
    """Return the number and the text of the one ready chat of a page."""
    [link] = CHAT.findall(page)
    parts = urlsplit(unescape(link))
    return parts.path.strip("/"), parse_qs(parts.query)["text"][0]


def test_whom_no_mail_reaches_comes_first(
    client: PageClient, desk: PageClient, school: School, reader: User
) -> None:
    build, moment = client.builder, clock.now()
    without = build.user(Role.TEACHER, school, email=None)
    given_up = build.user(Role.SCHOOL_OPERATOR, school)
    reached = told(build, reader)
    unreached = [
        told(build, given_up, delivery_id=stuck(build, given_up).id),
        told(build, without),
    ]
    on_its_way = told(
        build, reader, delivery_id=stuck(build, reader, state=DeliveryState.WAITING).id
    )
    with transaction(build.session):
        for age, message in enumerate((unreached[1], unreached[0], on_its_way, reached)):
            message.not_before = moment - timedelta(hours=age)
    order = [unreached[1], unreached[0], on_its_way, reached]
    assert listed(desk) == [each.public_id for each in order]
    assert desk.page.count("unread, no e-mail") == 1
    assert desk.page.count("the e-mail did not arrive") == 1
    assert desk.page.count("SMP Contoh Melati") >= 4


def test_only_what_is_still_news_to_a_school_is_listed(
    client: PageClient, desk: PageClient, school: School, reader: User
) -> None:
    build, moment = client.builder, clock.now()
    for columns in (
        {"read_at": moment},
        {"withdrawn_at": moment},
        {"not_before": moment + timedelta(minutes=1)},
        {"nature": Nature.ALARM},
        {"kind": "password_changed"},
    ):
        told(build, reader, **columns)
    told(build, build.user(Role.SOCIAL_WORKER))
    told(build, build.user(Role.TEACHER, school, ends_on=clock.today() - timedelta(days=1)))
    old = told(build, reader)
    with transaction(build.session):
        old.not_before = moment - WORTH_FOR
    due = Due("confirm_room", new_id(), "/akun", moment, {}, person_id=reader.id)
    with transaction(build.session) as session:
        duty = duties.open_duty(session, due)
    told(build, reader, "confirm_room", nature=Nature.REMINDER, duty_id=duty.id)
    with transaction(build.session) as session:
        duties.close_duties(session, due.subject_id)
    assert listed(desk) == []
    assert "Everything has been read or handed over" in desk.page
    news = told(build, reader)
    assert listed(desk) == [news.public_id]


@on_sqlite
def test_a_monitoring_form_is_asked_for_in_one_breath_and_names_no_child(
    client: PageClient, desk: PageClient, school: School
) -> None:
    teacher = client.builder.user(Role.TEACHER, school, name="Dedi Kurniawan", called="Pak Dedi")
    due = Due(
        "fill_form",
        new_id(),
        "/pemantauan/abc",
        clock.now() + timedelta(days=4),
        {"valid_on": "2026-11-27"},
        person_id=teacher.id,
    )
    with transaction(client.builder.session) as session:
        duty = duties.open_duty(session, due)
        session.flush()
        what = Telling(due.kind, due.subject_id, due.link, due.facts, duty_id=duty.id)
        tell(session, [teacher.id], what)
    number, text = chat(desk.get(PATH).get_data(as_text=True))
    assert number == (teacher.phone or "").lstrip("+")
    with i18n.in_language(teacher.language):
        opening = str(CHATS["fill_form"]).partition(":")[0] % {"name": "Pak Dedi"}
    assert text.startswith(f"{opening}: ")
    assert text.endswith("/pemantauan/abc")


def test_the_ready_text_speaks_the_receivers_language(
    client: PageClient, desk: PageClient, reader: User
) -> None:
    told(client.builder, reader, link="/sesi/abc")
    number, text = chat(desk.get(PATH).get_data(as_text=True))
    assert number == (reader.phone or "").lstrip("+")
    assert "Your session on Thursday, 10 December is confirmed" in text
    assert text.endswith("http://localhost:8000/sesi/abc")


def test_handing_over_is_noted_logged_and_told(
    client: PageClient, desk: PageClient, reader: User
) -> None:
    build = client.builder
    message = told(build, reader)
    desk.get(PATH)
    receipt = desk.post(f"/pesan/{message.public_id}/serahkan", htmx=True)
    assert receipt.status_code == 200
    assert "Handed over by WhatsApp by Bu Yuni" in receipt.get_data(as_text=True)
    assert f'id="row-{message.public_id}"' in desk.page
    noted = build.fresh(Message, message.id)
    assert noted.handed_over_at
    assert noted.read_at is None
    assert listed(desk) == []
    log = desk.get(LOG).get_data(as_text=True)
    assert "Ratna Dewi" in log
    assert "Bu Yuni" in log
    [entry] = trail(build.database, "message")
    assert (entry.actor_id, entry.subject_id) == (noted.handed_over_by, message.id)
    assert entry.facts == {"recipient_id": reader.id.hex, "kind": "visit_approved"}


@on_sqlite
def test_without_a_script_it_goes_back_to_where_it_was_pressed(
    client: PageClient, desk: PageClient, reader: User
) -> None:
    message = told(client.builder, reader)
    path = f"/pesan/{message.public_id}/serahkan"
    came_from = {"Referer": "http://localhost/sekolah?q=a"}
    assert desk.post(path, headers=came_from).headers["Location"] == "/sekolah?q=a"
    assert "Noted: you sent this message by WhatsApp." in desk.get(PATH).get_data(as_text=True)
    assert desk.post(path).headers["Location"] == PATH
    assert "A colleague has sent this message already." in desk.get(PATH).get_data(as_text=True)
    assert len(trail(client.builder.database, "message")) == 1


def test_two_who_press_at_once_are_told_of_each_other(client: PageClient, reader: User) -> None:
    build = client.builder
    message = told(build, reader)
    first, second = (build.actor(build.user(Role.COORDINATOR)) for _ in range(2))
    with build.database.writer() as session:
        stale = session.get_one(Message, message.id)
        session.rollback()
        with build.database.writer() as other, transaction(other):
            hand_over(other, first, other.get_one(Message, message.id))
        with pytest.raises(Rejected, match="handed_over_already"), transaction(session):
            hand_over(session, second, stale)
    assert build.fresh(Message, message.id).handed_over_by == first.user_id


@on_sqlite
def test_what_is_not_for_schools_cannot_be_handed_over(
    client: PageClient, desk: PageClient, reader: User
) -> None:
    build = client.builder
    messages = [
        told(build, reader, kind="password_changed"),
        told(build, build.user(Role.ADMIN)),
    ]
    for message in messages:
        assert desk.post(f"/pesan/{message.public_id}/serahkan").status_code == 404
        assert build.fresh(Message, message.id).handed_over_at is None


def test_long_lists_are_paged(client: PageClient, desk: PageClient, school: School) -> None:
    build, moment = client.builder, clock.now()
    people = [build.user(Role.TEACHER, school, email=None), build.user(Role.TEACHER, school)]
    expected = {told(build, people[number % 2]).public_id for number in range(PAGE_SIZE + 5)}
    with transaction(build.session) as session:
        for message in session.query(Message):
            message.not_before = moment
    found = listed(desk)
    following = NEXT.search(desk.page)
    assert following
    found += listed(desk, unescape(following[1]))
    assert len(found) == len(set(found))
    assert set(found) == expected
    giver = build.user(Role.ADMIN)
    with transaction(build.session) as session:
        for message in session.query(Message):
            message.handed_over_at, message.handed_over_by = moment, giver.id
    desk.get(LOG)
    assert desk.page.count('<th scope="row">') == PAGE_SIZE
    following = NEXT.search(desk.page)
    assert following
    desk.get(unescape(following[1]))
    assert desk.page.count('<th scope="row">') == 5


@on_sqlite
def test_on_the_page_of_a_session_the_news_is_sent_and_noted(
    client: PageClient, desk: PageClient, school: School, reader: User
) -> None:
    build = client.builder
    visit = build.delivered(school, build.worker(), state="scheduled")
    with transaction(build.session):
        visit.requested_by = reader.id
    page = f"/sesi/{visit.public_id}"
    assert "h-handing" not in desk.get(page).get_data(as_text=True)
    message = told(build, reader, subject_id=visit.id, link=page)
    told(build, build.user(Role.TEACHER, school), subject_id=visit.id, link=page)
    number, _text = chat(desk.get(page).get_data(as_text=True))
    assert number == (reader.phone or "").lstrip("+")
    path = f"/pesan/{message.public_id}/serahkan"
    assert f'action="{path}"' in desk.page
    desk.post(path, headers={"Referer": f"http://localhost{page}"})
    after = desk.get(page).get_data(as_text=True)
    assert f'action="{path}"' not in after
    assert "Handed over by WhatsApp by Bu Yuni" in after
    own = PageClient(client.app).sign_in(reader)
    assert "h-handing" not in own.get(page).get_data(as_text=True)


@on_sqlite
@pytest.mark.parametrize("role", [Role.PRINCIPAL, Role.DIVISION_HEAD, Role.TEACHER])
def test_others_hand_nothing_over(
    client: PageClient, school: School, reader: User, role: Role
) -> None:
    build = client.builder
    message = told(build, reader)
    client.sign_in(build.user(role, school if role is not Role.DIVISION_HEAD else None))
    assert client.get(PATH).status_code == 403
    assert client.post(f"/pesan/{message.public_id}/serahkan").status_code == 403
    assert PATH not in client.get("/akun").get_data(as_text=True)
