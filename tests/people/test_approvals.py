"""Roles that open children's files need a second word, and nobody gives one to oneself."""

from __future__ import annotations

from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from portal.core.access import Role
from portal.core.db import transaction
from portal.core.duties import Duty, waiting_for
from portal.core.errors import Rejected
from portal.people.actions import invitations as actions
from portal.people.actions.invitations import Invite, NewPerson, Proof
from portal.people.models import Invitation, User
from portal.people.policy import APPROVED_ROLES
from portal.schools.models import School
from tests.builders import PASSWORD, Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.people.doors import everything_in
from tests.trail import last
from tests.visits.screen import Screen

OPENS_FILES = {Role.SOCIAL_WORKER, Role.COORDINATOR, Role.DIVISION_HEAD, Role.OFFICE_HEAD}
EMAIL = "baru@uji.example"


@pytest.fixture
def admin(build: Builder) -> User:
    """Return the office's administrator."""
    return build.user(Role.ADMIN)


@pytest.fixture
def head(build: Builder) -> User:
    """Return the head of the division."""
    return build.user(Role.DIVISION_HEAD)


def invited(
    build: Builder, by: User, role: Role, school: School | None = None, email: str = EMAIL
) -> tuple[Invitation, str]:
    """Invite by the portal's own rules; return the invitation and its token."""
    actor = build.actor(by)
    command = Invite(role, school.id if school else None, "Orang Baru", email, None)
    with build.database.writer() as session, transaction(session):
        return actions.invite(session, actor, command)


def approved(build: Builder, by: User, invitation: Invitation) -> None:
    """Agree by the portal's own rules."""
    actor = build.actor(by)
    with build.database.writer() as session, transaction(session):
        actions.approve(session, actor, session.get_one(Invitation, invitation.id))


def waiting(build: Builder, user: User) -> list[Duty]:
    """Return what waits for somebody's word."""
    with build.database.reader() as session:
        every = waiting_for(session, build.actor(user))
    return [duty for duty in every if duty.kind == "approve_invitation"]


@on_sqlite
@pytest.mark.parametrize("role", [role for role in Role if role.value not in {"principal"}])
def test_these_roles_need_the_word_of_a_head(
    build: Builder, school: School, admin: User, head: User, role: Role
) -> None:
    at = school if role in {Role.TEACHER, Role.SCHOOL_OPERATOR, Role.FOCAL_TEAM} else None
    invitation, _token = invited(build, admin, role, at)
    assert invitation.needs_approval is (role in OPENS_FILES)
    assert bool(waiting(build, head)) is (role in OPENS_FILES)
    assert APPROVED_ROLES == OPENS_FILES


@pytest.mark.parametrize("role", [Role.DIVISION_HEAD, Role.OFFICE_HEAD])
def test_until_a_head_agrees_the_link_is_dead(
    app: Flask, build: Builder, admin: User, role: Role
) -> None:
    boss = build.user(role)
    invitation, token = invited(build, admin, Role.SOCIAL_WORKER)
    guest = PageClient(app)
    answers = {"full_name": "Orang Baru", "called": "", "password": "sungai kuda pelangi"}
    assert guest.get(f"/undangan/{token}").status_code == 410
    assert guest.post(f"/undangan/{token}", answers).status_code == 410
    desk = PageClient(app).sign_in(boss)
    agree = f"/undangan/{invitation.public_id}/setujui"
    home = Screen(desk.get("/beranda"))
    assert waiting(build, boss)[0].link in home.links()
    assert agree in Screen(desk.get("/pengguna")).actions()
    clerk = PageClient(app).sign_in(admin)
    assert agree not in Screen(clerk.get("/pengguna")).actions()
    assert clerk.post(agree).status_code == 403
    assert desk.post(agree).status_code == 303
    assert not waiting(build, boss)
    entry = last(build.database)
    assert (entry.action, entry.actor_id) == ("invitation.approved", boss.id)
    assert guest.get(f"/undangan/{token}").status_code == 200
    assert guest.post(f"/undangan/{token}", answers).status_code == 303


def test_without_a_head_the_first_one_can_come_in(app: Flask, build: Builder, admin: User) -> None:
    invitation, token = invited(build, admin, Role.DIVISION_HEAD)
    assert not invitation.needs_approval
    assert PageClient(app).get(f"/undangan/{token}").status_code == 200


def test_a_withdrawn_invitation_waits_for_nobody(
    app: Flask, build: Builder, admin: User, head: User
) -> None:
    invitation, _token = invited(build, admin, Role.COORDINATOR)
    assert len(waiting(build, head)) == 1
    client = PageClient(app).sign_in(admin)
    assert client.post(f"/undangan/{invitation.public_id}/batal").status_code == 303
    assert not waiting(build, head)
    desk = PageClient(app).sign_in(head)
    assert desk.post(f"/undangan/{invitation.public_id}/setujui").status_code == 404


