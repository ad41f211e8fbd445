"""The public pages, the watcher's address, and the office's settings."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from portal import __version__, create_app
from portal.config import Settings
from portal.core import settings as office_settings
from portal.core.access import SCHOOL_ROLES, Role
from portal.core.settings import REGISTRY
from portal.home.forms import GROUPS, LABELS, Edition, parse_starts
from portal.people.models import User
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite

ERROR = re.compile(r'id="(\w+)-error"')
FIGURES = [name for name, each in REGISTRY.items() if isinstance(each.default, int)]


def sent(**changed: Any) -> dict[str, Any]:
    """Return the settings form as an untouched portal shows it, with changes."""
    values = {name: each.default for name, each in REGISTRY.items()}
    values["version"] = Edition(dict(values)).version
    for name in ("visit_starts", "friday_starts"):
        values[name] = ", ".join(values[name])
    values["special_starts"] = "\n".join(values["special_starts"])
    return {
        name: value if isinstance(value, list) else str(value)
        for name, value in {**values, **changed}.items()
    }


def stored(build: Builder) -> dict[str, Any]:
    """Return all settings as they stand."""
    with build.database.reader() as session:
        office = office_settings.read(session)
    return {name: office[name] for name in REGISTRY}


@pytest.fixture
def admin(build: Builder) -> User:
    """Return who may change settings."""
    return build.user(Role.ADMIN, name="Admin Contoh")


def test_a_newcomer_is_welcomed_and_a_colleague_led_home(
    client: PageClient, build: Builder
) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert 'href="/masuk"' in page.text
    response = client.sign_in(build.user(Role.VOLUNTEER)).get("/")
    assert (response.status_code, response.headers["Location"]) == (303, "/beranda")


@pytest.mark.parametrize("path", ["/", "/tentang"])
def test_the_help_numbers_are_those_of_the_settings(
    client: PageClient, build: Builder, path: str
) -> None:
    page = client.get(path).text
    for text in ('href="tel:129"', "https://wa.me/628111129129", "SAPA 129"):
        assert text in page
    build.setting("help_phone", "112")
    build.setting("help_whatsapp", "0812-0000-0001")
    build.setting("help_name", "Bantuan <Metro>")
    page = client.get(path).text
    for text in ('href="tel:112"', "https://wa.me/6281200000001", "Bantuan &lt;Metro&gt;"):
        assert text in page
    assert "129" not in page.partition("<main")[2].partition("</main>")[0]


def test_the_about_page_says_when_the_numbers_were_checked_and_which_version_runs(
    client: PageClient, build: Builder
) -> None:
    build.setting("help_checked_on", "2027-02-03")
    page = client.get("/tentang").text
    assert "3 Februari 2027" in page
    assert __version__ in page
    assert "3 February 2027" in client.get("/tentang", headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize("number", ["0725 41234", "+62 725 41234", "(0725) 41234"])
def test_the_offices_number_is_shown_once_it_is_known(
    client: PageClient, build: Builder, number: str
) -> None:
    assert "belum" in client.get("/tentang").text.partition('id="kontak"')[2]
    build.setting("office_phone", number)
    assert "https://wa.me/6272541234" in client.get("/tentang").text.partition('id="kontak"')[2]


def test_a_number_nobody_can_dial_breaks_no_page(client: PageClient, build: Builder) -> None:
    for number in ("tanya satpam", "javascript:alert(1)", '"><script>', "110", "0" * 200):
        build.setting("office_phone", number)
        build.setting("help_whatsapp", number)
        for path in ("/", "/tentang"):
            assert client.get(path).status_code == 200


@on_sqlite
@pytest.mark.parametrize("path", ["/", "/tentang", "/privasi"])
def test_public_pages_need_no_account(client: PageClient, path: str) -> None:
    assert client.get(path).status_code == 200
    assert client.get(path, headers={"Accept-Language": "en"}).status_code == 200


def test_a_watcher_hears_that_all_is_well(client: PageClient) -> None:
    response = client.get("/sehat")
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    assert json.loads(response.text) == {"status": "ok", "version": __version__}


@on_sqlite
def test_a_watcher_hears_when_the_database_is_gone(settings: Settings, tmp_path: Path) -> None:
    gone = f"sqlite:///{tmp_path / 'gone' / 'portal.db'}"
    app = create_app(replace(settings, database_url=gone, testing=False))
    response = app.test_client().get("/sehat")
    assert response.status_code == 503
    assert "ok" not in response.get_data(as_text=True)[:20]
    app.extensions["database"].dispose()


def test_every_setting_has_a_field_and_a_name() -> None:
    shown = [name for group in GROUPS for name in group.names]
    assert sorted(shown) == sorted(REGISTRY) == sorted(LABELS)


def test_the_form_shows_the_values_as_they_stand(
    client: PageClient, build: Builder, admin: User
) -> None:
    build.setting("office_name", 'Dinas "Sosial"')
    build.setting("visit_starts", ["07:30", "09:00"])
    page = unescape(client.sign_in(admin).get("/pengaturan").text)
    assert 'value="Dinas "Sosial""' in page
    assert 'value="07:30, 09:00"' in page
    for name in REGISTRY:
        assert f'name="{name}"' in page


def test_all_values_are_saved_and_hold_at_once(
    client: PageClient, build: Builder, admin: User
) -> None:
    figures = {name: REGISTRY[name].most for name in FIGURES}
    changed = {
        **figures,
        # A higher one sends everybody to the code of conduct first.
        "conduct_edition": 1,
        "product_name": " Portal Uji ",
        "office_phone": "0725 41234",
        "visit_starts": "13.00; 8:30, 08.30,07.00",
        "friday_starts": "8.00",
        "special_starts": "2027-02-08  2027-03-09 09:30 08:00\r\n\r\n2028-01-28 2028-02-26 08:00 ",
        "help_checked_on": "2027-02-03",
    }
    client.sign_in(admin).get("/pengaturan")
    response = client.post("/pengaturan", sent(**changed))
    assert (response.status_code, response.headers["Location"]) == (303, "/pengaturan")
    assert stored(build) == {
        **{name: each.default for name, each in REGISTRY.items()},
        **changed,
        "product_name": "Portal Uji",
        "visit_starts": ["07:00", "08:30", "13:00"],
        "friday_starts": ["08:00"],
        "special_starts": ["2027-02-08 2027-03-09 09:30 08:00", "2028-01-28 2028-02-26 08:00"],
    }
    page = client.get("/pengaturan").text
    assert "Tersimpan." in page
    assert "Portal Uji" in page.partition("</title>")[0]
    with build.database.reader() as session:
        rows = session.query(office_settings.OfficeSetting).all()
    assert {row.changed_by for row in rows} == {"Admin Contoh"}


@on_sqlite
def test_the_bounds_are_within(client: PageClient, build: Builder, admin: User) -> None:
    client.sign_in(admin).get("/pengaturan")
    response = client.post("/pengaturan", sent(**{name: REGISTRY[name].least for name in FIGURES}))
    assert response.status_code == 303
    assert [stored(build)[name] for name in FIGURES] == [REGISTRY[name].least for name in FIGURES]


@on_sqlite
@pytest.mark.parametrize("name", FIGURES)
def test_one_bad_figure_saves_nothing(
    client: PageClient, build: Builder, admin: User, name: str
) -> None:
    before = stored(build)
    client.sign_in(admin).get("/pengaturan")
    changed = {name: REGISTRY[name].most + 1}
    response = client.post("/pengaturan", sent(office_name="Dinas Lain", **changed))
    assert response.status_code == 422
    assert 'value="Dinas Lain"' in response.text
    assert ERROR.findall(response.text) == [name]
    assert stored(build) == before


@on_sqlite
@pytest.mark.parametrize("bad", ["least", "most", "", "x", "1.5", "9" * 5000, "²"])
def test_each_bad_figure_has_its_own_error(
    client: PageClient, build: Builder, admin: User, bad: str
) -> None:
    before = stored(build)
    client.sign_in(admin).get("/pengaturan")
    figures = {
        name: {"least": REGISTRY[name].least - 1, "most": REGISTRY[name].most + 1}.get(bad, bad)
        for name in FIGURES
    }
    response = client.post("/pengaturan", sent(**figures))
    assert response.status_code == 422
    assert sorted(ERROR.findall(response.text)) == sorted(FIGURES)
    assert stored(build) == before


@on_sqlite
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("visit_starts", value)
            for value in ("", "08.15", "24.00", "8", "08.00,,", "08:00 10:00", "pagi", "²:00")
        ),
        *(("visit_starts", value) for value in ("-8.00", "08.00\x00,", "0x8:00", "8.0")),
        *(("friday_starts", value) for value in ("", "08.15", "8")),
        *(
            ("special_starts", value)
            for value in (
                "2027-02-08 2027-03-09",
                "2027-03-09 2027-02-08 08:00",
                "2027-02-30 2027-03-09 08:00",
                "2027-02-08 2027-03-09 08:15",
                "2027-02-08 2027-03-09 24:00",
                "2027-02-08 2027-03-09 08.00",
                "2027-02-08 2027-03-09 08:00\nRamadan",
                "2027-02-08 2027-03-09 08:00\n2027-03-09 2027-03-20 09:00",
                "0001-01-01 9999-12-31 08:00",
                "٢٠٢٧-02-08 2027-03-09 08:00",
            )
        ),
        *(("office_district", value) for value in ("", "Metro Pusat", "18.72.1", "18x72x01")),
        *(
            ("help_checked_on", value)
            for value in ("", "21-11-2026", "2026-02-30", "kemarin", "10000-01-01")
        ),
        ("product_name", "   "),
        ("office_name", "x" * 201),
    ],
)
def test_one_bad_text_saves_nothing(
    client: PageClient, build: Builder, admin: User, name: str, value: str
) -> None:
    before = stored(build)
    client.sign_in(admin).get("/pengaturan")
    response = client.post("/pengaturan", sent(hold_minutes=20, **{name: value}))
    assert response.status_code == 422
    assert f'id="{name}-error"' in response.text
    assert stored(build) == before


@on_sqlite
def test_a_form_that_leaves_fields_out_saves_nothing(
    client: PageClient, build: Builder, admin: User
) -> None:
    before = stored(build)
    client.sign_in(admin).get("/pengaturan")
    token = client.csrf()
    for name in (*FIGURES, "visit_starts", "help_checked_on", "product_name"):
        answers = {"csrf_token": token, **sent(office_name="Dinas Lain")}
        del answers[name]
        # What the answers look like is for other tests to check; here are seventy of them.
        assert client.http.post("/pengaturan", data=answers).status_code == 422, name
    assert stored(build) == before


@on_sqlite
@pytest.mark.parametrize("name", ["office_name", "office_phone", "help_name", "help_phone"])
def test_a_text_left_out_becomes_no_broken_value(
    client: PageClient, build: Builder, admin: User, name: str
) -> None:
    answers = sent()
    del answers[name]
    client.sign_in(admin).get("/pengaturan")
    assert client.post("/pengaturan", answers).status_code in {303, 422}
    assert isinstance(stored(build)[name], str)


@on_sqlite
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_the_administrator_opens_or_changes_settings(
    client: PageClient, build: Builder, role: Role
) -> None:
    before = stored(build)
    client.sign_in(build.user(role, build.school() if role in SCHOOL_ROLES else None))
    assert client.get("/pengaturan").status_code == 403
    assert client.post("/pengaturan", sent(hold_minutes=20)).status_code == 403
    assert stored(build) == before


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("08.00", ["08:00"]),
        ("8:30;0.00", ["00:00", "08:30"]),
        ("13.00, 8.00, 13:00", ["08:00", "13:00"]),
        ("23.30", ["23:30"]),
        ("23.31", []),
        ("٨:00", []),
        ("9" * 5000 + ":00", []),
    ],
)
def test_starts_are_read_as_people_write_them(text: str, found: list[str]) -> None:
    assert parse_starts(text) == found


def version_on(page: str) -> str:
    """Return the fingerprint of the values a page shows."""
    return page.partition('name="version" type="hidden" value="')[2].partition('"')[0]


def test_what_a_colleague_set_meanwhile_stands_beside_what_was_typed(
    client: PageClient, build: Builder, admin: User
) -> None:
    opened = version_on(client.sign_in(admin).get("/pengaturan").text)
    build.setting("office_name", "Dinas <Kolega>")
    build.setting("visit_starts", ["07:30"])
    mine = sent(version=opened, office_name="Dinas Saya", hold_minutes=20)
    response = client.post("/pengaturan", mine)
    assert response.status_code == 409
    table = response.text.partition("<tbody>")[2].partition("</tbody>")[0]
    assert table.count("<tr>") == 3
    for value in ("Dinas &lt;Kolega&gt;", "Dinas Saya", ">07:30<", ">20<"):
        assert value in table
    assert stored(build)["office_name"] == "Dinas <Kolega>"
    again = client.post("/pengaturan", {**mine, "version": version_on(response.text)})
    assert again.status_code == 303
    assert (stored(build)["office_name"], stored(build)["hold_minutes"]) == ("Dinas Saya", 20)


@on_sqlite
def test_the_page_of_untouched_settings_names_their_fingerprint(
    client: PageClient, admin: User
) -> None:
    assert version_on(client.sign_in(admin).get("/pengaturan").text) == sent()["version"]


@on_sqlite
def test_the_roles_with_a_second_proof_are_compared_whatever_their_order(
    client: PageClient, build: Builder, admin: User
) -> None:
    opened = version_on(client.sign_in(admin).get("/pengaturan").text)
    build.setting("hold_minutes", 15)
    roles = list(reversed(REGISTRY["second_factor_roles"].default))
    mine = sent(version=opened, hold_minutes=15, second_factor_roles=roles)
    assert client.post("/pengaturan", mine).status_code == 303
