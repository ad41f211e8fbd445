"""Invitations: who may write one, that its link works once, and what accepting it makes."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from time_machine import Traveller

from portal.core import clock
from portal.core.access import SCHOOL_ROLES, Role
from portal.core.db import Database, transaction
from portal.core.errors import Rejected
from portal.people.actions import invitations as actions
from portal.people.actions.invitations import Invite, NewPerson, Proof
from portal.people.actions.passwords import hash_password
from portal.people.models import Invitation, Membership, User
from portal.people.queries import appointments as queries
from portal.schools.models import School
from tests.builders import PASSWORD, Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.people.doors import everything_in

NEW_PASSWORD = "empat kata yang mudah diingat"
LINK = re.compile(r"http://localhost:8000(/undangan/[\w-]{43})")
STAFF = {Role.TEACHER, Role.SCHOOL_OPERATOR, Role.FOCAL_TEAM}


@dataclass
class Place:
    """Two schools with a principal each, and the office's administrator."""

    build: Builder
    own: School
    other: School
    principal: User
    stranger: User
    admin: User

    def invited(self, role: Role = Role.TEACHER, **more: Any) -> tuple[Invitation, str]:
        """Invite by the portal's own rules; return the invitation and its link."""
        school = self.own.id if role in SCHOOL_ROLES else None
        values = {"full_name": "Dedi Contoh", "email": "dedi@uji.example", "phone": None, **more}
        with transaction(self.build.session) as session:
            invitation, token = actions.invite(
                session, self.build.actor(self.admin), Invite(role, school, **values)
            )
        return invitation, f"/undangan/{token}"

    def count(self, model: type[Any]) -> int:
        """Count the rows of a table."""
        with self.build.database.reader() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0

    def held(self, email: str = "dedi@uji.example") -> set[tuple[Role, Any]]:
        """Return what the person with an address is appointed to today."""
        with self.build.database.reader() as session:
            user = session.scalars(sa.select(User).where(User.email == email)).one()
            found = queries.appointments_of(session, user.id)
        assert len(found) == len(set(found))
        return {(each.role, each.school_id) for each in found}


@pytest.fixture
def place(build: Builder) -> Place:
    """Return the two schools."""
    own, other = build.school("SMP Sendiri"), build.school("SMP Lain")
    return Place(
        build,
        own,
        other,
        build.user(Role.PRINCIPAL, own, name="Ibu Kepala"),
        build.user(Role.PRINCIPAL, other),
        build.user(Role.ADMIN),
    )


def wanted(school: School | None, role: Role = Role.TEACHER, **more: str) -> dict[str, str]:
    """Return the answers of the invitation form."""
    return {
        "role": role.value,
        "school": school.public_id if school else "",
        "full_name": "Dedi Contoh",
        "phone": "0812 3456 7890",
        "email": "Dedi@Uji.example",
        **more,
    }


def answers(password: str = NEW_PASSWORD, **more: str) -> dict[str, str]:
    """Return the answers of whoever accepts."""
    return {"full_name": "Dedi Contoh", "called": "Pak Dedi", "password": password, **more}


def test_a_principal_hands_over_a_link_and_the_teacher_is_in(app: Flask, place: Place) -> None:
    principal, teacher = PageClient(app).sign_in(place.principal), PageClient(app)
    principal.get("/undangan/baru")
    page = principal.post("/undangan/baru", wanted(place.own))
    assert page.status_code == 200
    link = LINK.search(page.text)
    assert link
    assert "https://wa.me/6281234567890?text=Dedi+Contoh" in unescape(page.text)
    shown = teacher.get(link[1]).text
    assert "Ibu Kepala" in shown
    assert "Guru, SMP Sendiri" in shown
    response = teacher.post(link[1], answers())
    assert (response.status_code, response.headers["Location"]) == (303, "/beranda")
    # Before anything else comes the code of conduct.
    assert teacher.get("/beranda").headers["Location"] == "/tata-laku?lanjut=/beranda"
    teacher.get("/tata-laku")
    sent = teacher.post("/tata-laku", {"lanjut": "/beranda"})
    assert sent.headers["Location"] == "/beranda"
    assert "Pak Dedi" in teacher.get("/beranda").text
    assert place.held() == {(Role.TEACHER, place.own.id)}
    kept = teacher.builder.fresh(User, _user(place, "dedi@uji.example").id)
    assert (kept.full_name, kept.phone, kept.language) == ("Dedi Contoh", "+6281234567890", "id")


