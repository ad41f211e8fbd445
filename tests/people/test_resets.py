"""Lost passwords: who hears of it, who may hand a link over, and what the link does."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select, text
from time_machine import Traveller

from portal.config import Settings
from portal.core import clock
from portal.core.access import SCHOOL_ROLES, Role
from portal.core.db import Database, transaction
from portal.core.duties import Duty, waiting_for
from portal.core.errors import Rejected
from portal.people.actions import factors, resets
from portal.people.models import Membership, User
from portal.schools.models import School
from tests.builders import PASSWORD, TOTP_SECRET, Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.people.doors import code_now, everything_in, is_in, knock, show
from tests.trail import last, trail
from tests.visits.screen import Screen

NEW = "empat kata yang mudah diingat"
LINK = re.compile(r"http://localhost:8000(/sandi-baru/[\w-]{43})")


def membership_of(build: Builder, user: User) -> Membership:
    """Return somebody's first appointment."""
    with build.database.reader() as session:
        found = select(Membership).where(Membership.user_id == user.id).order_by(Membership.id)
        return session.scalars(found).first() or pytest.fail("no appointment")


def help_page(build: Builder, user: User) -> str:
    """Return the address at which somebody is helped."""
    return f"/pengguna/{membership_of(build, user).public_id}/tautan"


def ask(app: Flask, identifier: str | None) -> None:
    """Ask for help at the door."""
    client = PageClient(app)
    client.get("/lupa-sandi")
    response = client.post("/lupa-sandi", {"identifier": identifier})
    assert response.headers["Location"] == "/lupa-sandi/terkirim"
    assert client.get("/lupa-sandi/terkirim").status_code == 200


def wanted(build: Builder, user: User) -> list[Duty]:
    """Return the wishes for help that wait for somebody."""
    with build.database.reader() as session:
        return [
            duty for duty in waiting_for(session, build.actor(user)) if duty.kind == "reset_wanted"
        ]


def make(build: Builder, helper: User, user: User) -> str:
    """Make a link by the portal's own rules; return where it leads."""
    with build.database.writer() as session, transaction(session):
        membership = session.get_one(Membership, membership_of(build, user).id)
        _link, token = resets.make_link(session, build.actor(helper), membership)
    return f"/sandi-baru/{token}"


def test_a_teachers_wish_waits_once_on_the_principals_home_page(
    app: Flask, build: Builder, teacher: User, principal: User
) -> None:
    admin = build.user(Role.ADMIN)
    for identifier in (teacher.email, teacher.phone):
        ask(app, identifier)
    (duty,) = wanted(build, principal)
    assert duty.link == help_page(build, teacher)
    assert not wanted(build, admin)
    home = PageClient(app).sign_in(principal).get("/beranda")
    assert Screen(home).links().count(duty.link) == 1
    assert teacher.full_name in home.text


@on_sqlite
@pytest.mark.parametrize(
    "role", [Role.PRINCIPAL, Role.COORDINATOR, Role.EDUCATION_OFFICE, Role.VOLUNTEER]
)
def test_the_wish_of_others_waits_for_the_office(
    app: Flask, build: Builder, school: School, principal: User, role: Role
) -> None:
    admin = build.user(Role.ADMIN)
    user = build.user(role, school if role in SCHOOL_ROLES else None)
    ask(app, user.email)
    assert [duty.link for duty in wanted(build, admin)] == [help_page(build, user)]
    assert not wanted(build, principal)


@pytest.mark.parametrize("more", ["office", "other school", "no principal"])
def test_a_wish_the_principal_cannot_meet_waits_for_the_office(
    app: Flask, build: Builder, school: School, principal: User, teacher: User, more: str
) -> None:
    admin = build.user(Role.ADMIN)
    user = teacher
    if more == "office":
        build.appoint(teacher, Role.VOLUNTEER)
    elif more == "other school":
        build.appoint(teacher, Role.TEACHER, build.school())
    else:
        user = build.user(Role.TEACHER, build.school())
    ask(app, user.email)
    assert not wanted(build, principal)
    (duty,) = wanted(build, admin)
    assert PageClient(app).sign_in(admin).get(duty.link).status_code == 200


@pytest.mark.parametrize("who", ["siapa@uji.example", "ended"])
def test_the_wish_of_nobody_waits_for_nobody(
    app: Flask, build: Builder, school: School, principal: User, who: str
) -> None:
    yesterday = clock.today() - timedelta(days=1)
    gone = build.user(Role.TEACHER, school, ends_on=yesterday)
    admin = build.user(Role.ADMIN)
    ask(app, gone.email if who == "ended" else who)
    assert wanted(build, principal) == wanted(build, admin) == []
    entry = last(build.database)
    assert entry.action == "user.reset_asked"
    assert "siapa" not in str(entry.facts)


