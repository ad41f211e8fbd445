"""The register's pages: the list, one school, correcting it."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from flask import Flask

from portal.core import clock, i18n
from portal.core.access import Role
from portal.schools.models import Level, Mou, School
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite


@pytest.fixture
def admin(client: PageClient, build: Builder) -> PageClient:
    """Return a client signed in as administrator."""
    return client.sign_in(build.user(Role.ADMIN))


def words(response_text: str) -> str:
    """Return a page's text with its entities resolved and its blanks evened out."""
    return " ".join(unescape(response_text).split())


def test_strangers_are_asked_to_sign_in(client: PageClient, build: Builder) -> None:
    school = build.school()
    for path in ("/sekolah", f"/sekolah/{school.public_id}", "/sekolah/impor"):
        response = client.get(path)
        assert response.status_code == 303
        assert response.location.startswith("/masuk")


def test_the_list(admin: PageClient, build: Builder) -> None:
    partner = build.school("SD Melati", level=Level.SD, subdistrict="Imopuro")
    build.mou(partner)
    build.school("SMP Mawar")
    build.school("SMP Tutup", active=False)
    text = admin.get("/sekolah?bahasa=en", follow_redirects=True).text
    assert "2 schools" in words(text)
    assert text.index("SD Melati") < text.index("SMP Mawar")
    assert "SMP Tutup" not in text
    assert f"/sekolah/{partner.public_id}" in text
    assert text.count("Partner school<") == 1
    assert text.count("Not yet a partner<") == 1


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("cari=melati", ["SD Melati"]),
        ("kecamatan=metro-utara", ["SMP Mawar"]),
        ("jenjang=sd", ["SD Melati"]),
        ("status=swasta", ["SMP Mawar"]),
        ("mitra=ya", ["SD Melati"]),
        ("mitra=tidak&aktif=semua", ["SMP Mawar", "SMP Tutup"]),
        ("aktif=tidak", ["SMP Tutup"]),
        ("kecamatan=mars&jenjang=x&status=%01&mitra=y&aktif=1", ["SD Melati", "SMP Mawar"]),
        ("setelah=bukan-kursor&sebelum=juga", ["SD Melati", "SMP Mawar"]),
    ],
)
def test_filters_stand_in_the_address(
    admin: PageClient, build: Builder, query: str, names: list[str]
) -> None:
    build.mou(build.school("SD Melati", level=Level.SD))
    build.school("SMP Mawar", district="18.72.02", ownership="swasta")
    build.school("SMP Tutup", active=False)
    for text in (admin.get(f"/sekolah?{query}").text, admin.fragment(f"/sekolah?{query}").text):
        shown = [name for name in ("SD Melati", "SMP Mawar", "SMP Tutup") if f">{name}<" in text]
        assert shown == names


def test_htmx_gets_the_list_alone(admin: PageClient, build: Builder) -> None:
    build.school("SMP Mawar")
    response = admin.fragment("/sekolah?cari=mawar")
    assert "<html" not in response.text
    assert 'id="school-list"' in response.text
    assert 'hx-swap-oob="innerHTML"' in response.text
    assert "HX-Request" in response.headers["Vary"]


def test_paging_keeps_the_filters(admin: PageClient, build: Builder) -> None:
    for number in range(65):
        build.school(f"SMP Contoh {number:02d}")
    build.school("SD Lain", level=Level.SD)
    seen: list[str] = []
    address: str | None = "/sekolah?jenjang=smp"
    last = ""
    while address:
        last = address
        text = admin.get(address).text
        seen += [f"SMP Contoh {n:02d}" for n in range(65) if f">SMP Contoh {n:02d}<" in text]
        assert "SD Lain" not in text
        address = _link(text, "next")
    assert seen == [f"SMP Contoh {number:02d}" for number in range(65)]
    back = _link(admin.get(last).text, "prev")
    assert back is not None
    assert ">SMP Contoh 30<" in admin.get(back).text


def _link(html: str, rel: str) -> str | None:
    _, found, rest = html.partition(f'rel="{rel}" href="')
    return unescape(rest.partition('"')[0]) if found else None


def test_a_page_whose_rows_are_gone_starts_again(admin: PageClient, build: Builder) -> None:
    schools = [build.school(f"SMP Contoh {number:02d}") for number in range(31)]
    second = _link(admin.get("/sekolah").text, "next")
    assert second is not None
    schools[30].active = False
    build.save(schools[30])
    assert ">SMP Contoh 00<" in admin.get(second).text


def test_nothing_found_offers_to_remove_a_filter(admin: PageClient, build: Builder) -> None:
    build.school("SMP Mawar")
    text = admin.get("/sekolah?kecamatan=metro-utara&jenjang=smk").text
    assert "Metro Utara, SMK" in words(text)
    assert 'href="/sekolah?jenjang=smk"' in text
    assert 'href="/sekolah?kecamatan=metro-utara"' in text


