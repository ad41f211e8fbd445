"""A class before and after its session: a teacher's screen, eight phones, and what came out."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from portal.core.access import Role
from portal.materials.states import MaterialKind
from tests.builders import Builder
from tests.journeys.conftest import DESKTOP, PHONE, Opener
from tests.journeys.test_screens import HTML_BYTES, complaints_in_the_dark, complaints_of_axe
from tests.materials.shelf import Shelf, questions

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("settings", ["sqlite"], indirect=True),
]
ASKED = 5


def answer(phone: Page, right: int) -> None:
    """Answer so many questions rightly, say of the others that one does not know, and send it."""
    for number in range(ASKED):
        phone.check(f"input[name=q{number}][value='{0 if number < right else -1}']")
    phone.click("#sheet button[type=submit]")
    phone.wait_for_url("**/terima-kasih")
    phone.context.clear_cookies()


def test_eight_phones_answer_before_and_after(
    address: str, build: Builder, open_browser: Opener
) -> None:
    school = build.school("SMP Tunas Harapan")
    build.setting("quiz_least_sheets", 8)
    teacher = build.user(Role.TEACHER, school)
    quiz = Shelf(build).material(MaterialKind.QUIZ, content={"questions": questions(ASKED)})
    token = build.sign_in(teacher)
    build.close()
    screen = open_browser(viewport=DESKTOP, locale="en-GB")
    screen.context.add_cookies([{"name": "sid", "value": token, "url": address}])
    screen.goto(f"{address}/materi/{quiz.slug}/kuis?bahasa=en")
    screen.get_by_text("Ask a class before and after a session").click()
    screen.get_by_label("Class").fill("8A")
    screen.get_by_role("button", name="Open the test for this class").click()
    screen.wait_for_url("**/materi/tes/*")
    found = screen.url
    # Phones without scripts do as well.
    phone = open_browser(viewport=PHONE, scripts=False)
    screen.get_by_role("link", name="Show it large").click()
    for sent, right in enumerate([1, 2, 2, 3, 1, 3, 2, 2]):
        said = phone.goto(f"{found}/sebelum")
        assert said is not None
        assert len(said.body()) < 4 * HTML_BYTES
        answer(phone, right)
        if sent == 0:
            # The wall counts by itself.
            screen.locator("#count b", has_text="1").wait_for()
    screen.goto(found)
    assert "40%" not in screen.content()
    screen.get_by_role("button", name="Go on to the questions").click()
    screen.get_by_text("40% right, 8 sheets").wait_for()
    phone.goto(f"{found}/sebelum")
    assert phone.locator("input[name=q0]").count() == 0
    for right in (4, 4, 5, 5, 3, 3, 4, 4):
        phone.goto(f"{found}/sesudah")
        answer(phone, right)
    screen.reload()
    screen.get_by_role("button", name="Close and see the results").click()
    screen.get_by_text("40 points more").first.wait_for()
    assert screen.get_by_text("80% right, 8 sheets").is_visible()
    assert complaints_of_axe(screen) == []


def test_a_quiz_for_oneself_by_keyboard(address: str, build: Builder, open_browser: Opener) -> None:
    quiz = Shelf(build).material(MaterialKind.QUIZ, content={"questions": questions(2)})
    page = open_browser()
    page.goto(f"{address}/materi/{quiz.slug}/kuis")
    assert complaints_of_axe(page) == []
    assert complaints_in_the_dark(page) == []
    page.locator("#q0-0").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator("#h-quiz:focus").wait_for()
    assert "1 dari 2" in page.content() or "1 of 2" in page.content()
    page.evaluate("scrollTo(0, 0)")
    # The other language is a page of its own, with what came out still in it.
    page.locator(".lang-switch button").click()
    page.locator("html:not([lang=id])").wait_for()
    assert page.locator("main").count() == 1
    assert page.locator("#h-quiz").inner_text() == "1 of 2"
    assert complaints_of_axe(page) == []
