"""E-mails and real mail servers: good ones, slow ones, rude ones, and ones that are down."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from time_machine import Traveller, travel

from portal.config import ConfigurationError, Settings
from portal.core.access import Role
from portal.core.db import Database
from portal.notifications import senders
from portal.notifications.actions import collecting, sending
from portal.notifications.actions.composing import Origin
from portal.notifications.models import Delivery, Message
from portal.notifications.states import DeliveryState, Mailing
from portal.people.models import User
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.notifications.post import (
    LOGIN,
    Office,
    Post,
    Talk,
    asking_for_a_password,
    certificate,
    free_port,
    mail_server,
    rude_server,
)
from tests.notifications.told import told
from tests.visits.conftest import MONDAY, at_once

MINUTE = timedelta(minutes=1)


@pytest.fixture
def now() -> Iterator[Traveller]:
    """Stop the clock on a Monday at nine; a test moves it."""
    with travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def office(settings: Settings, build: Builder, now: Traveller) -> Office:
    """Return a portal without a mail server."""
    return Office(build, settings)


@pytest.fixture
def user(build: Builder, now: Traveller) -> User:
    """Return somebody who gets e-mails."""
    return build.user(Role.PRINCIPAL, build.school(), called="Bu Ratna")


def deliveries(database: Database) -> list[Delivery]:
    """Return all e-mails, the oldest first."""
    with database.reader() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.written_at, Delivery.id)))


def only(database: Database) -> Delivery:
    """Return the one e-mail there is."""
    [delivery] = deliveries(database)
    return delivery


def mailings(database: Database) -> list[str]:
    """Return how far the messages are."""
    with database.reader() as session:
        return [each.mailing for each in session.scalars(select(Message).order_by(Message.id))]


def test_a_message_arrives_once(office: Office, user: User) -> None:
    told(office.build, user)
    post = Post()
    with mail_server(post) as url:
        done = office.at(url).mail()
        assert office.at(url).mail()["sent"] == 0
    assert (done["sent"], done["failed"]) == (1, 0)
    [letter] = post.letters
    assert letter["To"] == user.email
    delivery = only(office.build.database)
    assert letter["Message-ID"] == f"<{delivery.id.hex}@localhost>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert delivery.state == DeliveryState.SENT


def test_a_day_without_the_server(office: Office, user: User, now: Traveller) -> None:
    other = office.build.user(Role.TEACHER, office.build.school())
    nowhere = f"smtp://127.0.0.1:{free_port()}?tls=none"
    for hour in range(24):
        told(office.build, user, school=f"SMP {hour:02d}")
        if hour == 3:
            told(office.build, other)
        assert office.at(nowhere).mail()["sent"] == 0
        now.shift(timedelta(minutes=30))
        office.at(nowhere).mail()
        now.shift(timedelta(minutes=30))
    waiting = deliveries(office.build.database)
    assert {each.state for each in waiting} == {DeliveryState.WAITING}
    assert {each.problem for each in waiting} <= {"no_connection", ""}
    post = Post()
    with mail_server(post) as url:
        assert office.at(url).mail()["failed"] == 0
    assert len(post.to(other.email)) == 1
    said = "".join(letter.get_content() for letter in post.to(user.email)).replace("\r", "")
    places = [said.index(f"SMP {hour:02d},") for hour in range(24)]
    assert places == sorted(places)
    assert said.count("/akun\n") == 24
    assert set(mailings(office.build.database)) == {Mailing.BUNDLED}


@on_sqlite
def test_a_refused_connection_ends_the_round(office: Office, now: Traveller) -> None:
    school = office.build.school()
    people = [office.build.user(Role.TEACHER, school) for _number in range(5)]
    for person in people:
        told(office.build, person)
    nowhere = office.at(f"smtp://127.0.0.1:{free_port()}?tls=none")
    done = nowhere.mail()
    assert (done["sent"], done["failed"], done["problem"]) == (0, 1, "no_connection")
    assert sorted(each.tries for each in deliveries(office.build.database)) == [0, 0, 0, 0, 1]


def test_cut_in_the_middle_of_the_text(office: Office, user: User, now: Traveller) -> None:
    told(office.build, user)

    def cut(talk: Talk) -> None:
        talk.until_data()
        talk.file.read(120)
        talk.hang_up()

    with rude_server(cut) as url:
        assert office.at(url).mail()["problem"] == "broke_off"
    post = Post()
    with mail_server(post) as url:
        office.at(url).mail()
        assert post.letters == []
        now.shift(MINUTE)
        office.at(url).mail()
    assert len(post.letters) == 1


def test_cut_after_the_last_dot_comes_twice_with_one_id(
    office: Office, user: User, now: Traveller
) -> None:
    told(office.build, user)
    taken: list[bytes] = []

    def take_and_cut(talk: Talk) -> None:
        talk.until_data()
        taken.append(talk.text())
        talk.hang_up()

    with rude_server(take_and_cut) as url:
        office.at(url).mail()
    # What comes meanwhile must not hide behind an id that the mailbox knows already.
    now.shift(MINUTE)
    told(office.build, user, school="SMP Berita Baru")
    post = Post()
    with mail_server(post) as url:
        office.at(url).mail()
    first, second = post.letters
    [before] = taken
    assert first["Message-ID"] == message_from_bytes(before)["Message-ID"]
    assert second["Message-ID"] != first["Message-ID"]
    assert "SMP Berita Baru" not in first.get_content()
    assert "SMP Berita Baru" in second.get_content()


@on_sqlite
def test_a_slow_server_keeps_the_worker_and_nobody_else(
    app: Flask, office: Office, user: User
) -> None:
    told(office.build, user)
    post = Post(seconds=1.0)
    client = PageClient(app).sign_in(user)
    with mail_server(post) as url:
        worker = threading.Thread(target=office.at(url).mail)
        worker.start()
        began = time.monotonic()
        while worker.is_alive():
            asked = time.monotonic()
            client.get("/beranda")
            client.post("/bahasa", {"language": "en"})
            assert time.monotonic() - asked < 0.9
        worker.join()
    assert time.monotonic() - began > 0.9
    assert len(post.letters) == 1


@on_sqlite
def test_an_address_nobody_has_is_given_up_at_once(office: Office, user: User) -> None:
    other = office.build.user(Role.TEACHER, office.build.school())
    told(office.build, user)
    told(office.build, other)
    post = Post(at_rcpt={str(user.email): "550 5.1.1 no such user"})
    with mail_server(post) as url:
        done = office.at(url).mail()
    assert (done["sent"], done["failed"]) == (1, 1)
    states = {each.recipient_id: each for each in deliveries(office.build.database)}
    assert states[user.id].state == DeliveryState.GIVEN_UP
    assert states[user.id].problem == "refused 550"
    assert states[other.id].state == DeliveryState.SENT


@on_sqlite
@pytest.mark.parametrize(
    ("post", "problem"),
    [
        (Post(at_rcpt={"orang@uji.example": "451 4.7.1 later"}), "later 451"),
        (Post(at_rcpt={"orang@uji.example": "530 5.7.0 sign in first"}), "sign_in 530"),
        (Post(at_data=["554 5.7.1 looks odd"]), "content 554"),
        (Post(at_mail="553 5.7.1 not yours"), "sender 553"),
    ],
)
def test_other_trouble_passes(
    office: Office, build: Builder, now: Traveller, post: Post, problem: str
) -> None:
    user = build.user(Role.TEACHER, build.school(), email="orang@uji.example")
    told(build, user)
    with mail_server(post) as url:
        office.at(url).mail()
        delivery = only(build.database)
        assert (delivery.state, delivery.problem) == (DeliveryState.WAITING, problem)
        post.at_rcpt.clear()
        post.at_mail = ""
        now.shift(MINUTE)
        office.at(url).mail()
    assert len(post.letters) == 1
    assert only(build.database).problem == ""


@on_sqlite
def test_a_server_that_asks_for_a_password(
    office: Office, user: User, now: Traveller, tmp_path: Path
) -> None:
    told(office.build, user)
    authority, context = certificate(tmp_path)
    with mail_server(Post(), tls_context=context, **asking_for_a_password()) as plain:
        url = plain.replace("tls=none", f"tls=starttls&ca={authority}")
        wrong = office.at(url.replace("//", "//portal:salah@"))
        assert wrong.mail()["problem"] == "sign_in 535"
        assert "(535)" in senders.try_out(wrong.settings)
        right = office.at(url.replace("//", f"//{LOGIN}"))
        assert senders.try_out(right.settings) == ""
        now.shift(MINUTE)
        assert right.mail()["sent"] == 1


@on_sqlite
@pytest.mark.parametrize("how", ["starttls", "tls"])
def test_a_certificate_is_trusted_only_when_named(
    office: Office, user: User, now: Traveller, tmp_path: Path, how: str
) -> None:
    told(office.build, user)
    authority, context = certificate(tmp_path)
    options = {"ssl_context": context} if how == "tls" else {"tls_context": context}
    post = Post()
    with mail_server(post, **options) as plain:
        url = plain.replace("tls=none", f"tls={how}")
        assert office.at(url).mail()["problem"] == "untrusted"
        assert post.letters == []
        now.shift(MINUTE)
        assert office.at(f"{url}&ca={authority}").mail()["sent"] == 1


@on_sqlite
def test_no_letter_leaves_unencrypted_where_encryption_is_asked_for(
    office: Office, user: User
) -> None:
    told(office.build, user)
    post = Post()
    with mail_server(post) as url:
        open_line = office.at(url.replace("tls=none", "tls=starttls"))
        assert open_line.mail()["problem"] == "no_tls"
        assert senders.try_out(open_line.settings)
    assert post.letters == []


def test_two_workers_at_once(office: Office, now: Traveller) -> None:
    school = office.build.school()
    people = [office.build.user(Role.TEACHER, school) for _number in range(8)]
    for number in range(3):
        for person in people:
            told(office.build, person, school=f"SMP {number}")
        now.shift(MINUTE)
    post = Post()
    with mail_server(post) as url:
        done = at_once([office.at(url).mail] * 3)
        rest = office.at(url).mail()
    assert sum(each["sent"] for each in [*done, rest]) == len(people)
    assert sorted(each["To"] for each in post.letters) == sorted(str(p.email) for p in people)
    for text in post.texts():
        assert [text.count(f"SMP {number},") for number in range(3)] == [1, 1, 1]


def test_a_worker_killed_between_claim_and_sending(
    office: Office, user: User, now: Traveller
) -> None:
    told(office.build, user)
    post = Post()
    with mail_server(post) as url:
        there = office.at(url)
        with office.build.database.writer() as session:
            collecting.collect(session)
            session.commit()
            # Claimed, and then the power went.
            assert sending.claim(session, Origin.of(there.settings)) is not None
            session.commit()
        assert there.mail()["sent"] == 0
        now.shift(sending.LEASE + timedelta(seconds=1))
        assert there.mail()["sent"] == 1
        assert there.mail()["sent"] == 0
    assert len(post.letters) == 1


@on_sqlite
def test_without_a_mail_server_nothing_leaves_then_or_later(
    office: Office, user: User, now: Traveller
) -> None:
    told(office.build, user, school="SMP Lama")
    assert office.mail() == {"without": 0}
    assert deliveries(office.build.database) == []
    now.shift(timedelta(days=4))
    told(office.build, user, school="SMP Baru")
    post = Post()
    with mail_server(post) as url:
        office.at(url).mail()
    [text] = post.texts()
    assert "SMP Baru" in text
    assert "SMP Lama" not in text


@pytest.mark.parametrize(
    "url",
    [
        "surel.example",
        "http://surel.example",
        "smtp://",
        "smtp://surel.example:abc",
        "smtp://surel.example:99999",
        "smtp://surel.example?tls=ya",
        "smtp://surel.example?tsl=none",
        "smtp://surel.example/kotak",
        "smtp://portal:rahasia@surel.example?tls=none",
        "smtp://surel.example?ca=/tidak/ada.pem",
        "smtp://portal:rahasia@[surel",
    ],
)
def test_an_unreadable_address_says_what_to_mend(tmp_path: Path, url: str) -> None:
    settings = Settings(tmp_path, "sqlite://", smtp_url=url)
    with pytest.raises(ConfigurationError, match="PORTAL_SMTP_URL") as problem:
        senders.mail_server(settings)
    assert "rahasia" not in str(problem.value)
    assert problem.value.__cause__ is None
    assert senders.try_out(settings) == str(problem.value)
    assert "rahasia" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("smtp://surel.example", 587, "starttls"),
        ("smtp://surel.example?tls=tls", 465, "tls"),
        ("smtp://surel.example?tls=none", 25, "none"),
        ("smtp://a%40b:c%2Fd%3F@surel.example:2525?tls=tls", 2525, "tls"),
    ],
)
def test_a_readable_address(tmp_path: Path, url: str, port: int, tls: str) -> None:
    server = senders.mail_server(replace(Settings(tmp_path, "sqlite://"), smtp_url=url))
    assert (server.host, server.port, server.tls) == ("surel.example", port, tls)
    if "%40" in url:
        assert (server.user, server.password) == ("a@b", "c/d?")
    assert "c/d" not in repr(server)