def test_an_empty_register_leads_to_the_import(admin: PageClient, build: Builder) -> None:
    assert admin.get("/sekolah").text.count('href="/sekolah/impor"') == 2
    visitor = PageClient(admin.app).sign_in(build.user(Role.SOCIAL_WORKER))
    assert 'href="/sekolah/impor"' not in visitor.get("/sekolah").text


def test_markup_in_names_stays_text(admin: PageClient, build: Builder) -> None:
    school = build.school("SMP <b>Tebal</b>", address="<script>", aliases="<i>")
    assert "<b>Tebal" not in admin.get("/sekolah?cari=<b>").text
    assert "<b>Tebal" not in admin.get("/sekolah?cari=<u>x</u>").text
    text = admin.get(f"/sekolah/{school.public_id}").text
    assert "&lt;script&gt;" in text
    assert "<i>" not in text


@pytest.mark.parametrize("role", [Role.PRINCIPAL, Role.SCHOOL_OPERATOR, Role.TEACHER])
def test_school_staff_go_straight_to_their_school(
    client: PageClient, build: Builder, role: Role
) -> None:
    own, other = build.school(), build.school()
    client.sign_in(build.user(role, own))
    response = client.get("/sekolah")
    assert (response.status_code, response.location) == (303, f"/sekolah/{own.public_id}")
    assert client.get(response.location).status_code == 200
    assert client.get(f"/sekolah/{other.public_id}").status_code == 404


def test_somebody_at_two_schools_gets_the_list(client: PageClient, build: Builder) -> None:
    first, second, other = build.school("A"), build.school("B"), build.school("C")
    user = build.user(Role.PRINCIPAL, first)
    build.appoint(user, Role.TEACHER, second)
    text = client.sign_in(user).get("/sekolah").text
    assert first.public_id in text
    assert second.public_id in text
    assert other.public_id not in text


def test_a_volunteer_has_no_register(client: PageClient, build: Builder) -> None:
    school = build.school()
    client.sign_in(build.user(Role.VOLUNTEER))
    assert client.get("/sekolah").status_code == 403
    assert client.get(f"/sekolah/{school.public_id}").status_code == 403


def test_addresses_that_are_no_school(admin: PageClient) -> None:
    for path in ("A" * 22, "A" * 21, "impor/" + "A" * 22):
        assert admin.get(f"/sekolah/{path}").status_code == 404


def _school_with_memoranda(build: Builder) -> tuple[School, Mou, Mou]:
    school = build.school(
        "SMP Mawar",
        address="Jalan Kenanga 1",
        subdistrict="Imopuro",
        aliases="SMP Satu\nSMP Dua",
        week_days=6,
        pupil_count=1234,
    )
    today = clock.today()
    current = build.mou(school)
    past = build.mou(
        school,
        signed_on=today - timedelta(days=900),
        valid_until=today - timedelta(days=500),
        promised=1,
    )
    return school, current, past


def test_one_school(admin: PageClient, build: Builder) -> None:
    school, current, past = _school_with_memoranda(build)
    text = words(admin.get(f"/sekolah/{school.public_id}").text)
    for piece in (
        school.npsn,
        "Jalan Kenanga 1",
        "Imopuro",
        "Metro Pusat",
        "SMP Satu, SMP Dua",
        "1.234",
        current.number,
        past.number,
        i18n.plain_date(current.valid_until),
    ):
        assert piece in text


@on_sqlite
@pytest.mark.parametrize(
    ("role", "reads", "writes", "edits"),
    [
        (Role.PRINCIPAL, True, False, False),
        (Role.SCHOOL_OPERATOR, True, False, False),
        (Role.TEACHER, False, False, False),
        (Role.SOCIAL_WORKER, True, False, False),
        (Role.COORDINATOR, True, True, False),
        (Role.DIVISION_HEAD, True, False, False),
        (Role.ADMIN, True, False, True),
        (Role.EDUCATION_OFFICE, False, False, False),
    ],
)
def test_who_sees_and_does_what(
    client: PageClient, build: Builder, role: Role, reads: bool, writes: bool, edits: bool
) -> None:
    school, current, _past = _school_with_memoranda(build)
    place = school if role in {Role.PRINCIPAL, Role.SCHOOL_OPERATOR, Role.TEACHER} else None
    client.sign_in(build.user(role, place))
    here = f"/sekolah/{school.public_id}"
    text = client.get(here).text
    assert (current.number in text) is reads
    assert (f"{here}/mou/baru" in text) is writes
    assert (f"{here}/ubah" in text) is edits
    refused, fine = {403, 404}, {200}
    assert client.get(f"{here}/mou/baru").status_code in (fine if writes else refused)
    assert client.get(f"{here}/mou/{current.public_id}/ubah").status_code in (
        fine if writes else refused
    )
    assert client.get(f"{here}/ubah").status_code in (fine if edits else refused)
    assert client.post(f"{here}/ubah", {"name": "X"}).status_code in ({422} if edits else refused)


