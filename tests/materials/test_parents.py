"""What parents find: cards, and a path whose progress stays in their browser."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select

from portal.core.db import new_id, transaction
from portal.materials.models import GroupItem, Material, MaterialGroup
from portal.materials.policy.content import Card, Words
from portal.materials.states import Audience, GroupKind, MaterialKind, MaterialState
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.materials.shelf import Shelf, words

pytestmark = on_sqlite
DAYS = 4
STEP = "/orang-tua/jalur/sepekan/selesai"


@dataclass
class Way:
    """A path of four days, the third of which is not published."""

    group: MaterialGroup
    days: list[Material]


@pytest.fixture
def way(shelf: Shelf, build: Builder) -> Way:
    """Lay a path."""
    group = build.save(
        MaterialGroup(
            id=new_id(),
            slug="sepekan",
            kind=GroupKind.PATH,
            title_id="Sepekan bersama",
            title_en="A week together",
            shown=True,
        )
    )
    days = [
        shelf.material(
            MaterialKind.PARENT_CARD,
            f"Step {number}",
            audiences=[Audience.PARENT],
            slug=f"langkah-{number}",
            state=MaterialState.DRAFT if number == 3 else MaterialState.PUBLISHED,
        )
        for number in range(1, DAYS + 1)
    ]
    for place, day in enumerate(days, start=1):
        build.save(GroupItem(id=new_id(), group_id=group.id, material_id=day.id, position=place))
    return Way(group, days)


def test_the_first_page_has_paths_and_single_cards(
    way: Way, shelf: Shelf, client: PageClient
) -> None:
    shelf.material(MaterialKind.PARENT_CARD, "Alone", audiences=[Audience.PARENT])
    html = client.get("/orang-tua").text
    assert "Sepekan bersama" in html
    assert "Alone (id)" in html
    # Days of a path are read there, not here.
    assert "Step 1" not in html
    assert "hari selesai" not in html


def test_without_anything_the_page_leads_to_the_library(client: PageClient) -> None:
    assert 'href="/materi?untuk=orang-tua"' in client.get("/orang-tua").text


def test_a_path_counts_what_is_published_only(way: Way, client: PageClient) -> None:
    html = client.get("/orang-tua/jalur/sepekan").text
    assert [f"Step {number} (id)" in html for number in range(1, DAYS + 1)] == [
        True,
        True,
        False,
        True,
    ]
    assert client.get("/orang-tua/langkah-3").status_code == 404


def done(client: PageClient, day: int) -> str:
    """Say on the page of a day that it is done, and return where that leads."""
    slug = {1: "langkah-1", 2: "langkah-2", 3: "langkah-4"}[day]
    client.get(f"/orang-tua/{slug}?jalur=sepekan")
    answer = client.post(STEP, client.form(STEP))
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def test_days_that_are_done_lead_on_and_stay_in_the_browser(
    way: Way, client: PageClient, app: Flask
) -> None:
    assert done(client, 2) == "/orang-tua/langkah-4?jalur=sepekan"
    assert done(client, 1) == "/orang-tua/langkah-2?jalur=sepekan"
    cookie = client.http.get_cookie("jalur-sepekan", path="/orang-tua")
    assert cookie is not None
    assert cookie.value == f"{way.days[0].public_id[:5]}.{way.days[1].public_id[:5]}"
    assert cookie.http_only
    assert done(client, 3) == "/orang-tua/jalur/sepekan"
    assert "Anda sudah menyelesaikan semua hari" in client.get("/orang-tua/jalur/sepekan").text
    # Another browser begins anew, at once with the first day.
    fresh = PageClient(app).get("/orang-tua").text
    assert "Mulai dari hari 1" in fresh
    assert 'href="/orang-tua/langkah-1?jalur=sepekan"' in fresh


@pytest.mark.parametrize("said", ["", "x", "1-2-99", ".", "a." * 400, "%00", "²"])
def test_a_cookie_that_says_nonsense_counts_for_nothing(
    way: Way, client: PageClient, said: str
) -> None:
    client.http.set_cookie("jalur-sepekan", said, path="/orang-tua")
    assert "0 dari 3 hari" in client.get("/orang-tua/jalur/sepekan").text


def test_what_is_done_stays_done_when_days_are_moved(
    way: Way, client: PageClient, build: Builder
) -> None:
    done(client, 1)
    with transaction(build.session) as session:
        found = select(GroupItem).where(GroupItem.material_id == way.days[0].id)
        session.scalars(found).one().position = 9
    client.get("/orang-tua")
    # The card is the last one now, so the first day to read is another.
    html = client.get("/orang-tua").text
    assert 'href="/orang-tua/langkah-2?jalur=sepekan"' in html
    assert "1 dari 3 hari" in html


def test_a_day_that_does_not_exist_changes_nothing(way: Way, client: PageClient) -> None:
    client.get("/orang-tua/langkah-1?jalur=sepekan")
    answer = client.post(STEP, {**client.form(STEP), "hari": "7"})
    assert answer.status_code == 422
    assert client.http.get_cookie("jalur-sepekan", path="/orang-tua") is None


def test_a_card_is_read_in_indonesian_where_it_is_not_translated(
    shelf: Shelf, client: PageClient
) -> None:
    card = Card(Words("Dengarkan dulu"), words("First"))
    made = shelf.material(
        MaterialKind.PARENT_CARD, "Half", content={"cards": (card,)}, audiences=["parent"]
    )
    html = client.get(f"/orang-tua/{made.slug}", headers={"Accept-Language": "en"}).text
    assert "Dengarkan dulu" in html
    assert 'lang="id"' in html
    assert "not translated yet" in html
    assert "First (en)" in html


def test_other_kinds_are_no_cards(shelf: Shelf, client: PageClient) -> None:
    assert client.get(f"/orang-tua/{shelf.material().slug}").status_code == 404
