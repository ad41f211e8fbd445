"""Who holds which role, ending one, the own account, and the door of a demonstration."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import SCHOOL_ROLES, Role
from portal.core.db import Database, transaction
from portal.core.errors import Rejected
from portal.core.settings import DEMO
from portal.people import actions
from portal.people.models import Membership, SignInSession, User
from portal.schools.models import School
from tests.builders import PASSWORD, Builder
from tests.client import PageClient
from tests.conftest import on_sqlite

DAY = timedelta(days=1)


@pytest.fixture
def school(build: Builder) -> School:
    """Return the school most of this is about."""
    return build.school("SMP Sendiri")


@pytest.fixture
def principal(build: Builder, school: School) -> User:
    """Return its principal."""
    return build.user(Role.PRINCIPAL, school, name="Ibu Kepala")


def membership_of(build: Builder, user: User, at: School | None = None) -> Membership:
    """Return somebody's latest appointment (at a school), as it is kept."""
    query = sa.select(Membership).where(Membership.user_id == user.id)
    if at:
        query = query.where(Membership.school_id == at.id)
    with build.database.reader() as session:
        return max(session.scalars(query), key=lambda each: (each.starts_on, each.id))


def ending(build: Builder, user: User, at: School | None = None) -> str:
    """Return the address that ends somebody's role."""
    return f"/pengguna/{membership_of(build, user, at).public_id}/akhiri"


def test_a_principal_sees_the_people_of_the_own_school_only(
    client: PageClient, build: Builder, school: School, principal: User
) -> None:
    other = build.school("SMP Lain")
    build.user(Role.TEACHER, school, name="Guru Sendiri")
    build.user(Role.TEACHER, school, name="Guru Dulu", ends_on=clock.today() - DAY)
    build.user(Role.TEACHER, other, name="Guru Lain")
    build.user(Role.COORDINATOR, name="Orang Kantor")
    page = client.sign_in(principal).get("/pengguna").text
    for name in ("Ibu Kepala", "Guru Sendiri"):
        assert name in page
    for name in ("Guru Lain", "Orang Kantor", "Guru Dulu", "SMP Lain"):
        assert name not in page
    everybody = client.sign_in(build.user(Role.ADMIN)).get("/pengguna").text
    for name in ("Ibu Kepala", "Guru Sendiri", "Guru Lain", "Orang Kantor"):
        assert name in everybody
    assert "Guru Dulu" not in everybody


@on_sqlite
@pytest.mark.parametrize(
    "role", [role for role in Role if role not in {Role.PRINCIPAL, Role.ADMIN}]
)
def test_nobody_else_lists_people_or_ends_roles(
    client: PageClient, build: Builder, school: School, role: Role
) -> None:
    teacher = build.user(Role.TEACHER, school)
    client.sign_in(build.user(role, school if role in SCHOOL_ROLES else None))
    assert client.get("/pengguna").status_code == 403
    assert client.post(ending(build, teacher)).status_code == 403
    assert membership_of(build, teacher).ends_on is None


def test_ending_a_role_signs_the_person_out_at_once(
    app: Flask, build: Builder, school: School, principal: User
) -> None:
    teacher = build.user(Role.TEACHER, school, name="Guru Contoh")
    boss, first, second = (PageClient(app) for _ in range(3))
    for device in (first, second):
        assert device.sign_in(teacher).get("/beranda").status_code == 200
    boss.sign_in(principal).get("/pengguna")
    assert boss.post(ending(build, teacher)).status_code == 303
    page = boss.get("/pengguna").text
    assert "Peran Guru Contoh sudah diakhiri" in page
    assert membership_of(build, teacher).ends_on == clock.today() - DAY
    for device in (first, second):
        assert device.get("/beranda").status_code == 303
    first.get("/masuk")
    answer = first.post("/masuk", {"identifier": teacher.email, "password": PASSWORD})
    assert answer.status_code == 422


