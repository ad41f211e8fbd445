"""A pupil plays a story on a cheap phone: light, by touch or by keys, with or without scripts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.materials.actions.starter import FOLDER
from portal.materials.models import MaterialTally
from portal.materials.policy import exchange
from portal.materials.policy.content import Scenario
from portal.materials.states import Mark, MaterialKind
from tests.builders import Builder
from tests.journeys.conftest import DESKTOP, PHONE, Opener
from tests.journeys.test_screens import (
    FIRST_VIEW_BYTES,
    LATER_VIEW_BYTES,
    Scales,
    complaints_in_the_dark,
    complaints_of_axe,
)
from tests.journeys.test_story_journey import POOR_LINE
from tests.materials.shelf import Shelf, scenario

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("settings", ["sqlite"], indirect=True),
]

HEADING = "#scene-title"
# Whether the picture, if there is one, can be seen.
DRAWN = "document.querySelector('img.scene')?.decode()"
# Seven pages to an end within four minutes, and most of that time is for reading.
MOST_SECONDS = 8
# A story that comes with the portal, with the most pages on one way.
STARTER = "foto-di-grup-kelas"


def starter() -> Scenario:
    """Return that story."""
    said = exchange.read_file((FOLDER / f"{STARTER}.json").read_bytes()).content
    assert said.scenario is not None
    return said.scenario


def longest_way(story: Scenario, node: str) -> list[int]:
    """Return the numbers of the choices that lead to an end over the most pages."""
    ways = [
        [number, *longest_way(story, choice.to)]
        for number, choice in enumerate(story.nodes[node].choices, start=1)
    ]
    return max(ways, key=len, default=[])


@dataclass
class Player:
    """Somebody who plays a story, and what it took."""

    page: Page
    address: str
    seconds: list[float] = field(default_factory=list)

    def open(self) -> None:
        """Open the story, as from a poster."""
        self.page.goto(self.address, wait_until="networkidle")

    def choose(self, number: int = 1) -> None:
        """Tap a choice, and wait until the picture of the next page is there."""
        text = self.page.locator("#scene .lead").inner_text()
        begun = self.page.evaluate("Date.now()")
        self.page.locator(f"#scene nav ul > li:nth-child({number}) a").click()
        expect(self.page.locator("#scene .lead")).not_to_have_text(text)
        self.page.evaluate(DRAWN)
        self.seconds.append((self.page.evaluate("Date.now()") - begun) / 1000)


@pytest.fixture
def real(shelf: Shelf, address: str) -> str:
    """Return where a story that comes with the portal begins."""
    shelf.material(MaterialKind.SCENARIO, slug=STARTER, content={"scenario": starter()})
    return f"{address}/materi/{STARTER}/main"


@pytest.fixture
def story(shelf: Shelf, address: str) -> str:
    """Return where a story of six pages begins."""
    material = shelf.material(MaterialKind.SCENARIO, content={"scenario": scenario(6)})
    return f"{address}/materi/{material.slug}/main"


@pytest.fixture
def shelf(build: Builder) -> Shelf:
    """Return an empty shelf."""
    return Shelf(build)


def counted(app: Flask) -> dict[str, int]:
    """Return what was counted of stories."""
    with app.extensions["database"].reader() as session:
        found = session.execute(select(MaterialTally.mark, MaterialTally.count))
        return dict(found.all())


def test_a_story_is_light_accessible_and_played_by_touch(
    app: Flask, address: str, real: str, open_browser: Opener
) -> None:
    page = open_browser()
    player, scales = Player(page, real), Scales(page, address)
    player.open()
    weighed = [sum(scales.weigh().values())]
    complaints: list[str] = []

    def look() -> None:
        complaints.extend([*complaints_of_axe(page), *complaints_in_the_dark(page)])
        for width in (320, PHONE["width"]):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width

    for number in longest_way(starter(), starter().start):
        player.choose(number)
        page.wait_for_load_state("networkidle")
        weighed.append(sum(scales.weigh().values()))
        expect(page.locator(HEADING)).to_be_focused()
        if len(weighed) == 2:
            look()
    assert len(weighed) == 7
    look()
    page.get_by_role("button", name=re.compile("It helped$|Membantu$")).click()
    page.wait_for_url("**/selesai")
    look()
    assert complaints == []
    # To the end of the longest way, with every picture, the style and the script.
    assert 25_000 < sum(weighed) <= FIRST_VIEW_BYTES
    assert max(weighed[1:]) <= LATER_VIEW_BYTES
    assert counted(app) == {Mark.FINISHED: 1, Mark.HELPED: 1}
    # All that is left in the browser is the token of the form just sent.
    assert {cookie["name"] for cookie in page.context.cookies()} <= {"form", "bahasa"}


def test_another_choice_another_language_and_back_stay_on_the_page(
    story: str, open_browser: Opener
) -> None:
    page = open_browser()
    player = Player(page, story)
    player.open()
    player.choose()
    player.choose()
    expect(page.locator("#scene .calm")).to_contain_text("That was kind (id)")
    page.locator("#languages a").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#scene .lead")).to_contain_text("Page 3")
    expect(page.locator("#scene .calm")).to_contain_text("That was kind (en)")
    page.get_by_role("link", name="Try another choice").click()
    expect(page.locator("#scene .lead")).to_contain_text("Page 2")
    expect(page.locator("#scene .calm")).to_have_count(0)
    expect(page.locator(HEADING)).to_be_focused()
    player.choose(2)
    expect(page.locator("#scene .calm").first).to_contain_text("You may try again (en)")
    page.go_back()
    expect(page.locator("#scene .lead")).to_contain_text("Page 2")


def test_the_keyboard_alone_comes_to_an_end(app: Flask, story: str, open_browser: Opener) -> None:
    page = open_browser(viewport=DESKTOP, locale="en-GB")
    player = Player(page, story)
    player.open()
    expect(page.get_by_role("heading", name="Page 1", exact=True)).to_be_visible()
    presses = 0
    page.locator("#scene nav a").first.focus()
    for number in range(1, 5):
        expect(page.locator("#scene .lead")).to_contain_text(f"Page {number}")
        while page.evaluate("!document.activeElement.matches('#scene nav li a')"):
            page.keyboard.press("Tab")
            presses += 1
        page.keyboard.press("Enter")
        expect(page.locator(HEADING)).to_be_focused()
    # From the heading it is one step to the first choice.
    assert presses == 3
    expect(page.get_by_role("heading", name="An ending of this story")).to_be_focused()
    tree = page.locator("#scene").aria_snapshot()
    assert tree.index("Chosen:") < tree.index("Good end") < tree.index("When this happens for real")
    answer = page.get_by_role("button", name="It did not help yet")
    answer.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thank you for playing along")).to_be_focused()
    assert counted(app) == {Mark.FINISHED: 1, Mark.HELPED_NOT: 1}


def test_without_scripts_it_plays_the_same(app: Flask, story: str, open_browser: Opener) -> None:
    page = open_browser(scripts=False)
    page.goto(story)
    for _page in range(4):
        page.locator("#scene nav li a").first.click()
        page.wait_for_load_state()
    expect(page.locator("#scene .lead")).to_contain_text("Good end")
    page.locator("#scene form button").first.click()
    page.wait_for_url("**/selesai")
    assert counted(app) == {Mark.FINISHED: 1, Mark.HELPED: 1}


@pytest.mark.drill
def test_on_a_poor_line_no_page_keeps_a_child_waiting(real: str, open_browser: Opener) -> None:
    page = open_browser()
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", POOR_LINE)
    page.context.set_default_timeout(60_000)
    player = Player(page, real)
    player.open()
    for number in longest_way(starter(), starter().start):
        player.choose(number)
    # Slower than the machine by itself: the brake was on.
    assert 0.3 < max(player.seconds) < MOST_SECONDS