def _user(place: Place, email: str) -> User:
    with place.build.database.reader() as session:
        return session.scalars(sa.select(User).where(User.email == email)).one()


def test_the_link_is_shown_once_and_kept_nowhere(
    app: Flask, place: Place, database: Database
) -> None:
    principal = PageClient(app).sign_in(place.principal)
    link = LINK.search(principal.post("/undangan/baru", wanted(place.own)).text)
    assert link
    token = link[1].rpartition("/")[2]
    assert token not in everything_in(database)
    people = principal.get("/pengguna").text
    assert "Dedi Contoh" in people
    assert token not in people


@on_sqlite
@pytest.mark.parametrize("role", [role for role in Role if role not in STAFF])
def test_a_form_tampered_with_gives_a_principal_no_other_role(
    app: Flask, place: Place, role: Role
) -> None:
    client = PageClient(app).sign_in(place.principal)
    assert f'value="{role.value}"' not in client.get("/undangan/baru").text
    for school in (place.own, None):
        assert client.post("/undangan/baru", wanted(school, role)).status_code == 422
    assert place.count(Invitation) == 0


def test_a_form_tampered_with_gives_a_principal_no_other_school(app: Flask, place: Place) -> None:
    client = PageClient(app).sign_in(place.principal)
    assert place.other.name not in client.get("/undangan/baru").text
    for school in (place.other.public_id, str(place.other.id), "", "x", "\x00"):
        response = client.post("/undangan/baru", {**wanted(place.own), "school": school})
        assert response.status_code == 422
    assert client.get(f"/undangan/baru?sekolah={place.other.public_id}").status_code == 200
    assert place.count(Invitation) == 0


@on_sqlite
@pytest.mark.parametrize("inviter", Role)
def test_the_rule_behind_the_form_says_the_same(
    session: Session, place: Place, inviter: Role
) -> None:
    school = place.own if inviter in SCHOOL_ROLES else None
    actor = place.build.actor(place.build.user(inviter, school))
    allowed = set()
    for role in Role:
        for where in (place.own, place.other, None):
            command = Invite(role, where.id if where else None, "X", "x@uji.example", None)
            with suppress(Rejected), transaction(session):
                actions.invite(session, actor, command)
                allowed.add((role, where.name if where else None))
    if inviter is Role.PRINCIPAL:
        assert allowed == {(role, "SMP Sendiri") for role in STAFF}
    elif inviter is Role.ADMIN:
        at_school = {(role, name) for role in SCHOOL_ROLES for name in ("SMP Sendiri", "SMP Lain")}
        assert allowed == at_school | {(role, None) for role in Role if role not in SCHOOL_ROLES}
    else:
        assert not allowed


@on_sqlite
@pytest.mark.parametrize("role", Role)
def test_the_administrator_invites_to_every_role_at_the_right_place(
    app: Flask, place: Place, role: Role
) -> None:
    client = PageClient(app).sign_in(place.admin)
    client.get("/undangan/baru")
    # A school chosen for an office role is passed over; a school role without a school is not.
    assert client.post("/undangan/baru", wanted(place.own, role)).status_code == 200
    with place.build.database.reader() as session:
        (kept,) = session.scalars(sa.select(Invitation))
    assert (kept.role, kept.school_id) == (role, place.own.id if role in SCHOOL_ROLES else None)
    client.get("/undangan/baru")
    response = client.post("/undangan/baru", wanted(None, role))
    assert response.status_code == (422 if role in SCHOOL_ROLES else 200)
    assert ("Pilih sekolah untuk peran ini." in response.text) == (role in SCHOOL_ROLES)