@on_sqlite
@pytest.mark.parametrize("role", Role)
def test_who_may_hand_a_link_over_to_a_teacher(
    build: Builder, school: School, teacher: User, role: Role
) -> None:
    helper = build.user(role, school if role in SCHOOL_ROLES else None)
    if role in {Role.PRINCIPAL, Role.ADMIN}:
        assert make(build, helper, teacher)
    else:
        with pytest.raises(Rejected, match="not_allowed"):
            make(build, helper, teacher)


@on_sqlite
@pytest.mark.parametrize("role", Role)
def test_an_admin_helps_everybody_and_a_principal_the_own_staff(
    build: Builder, school: School, principal: User, role: Role
) -> None:
    user = build.user(role, school if role in SCHOOL_ROLES else None)
    assert make(build, build.user(Role.ADMIN), user)
    if role in SCHOOL_ROLES - {Role.PRINCIPAL}:
        assert make(build, principal, user)
        build.appoint(user, Role.COORDINATOR)
    with pytest.raises(Rejected, match="not_allowed"):
        make(build, principal, user)


@on_sqlite
def test_nobody_hands_a_link_to_oneself_to_strangers_or_to_who_left(
    app: Flask, build: Builder, school: School, principal: User
) -> None:
    admin = build.user(Role.ADMIN)
    yesterday = clock.today() - timedelta(days=1)
    stranger = build.user(Role.TEACHER, build.school())
    gone = build.user(Role.TEACHER, school, ends_on=yesterday)
    for helper, user in (
        (admin, admin),
        (principal, principal),
        (principal, stranger),
        (principal, gone),
        (admin, gone),
    ):
        with pytest.raises(Rejected, match="not_allowed"):
            make(build, helper, user)
        client = PageClient(app).sign_in(helper)
        assert client.get(help_page(build, user)).status_code == 404
        assert client.post(help_page(build, user)).status_code in {404, 422}


@on_sqlite
@pytest.mark.parametrize("helper", Role)
@pytest.mark.parametrize("of", [Role.TEACHER, Role.PRINCIPAL, Role.COORDINATOR])
def test_who_may_take_a_second_proof_off(
    build: Builder, school: School, helper: Role, of: Role
) -> None:
    owner = build.user(of, school if of in SCHOOL_ROLES else None, totp_secret=TOTP_SECRET)
    actor = build.actor(build.user(helper, school if helper in SCHOOL_ROLES else None))
    heads = {Role.DIVISION_HEAD, Role.OFFICE_HEAD}
    allowed = helper in (heads | {Role.PRINCIPAL} if of is Role.TEACHER else heads)
    with build.database.writer() as session:
        user = session.get_one(User, owner.id)
        if allowed:
            with transaction(session):
                factors.clear_factors(session, actor, user)
        else:
            with pytest.raises(Rejected, match="not_allowed"):
                factors.clear_factors(session, actor, user)
    assert (build.fresh(User, owner.id).totp_secret is None) is allowed


@on_sqlite
@pytest.mark.parametrize("role", [Role.PRINCIPAL, Role.DIVISION_HEAD, Role.OFFICE_HEAD])
def test_nobody_takes_the_own_second_proof_off_this_way(
    build: Builder, school: School, role: Role
) -> None:
    user = build.user(role, school if role in SCHOOL_ROLES else None)
    actor = build.actor(user)
    with build.database.writer() as session, pytest.raises(Rejected, match="not_allowed"):
        factors.clear_factors(session, actor, session.get_one(User, user.id))


def test_taking_a_proof_off_signs_out_and_the_next_sign_in_sets_it_up(
    app: Flask, build: Builder, school: School
) -> None:
    head, owner = build.user(Role.DIVISION_HEAD), build.user(Role.PRINCIPAL, school)
    there, boss = PageClient(app).sign_in(owner), PageClient(app).sign_in(head)
    page = Screen(boss.get(help_page(build, owner)))
    clear = help_page(build, owner).replace("/tautan", "/lepas-bukti")
    assert page.actions().count(clear) == 1
    # The head takes the proof off, and hands no password over: two people are needed for both.
    assert help_page(build, owner) not in page.actions()
    assert boss.post(clear).status_code == 303
    assert not is_in(there)
    knock(there, owner.email)
    assert there.get("/beranda").headers["Location"].startswith("/akun/kode")
    removed = [each for each in trail(build.database) if each.action == "user.factor_removed"]
    assert [(each.actor_id, each.subject_id) for each in removed] == [(head.id, owner.id)]


