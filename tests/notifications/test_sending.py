"""An e-mail's way out without a network: claiming, writing, trying again, giving up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from time_machine import Traveller, travel

from portal.config import Settings, asset_folder
from portal.core import clock, i18n
from portal.core.access import Role
from portal.core.db import new_id, transaction
from portal.notifications.actions import collecting, sending, writing
from portal.notifications.actions.composing import Origin
from portal.notifications.actions.sending import Parcel, Trouble
from portal.notifications.actions.writing import Outsider, Telling
from portal.notifications.models import Delivery, Message, Preference
from portal.notifications.states import DeliveryState, Mailing, Nature, Rhythm
from portal.people.models import ResetLink, User
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.notifications.told import told
from tests.trail import trail
from tests.visits.conftest import MONDAY, at

MINUTE = timedelta(minutes=1)
LATER = Trouble("later 451")
ORIGIN = Origin("https://portal.example", "portal@portal.example")


@pytest.fixture
def now() -> Iterator[Traveller]:
    """Stop the clock on a Monday at nine."""
    i18n.load(asset_folder("translations"))
    with travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def user(build: Builder, now: Traveller) -> User:
    """Return somebody who gets e-mails."""
    return build.user(Role.PRINCIPAL, build.school(), called="Bu Ratna")


def collect(build: Builder) -> None:
    """Collect, as the worker does."""
    with build.database.writer() as session, transaction(session):
        collecting.collect(session)


def claim(build: Builder) -> Parcel | None:
    """Claim the next e-mail, as the worker does."""
    with build.database.writer() as session, transaction(session):
        return sending.claim(session, ORIGIN)


def claimed(build: Builder) -> Parcel:
    """Claim an e-mail that must be there."""
    return claim(build) or pytest.fail("nothing is due")


def note(build: Builder, parcel: Parcel, trouble: Trouble | None = None) -> None:
    """Note how it went."""
    with build.database.writer() as session, transaction(session):
        if trouble:
            sending.failed(session, parcel, trouble)
        else:
            sending.sent(session, parcel)


def text_of(parcel: Parcel) -> str:
    """Return what an e-mail says."""
    return str(parcel.letter.get_content())


def messages(build: Builder) -> list[Message]:
    """Return all messages, the oldest first."""
    with build.database.reader() as session:
        return list(session.scalars(select(Message).order_by(Message.written_at, Message.id)))


def only(build: Builder) -> Delivery:
    """Return the one e-mail there is."""
    with build.database.reader() as session:
        return session.scalars(select(Delivery)).one()


INDONESIAN = """\
Halo Bu Ratna,

Sesi Anda Kamis, 10 Desember disetujui
SMP Contoh Melati, Kamis, 10 Desember, 08.00–09.30 WIB. Siapa yang datang dan apa yang perlu \
disiapkan ada di halaman sesi.
https://portal.example/sesi/a

Sesi Kamis, 10 Desember dibatalkan
SMP Contoh Mawar, Kamis, 10 Desember, 08.00–09.30 WIB. Alasannya ada di halaman sesi.
https://portal.example/sesi/b

--\x20
Portal Mitra Sekolah
Dinas Sosial Kota Metro
0725 123456
Atur surel yang Anda terima: https://portal.example/akun/pesan
"""

ENGLISH = """\
Hello Bu Ratna,

Your session on Thursday, 10 December is confirmed
SMP Contoh Melati, Thursday, 10 December, 08:00–09:30 WIB. Who comes, and what to prepare, is on \
the session's page.
https://portal.example/sesi/a

The session on Thursday, 10 December is cancelled
SMP Contoh Mawar, Thursday, 10 December, 08:00–09:30 WIB. The reason is on the session's page.
https://portal.example/sesi/b

