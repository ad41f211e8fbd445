"""What comes before a page: sign-in, the code of conduct, a second proof, the password again."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select
from time_machine import Traveller

from portal.core import clock, drafts
from portal.core.access import Actor, Permission, Role
from portal.core.drafts import Draft
from portal.people.models import User
from portal.schools.models import School
from tests.builders import PASSWORD, Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.people.doors import WRONG, closed_views, code_now, is_in, knock, show
from tests.trail import last
from tests.visits.screen import Screen

MINUTE = timedelta(minutes=1)
HERE = "http://localhost"
INVITE = "/undangan/baru"
# What asks for the password again, besides what passkeys add.
SENSITIVE = {
    "people.add_factor",
    "people.approve_invitation",
    "people.change_contacts",
    "people.clear_factor",
    "people.confirm",
    "people.contacts_form",
    "people.emergency",
    "people.end_form",
    "people.end_membership",
    "people.factor_form",
    "people.help_form",
    "people.invitation_form",
    "people.invite",
    "people.make_recovery_codes",
    "people.make_reset_link",
    "people.recovery_codes_form",
    "people.remove_factor",
    "people.review",
    "people.review_emergency",
}


def target(response: object, *, htmx: bool = False) -> str:
    """Return where an answer sends the browser, without what is asked for there."""
    headers = response.headers  # type: ignore[attr-defined]
    return str(headers.get("HX-Redirect" if htmx else "Location", "")).partition("?")[0]


def reachable(app: Flask, actor: Actor, method: str) -> dict[str, str]:
    """Return the addresses a role opens that are not there for the first steps."""
    return {
        endpoint: address
        for endpoint, (address, view) in closed_views(app, method).items()
        if actor.may_somewhere(view.access) and not hasattr(view, "early")
    }


@on_sqlite
@pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
def test_a_principal_without_a_second_proof_opens_nothing_else(
    app: Flask, build: Builder, school: School, *, htmx: bool
) -> None:
    user = build.user(Role.PRINCIPAL, school, totp_secret=None)
    client = PageClient(app).sign_in(user)
    headers = {"HX-Request": "true"} if htmx else {}
    for method in ("GET", "POST"):
        addresses = reachable(app, build.actor(user), method)
        assert len(addresses) > 8
        for endpoint, address in addresses.items():
            response = client.http.open(address, method=method, headers=headers)
            assert target(response, htmx=htmx) == "/akun/kode", endpoint


def test_who_sets_it_up_lands_inside(app: Flask, build: Builder, school: School) -> None:
    user = build.user(Role.PRINCIPAL, school, totp_secret=None)
    client = PageClient(app)
    assert knock(client, user.email).headers["Location"] == "/beranda"
    assert target(client.get("/beranda")) == "/akun/kode"
    page = Screen(client.get("/akun/kode"))
    secret = page.with_class("code-key")[0].replace(" ", "")
    sent = {"code": code_now(secret=secret), "offer": page.value("offer")}
    done = Screen(client.post("/akun/kode", sent))
    assert done.status == 200
    assert "/beranda" in done.links()
    assert is_in(client)


@on_sqlite
@pytest.mark.parametrize("needed", [False, True])
def test_the_office_decides_which_roles_need_one(
    app: Flask, build: Builder, teacher: User, *, needed: bool
) -> None:
    build.setting("second_factor_roles", ["teacher"] if needed else ["principal"])
    response = PageClient(app).sign_in(teacher).get("/beranda")
    assert target(response) == ("/akun/kode" if needed else "")


@on_sqlite
@pytest.mark.parametrize("role", Role)
def test_by_default_these_roles_need_one(build: Builder, app: Flask, role: Role) -> None:
    at = (
        build.school()
        if role in {"principal", "school_operator", "teacher", "focal_team"}
        else None
    )
    user = build.user(role, at, totp_secret=None)
    free = {Role.SCHOOL_OPERATOR, Role.TEACHER, Role.EDUCATION_OFFICE, Role.VOLUNTEER}
    response = PageClient(app).sign_in(user).get("/beranda")
    assert target(response) == ("" if role in free else "/akun/kode")


def test_the_code_of_conduct_comes_first(app: Flask, build: Builder, school: School) -> None:
    user = build.user(Role.PRINCIPAL, school, totp_secret=None, conduct_edition=None)
    client = PageClient(app).sign_in(user)
    for path in ("/pengguna?q=a", "/beranda", INVITE):
        response = client.get(path)
        assert response.headers["Location"].startswith("/tata-laku?lanjut="), path
    page = Screen(client.get("/tata-laku?lanjut=/pengguna?q=a"))
    assert page.value("lanjut") == "/pengguna?q=a"
    sent = client.post("/tata-laku", {"lanjut": page.value("lanjut")})
    assert sent.headers["Location"] == "/pengguna?q=a"
    kept = build.fresh(User, user.id)
    assert (kept.conduct_edition, kept.conduct_accepted_at is not None) == (1, True)
    entry = last(build.database, "user")
    assert (entry.action, entry.facts) == ("user.conduct_accepted", {"edition": 1})
    # And then the second proof.
    assert target(client.get("/pengguna?q=a")) == "/akun/kode"


def test_a_new_edition_asks_again(app: Flask, build: Builder, teacher: User) -> None:
    client = PageClient(app).sign_in(teacher)
    assert is_in(client)
    build.setting("conduct_edition", 2)
    assert target(client.get("/beranda")) == "/tata-laku"
    client.get("/tata-laku")
    assert client.post("/tata-laku", {"lanjut": "//evil.example"}).headers["Location"] == "/beranda"
    assert is_in(client)
    assert build.fresh(User, teacher.id).conduct_edition == 2
    assert not Screen(client.get("/tata-laku")).named("lanjut")


def test_these_pages_and_buttons_ask_for_the_password_again(app: Flask) -> None:
    asking = {name for name, view in app.view_functions.items() if hasattr(view, "fresh")}
    assert {each for each in asking if "people." in each and "passkey" not in each} == SENSITIVE


@on_sqlite
@pytest.mark.parametrize("minutes", [10, 3])
def test_after_some_minutes_the_password_is_asked_for_and_one_goes_on(
    app: Flask, build: Builder, principal: User, now: Traveller, minutes: int
) -> None:
    if minutes != 10:
        build.setting("step_up_minutes", minutes)
    client = PageClient(app).sign_in(principal)
    now.shift(minutes * MINUTE)
    assert client.get(INVITE).status_code == 200
    now.shift(timedelta(seconds=1))
    for htmx in (False, True):
        response = client.http.get(INVITE, headers={"HX-Request": "true"} if htmx else {})
        assert target(response, htmx=htmx) == "/akun/pastikan"
    page = Screen(client.get("/akun/pastikan?lanjut=/undangan/baru?sekolah=x"))
    sent = {"password": WRONG, "lanjut": page.value("lanjut")}
    assert client.post("/akun/pastikan", sent).status_code == 422
    assert target(client.get(INVITE)) == "/akun/pastikan"
    sent["password"] = PASSWORD
    assert client.post("/akun/pastikan", sent).headers["Location"] == "/undangan/baru?sekolah=x"
    assert client.get(INVITE).status_code == 200
    # What is not sensitive asks nothing.
    now.shift(29 * MINUTE)
    assert client.get("/pengguna").status_code == 200


def test_nobody_is_led_to_another_site_by_the_password(app: Flask, teacher: User) -> None:
    client = PageClient(app).sign_in(teacher)
    sent = {"password": PASSWORD, "lanjut": "//evil.example"}
    assert client.post("/akun/pastikan", sent).headers["Location"] == "/beranda"


def typed(school: School) -> dict[str, str]:
    """Return an invitation somebody wrote, and secrets that must not be kept."""
    return {
        "role": "school_operator",
        "school": school.public_id,
        "full_name": "Bu <Baru> Sekali",
        "phone": "0812 0000 7777",
        "email": "",
        "password": "rahasia sekali 1",
        "code": "123456",
    }


def leave(client: PageClient, build: Builder, why: str, user: User, now: Traveller) -> None:
    """Let something come up before the form is sent."""
    if why == "session over":
        now.shift(31 * MINUTE)
    elif why == "password again":
        now.shift(11 * MINUTE)
    else:
        build.setting("conduct_edition", 2)


@on_sqlite
@pytest.mark.parametrize(
    ("why", "door"),
    [
        ("session over", "/masuk"),
        ("password again", "/akun/pastikan"),
        ("new conduct", "/tata-laku"),
    ],
)
def test_what_was_typed_comes_back_for_its_writer_alone(
    app: Flask,
    build: Builder,
    school: School,
    principal: User,
    now: Traveller,
    why: str,
    door: str,
) -> None:
    client = PageClient(app).sign_in(principal)
    client.get(INVITE)
    leave(client, build, why, principal, now)
    sent = client.post(INVITE, typed(school), headers={"Referer": f"{HERE}{INVITE}"})
    assert target(sent) == door
    back = Screen(client.get(sent.headers["Location"])).value("lanjut")
    assert back.startswith(f"{INVITE}?isian=")
    if why == "session over":
        knock(client, principal.email, lanjut=back)
        arrived = show(client, code_now(), lanjut=back)
    else:
        data = {"password": PASSWORD, "lanjut": back}
        arrived = client.post(door, data)
    assert arrived.headers["Location"] == back
    page = Screen(client.get(back))
    assert (page.status, page.value("full_name"), page.value("phone"), page.value("role")) == (
        200,
        "Bu <Baru> Sekali",
        "0812 0000 7777",
        "school_operator",
    )
    assert "rahasia sekali 1" not in unescape(page.html)
    colleague = PageClient(app).sign_in(build.user(Role.PRINCIPAL, school, conduct_edition=2))
    other = Screen(colleague.get(back))
    assert (other.status, other.value("full_name")) == (200, "")


def test_secrets_are_kept_in_no_draft(
    app: Flask, build: Builder, school: School, principal: User, now: Traveller
) -> None:
    client = PageClient(app).sign_in(principal)
    client.get(INVITE)
    now.shift(11 * MINUTE)
    client.post(INVITE, typed(school), headers={"Referer": f"{HERE}{INVITE}"})
    with build.database.reader() as session:
        (draft,) = session.scalars(select(Draft))
        kept = dict(drafts.fields_of(draft))
    assert set(kept) == {"role", "school", "full_name", "phone", "email"}
    assert draft.user_id == principal.id
    assert draft.saved_at == clock.now()


def test_a_form_of_secrets_alone_leaves_nothing(
    app: Flask, build: Builder, teacher: User, now: Traveller
) -> None:
    client = PageClient(app).sign_in(teacher)
    client.get("/akun/sandi")
    now.shift(31 * MINUTE)
    data = {"present": PASSWORD, "password": "empat kata yang mudah diingat"}
    sent = client.post("/akun/sandi", data, headers={"Referer": f"{HERE}/akun/sandi"})
    assert sent.headers["Location"] == "/masuk?lanjut=/akun/sandi"
    with build.database.reader() as session:
        assert not session.scalars(select(Draft)).all()


@on_sqlite
@pytest.mark.parametrize("referrer", ["https://evil.example/undangan/baru", ""])
def test_a_form_from_elsewhere_leaves_nothing(
    app: Flask, build: Builder, school: School, principal: User, now: Traveller, referrer: str
) -> None:
    client = PageClient(app).sign_in(principal)
    now.shift(11 * MINUTE)
    sent = client.post(INVITE, typed(school), headers={"Referer": referrer})
    assert sent.headers["Location"] == "/akun/pastikan"
    with build.database.reader() as session:
        assert not session.scalars(select(Draft)).all()


@on_sqlite
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_lost_the_role_a_second_ago_opens_nothing(
    app: Flask, build: Builder, school: School, method: str
) -> None:
    ended = build.user(Role.COORDINATOR, ends_on=clock.today() - timedelta(days=1))
    build.appoint(ended, Role.TEACHER, school)
    client = PageClient(app).sign_in(ended)
    assert is_in(client)
    with build.session.begin():
        for held in build.session.scalars(select(User.memberships.property.mapper.class_)):
            held.ends_on = clock.today() - timedelta(days=1)
    for endpoint, (address, view) in closed_views(app, method).items():
        assert isinstance(view.access, Permission)
        response = client.http.open(address, method=method)
        assert target(response) == "/masuk", endpoint