@on_sqlite
@pytest.mark.parametrize(
    "role", [role for role in Role if role not in {Role.PRINCIPAL, Role.ADMIN}]
)
def test_nobody_else_sees_the_form(app: Flask, place: Place, role: Role) -> None:
    user = place.build.user(role, place.own if role in SCHOOL_ROLES else None)
    client = PageClient(app).sign_in(user)
    assert client.get("/undangan/baru").status_code == 403
    assert client.post("/undangan/baru", wanted(place.own)).status_code == 403
    assert place.count(Invitation) == 0


@on_sqlite
@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"phone": "", "email": ""}, "Tulis nomor WhatsApp atau surel, satu saja cukup."),
        ({"phone": "  ", "email": " "}, "Tulis nomor WhatsApp atau surel, satu saja cukup."),
        ({"phone": "12"}, "Periksa lagi nomornya."),
        ({"phone": "bukan <nomor>"}, "Periksa lagi nomornya."),
        ({"phone": "0812 3456 7890 1234 5678"}, "Periksa lagi nomornya."),
        ({"email": "dedi"}, "Periksa lagi alamatnya."),
        ({"email": "dedi@"}, "Periksa lagi alamatnya."),
        ({"email": 'de"di@uji@contoh'}, "Periksa lagi alamatnya."),
        ({"full_name": "   "}, "Tulis namanya"),
        ({"full_name": "x" * 161}, "160"),
    ],
)
def test_a_slip_keeps_what_was_typed(
    app: Flask, place: Place, changed: dict[str, str], sentence: str
) -> None:
    client = PageClient(app).sign_in(place.principal)
    client.get("/undangan/baru")
    sent = wanted(place.own, Role.SCHOOL_OPERATOR, **changed)
    response = client.post("/undangan/baru", sent)
    page = unescape(response.text)
    assert response.status_code == 422
    assert sentence in page
    for name in ("full_name", "phone", "email"):
        assert f'value="{sent[name].strip()}"' in page
    assert '<option selected value="school_operator">' in page
    assert place.count(Invitation) == 0


@pytest.mark.parametrize("name", ["full_name", "phone", "email", "role"])
def test_an_invisible_character_breaks_nothing(app: Flask, place: Place, name: str) -> None:
    client = PageClient(app).sign_in(place.principal)
    sent = wanted(place.own)
    sent[name] = sent[name][:3] + "\x00" + sent[name][3:]
    assert client.post("/undangan/baru", sent).status_code in {200, 422}


def test_opening_the_link_uses_nothing_up(client: PageClient, place: Place) -> None:
    _invitation, link = place.invited()
    for _scanner in range(3):
        assert client.get(link).status_code == 200
        assert client.http.head(link).status_code == 200
    assert client.http.post(link, data=answers()).status_code == 400
    assert client.post(link, answers()).status_code == 303


def test_the_link_works_once(app: Flask, place: Place) -> None:
    _invitation, link = place.invited()
    assert PageClient(app).post(link, answers()).status_code == 303
    late = PageClient(app)
    assert late.get(link).status_code == 410
    response = late.post(link, answers())
    assert response.status_code == 410
    assert "Tautan ini tidak berlaku lagi" in response.text
    assert place.held() == {(Role.TEACHER, place.own.id)}


def test_the_link_works_for_forty_eight_hours(
    client: PageClient, place: Place, now: Traveller
) -> None:
    # The appointments of the fixture were made before the clock stopped.
    now.move_to(clock.now() + timedelta(days=400))
    _invitation, link = place.invited()
    now.shift(timedelta(hours=47, minutes=59))
    assert client.get(link).status_code == 200
    now.shift(timedelta(minutes=2))
    assert client.get(link).status_code == 410
    assert client.post(link, answers()).status_code == 410
    with pytest.raises(sa.exc.NoResultFound):
        place.held()


@pytest.mark.parametrize("token", ["x", "x" * 43, "%01", "%ff", "x" * 3000])
def test_an_invented_link_is_over_too(client: PageClient, token: str) -> None:
    assert client.get(f"/undangan/{token}").status_code == 410
    assert client.post(f"/undangan/{token}", answers()).status_code == 410