--\x20
Portal Mitra Sekolah
Dinas Sosial Kota Metro
0725 123456
Choose what you get by e-mail: https://portal.example/akun/pesan
"""


@on_sqlite
@pytest.mark.parametrize(
    ("language", "subject", "text"),
    [
        ("id", "2 hal menunggu Anda di Portal Mitra Sekolah", INDONESIAN),
        ("en", "2 items are waiting for you in Portal Mitra Sekolah", ENGLISH),
    ],
)
def test_an_email_as_it_is_read(
    build: Builder, now: Traveller, language: str, subject: str, text: str
) -> None:
    build.setting("office_phone", "0725 123456")
    reader = build.user(Role.PRINCIPAL, build.school(), called="Bu Ratna", language=language)
    told(build, reader, "visit_approved", link="/sesi/a")
    now.shift(MINUTE)
    told(build, reader, "visit_cancelled", link="/sesi/b", school="SMP Contoh Mawar")
    collect(build)
    letter = claimed(build).letter
    assert (letter["Subject"], letter.get_content()) == (subject, text)
    assert letter["From"] == "Portal Mitra Sekolah <portal@portal.example>"
    assert letter["To"] == reader.email
    assert letter["Date"].datetime == clock.now()
    assert letter["Content-Language"] == language
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"] == f"<{only(build).id.hex}@portal.example>"
    raw = letter.as_bytes()
    assert max(map(len, raw.split(b"\r\n"))) < 998
    raw.decode("ascii")


@on_sqlite
@pytest.mark.parametrize(
    ("nature", "subject"),
    [
        (Nature.NEWS, "Satu hal menunggu Anda di Portal Mitra Sekolah"),
        (Nature.ALARM, "Mohon segera dilihat: ada yang menunggu di Portal Mitra Sekolah"),
    ],
)
def test_the_subject_says_nothing_of_the_matter(
    build: Builder, user: User, nature: Nature, subject: str
) -> None:
    told(build, user, nature=nature)
    collect(build)
    assert claimed(build).letter["Subject"] == subject


@on_sqlite
def test_an_outsider_is_greeted_without_a_name_and_offered_no_choice(
    build: Builder, now: Traveller
) -> None:
    facts = {"valid_on": "2026-08-03", "entry": "31", "seal": "ab12"}
    with transaction(build.session) as session:
        what = Telling("trail_head", new_id(), "/jejak", facts)
        writing.tell_outsider(session, Outsider("segel@luar.example", "id"), what)
    collect(build)
    parcel = claimed(build)
    assert parcel.address == parcel.letter["To"] == "segel@luar.example"
    assert text_of(parcel).startswith("Halo,\n\nSegel jejak audit 3 Agustus 2026\n")
    assert "/akun/pesan" not in text_of(parcel)
    note(build, parcel)
    assert only(build).address == messages(build)[0].address == writing.NOBODY


def test_the_text_follows_what_happens_until_it_leaves(
    build: Builder, user: User, now: Traveller
) -> None:
    kept, gone = (told(build, user, school=name) for name in ("SMP Tetap", "SMP Batal"))
    collect(build)
    first = claimed(build)
    assert "SMP Batal" in text_of(first)
    note(build, first, LATER)
    with transaction(build.session) as session:
        writing.withdraw(session, gone.subject_id)
        session.get_one(User, user.id).language = "en"
    now.shift(MINUTE)
    second = claimed(build)
    assert "SMP Batal" not in text_of(second)
    assert text_of(second).startswith("Hello Bu Ratna,")
    assert first.letter["Message-ID"] == second.letter["Message-ID"]
    note(build, second)
    assert build.fresh(Message, kept.id).mailing == Mailing.BUNDLED
    assert build.fresh(Message, gone.id).mailing == Mailing.NONE


def test_an_email_with_nothing_left_to_say_does_not_leave(build: Builder, user: User) -> None:
    message = told(build, user)
    collect(build)
    with transaction(build.session) as session:
        session.get_one(Message, message.id).read_at = clock.now()
    assert claim(build) is None
    assert only(build).state == DeliveryState.WITHDRAWN


@on_sqlite
def test_an_alarm_leaves_though_somebody_read_it(build: Builder, user: User) -> None:
    message = told(build, user, "password_changed", nature=Nature.ALARM)
    with transaction(build.session) as session:
        session.get_one(Message, message.id).read_at = clock.now()
    collect(build)
    assert "Kata sandi Anda sudah diganti" in text_of(claimed(build))


def test_a_claimed_email_is_nobody_elses_until_its_lease_ends(
    build: Builder, user: User, now: Traveller
) -> None:
    told(build, user)
    collect(build)
    lost = claimed(build)
    assert claim(build) is None
    now.shift(sending.LEASE - timedelta(seconds=1))
    assert claim(build) is None
    now.shift(timedelta(seconds=2))
    again = claimed(build)
    assert again.letter["Message-ID"] == lost.letter["Message-ID"]
    # Whoever lost the lease says nothing about its trouble any more.
    note(build, lost, Trouble("refused 550", final=True))
    assert only(build).state == DeliveryState.WAITING
    note(build, again)
    assert (only(build).state, only(build).tries) == (DeliveryState.SENT, 2)


def test_pauses_grow_to_an_hour_and_end_after_three_days(
    build: Builder, user: User, now: Traveller
) -> None:
    with transaction(build.session) as session:
        session.add(
            Preference(
                user_id=user.id,
                news_by_mail=True,
                reminders=Rhythm.DAILY,
                quiet_from=0,
                quiet_until=0,
                changed_at=MONDAY,
            )
        )
    told(build, user)
    collect(build)
    pauses = []
    while only(build).state == DeliveryState.WAITING:
        note(build, claimed(build), LATER)
        pauses.append((only(build).next_try_at - clock.now()) // MINUTE)
        now.shift(max(only(build).next_try_at - clock.now(), MINUTE))
    assert pauses[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert only(build).state == DeliveryState.GIVEN_UP
    assert only(build).problem == "later 451"
    waited = (only(build).ended_at or MONDAY) - MONDAY
    assert timedelta(hours=72) <= waited <= timedelta(hours=73)


@on_sqlite
def test_nobody_is_woken_by_a_second_try(build: Builder, user: User, now: Traveller) -> None:
    now.move_to(at(3, 19, 59))
    told(build, user)
    told(build, user, "factor_added", nature=Nature.ALARM)
    collect(build)
    for _each in range(2):
        note(build, claimed(build), LATER)
    now.move_to(at(3, 20, 30))
    assert "bukti kedua" in text_of(claimed(build))
    assert claim(build) is None
    now.move_to(at(4, 6))
    assert claim(build) is not None


def test_a_person_gets_the_older_email_first_but_alarms_at_once(
    build: Builder, user: User, now: Traveller
) -> None:
    told(build, user, school="SMP Pertama")
    collect(build)
    note(build, claimed(build), LATER)
    now.shift(timedelta(seconds=20))
    other = build.user(Role.TEACHER, build.school())
    told(build, user, school="SMP Kedua")
    told(build, user, "factor_added", nature=Nature.ALARM)
    told(build, other, school="SMP Lain")
    collect(build)
    order = []
    while (parcel := claim(build)) is not None:
        order.append(text_of(parcel))
        note(build, parcel)
    assert ["bukti kedua" in order[0], "SMP Lain" in order[1], len(order)] == [True, True, 2]
    now.shift(MINUTE)
    assert "SMP Pertama" in text_of(claimed(build))


def test_what_comes_while_an_email_leaves_gets_another(
    build: Builder, user: User, now: Traveller
) -> None:
    told(build, user, school="SMP Pertama")
    collect(build)
    parcel = claimed(build)
    # The lease ends while a slow server still has the text: more comes to the same e-mail.
    with transaction(build.session) as session:
        late = session.get_one(Message, told(build, user, school="SMP Terlambat").id)
        late.mailing, late.delivery_id = Mailing.BUNDLED, parcel.delivery_id
    note(build, parcel)
    now.shift(MINUTE)
    collect(build)
    second = claimed(build)
    assert "SMP Terlambat" in text_of(second)
    assert "SMP Pertama" not in text_of(second)


@on_sqlite
@pytest.mark.parametrize(
    ("troubles", "joins"),
    [
        (["no_connection"], True),
        (["sign_in 535", "no_tls", "untrusted"], True),
        # A server may have taken it at the first try, whatever came later.
        (["broke_off", "no_connection"], False),
        (["lost", "no_connection"], False),
        (["slow"], False),
    ],
)
def test_more_joins_an_email_only_if_no_server_can_have_it(
    build: Builder, user: User, now: Traveller, troubles: list[str], joins: bool
) -> None:
    told(build, user, school="SMP Pertama")
    collect(build)
    for trouble in troubles:
        parcel = claimed(build)
        if trouble != "lost":
            note(build, parcel, Trouble(trouble))
        now.shift(sending.LEASE + MINUTE)
    told(build, user, school="SMP Kedua")
    collect(build)
    assert ("SMP Kedua" in text_of(claimed(build))) is joins


def test_an_email_is_tried_anew(build: Builder, user: User, now: Traveller) -> None:
    actor = build.actor(build.user(Role.ADMIN))
    told(build, user)
    collect(build)
    note(build, claimed(build), Trouble("refused 550", final=True))
    assert claim(build) is None
    now.shift(timedelta(days=2))
    with build.database.writer() as session, transaction(session):
        sending.retry(session, actor, session.get_one(Delivery, only(build).id))
    assert trail(build.database)[-1].action == "delivery.retried"
    note(build, claimed(build), LATER)
    # Its three days began anew.
    assert (only(build).state, only(build).trying_since) == (DeliveryState.WAITING, clock.now())
    now.shift(MINUTE)
    note(build, claimed(build))
    with build.database.writer() as session, transaction(session):
        sending.retry(session, actor, session.get_one(Delivery, only(build).id))
    assert only(build).state == DeliveryState.SENT


@on_sqlite
@pytest.mark.parametrize("why", ["no address", "erased", "odd address"])
def test_who_cannot_be_written_to(build: Builder, user: User, why: str) -> None:
    changes: dict[str, Any] = {
        "no address": {"email": None},
        "erased": {"erased_at": MONDAY},
        "odd address": {"email": "dua alamat@@uji.example"},
    }[why]
    told(build, user)
    collect(build)
    with transaction(build.session) as session:
        for name, value in changes.items():
            setattr(session.get_one(User, user.id), name, value)
    assert claim(build) is None
    given_up = why == "odd address"
    assert only(build).state == (DeliveryState.GIVEN_UP if given_up else DeliveryState.WITHDRAWN)
    assert only(build).problem == ("address" if given_up else "")


def test_a_link_to_a_new_password_is_made_when_it_leaves(
    build: Builder, user: User, now: Traveller
) -> None:
    with transaction(build.session) as session:
        whom = Outsider(str(user.email), "id")
        writing.tell_outsider(session, whom, Telling("password_reset", user.id, "/sandi-baru/"))
    collect(build)
    now.shift(timedelta(hours=30))
    first = claimed(build)
    token = first_token(first)
    assert token not in str(build.fresh(Message, messages(build)[0].id).facts)
    note(build, first, LATER)
    now.shift(MINUTE)
    # The same link at each try, until it runs out.
    again = claimed(build)
    assert first_token(again) == token
    note(build, again, LATER)
    now.shift(timedelta(hours=25))
    fresh = claimed(build)
    assert first_token(fresh) != token
    assert "Rabu, 5 Agustus" in text_of(fresh) or "Kamis, 6 Agustus" in text_of(fresh)
    note(build, fresh)
    assert [each.secret for each in messages(build)] == [None]
    with build.database.reader() as session:
        links = session.scalars(select(ResetLink).order_by(ResetLink.created_at)).all()
    assert [each.cancelled_at is None for each in links] == [False, True]
    assert [each.made_by for each in links] == [None, None]


def first_token(parcel: Parcel) -> str:
    """Return the token of the link in an e-mail."""
    return text_of(parcel).split("/sandi-baru/")[1].split()[0]


@pytest.mark.parametrize("why", ["left", "another address"])
@on_sqlite
def test_no_link_to_a_new_password_for_who_left_or_moved(
    build: Builder, user: User, why: str
) -> None:
    gone = build.user(Role.TEACHER, build.school(), ends_on=clock.today() - timedelta(days=1))
    person = gone if why == "left" else user
    address = str(gone.email) if why == "left" else "dulu@uji.example"
    with transaction(build.session) as session:
        what = Telling("password_reset", person.id, "/sandi-baru/")
        writing.tell_outsider(session, Outsider(address, "id"), what)
    collect(build)
    assert claim(build) is None
    assert only(build).state == DeliveryState.WITHDRAWN
    assert only(build).address == messages(build)[0].address == writing.NOBODY


def test_where_emails_come_from(settings: Settings) -> None:
    assert Origin.of(settings) == Origin("http://localhost:8000", "portal@localhost")
