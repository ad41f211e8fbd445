"""From a report to an opened case with its first task, on a small phone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from portal.core import clock
from portal.core.db import transaction
from portal.incidents.actions.receiving import Filing, receive
from portal.incidents.models import Report, Turn
from portal.incidents.states import Door
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.incidents.desk import CALM, code_without_hash
from tests.journeys.conftest import Opener, Town
from tests.journeys.test_screens import complaints_of_axe

pytestmark = [pytest.mark.browser, on_sqlite]

STORY = "Bekalnya diambil setiap istirahat"


def on_the_desk(build: Builder, town: Town) -> Report:
    """Put the social worker on duty; return a report for them to read."""
    today = clock.today()
    with transaction(build.session) as session:
        session.add(
            Turn(
                user_id=town.worker.id,
                first_day=today,
                last_day=today + timedelta(days=1),
                recorded_by=town.coordinator.id,
            )
        )
        filing = Filing(Door.STORY_ROOM, CALM, story=STORY, school_id=town.school.id)
        return receive(session, None, filing, code_without_hash())


def enter(page: Page, town: Town, build: Builder) -> None:
    """Come back signed in, as somebody who works at the desk all day."""
    page.context.add_cookies(
        [{"name": "sid", "value": build.sign_in(town.worker), "url": town.address}]
    )


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_report_becomes_a_case_with_its_first_task_on_three_screens(
    build: Builder, town: Town, open_browser: Opener, scripts: bool
) -> None:
    report = on_the_desk(build, town)
    page = open_browser(scripts=scripts)
    enter(page, town, build)
    page.goto(f"{town.address}/triase/{report.public_id}")
    page.locator(f"a[href$='/kasus/baru?laporan={report.public_id}']").click()
    expect(page.locator("#manager option:checked")).to_contain_text(town.worker.full_name)
    assert fits(page)
    # Nothing was typed yet: what is missing is said, and the rest still stands there.
    send = page.locator("#opening button[type=submit]")
    send.first.click()
    expect(page.locator("#full_name-error")).to_be_visible()
    expect(page.locator("#school option:checked")).to_have_text(town.school.name)
    if scripts:
        assert complaints_of_axe(page) == []
    page.locator("#full_name").fill("Rukmini Contoh")
    send.first.click()
    page.wait_for_url(re.compile(r"/kasus/[\w-]{22}$"))
    expect(page.locator("#tasks")).to_contain_text(town.worker.full_name)
    expect(page.locator("main")).to_contain_text(STORY)
    assert fits(page)
    # Done with one more tap, once it is unfolded.
    page.locator("#tasks details summary").first.click()
    page.locator("#tasks form button[type=submit]").first.click()
    page.wait_for_load_state()
    expect(page.locator("#tasks form[action$='/selesai']")).to_have_count(0)