def test_a_role_that_began_today_can_end_today(
    app: Flask, build: Builder, session: Session, school: School, principal: User
) -> None:
    teacher = build.user(Role.TEACHER, school, ends_on=clock.today() - DAY)
    build.save(
        Membership(
            user_id=teacher.id, role=Role.TEACHER, school_id=school.id, starts_on=clock.today()
        )
    )
    client = PageClient(app).sign_in(principal)
    client.post(ending(build, teacher))
    assert not build.actor(teacher).appointments


def test_a_role_elsewhere_stays_and_needs_a_new_sign_in(
    app: Flask, build: Builder, school: School, principal: User
) -> None:
    other = build.school("SMP Lain")
    teacher = build.user(Role.TEACHER, other)
    build.appoint(teacher, Role.TEACHER, school)
    guest, boss = PageClient(app).sign_in(teacher), PageClient(app).sign_in(principal)
    boss.post(ending(build, teacher, school))
    assert guest.get("/beranda").status_code == 303
    assert [each.school_id for each in build.actor(teacher).appointments] == [other.id]
    guest.get("/masuk")
    answer = guest.post("/masuk", {"identifier": teacher.email, "password": PASSWORD})
    assert answer.status_code == 303


def test_nobody_ends_the_own_role(app: Flask, build: Builder, principal: User) -> None:
    for user in (principal, build.user(Role.ADMIN)):
        client = PageClient(app).sign_in(user)
        assert ending(build, user) not in client.get("/pengguna").text
        client.post(ending(build, user))
        assert membership_of(build, user).ends_on is None
        assert client.get("/beranda").status_code == 200


def test_a_principal_ends_no_role_the_principal_may_not_give(
    app: Flask, build: Builder, school: School, principal: User
) -> None:
    deputy = build.user(Role.PRINCIPAL, school)
    client = PageClient(app).sign_in(principal)
    assert ending(build, deputy) not in client.get("/pengguna").text
    client.post(ending(build, deputy))
    assert membership_of(build, deputy).ends_on is None


def test_another_schools_people_do_not_exist_for_a_principal(
    app: Flask, build: Builder, principal: User
) -> None:
    strangers = [build.user(Role.TEACHER, build.school()), build.user(Role.COORDINATOR)]
    client = PageClient(app).sign_in(principal)
    for stranger in strangers:
        assert client.post(ending(build, stranger)).status_code == 404
        assert membership_of(build, stranger).ends_on is None
    assert client.post(f"/pengguna/{'x' * 22}/akhiri").status_code == 404


def test_a_late_press_never_lengthens_a_role_that_ended_long_ago(
    app: Flask, build: Builder, school: School, principal: User
) -> None:
    long_ago = clock.today() - 10 * DAY
    teacher = build.user(Role.TEACHER, school, ends_on=long_ago)
    client = PageClient(app).sign_in(principal)
    client.post(ending(build, teacher))
    assert membership_of(build, teacher).ends_on == long_ago


def test_ending_needs_the_token_of_a_form(
    app: Flask, build: Builder, school: School, principal: User
) -> None:
    teacher = build.user(Role.TEACHER, school)
    client = PageClient(app).sign_in(principal)
    assert client.http.post(ending(build, teacher)).status_code == 400
    assert membership_of(build, teacher).ends_on is None


def test_the_account_page_changes_name_and_form_of_address(
    client: PageClient, build: Builder, school: School
) -> None:
    user = build.user(Role.TEACHER, school, name="Dedi Lama")
    build.appoint(user, Role.VOLUNTEER)
    page = client.sign_in(user).get("/akun").text
    for text in ("Dedi Lama", "Guru, SMP Sendiri", "Relawan", user.email, user.phone):
        assert str(text) in page
    sent = {"full_name": "  Dedi <Baru> ", "called": "Pak D'di", "email": "lain@uji.example"}
    assert client.post("/akun", sent).status_code == 303
    page = client.get("/akun").text
    assert "Tersimpan." in page
    assert 'value="Dedi &lt;Baru&gt;"' in page
    kept = build.fresh(User, user.id)
    assert (kept.full_name, kept.called) == ("Dedi <Baru>", "Pak D'di")
    assert (kept.email, kept.phone) == (user.email, user.phone)
    assert "Pak D'di" in unescape(client.get("/beranda").text)
    client.post("/akun", {"full_name": "Dedi Baru", "called": ""})
    assert "Dedi" in client.get("/beranda").text.partition("<h1>")[2].partition("</h1>")[0]