def test_a_link_is_handed_over_used_once_and_ends_every_session(
    app: Flask, build: Builder, database: Database, teacher: User, principal: User
) -> None:
    ask(app, teacher.email)
    there, boss, guest = PageClient(app).sign_in(teacher), PageClient(app), PageClient(app)
    boss.sign_in(principal).get(help_page(build, teacher))
    page = boss.post(help_page(build, teacher))
    link = LINK.search(page.text)
    assert link
    hrefs = [unescape(each) for each in Screen(page).links()]
    whatsapp = next(each for each in hrefs if each.startswith("https://wa.me/"))
    assert (teacher.phone or "").lstrip("+") in whatsapp
    assert link[1] in parse_qs(urlsplit(whatsapp).query)["text"][0]
    mail = next(each for each in hrefs if each.startswith("mailto:"))
    assert link[1] in parse_qs(urlsplit(mail).query)["body"][0]
    assert not wanted(build, principal)
    token = link[1].rpartition("/")[2]
    assert token not in everything_in(database)
    for _scanner in range(3):
        assert guest.get(link[1]).status_code == 200
        assert guest.http.head(link[1]).status_code == 200
    assert is_in(there)
    response = guest.post(link[1], {"password": NEW})
    assert (response.status_code, response.headers["Location"]) == (303, "/masuk")
    assert not is_in(there)
    assert guest.get(link[1]).status_code == 410
    assert guest.post(link[1], {"password": PASSWORD}).status_code == 410
    assert knock(guest, teacher.email, PASSWORD).status_code == 422
    assert knock(guest, teacher.email, NEW).status_code == 303


def test_the_second_proof_stays(
    app: Flask, build: Builder, principal: User, now: Traveller
) -> None:
    link = make(build, build.user(Role.ADMIN), principal)
    guest = PageClient(app)
    guest.get(link)
    guest.post(link, {"password": NEW})
    assert knock(guest, principal.email, NEW).headers["Location"] == "/masuk/kode"
    assert not is_in(guest)
    assert show(guest, code_now()).status_code == 303


def test_a_newer_link_ends_the_older_one(
    app: Flask, build: Builder, teacher: User, principal: User
) -> None:
    old, new = (make(build, principal, teacher) for _time in range(2))
    guest = PageClient(app)
    assert guest.get(old).status_code == 410
    assert guest.post(old, {"password": NEW}).status_code == 410
    assert guest.get(new).status_code == 200


@on_sqlite
def test_a_link_works_for_a_day(
    app: Flask, build: Builder, teacher: User, principal: User, now: Traveller
) -> None:
    link = make(build, principal, teacher)
    guest = PageClient(app)
    now.shift(timedelta(hours=23, minutes=59))
    assert guest.get(link).status_code == 200
    now.shift(timedelta(minutes=2))
    assert guest.get(link).status_code == 410
    assert guest.post(link, {"password": NEW}).status_code == 410
    assert build.fresh(User, teacher.id).password_hash == teacher.password_hash


@on_sqlite
@pytest.mark.parametrize("wanted", ["", "x" * 11, "x" * 129, "sekolahmetro", "smp sendiri 1"])
def test_a_weak_password_does_not_use_the_link_up(
    app: Flask, build: Builder, teacher: User, principal: User, wanted: str
) -> None:
    link = make(build, principal, teacher)
    guest = PageClient(app)
    guest.get(link)
    assert guest.post(link, {"password": wanted}).status_code == 422
    assert guest.post(link, {"password": NEW}).status_code == 303


@pytest.mark.parametrize("token", ["x", "x" * 43, "%01", "%ff"])
def test_an_invented_link_is_over(client: PageClient, token: str) -> None:
    assert client.get(f"/sandi-baru/{token}").status_code == 410
    assert client.post(f"/sandi-baru/{token}", {"password": NEW}).status_code == 410


@on_sqlite
def test_the_token_is_in_no_byte_of_the_database(
    settings: Settings, build: Builder, database: Database, teacher: User, principal: User
) -> None:
    token = make(build, principal, teacher).rpartition("/")[2]
    with database.writer() as session:
        session.execute(text("SELECT 1"))
        session.commit()
    files = sorted(Path(settings.data_dir).glob("portal.db*"))
    assert files
    held = b"".join(path.read_bytes() for path in files)
    assert (teacher.email or "?").encode() in held
    assert token.encode() not in held