def test_a_withdrawn_link_is_dead(app: Flask, place: Place) -> None:
    invitation, link = place.invited()
    stranger, principal, guest = (PageClient(app) for _ in range(3))
    address = f"/undangan/{invitation.public_id}/batal"
    assert stranger.sign_in(place.stranger).post(address).status_code == 404
    assert guest.get(link).status_code == 200
    assert principal.sign_in(place.principal).post(address).status_code == 303
    assert "Undangan itu tidak berlaku lagi" in principal.get("/pengguna").text
    assert guest.get(link).status_code == 410
    assert guest.post(link, answers()).status_code == 410
    assert principal.post(address).status_code == 404


def test_a_principal_withdraws_no_invitation_the_principal_may_not_write(
    app: Flask, place: Place
) -> None:
    invitation, link = place.invited(Role.PRINCIPAL)
    client = PageClient(app).sign_in(place.principal)
    client.post(f"/undangan/{invitation.public_id}/batal")
    assert client.get(link).status_code == 200


@pytest.mark.parametrize("contact", ["email", "phone"])
def test_who_has_an_account_already_proves_it_and_then_holds_both_roles(
    client: PageClient, place: Place, contact: str
) -> None:
    user = place.build.user(Role.TEACHER, place.other, email="dedi@uji.example", name="Dedi Lama")
    reach = {"email": None, "phone": None, contact: getattr(user, contact)}
    _invitation, link = place.invited(**reach)
    response = client.post(link, answers())
    assert response.status_code == 422
    assert "Anda sudah punya akun dengan kontak ini" in response.text
    assert place.held() == {(Role.TEACHER, place.other.id)}
    assert not client.http.get_cookie("sid")
    assert client.post(link, answers(PASSWORD)).status_code == 303
    assert place.held() == {(Role.TEACHER, place.other.id), (Role.TEACHER, place.own.id)}
    kept = place.build.fresh(User, user.id)
    assert (kept.full_name, kept.password_hash) == ("Dedi Lama", user.password_hash)
    assert client.get("/beranda").status_code == 200


@on_sqlite
@pytest.mark.parametrize(
    "changed",
    [
        {"password": "x" * 11},
        {"password": "x" * 129},
        {"password": ""},
        {"full_name": " "},
        {"full_name": "x" * 161},
        {"called": "x" * 61},
    ],
)
def test_a_slip_while_accepting_makes_no_account(
    client: PageClient, place: Place, changed: dict[str, str]
) -> None:
    _invitation, link = place.invited()
    before = place.count(User)
    response = client.post(link, {**answers(), **changed})
    assert response.status_code == 422
    assert (place.count(User), NEW_PASSWORD in response.text) == (before, False)
    assert client.post(link, answers()).status_code == 303


def test_the_language_of_whoever_accepts_becomes_the_accounts(
    client: PageClient, place: Place
) -> None:
    _invitation, link = place.invited()
    client.get(f"{link}?bahasa=en")
    client.post(link, answers())
    assert _user(place, "dedi@uji.example").language == "en"


@pytest.mark.parametrize("known", [False, True], ids=["new person", "existing account"])
def test_of_presses_at_the_same_moment_exactly_one_appoints(
    database: Database, place: Place, known: bool
) -> None:
    proof = Proof(password_hash=hash_password(NEW_PASSWORD))
    if known:
        user = place.build.user(Role.TEACHER, place.other, email="dedi@uji.example")
        proof = Proof(account_id=user.id)
    _invitation, link = place.invited()
    token = link.rpartition("/")[2]
    place.build.close()
    person = NewPerson("Dedi Contoh", "", PASSWORD, "id")
    presses = 4
    barrier = Barrier(presses)

    def press(_number: int) -> str:
        with database.writer() as session:
            barrier.wait(30)
            try:
                with transaction(session):
                    actions.accept_invitation(session, token, person, proof)
            except Rejected as problem:
                return problem.code
        return "in"

    with ThreadPoolExecutor(presses) as pool:
        results = sorted(pool.map(press, range(presses)))
    assert results == ["in", *["invitation_over"] * (presses - 1)]
    before = {(Role.TEACHER, place.other.id)} if known else set()
    assert place.held() == before | {(Role.TEACHER, place.own.id)}
    # Three of the fixture, one of this invitation.
    assert place.count(Membership) == 4 + known
