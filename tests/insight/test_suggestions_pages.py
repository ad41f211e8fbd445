"""The pages of suggestions: the list, one press for an offer, another decision."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from portal.core import clock
from portal.core.access import Role
from portal.people.queries.accounts import people_with_role
from portal.schools.models import Level
from portal.visits.models import Leave
from tests.builders import Builder
from tests.client import PageClient, fields_of
from tests.conftest import on_sqlite
from tests.insight.conftest import Town
from tests.insight.test_pages import text

# What the databases do differently, test_suggestions holds against both.
pytestmark = on_sqlite


@pytest.fixture
def desk(client: PageClient, build: Builder) -> PageClient:
    """Return a client of an English-reading coordinator."""
    return client.sign_in(build.user(Role.COORDINATOR, language="en"))


def test_every_row_shows_its_arithmetic(desk: PageClient, town: Town) -> None:
    words = text(desk.get("/saran?dasar=semua"))
    assert "=1+1 Metro Selatan · SMK · MoU since July 2025" in words
    assert (
        "Never had a session SMK in Metro Selatan below 50% 3 never served + 1 thin cell = 4"
        in (words)
    )
    assert "Offer Thu, 26 Nov, 08:00" in words
    assert "Offer Thu, 26 Nov, 10:00" in words
    assert "SMP Lima" not in text(desk.get("/saran"))


def test_the_rules_are_published(desk: PageClient, build: Builder, town: Town) -> None:
    build.setting("suggest_never", 7)
    words = text(desk.get("/saran"))
    assert "Never had a session 7" in words
    assert "Each report this semester 1, together at most 2" in words


def test_one_press_offers_a_session(desk: PageClient, town: Town) -> None:
    path = f"/saran/{town.never.public_id}/tawarkan"
    desk.get("/saran?dasar=semua")
    fields = desk.form(path)
    response = desk.post(path, fields)
    assert response.status_code == 303
    words = text(desk.get(response.headers["Location"]))
    assert "Offered to SMP Lima: Thursday, 26 November, 10:00." in words
    # A second press of the same button does nothing more.
    assert desk.post(path, fields).headers["Location"] == response.headers["Location"]
    visit_path = re.search(r'href="(/sesi/[^"]+)"', desk.get(response.headers["Location"]).text)
    assert visit_path
    assert "SMP Lima" in text(desk.get(visit_path[1]))
    assert "SMP Lima" not in text(desk.get("/saran?dasar=semua")).split("Partners All active")[1]


def test_a_time_that_is_gone_shows_the_next_ones(
    desk: PageClient, build: Builder, town: Town
) -> None:
    desk.get("/saran?dasar=semua")
    path = f"/saran/{town.never.public_id}/tawarkan"
    fields = desk.form(path)
    send_all_away(build, date(2026, 11, 26))
    response = desk.post(path, fields)
    assert response.status_code == 422
    words = response.get_data(as_text=True)
    assert "error-summary" in words
    assert "Thursday, 26 November" not in words
    assert "Friday, 27 November, 08:00" in words


def send_all_away(build: Builder, day: date) -> None:
    """Let every social worker be on leave on a day."""
    with build.database.reader() as session:
        workers = [each.id for each in people_with_role(session, Role.SOCIAL_WORKER)]
    for worker_id in workers:
        build.save(Leave(user_id=worker_id, first_day=day, last_day=day, recorded_by=worker_id))


def test_a_decision_and_its_history(desk: PageClient, town: Town) -> None:
    page = f"/saran/{town.reached.public_id}"
    assert "Nothing speaks for this school before others" in text(desk.get(page))
    until = clock.today() + timedelta(days=60)
    sent = {"verdict": "first", "until": until.isoformat(), "reason": "Kepala sekolah baru"}
    empty = desk.post(f"{page}/putuskan", {**sent, "reason": " "})
    assert empty.status_code == 422
    assert "Write why, so that colleagues understand it later." in empty.get_data(as_text=True)
    assert f'value="{until.isoformat()}"' in empty.get_data(as_text=True)
    assert desk.post(f"{page}/putuskan", sent).status_code == 303
    words = text(desk.get(page))
    assert "Put first until 22 January 2027, by" in words
    assert "Kepala sekolah baru" in words
    assert "SD Dua Metro Utara · SD · no MoU Put first 0 = 0" in text(
        desk.get("/saran?dasar=semua")
    )
    (take_back,) = re.findall(rf'action="({page}/cabut/[^"]+)"', desk.get(page).text)
    assert desk.post(take_back, fields_of(desk.page, take_back)).status_code == 303
    words = text(desk.get(page))
    assert "The arithmetic alone decides" in words
    assert "Kepala sekolah baru" in words[words.index("Decided before") :]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("until", "2026-11-23", "Choose a day after today"),
        ("until", "2031-01-01", "Choose a day after today"),
        ("until", "besok", "Not a valid date value."),
        ("reason", "x" * 301, "Write at most 300 characters."),
    ],
)
def test_what_cannot_be_decided_is_said_and_kept(
    desk: PageClient, town: Town, field: str, value: str, says: str
) -> None:
    path = f"/saran/{town.never.public_id}/putuskan"
    sent = {"verdict": "later", "until": "2026-12-24", "reason": "Ada ujian", field: value}
    response = desk.post(path, sent)
    assert response.status_code == 422
    assert says in response.get_data(as_text=True)
    assert fields_of(response.get_data(as_text=True), path)[field] == [value]


def test_put_off_schools_stand_below(desk: PageClient, town: Town) -> None:
    path = f"/saran/{town.never_partner.public_id}/putuskan"
    sent = {"verdict": "later", "until": "2026-12-24", "reason": "Ada renovasi"}
    assert desk.post(path, sent).status_code == 303
    words = text(desk.get("/saran"))
    assert "No partner school waits for a session" in words
    assert "=1+1 24 December 2026 Ada renovasi" in words[words.index("Put off for now") :]


def test_the_board_fetches_the_first_three(desk: PageClient, build: Builder, town: Town) -> None:
    for _number in range(4):
        build.mou(build.school(district="18.72.05"))
    board = desk.get("/cakupan").get_data(as_text=True)
    assert 'hx-get="/saran/berikutnya" hx-trigger="load"' in board
    card = desk.fragment("/saran/berikutnya").get_data(as_text=True)
    assert card.lstrip().startswith('<section class="section no-print" id="next-schools"')
    assert card.count("/tawarkan") == 3
    assert desk.get("/saran/berikutnya").headers["Location"] == "/saran"


@pytest.mark.parametrize(
    ("role", "sees", "offers"),
    [
        (Role.COORDINATOR, 200, True),
        (Role.SOCIAL_WORKER, 200, False),
        (Role.DIVISION_HEAD, 200, False),
        (Role.EDUCATION_OFFICE, 403, False),
        (Role.ADMIN, 403, False),
        (Role.PRINCIPAL, 403, False),
    ],
)
def test_who_sees_and_who_offers(
    client: PageClient, build: Builder, town: Town, role: Role, sees: int, offers: bool
) -> None:
    client.sign_in(build.user(role, town.reached if role is Role.PRINCIPAL else None))
    for path in ("/saran?dasar=semua", f"/saran/{town.never.public_id}"):
        response = client.get(path)
        assert response.status_code == sees
        assert ("/tawarkan" in response.get_data(as_text=True)) == offers
    for leaf in ("tawarkan", "putuskan"):
        status = client.post(f"/saran/{town.never.public_id}/{leaf}", {}).status_code
        assert status == (422 if offers else 403)


def test_a_closed_school_is_not_suggested(desk: PageClient, town: Town) -> None:
    assert desk.get(f"/saran/{town.closed.public_id}").status_code == 404


def test_a_long_list_opens_on_request(desk: PageClient, build: Builder) -> None:
    worker = build.worker()
    for _number in range(22):
        build.school()
    build.delivered(build.school(level=Level.SMK), worker)
    assert "Show all 22" in text(desk.get("/saran?dasar=semua"))
    assert desk.get("/saran?dasar=semua&semua=1").text.count('class="rank"') == 22
