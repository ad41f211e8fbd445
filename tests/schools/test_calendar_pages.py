"""Pages of the school calendar."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal.core.access import Role
from portal.schools.models import CalendarEntry, School
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite

NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday() -> Any:
    """Let it be Monday, 23 November 2026, noon in Metro."""
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def school(build: Builder) -> School:
    """Return a school that has noted nothing yet."""
    return build.school(name="SMP Contoh Kalender")


def sent(**changed: str) -> dict[str, Any]:
    """Return the form of a break in January."""
    values: dict[str, Any] = {
        "kind": "break",
        "name": "Libur panen raya",
        "name_en": "Harvest break",
        "first_on": "2027-01-11",
        "last_on": "2027-01-13",
        "source": "Surat kepala sekolah 7/2026",
    }
    return {**values, **changed}


def noted(build: Builder) -> list[CalendarEntry]:
    """Return what people have noted, the migrations apart."""
    with build.database.reader() as session:
        entries = select(CalendarEntry).where(CalendarEntry.recorded_by.is_not(None))
        return list(session.scalars(entries))


def version_on(page: str) -> str:
    """Return the version a form shows."""
    return page.partition('name="version" type="hidden" value="')[2].partition('"')[0]


def test_a_principal_notes_changes_and_takes_out(
    client: PageClient, build: Builder, school: School
) -> None:
    client.sign_in(build.user(Role.PRINCIPAL, school))
    address = f"/sekolah/{school.public_id}/kalender"
    # The school's page leads here, and what holds for all is there already.
    assert address in client.get(f"/sekolah/{school.public_id}").text
    page = client.get(address).text
    assert "Libur semester ganjil 2026/2027" in page
    assert "asumsi, belum dikonfirmasi" in page
    assert client.post(address, data=sent()).status_code == 303
    (entry,) = noted(build)
    assert (entry.school_id, entry.levels) == (school.id, [])
    change = f"/kalender/{entry.public_id}/ubah"
    page = client.get(address).text
    assert "Libur panen raya" in page
    # Of all entries they may change their own alone.
    assert page.count("/ubah") == page.count(change) == 1
    version = version_on(client.get(change).text)
    done = client.post(change, data=sent(kind="exam", last_on="", version=version))
    assert done.status_code == 303
    (entry,) = noted(build)
    assert (entry.kind, entry.first_on, entry.last_on) == ("exam", entry.first_on, entry.first_on)
    # A colleague's page from before shows both, and what was typed stays.
    stale = client.post(change, data=sent(name="Libur tani", version=version))
    assert stale.status_code == 409
    assert "Libur tani" in stale.text
    assert client.post(f"/kalender/{entry.public_id}/hapus").status_code == 303
    assert noted(build) == []
    assert client.get(change).status_code == 404


@on_sqlite
def test_a_coordinator_keeps_the_calendar_of_all(client: PageClient, build: Builder) -> None:
    client.sign_in(build.user(Role.COORDINATOR))
    assert 'href="/kalender"' in client.get("/sekolah").text
    several = {**sent(kind="open"), "levels": ["SMP", "MTs"]}
    assert client.post("/kalender", data=several).status_code == 303
    (entry,) = noted(build)
    assert (entry.school_id, entry.levels) == (None, ["SMP", "MTs"])
    page = client.get("/kalender").text
    assert "SMP, MTs" in page
    # What holds for other levels does not stand on a school's page.
    primary = build.school(level="SD")
    junior = build.school(level="SMP")
    for school, found in ((primary, False), (junior, True)):
        text = client.get(f"/sekolah/{school.public_id}/kalender").text
        assert ("Libur panen raya" in text) is found


@on_sqlite
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"last_on": "2027-01-10"}, "last_on"),
        ({"last_on": "2027-09-01"}, "last_on"),
        ({"first_on": "1999-01-01", "last_on": ""}, "first_on"),
        ({"first_on": "besok"}, "first_on"),
        ({"name": " "}, "name"),
        ({"kind": ""}, "kind"),
        ({"kind": "pesta"}, "kind"),
        ({"name": "x" * 121}, "name"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    client: PageClient, build: Builder, school: School, change: dict[str, str], field: str
) -> None:
    client.sign_in(build.user(Role.PRINCIPAL, school))
    answer = client.post(f"/sekolah/{school.public_id}/kalender", data=sent(**change))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "Surat kepala sekolah 7/2026" in answer.text
    assert noted(build) == []


@on_sqlite
def test_an_unknown_level_is_refused(client: PageClient, build: Builder) -> None:
    client.sign_in(build.user(Role.COORDINATOR))
    answer = client.post("/kalender", data={**sent(), "levels": ["SMP", "kampus"]})
    assert answer.status_code == 422
    assert noted(build) == []


@on_sqlite
def test_others_look_or_stay_outside(client: PageClient, build: Builder, school: School) -> None:
    other = build.school()
    client.sign_in(build.user(Role.TEACHER, school))
    address = f"/sekolah/{school.public_id}/kalender"
    assert "/ubah" not in client.get(address).text
    assert client.get("/kalender").status_code == 200
    assert client.get(f"/sekolah/{other.public_id}/kalender").status_code == 404
    assert client.post(address, data=sent()).status_code == 403
    # A principal keeps the own school's calendar, not that of all.
    client.sign_in(build.user(Role.PRINCIPAL, school))
    assert client.post("/kalender", data=sent()).status_code == 403
    assert client.post(f"/sekolah/{other.public_id}/kalender", data=sent()).status_code == 404
    assert noted(build) == []
