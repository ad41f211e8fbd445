"""One's own messages on screen, and the figure that every page carries."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from portal.core import clock, duties
from portal.core.access import Role
from portal.core.db import new_id, transaction
from portal.core.duties import Due
from portal.notifications.models import Message
from portal.notifications.queries.inbox import PAGE_SIZE
from portal.notifications.states import Nature
from portal.people.models import User
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.notifications.told import told

BADGE = re.compile(r'<span class="nav-badge" aria-hidden="true">([^<]+)</span>')
OPENED = re.compile(r'action="/pesan/([\w-]{22})/buka"')
NEXT = re.compile(r'rel="next" href="([^"]+)"')


@pytest.fixture
def principal(client: PageClient) -> User:
    """Return somebody who gets messages."""
    school = client.builder.school()
    return client.builder.user(Role.PRINCIPAL, school, language="en")


def badge(client: PageClient, path: str = "/akun") -> str:
    """Return what the figure beside the avatar says; empty without one."""
    found = BADGE.search(client.get(path).get_data(as_text=True))
    return found[1] if found else ""


def shown(client: PageClient, path: str = "/pesan") -> list[str]:
    """Return the messages of a page in their order."""
    return OPENED.findall(client.get(path).get_data(as_text=True))


def test_unread_come_first_and_each_group_newest_first(client: PageClient, principal: User) -> None:
    build, moment = client.builder, clock.now()
    ages = {"old": 9, "read_new": 1, "new": 2, "read_old": 5}
    kept = {
        name: told(
            build,
            principal,
            written_at=moment - timedelta(days=age),
            not_before=moment - timedelta(days=age),
            read_at=moment if name.startswith("read") else None,
        )
        for name, age in ages.items()
    }
    with transaction(build.session):
        for name, message in kept.items():
            message.not_before = moment - timedelta(days=ages[name])
    told(build, build.user(Role.TEACHER, build.school()))
    order = [kept[name].public_id for name in ("new", "old", "read_new", "read_old")]
    assert shown(client.sign_in(principal)) == order
    assert badge(client) == "2"


def test_what_is_not_yet_or_no_longer_told_does_not_show(
    client: PageClient, principal: User
) -> None:
    build, moment = client.builder, clock.now()
    told(build, principal, not_before=moment + timedelta(seconds=10))
    told(build, principal, withdrawn_at=moment)
    read = told(build, principal, withdrawn_at=moment, read_at=moment)
    assert shown(client.sign_in(principal)) == [read.public_id]
    assert "Already done" in client.page
    assert badge(client) == ""


def test_a_reminder_is_over_with_its_duty(client: PageClient, principal: User) -> None:
    build = client.builder
    due = Due("confirm_room", new_id(), "/akun", clock.now(), {}, person_id=principal.id)
    with transaction(build.session) as session:
        duty = duties.open_duty(session, due)
    reminder = told(build, principal, "confirm_room", nature=Nature.REMINDER, duty_id=duty.id)
    client.sign_in(principal)
    assert badge(client) == "1"
    assert 'id="h-unread"' in client.get("/pesan").get_data(as_text=True)
    with transaction(build.session) as session:
        duties.close_duties(session, due.subject_id)
    assert badge(client) == ""
    assert shown(client) == [reminder.public_id]
    assert "Already done" in client.page
    assert 'id="h-unread"' not in client.page


def test_every_message_stands_on_exactly_one_page(client: PageClient, principal: User) -> None:
    build, moment = client.builder, clock.now()
    expected = {
        told(build, principal, read_at=moment if number % 3 else None).public_id
        for number in range(PAGE_SIZE * 2 + 3)
    }
    # The same moment for many: the place in the list must still be one.
    with transaction(build.session) as session:
        for message in session.query(Message):
            message.not_before = moment
    client.sign_in(principal)
    path, found = "/pesan", []
    while path:
        found += shown(client, path)
        following = NEXT.search(client.page)
        path = following[1].replace("&amp;", "&") if following else ""
    assert len(found) == len(set(found))
    assert set(found) == expected
    assert badge(client) == "9+"
    assert "9+ unread" in client.page


@on_sqlite
def test_opening_notes_it_once_and_leads_on(client: PageClient, principal: User) -> None:
    build = client.builder
    message = told(build, principal, link="/sekolah?q=a#b")
    path = f"/pesan/{message.public_id}/buka"
    assert client.get(path).status_code == 405
    client.sign_in(principal)
    answer = client.post(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sekolah?q=a#b")
    first = build.fresh(Message, message.id).read_at
    assert first is not None
    assert client.post(path).status_code == 303
    assert build.fresh(Message, message.id).read_at == first
    assert client.post(path, htmx=True).headers["HX-Redirect"] == "/sekolah?q=a#b"


@on_sqlite
@pytest.mark.parametrize(
    "link", ["//luar.example", "/\\luar.example", "https://luar.example", "javascript:1", ""]
)
def test_a_message_never_leads_out_of_the_portal(
    client: PageClient, principal: User, link: str
) -> None:
    message = told(client.builder, principal, link=link)
    answer = client.sign_in(principal).post(f"/pesan/{message.public_id}/buka")
    assert answer.headers["Location"] == "/pesan"


@on_sqlite
def test_a_message_is_for_its_receiver_alone(client: PageClient, principal: User) -> None:
    build = client.builder
    message = told(build, principal)
    later = told(build, principal, not_before=clock.now() + timedelta(hours=1))
    stranger = PageClient(client.app).sign_in(build.user(Role.ADMIN))
    assert shown(stranger) == []
    assert stranger.post(f"/pesan/{message.public_id}/buka").status_code == 404
    assert stranger.post("/pesan/sudah-dibaca").status_code == 303
    assert build.fresh(Message, message.id).read_at is None
    client.sign_in(principal)
    assert client.post(f"/pesan/{later.public_id}/buka").status_code == 404


@on_sqlite
def test_all_at_once(client: PageClient, principal: User) -> None:
    build, moment = client.builder, clock.now()
    messages = [told(build, principal) for _ in range(3)]
    gone = told(build, principal, withdrawn_at=moment)
    later = told(build, principal, not_before=moment + timedelta(hours=1))
    client.sign_in(principal)
    assert client.post("/pesan/sudah-dibaca").headers["Location"] == "/pesan"
    assert all(build.fresh(Message, each.id).read_at for each in messages)
    assert [build.fresh(Message, each.id).read_at for each in (gone, later)] == [None, None]
    assert len(shown(client)) == 3
    assert badge(client) == ""


@on_sqlite
def test_a_message_says_what_and_why_in_the_readers_language(
    client: PageClient, principal: User
) -> None:
    told(client.builder, principal, school="SMP <b>Contoh</b> 100% Melati")
    client.sign_in(principal)
    page = client.get("/pesan").get_data(as_text=True)
    assert "Your session on Thursday, 10 December is confirmed" in page
    assert "SMP &lt;b&gt;Contoh&lt;/b&gt; 100% Melati" in page
    assert 'lang="en"' in page
    assert "1 unread" in page


@on_sqlite
def test_without_messages_the_page_says_what_comes_here(
    client: PageClient, principal: User
) -> None:
    client.sign_in(principal)
    page = client.get("/pesan").get_data(as_text=True)
    assert "No messages yet" in page
    assert badge(client) == ""
    assert client.get("/pesan?setelah=omong-kosong").status_code == 200


@on_sqlite
def test_whoever_is_not_signed_in_is_asked_to(client: PageClient) -> None:
    assert client.get("/pesan").headers["Location"].startswith("/masuk")
    assert BADGE.search(client.get("/masuk").get_data(as_text=True)) is None