def test_correcting(admin: PageClient, build: Builder) -> None:
    school = build.school("SMP Mawar", address="Jalan Lama", week_days=5)
    here = f"/sekolah/{school.public_id}/ubah"
    text = admin.get(here).text
    assert 'value="SMP Mawar"' in text
    response = admin.post(here, {**_form(text), "name": " SMP  Melati ", "week_days": "6"})
    assert (response.status_code, response.location) == (303, here.removesuffix("/ubah"))
    found = build.fresh(School, school.id)
    assert (found.name, found.aliases, found.week_days) == ("SMP Melati", "SMP Mawar", 6)
    assert found.active
    assert "SMP Melati" in admin.get(response.location).text


def _form(html: str) -> dict[str, str]:
    version = html.partition('name="version" type="hidden" value="')[2].partition('"')[0]
    assert version
    return {"version": version, "name": "SMP Mawar", "week_days": "5", "active": "y"}


@on_sqlite
@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"name": " "}, 'id="name-error"'),
        ({"name": "S" * 161}, 'id="name-error"'),
        ({"pupil_count": "banyak"}, 'id="pupil_count-error"'),
        ({"pupil_count": "-1"}, 'id="pupil_count-error"'),
        ({"week_days": "7"}, 'id="week_days-error"'),
        ({"aliases": "A" * 501}, 'id="aliases-error"'),
    ],
)
def test_corrections_that_cannot_stand(
    admin: PageClient, build: Builder, changed: dict[str, str], expected: str
) -> None:
    school = build.school("SMP Mawar", address="Jalan Lama")
    here = f"/sekolah/{school.public_id}/ubah"
    sent = {**_form(admin.get(here).text), "address": "Jalan Ketikan", **changed}
    response = admin.post(here, sent)
    assert response.status_code == 422
    assert expected in response.text
    assert 'value="Jalan Ketikan"' in response.text
    assert build.fresh(School, school.id).address == "Jalan Lama"


@pytest.mark.parametrize("stale", [None, "", "kemarin", "9" * 30])
def test_what_a_colleague_changed_stands_beside_what_was_typed(
    admin: PageClient, build: Builder, stale: str | None
) -> None:
    school = build.school("SMP Mawar", address="Jalan Lama", pupil_count=120)
    here = f"/sekolah/{school.public_id}/ubah"
    opened = _form(admin.get(here).text)
    school.address = "Jalan <Kolega>"
    build.save(school)
    sent = {**opened, "address": "Jalan Saya", "week_days": "6", "pupil_count": "120"}
    if stale is not None:
        sent["version"] = stale
    response = admin.post(here, sent)
    assert response.status_code == 409
    table = response.text.partition("<tbody>")[2].partition("</tbody>")[0]
    # What both say alike is not set side by side.
    assert table.count("<tr>") == 2
    assert "Jalan &lt;Kolega&gt;" in table
    assert "Jalan Saya" in table
    assert 'value="Jalan Saya"' in response.text
    assert build.fresh(School, school.id).address == "Jalan <Kolega>"
    again = {**sent, "version": _form(response.text)["version"]}
    assert admin.post(here, again).status_code == 303
    found = build.fresh(School, school.id)
    assert (found.address, found.week_days) == ("Jalan Saya", 6)


def test_two_who_wrote_the_same_do_not_disagree(admin: PageClient, build: Builder) -> None:
    school = build.school("SMP Mawar", address="Jalan Lama", pupil_count=None)
    here = f"/sekolah/{school.public_id}/ubah"
    sent = {**_form(admin.get(here).text), "address": "Jalan Baru"}
    assert admin.post(here, sent).status_code == 303
    assert admin.post(here, sent).status_code == 303
    assert build.fresh(School, school.id).address == "Jalan Baru"


def test_a_switch_of_language_keeps_what_was_typed(admin: PageClient, build: Builder) -> None:
    school = build.school("SMP Mawar")
    here = f"/sekolah/{school.public_id}/ubah"
    sent = {**_form(admin.get(here).text), "address": "Jalan Ketikan", "bahasa": "en"}
    response = admin.post(here, sent)
    assert response.status_code == 200
    assert 'value="Jalan Ketikan"' in response.text
    assert '<html lang="en">' in response.text


def test_every_view_of_the_register_asks_for_a_permission(app: Flask) -> None:
    views = {name: view for name, view in app.view_functions.items() if name.startswith("schools.")}
    assert len(views) >= 39
    # Whoever asks for a partnership has no account yet.
    public = {name for name, view in views.items() if getattr(view, "access", "public") == "public"}
    assert public == {
        "schools.ask_partnership",
        "schools.partnership_form",
        "schools.partnership_sent",
    }
