"""Forgetting somebody: name and contacts are in no byte any more, and what was done stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.config import Settings
from portal.core import clock, retention
from portal.core import settings as office_settings
from portal.core.access import Role
from portal.core.db import Database, new_id, transaction
from portal.core.errors import Rejected
from portal.core.retention import Erasure, LegalHold
from portal.core.settings import OfficeSetting
from portal.people.actions import erasure, factors, invitations, resets
from portal.people.actions.invitations import Invite
from portal.people.models import Invitation, Membership, RecoveryCode, SignInSession, User
from portal.schools.models import (
    About,
    Answer,
    ContactAttempt,
    PartnershipRequest,
    School,
    SchoolContact,
    Way,
)
from portal.schools.states import RequestState
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.people.doors import is_in, knock
from tests.trail import last

NAME, CALLED = "Zulkarnain Terlupakan", "Pak Zulterlupa"
EMAIL, PHONE = "zulkarnain.lupa@uji.example", "+6281299998877"
WORDS = (NAME, CALLED, EMAIL, PHONE)


@pytest.fixture
def admin(build: Builder) -> User:
    """Return the office's administrator."""
    return build.user(Role.ADMIN)


@pytest.fixture
def leaver(build: Builder, admin: User) -> User:
    """Return somebody who was an administrator and left traces everywhere."""
    user = build.user(Role.ADMIN, name=NAME, called=CALLED, email=EMAIL, phone=PHONE)
    actors = build.actor(user), build.actor(admin)
    with build.database.writer() as session, transaction(session):
        for email, phone in ((EMAIL, None), (None, PHONE)):
            invitations.invite(session, actors[1], Invite(Role.VOLUNTEER, None, NAME, email, phone))
        resets.ask(session, session.get_one(User, user.id))
        office_settings.write(session, actors[0], "hold_minutes", 15)
        factors.make_recovery_codes(session, actors[0], user.id)
    school = build.school()
    build.save(contact_of(school, admin, NAME, phone=PHONE, email=EMAIL.upper(), note=CALLED))
    build.save(
        PartnershipRequest(
            school_name=school.name,
            full_name=NAME,
            email=EMAIL,
            message="Kami ingin bermitra",
            state=RequestState.NEW,
            asked_at=clock.now(),
            answer_by=clock.now(),
        )
    )
    spoken_with(build, admin, school)
    return user


def spoken_with(build: Builder, admin: User, school: School) -> ContactAttempt:
    """Note a call with somebody of this name."""
    attempt = ContactAttempt(
        school_id=school.id,
        about=About.OTHER,
        way=Way.CALL,
        answer=Answer.AGREED,
        spoke_with=NAME,
        made_on=clock.today(),
        made_by=admin.id,
        recorded_at=clock.now(),
    )
    build.save(attempt)
    return attempt


def contact_of(school: School, admin: User, name: str, **more: str) -> SchoolContact:
    """Return somebody who can be reached at a school."""
    noted = {"recorded_by": admin.id, "recorded_at": clock.now()}
    return SchoolContact(school_id=school.id, full_name=name, **noted, **more)


def end(build: Builder, user: User) -> None:
    """End every role of somebody."""
    with build.database.writer() as session, transaction(session):
        for held in session.scalars(select(Membership).where(Membership.user_id == user.id)):
            held.ends_on = clock.today() - timedelta(days=1)


def forget(build: Builder, actor: User, user: User) -> None:
    """Erase an account by the portal's own rules."""
    doer = build.actor(actor)
    with build.database.writer() as session, transaction(session):
        erasure.erase_account(session, doer, session.get_one(User, user.id))


def bytes_of(settings: Settings, database: Database) -> bytes:
    """Return every byte of the database, after what waits beside it was written into it."""
    database.dispose()
    with database.writing.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    return b"".join(path.read_bytes() for path in Path(settings.data_dir).glob("portal.db*"))


@on_sqlite
def test_name_and_contacts_are_in_no_byte_afterwards(
    settings: Settings, build: Builder, database: Database, admin: User, leaver: User
) -> None:
    before = bytes_of(settings, build.database)
    assert [word for word in WORDS if word.encode() not in before] == []
    end(build, leaver)
    forget(build, admin, leaver)
    build.close()
    after = bytes_of(settings, build.database)
    assert [word for word in WORDS if word.encode() in after] == []
    assert (admin.full_name).encode() in after


def test_what_opened_the_account_is_gone_and_what_was_done_stays(
    app: Flask, build: Builder, admin: User, leaver: User
) -> None:
    there = PageClient(app).sign_in(leaver)
    end(build, leaver)
    forget(build, admin, leaver)
    assert not is_in(there)
    for identifier in (EMAIL, PHONE):
        assert knock(PageClient(app), identifier).status_code == 422
    kept = build.fresh(User, leaver.id)
    assert (kept.full_name, kept.phone, kept.totp_secret) == ("–", None, None)
    assert knock(PageClient(app), kept.email).status_code == 422
    with build.database.reader() as session:
        for model in (RecoveryCode, SignInSession):
            mine = select(func.count()).select_from(model).where(model.user_id == leaver.id)
            assert session.scalar(mine) == 0
        held = select(func.count()).select_from(Membership).where(Membership.user_id == leaver.id)
        assert session.scalar(held) == 1
        assert session.scalars(select(Erasure.subject_id)).all() == [leaver.id]
        assert session.get_one(OfficeSetting, "hold_minutes").value == 15
    entry = last(build.database)
    assert (entry.action, entry.actor_id, entry.subject_id) == ("user.erased", admin.id, leaver.id)