def test_nobody_agrees_to_an_invitation_of_ones_own_making(
    app: Flask, build: Builder, admin: User
) -> None:
    both = build.user(Role.ADMIN)
    colleague = build.user(Role.OFFICE_HEAD)
    invitation, token = invited(build, both, Role.SOCIAL_WORKER)
    build.appoint(both, Role.DIVISION_HEAD)
    with pytest.raises(Rejected, match="not_allowed"):
        approved(build, both, invitation)
    assert PageClient(app).get(f"/undangan/{token}").status_code == 410
    approved(build, colleague, invitation)
    with pytest.raises(Rejected, match="not_allowed"):
        approved(build, colleague, invitation)


def test_nobody_agrees_to_a_role_for_oneself(
    app: Flask, build: Builder, admin: User, head: User
) -> None:
    invitation, _token = invited(build, admin, Role.OFFICE_HEAD, email=head.email or "")
    with pytest.raises(Rejected, match="own_rights"):
        approved(build, head, invitation)
    client = PageClient(app).sign_in(head)
    assert client.post(f"/undangan/{invitation.public_id}/setujui").status_code == 303
    assert build.fresh(Invitation, invitation.id).approved_at is None
    approved(build, build.user(Role.OFFICE_HEAD), invitation)


@pytest.mark.parametrize("contact", ["email", "phone"])
def test_nobody_invites_oneself(
    app: Flask, build: Builder, school: School, principal: User, contact: str
) -> None:
    client = PageClient(app).sign_in(principal)
    client.get("/undangan/baru?bahasa=en")
    sent = {
        "role": "teacher",
        "school": school.public_id,
        "full_name": "Saya",
        "email": "",
        "phone": "",
        contact: (getattr(principal, contact) or "").upper(),
    }
    response = client.post("/undangan/baru", sent)
    assert response.status_code == 422
    assert "Nobody changes their own rights." in response.text
    with build.database.reader() as session:
        assert not session.scalars(select(Invitation)).all()


def test_nobody_accepts_an_invitation_of_ones_own(
    app: Flask, build: Builder, school: School, admin: User
) -> None:
    invitation, token = invited(build, admin, Role.VOLUNTEER)
    # Later the contact becomes the inviter's own.
    with build.database.writer() as session, transaction(session):
        session.get_one(User, admin.id).email = EMAIL
    guest = PageClient(app)
    guest.get(f"/undangan/{token}")
    answers = {"full_name": "Saya", "called": "", "password": PASSWORD}
    assert guest.post(f"/undangan/{token}", answers).status_code == 422
    person = NewPerson("Saya", "", PASSWORD, "id")
    with build.database.writer() as session, pytest.raises(Rejected, match="own_rights"):
        actions.accept_invitation(session, token, person, Proof(account_id=admin.id))
    assert [held.role for held in build.actor(admin).appointments] == [Role.ADMIN]
    assert build.fresh(Invitation, invitation.id).used_at is None


def test_an_account_made_meanwhile_is_not_taken_over(build: Builder, admin: User) -> None:
    _invitation, token = invited(build, admin, Role.VOLUNTEER)
    owner = build.user(Role.VOLUNTEER, email=EMAIL)
    person = NewPerson("Orang Lain", "", PASSWORD, "id")
    for proof in (Proof(password_hash="x" * 50), Proof(account_id=admin.id)):
        with build.database.writer() as session, pytest.raises(Rejected, match="state_changed"):
            actions.accept_invitation(session, token, person, proof)
    assert build.fresh(User, owner.id).password_hash == owner.password_hash


def test_the_link_goes_by_whatsapp_by_mail_or_by_copy(
    app: Flask, build: Builder, school: School, principal: User
) -> None:
    client = PageClient(app).sign_in(principal)
    client.get("/undangan/baru?bahasa=en")
    sent = {
        "role": "teacher",
        "school": school.public_id,
        "full_name": "Dedi & Contoh?",
        "email": "de+di@uji.example",
        "phone": "0812 3456 7890",
    }
    page = Screen(client.post("/undangan/baru", sent))
    links = [unescape(each) for each in page.links()]
    whatsapp = urlsplit(next(each for each in links if "wa.me" in each))
    mail = urlsplit(next(each for each in links if each.startswith("mailto:")))
    assert (whatsapp.netloc, whatsapp.path) == ("wa.me", "/6281234567890")
    assert mail.path == "de%2Bdi%40uji.example"
    (text,) = parse_qs(whatsapp.query)["text"]
    assert parse_qs(mail.query)["body"] == [text]
    assert "+" not in mail.query
    assert text.startswith("Dedi & Contoh?, you are invited to Portal Mitra Sekolah as Teacher.")
    assert "within 48 hours: http://localhost:8000/undangan/" in text
    assert text in " ".join(page.text.split())
    assert text.rpartition("/")[2] not in everything_in(build.database)


def test_without_an_address_there_is_no_mail(app: Flask, school: School, principal: User) -> None:
    client = PageClient(app).sign_in(principal)
    client.get("/undangan/baru")
    sent = {
        "role": "teacher",
        "school": school.public_id,
        "full_name": "Dedi",
        "email": "",
        "phone": "0812 3456 7890",
    }
    links = Screen(client.post("/undangan/baru", sent)).links()
    assert not [each for each in links if each.startswith("mailto:")]
    assert [each for each in links if each.startswith("https://wa.me/6281234567890?")]