@on_sqlite
@pytest.mark.parametrize(
    "sent",
    [
        {"full_name": " ", "called": "Pak Dedi"},
        {"full_name": "x" * 161, "called": "Pak Dedi"},
        {"full_name": "Nama Lain", "called": "x" * 61},
    ],
)
def test_a_slip_on_the_account_page_changes_nothing(
    client: PageClient, build: Builder, sent: dict[str, str]
) -> None:
    user = build.user(Role.COORDINATOR, name="Dedi Lama")
    response = client.sign_in(user).post("/akun", sent)
    assert response.status_code == 422
    assert f'value="{sent["called"]}"' in response.text
    kept = build.fresh(User, user.id)
    assert (kept.full_name, kept.called) == ("Dedi Lama", "")


@pytest.mark.parametrize("name", ["full_name", "called"])
def test_an_invisible_character_in_a_name_breaks_nothing(
    client: PageClient, build: Builder, name: str
) -> None:
    client.sign_in(build.user(Role.COORDINATOR))
    sent = {"full_name": "Dedi", "called": "Dedi", name: "De\x00di"}
    assert client.post("/akun", sent).status_code in {303, 422}


def test_the_language_of_a_choice_stays_with_the_account(app: Flask, build: Builder) -> None:
    user = build.user(Role.COORDINATOR)
    PageClient(app).sign_in(user).get("/akun?bahasa=en")
    assert build.fresh(User, user.id).language == "en"
    page = PageClient(app).sign_in(user).get("/akun", headers={"Accept-Language": "id"})
    assert "My account" in page.text


@pytest.mark.parametrize("flag", [None, False, 1, "true"])
def test_without_the_mark_of_a_demonstration_its_door_is_not_there(
    client: PageClient, build: Builder, database: Database, flag: object
) -> None:
    user = build.user(Role.ADMIN)
    if flag is not None:
        build.setting(DEMO, flag)
    assert user.public_id not in client.get("/masuk").text
    assert client.post(f"/masuk/contoh/{user.public_id}").status_code == 404
    assert not client.http.get_cookie("sid")
    with database.reader() as session:
        assert not session.scalars(sa.select(SignInSession)).all()


def test_in_a_demonstration_everybody_may_try_every_role(
    client: PageClient, build: Builder, school: School
) -> None:
    build.setting(DEMO, True)
    user = build.user(Role.TEACHER, school, name="Guru Contoh")
    page = client.get("/masuk").text
    assert "Guru Contoh" in page
    address = f"/masuk/contoh/{user.public_id}"
    assert f'action="{address}"' in page
    assert client.http.post(address).status_code == 400
    response = client.post(address, {"lanjut": "//evil.example"})
    assert (response.status_code, response.headers["Location"]) == (303, "/beranda")
    assert "Guru" in client.get("/beranda").text
    client.get("/akun")
    assert client.post(f"/masuk/contoh/{'x' * 22}").status_code == 404


def test_in_a_demonstration_a_person_whose_role_has_ended_is_told_so(
    client: PageClient, build: Builder
) -> None:
    build.setting(DEMO, True)
    user = build.user(Role.VOLUNTEER, name="Relawan Dulu", ends_on=clock.today() - DAY)
    assert "Relawan Dulu" not in client.get("/masuk").text
    response = client.post(f"/masuk/contoh/{user.public_id}")
    assert (response.status_code, response.headers["Location"]) == (303, "/masuk")
    assert not client.http.get_cookie("sid")
    assert "sedang tidak punya peran" in client.get("/masuk").text


def test_an_account_needs_a_contact_nobody_else_has(session: Session, build: Builder) -> None:
    taken = build.user(Role.COORDINATOR)
    for email, phone, code in (
        (None, None, "contact_needed"),
        (taken.email, None, "contact_taken"),
        ("baru@uji.example", taken.phone, "contact_taken"),
    ):
        with pytest.raises(Rejected, match=code), transaction(session):
            actions.create_admin(session, "Admin", email, phone, PASSWORD)