def test_who_is_reached_at_a_school_by_the_same_number_stays(
    build: Builder, admin: User, leaver: User
) -> None:
    school, inquired = build.school(), build.school()
    shared = build.save(contact_of(school, admin, "Bu Kepala", phone=PHONE, email="k@uji.example"))
    needed = build.save(contact_of(inquired, admin, NAME, phone=PHONE))
    away = build.save(contact_of(school, admin, "Pak Lain", phone="", email="l@uji.example"))
    hold = {"reason": "Surat polisi", "ordered_by": admin.id, "ordered_at": clock.now()}
    build.save(LegalHold(subject="school", subject_id=inquired.id, label="SMP", **hold))
    end(build, leaver)
    forget(build, admin, leaver)
    kept = [build.fresh(SchoolContact, each.id) for each in (shared, needed, away)]
    assert [(each.full_name, each.phone, each.email, each.ended_on) for each in kept] == [
        ("Bu Kepala", "", "k@uji.example", None),
        (NAME, PHONE, "", None),
        ("Pak Lain", "", "l@uji.example", None),
    ]


def test_somebody_of_the_same_name_elsewhere_keeps_it(
    build: Builder, admin: User, leaver: User
) -> None:
    namesake = spoken_with(build, admin, build.school())
    with transaction(build.session) as session:
        erasure.forget_person(session, leaver.id)
    build.session.refresh(namesake)
    assert namesake.spoke_with == NAME


def test_what_a_school_asked_for_stays_without_who_asked(
    build: Builder, admin: User, leaver: User
) -> None:
    end(build, leaver)
    forget(build, admin, leaver)
    with build.database.reader() as session:
        [asked] = session.scalars(select(PartnershipRequest))
        [contact] = session.scalars(select(SchoolContact))
    assert (asked.full_name, asked.email, asked.message) == ("–", "", "")
    assert asked.state == RequestState.NEW
    assert (contact.full_name, contact.ended_on) == ("–", clock.today())


@pytest.mark.parametrize(
    "contacts",
    [{"phone": None}, {"email": None}, {}],
    ids=["without phone", "without e-mail", "with both"],
)
def test_the_invitations_of_others_stay_as_they_are(
    build: Builder, admin: User, contacts: dict[str, None]
) -> None:
    leaver = build.user(Role.VOLUNTEER, ends_on=clock.today() - timedelta(days=1), **contacts)
    actor = build.actor(admin)
    wanted = [("lain@uji.example", None), (None, "+6281300001111"), ("b@uji.example", "+62813222")]
    with build.database.writer() as session, transaction(session):
        for email, phone in wanted:
            invitations.invite(session, actor, Invite(Role.VOLUNTEER, None, "Lain", email, phone))
    for again in (forget, replay):
        again(build, admin, leaver)
        with build.database.reader() as session:
            every = session.scalars(select(Invitation).order_by(Invitation.id)).all()
        assert [(each.email, each.phone) for each in every] == wanted
        assert {(each.full_name, each.cancelled_at) for each in every} == {("Lain", None)}


def replay(build: Builder, _actor: User, user: User) -> None:
    """Erase once more, as after a restore."""
    with build.database.writer() as session, transaction(session):
        erasure.forget_person(session, user.id)


def test_a_restore_forgets_again_and_nobody_is_no_error(
    build: Builder, admin: User, leaver: User
) -> None:
    end(build, leaver)
    replay(build, admin, leaver)
    replay(build, admin, User(id=new_id()))
    assert build.fresh(User, leaver.id).full_name == "–"
    assert retention.ledger.erasers["user"] is erasure.forget_person


def with_role(_build: Builder, _user: User) -> None:
    """Leave the role as it is."""


def with_hold(build: Builder, user: User) -> None:
    """End the role, and let a court need the account."""
    end(build, user)
    build.save(
        LegalHold(
            subject="user",
            subject_id=user.id,
            label="x",
            reason="y",
            ordered_by=user.id,
            ordered_at=clock.now(),
        )
    )


@pytest.mark.parametrize(
    ("why", "code"), [(with_role, "still_appointed"), (with_hold, "under_hold")]
)
def test_with_a_role_or_under_a_hold_nobody_is_forgotten(
    app: Flask,
    build: Builder,
    admin: User,
    leaver: User,
    why: Callable[[Builder, User], None],
    code: str,
) -> None:
    why(build, leaver)
    with pytest.raises(Rejected, match=code):
        forget(build, admin, leaver)
    kept = build.fresh(User, leaver.id)
    assert (kept.full_name, kept.email, kept.erased_at) == (NAME, EMAIL, None)
