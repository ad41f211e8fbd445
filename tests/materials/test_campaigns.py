"""Campaigns: begun, changed, listed, shown as a calendar, and fetched as a workbook."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook

from portal.core import clock, i18n, links
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.tallies import count
from portal.materials.actions import campaigns as actions
from portal.materials.actions import posts
from portal.materials.actions.posts import Reach
from portal.materials.exports.campaigns import campaign_workbook
from portal.materials.models import Campaign
from portal.materials.policy.channels import LINK
from portal.materials.queries import campaigns as queries
from portal.materials.states import Channel
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.materials.campaigning import WEEK, Planners, wanted
from tests.materials.shelf import Shelf
from tests.statements import read_statements


@pytest.fixture
def planners(build: Builder) -> Planners:
    """Return a social worker and a coordinator."""
    people = (build.user(Role.SOCIAL_WORKER), build.user(Role.COORDINATOR))
    return Planners(build, *(build.actor(each) for each in people))


def sent(client: PageClient, address: str, **changes: Any) -> Any:
    assert client.get(address).status_code == 200
    return client.post(address, {**client.form(address), **changes})


def test_a_campaign_is_begun_changed_and_found(client: PageClient, build: Builder) -> None:
    client.sign_in(build.user(Role.SOCIAL_WORKER))
    assert "/kampanye/baru" in client.get("/kampanye").text
    days = {"starts_on": "2026-11-02", "ends_on": "2026-11-30"}
    made = sent(client, "/kampanye/baru", name="Teman <b>baik</b>", **days)
    assert made.status_code == 422
    answer = client.post("/kampanye/baru", {**client.form("/kampanye/baru"), "name": "Teman baik"})
    assert answer.status_code == 303
    assert sent(client, answer.location, goal="Semua menyapa").status_code == 303
    assert "Semua menyapa" in client.get(answer.location).text
    assert answer.location in client.get("/kampanye").text
    refused = sent(client, answer.location, ends_on="2026-11-01")
    assert refused.status_code == 422
    # What was typed stands there still.
    assert 'value="2026-11-01"' in refused.text


@on_sqlite
def test_two_who_change_a_campaign_see_each_other(
    client: PageClient, app: Flask, planners: Planners, build: Builder
) -> None:
    page = f"/kampanye/{planners.campaign().public_id}"
    other = PageClient(app).sign_in(build.user(Role.COORDINATOR))
    client.sign_in(build.user(Role.SOCIAL_WORKER)).get(page)
    assert sent(other, page, name="Nama lain").status_code == 303
    answer = client.post(page, {**client.form(page), "name": "Nama saya"})
    assert answer.status_code == 409
    assert "Nama lain" in answer.text
    assert "Nama saya" in answer.text


@on_sqlite
@pytest.mark.parametrize("role", [Role.VOLUNTEER, Role.ADMIN, Role.OFFICE_HEAD, Role.PRINCIPAL])
def test_others_of_the_office_only_read(
    client: PageClient, planners: Planners, build: Builder, role: Role
) -> None:
    campaign = planners.campaign()
    made = planners.posted(campaign)
    school = build.school() if role is Role.PRINCIPAL else None
    client.sign_in(build.user(role, school))
    expected = 403 if role is Role.PRINCIPAL else 200
    pages = [f"/kampanye/{campaign.public_id}", f"/kampanye/kiriman/{made.public_id}"]
    for address in ("/kampanye", *pages, f"{pages[0]}/kiriman.xlsx"):
        client.page = ""
        assert client.get(address).status_code == expected
        assert 'method="post"' not in client.page
    for address in ("/kampanye/baru", f"{pages[0]}/kiriman/baru", f"{pages[1]}/ubah"):
        assert client.get(address).status_code == 403


@on_sqlite
def test_days_stay_around_the_posts_to_come(planners: Planners) -> None:
    campaign = planners.campaign()
    coming, over = planners.plan(campaign), planners.posted(campaign)
    shorter = replace(wanted(), starts_on=clock.today() + timedelta(days=1))
    for command, code in (
        (shorter, "posts_outside"),
        (replace(wanted(), ends_on=wanted().starts_on - timedelta(days=1)), "campaign_days"),
        (replace(wanted(), ends_on=wanted().starts_on + timedelta(days=366)), "campaign_days"),
    ):
        with pytest.raises(Rejected) as problem:
            planners.do(actions.change, planners.writer, campaign, command)
        assert problem.value.code == code
    planners.do(posts.drop, planners.writer, coming, "Batal")
    planners.do(actions.change, planners.writer, campaign, shorter)
    assert over.state == "posted"


def test_figures_take_what_was_noted_last(planners: Planners, shelf: Shelf, build: Builder) -> None:
    campaign = planners.campaign()
    first = planners.posted(campaign, material=shelf.material(), text_id=f"Baca {LINK}")
    second = planners.posted(campaign)
    planners.plan(campaign, channel=Channel.RADIO)
    today = clock.today()
    for post, reached in ((first, 900), (first, 1200), (second, 40)):
        planners.do(
            posts.note_reach, planners.writer, post, Reach(today, reached, None, None, None)
        )
    with transaction(build.session) as session:
        for day in (today, today - timedelta(days=1)):
            count(session, links.LinkDay, {"code": first.link_code, "day": day}, opened=3)
    with build.database.reader() as reading:
        figures = queries.by_channel(queries.posts(reading, campaign.id))
        (row,) = queries.listed(reading).rows
    chat, radio = figures
    assert (chat.channel, chat.open, chat.posted, chat.reached, chat.opened) == (
        Channel.WHATSAPP, 0, 2, 1240, 6,
    )  # fmt: skip
    assert (radio.open, radio.posted, radio.reached) == (1, 0, None)
    assert (row.open, row.posted, row.reached) == (1, 2, 1240)
    assert row.next_at is not None


def test_the_list_goes_on_where_a_page_ends(planners: Planners, build: Builder) -> None:
    days = [date(2026, 1, 5) + WEEK * (number // 2) for number in range(6)]
    made = [planners.campaign(wanted(f"K{n}", day)).public_id for n, day in enumerate(days)]
    found: list[str] = []
    after = None
    with build.database.reader() as reading:
        for _page in range(3):
            stretch = queries.listed(reading, after, limit=2)
            found += [row.public_id for row in stretch.rows]
            after = stretch.after
    assert found == made[::-1]
    assert after is None


@on_sqlite
def test_a_calendar_shows_each_post_on_its_day(
    client: PageClient, planners: Planners, build: Builder
) -> None:
    start = date(2026, 11, 25)
    campaign = planners.campaign(wanted(starts_on=start))
    # Two minutes before a month ends in WIB, it is still the afternoon before in UTC.
    late = clock.at_wib(date(2026, 11, 30), clock.OFFICE_CLOSES.replace(hour=23, minute=58))
    made = planners.plan(campaign, planned_at=late)
    client.sign_in(build.user(Role.VOLUNTEER))
    page = f"/kampanye/{campaign.public_id}"
    post = f"/kampanye/kiriman/{made.public_id}"
    november = client.get(f"{page}?bulan=2026-11").text
    assert post in november[november.index('data-label="Senin, 30 November"') :]
    assert post not in client.get(f"{page}?bulan=2026-12").text
    assert "bulan=2026-12" in november
    # What nobody could have meant leads to the nearest month of the campaign.
    for asked in ("1999-01", "9999-12", "13", "2026-11-02"):
        assert client.get(f"{page}?bulan={asked}").status_code == 200
    assert post in client.get(f"{page}?tampilan=daftar").text
    assert client.get("/kampanye?setelah=abc").status_code == 200


def test_months_are_whole_weeks_that_hold_all_days() -> None:
    campaign = Campaign(starts_on=date(2026, 12, 1), ends_on=date(2027, 2, 28))
    for asked, weeks in (("2026-12", 5), ("2027-01", 5), ("2027-02", 4)):
        month = queries.month_of(campaign, asked, clock.today())
        days = [day for week in month.weeks for day in week]
        assert len(days) == weeks * 7
        assert days[0].weekday() == 0
        own = [day for day in days if month.holds(day)]
        assert (own[0], own[-1]) == (month.first, month.next - timedelta(days=1))
        assert month.previous.strftime("%Y-%m") < asked < month.next.strftime("%Y-%m")
    assert queries.month_of(campaign, "2020-01", clock.today()).first == date(2026, 12, 1)


@on_sqlite
def test_the_workbook_says_what_the_pages_say(
    client: PageClient, planners: Planners, shelf: Shelf, build: Builder
) -> None:
    campaign = planners.campaign(wanted("=1+1"))
    made = planners.posted(campaign, material=shelf.material(), text_id=f"Baca {LINK}")
    planners.do(posts.note_reach, planners.writer, made, Reach(clock.today(), 850, 3, None, None))
    client.sign_in(build.user(Role.OFFICE_HEAD))
    answer = client.get(f"/kampanye/{campaign.public_id}/kiriman.xlsx?bahasa=en")
    answer = client.get(f"/kampanye/{campaign.public_id}/kiriman.xlsx")
    book = load_workbook(io.BytesIO(answer.data))
    assert len(book.sheetnames) == 5
    sheets = [list(sheet.iter_rows(values_only=True)) for sheet in book]
    summary, calendar, channels, reach, _definitions = sheets
    assert summary[1][1] == "=1+1"
    assert calendar[1][3].endswith(f"/m/{made.link_code}")
    assert calendar[1][10] == 850
    assert channels[1][1:4] == (0, 1, 850)
    assert reach[1][3:5] == (850, 3)


@on_sqlite
def test_the_workbook_is_all_in_the_language_of_its_reader(planners: Planners) -> None:
    def words() -> set[str]:
        made = campaign_workbook(campaign, [], [], str, clock.now())
        book = load_workbook(io.BytesIO(made))
        first, *sheets = book
        labels = {str(row[0]) for row in first.iter_rows(values_only=True)}
        heads = {str(cell) for sheet in sheets for cell in next(sheet.values)}
        return {*book.sheetnames, *labels, *heads}

    campaign = planners.campaign()
    indonesian = words()
    with i18n.in_language("en"):
        english = words()
    assert {"Reach", "Why it was dropped"} < english
    assert not english & indonesian


@on_sqlite
def test_pages_ask_as_much_for_many_posts_as_for_few(
    client: PageClient, planners: Planners, build: Builder
) -> None:
    campaign = planners.campaign()
    client.sign_in(build.user(Role.COORDINATOR))
    pages = [
        "/kampanye",
        *(f"/kampanye/{campaign.public_id}{end}" for end in ("", "/kiriman.xlsx")),
    ]
    asked = []
    for _round in range(2):
        for _post in range(3):
            made = planners.posted(campaign)
            planners.do(posts.note_reach, planners.writer, made, Reach(clock.today(), 5, 1, 1, 1))
        for page in pages:
            with read_statements(build.database) as statements:
                client.get(page)
            asked.append(len(statements))
    assert asked[:3] == asked[3:]
