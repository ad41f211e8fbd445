"""Staff write, translate, check, preview and publish a story of twelve pages."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from portal.core.access import Role
from portal.materials.policy import stories
from portal.materials.policy.texts import languages
from portal.materials.queries import library
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.journeys.conftest import DESKTOP, PHONE, Opener, Town
from tests.journeys.test_screens import complaints_of_axe

pytestmark = [pytest.mark.browser, on_sqlite]

PAGES = 12
# Somebody who types calmly, and looks before each click.
LETTERS_PER_MINUTE = 200
SECONDS_PER_CLICK = 4

HAPPENS = "Rina duduk sendiri di kantin. Bekalnya diambil lagi."
CHOICES = ("Duduk di sebelah Rina", "Panggil guru piket")
TODO = "- Ceritakan kepada orang dewasa yang kamu percaya"
TITLE, SUMMARY = "Bekal Rina", "Apa yang bisa kamu lakukan bila bekal teman diambil?"
ENGLISH = {
    TITLE: "Rina's lunch",
    SUMMARY: "What you can do when somebody takes a friend's lunch",
    HAPPENS: "Rina sits alone in the canteen. Her lunch is gone again.",
    CHOICES[0]: "Sit down next to Rina",
    CHOICES[1]: "Call the teacher on duty",
    TODO: "- Tell an adult you trust",
}


@dataclass
class Writer:
    """Writes with a browser, and counts what it takes."""

    page: Page
    clicks: int = 0
    letters: int = 0
    fields: int = 0

    def click(self, selector: str) -> None:
        self.clicks += 1
        self.page.locator(selector).first.click()

    def write(self, selector: str, text: str) -> None:
        self.fields += 1
        self.letters += len(text)
        self.page.locator(selector).fill(text)

    def choose(self, selector: str) -> None:
        self.clicks += 1
        self.page.locator(selector).check(force=True)

    @property
    def minutes(self) -> float:
        """Return how long somebody takes for all of it."""
        return self.letters / LETTERS_PER_MINUTE + self.clicks * SECONDS_PER_CLICK / 60


def begin(writer: Writer, town: Town) -> None:
    """Begin a story with its title and summary."""
    writer.page.goto(f"{town.address}/materi/baru")
    writer.write("#title", TITLE)
    writer.choose("input[name=kind][value=scenario]")
    writer.choose("input[name=audiences][value=pupil]")
    writer.click("#new-material button[type=submit]")
    writer.write("#summary_id", SUMMARY)
    writer.click("#words button[type=submit]")
    writer.click(".tabs a[href$='/cerita']")
    writer.click("form[action$='/cerita'] button[type=submit]")


def write_pages(writer: Writer) -> None:
    """Write page after page, as the editor leads on; the first ending misses what to do."""
    there, forgotten = 1, False
    for number in range(PAGES):
        expect(writer.page.locator("#text_id")).to_be_empty()
        writer.write("#text_id", HAPPENS)
        if number == 0:
            writer.choose("input[name=picture][value=kantin]")
        if there < PAGES:
            for at, words in enumerate(CHOICES):
                writer.write(f"#choices-{at}-text_id", words)
            if there + len(CHOICES) > PAGES:
                # Two ways come together on a page that is there already.
                writer.clicks += 1
                writer.page.locator("#choices-1-to").select_option("p3")
            there = min(PAGES, there + len(CHOICES))
        else:
            writer.choose("input[name=goes_on][value=ending]")
            expect(writer.page.locator("#choices-0-text_id")).to_be_hidden()
            if forgotten:
                writer.write("#todo_id", TODO)
            forgotten = True
        writer.click("#story-page button[name=next]")


def test_a_story_of_twelve_pages_is_written_in_a_quarter_of_an_hour(
    build: Builder, town: Town, open_browser: Opener
) -> None:
    page = open_browser(viewport=DESKTOP)
    token = build.sign_in(town.coordinator)
    page.context.add_cookies([{"name": "sid", "value": token, "url": town.address}])
    writer = Writer(page)
    begin(writer, town)
    write_pages(writer)
    # All pages are written, but one misses something: the editor leads there at last.
    expect(page.locator("#text_id")).to_have_value(HAPPENS)
    expect(page.locator(".note.warn li")).to_have_count(1)
    assert complaints_of_axe(page) == []
    writer.click(".back-link")
    expect(page.locator("ol.people-list > li")).to_have_count(PAGES)
    expect(page.locator("form[action$='/terbitkan']")).to_have_count(0)
    assert complaints_of_axe(page) == []
    writer.click("section[aria-labelledby=h-check] li a")
    writer.write("#todo_id", TODO)
    writer.click("#story-page button[name=next]")
    expect(page.locator("form[action$='/terbitkan']")).to_have_count(1)

    writer.click("aside a[href$='/terjemahan']")
    sources = page.locator("#translation .written").all_inner_texts()
    for number, source in enumerate(sources):
        writer.write(f"#texts-{number}-english", ENGLISH[source])
    assert complaints_of_axe(page) == []
    writer.click("#translation button[type=submit]")
    expect(page.locator(".flash")).to_contain_text(str(len(sources)))
    writer.click(".back-link")

    writer.click("aside a[href$='/pratinjau']")
    expect(page.locator("#scene")).to_contain_text(HAPPENS)
    writer.click("#scene .link-list a")
    expect(page.locator("#scene")).to_contain_text(HAPPENS)
    expect(page).to_have_url(re.compile("dari=p1"))
    assert complaints_of_axe(page) == []
    writer.click(".back-link")
    writer.click("form[action$='/terbitkan'] button")
    expect(page.locator(".flash")).to_be_visible()

    with build.database.reader() as reading:
        shown = library.published(reading, "bekal-rina")
    assert shown is not None
    assert shown.content.scenario is not None
    assert len(shown.content.scenario.nodes) == PAGES
    assert stories.ways(shown.content.scenario) is not None
    assert languages(shown.content) == ("id", "en")
    assert writer.fields <= 70, writer
    assert writer.clicks <= 60, writer
    assert writer.minutes <= 15, (writer.minutes, writer)


def test_the_editor_fits_a_small_phone(build: Builder, town: Town, open_browser: Opener) -> None:
    page = open_browser(viewport=PHONE)
    token = build.sign_in(build.user(Role.SOCIAL_WORKER))
    page.context.add_cookies([{"name": "sid", "value": token, "url": town.address}])
    writer = Writer(page)
    begin(writer, town)
    writer.write("#text_id", "Panjang " * 80)
    writer.write("#choices-0-text_id", "Duduk " * 30)
    writer.click("#story-page button:not([name=next])")
    address = f"{town.address}/materi/bekal-rina"
    for path in ("cerita", "cerita/p1", "terjemahan", "pratinjau"):
        page.goto(f"{address}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert complaints_of_axe(page) == []
