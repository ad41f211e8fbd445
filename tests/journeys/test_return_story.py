"""A child comes back to school: a plan, months of forms, a red flag, an ending, and a relapse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.cases.actions import closing, deciding
from portal.cases.actions.family import Contact, add_contact
from portal.cases.actions.identity import record_wishes
from portal.cases.models import Case
from portal.cases.states import CaseOutcome, CaseState, ContactWay
from portal.core import clock
from portal.core.db import transaction
from portal.monitoring.models import MonitoringForm
from portal.monitoring.states import AlertKind, AlertState, FormKind, FormState
from tests.builders import Builder
from tests.cases.casework import NAME, REASONS, casework
from tests.conftest import on_sqlite
from tests.journeys.conftest import PHONE, UNFOLD, Opener
from tests.journeys.months import NOON, Months, moment
from tests.journeys.test_form_journey import send, tap_through
from tests.monitoring.classroom import INITIALS, NOTE
from tests.monitoring.planning import HELPS, planning
from tests.monitoring.teaching import path_of

pytestmark = [on_sqlite]

WRITTEN = moment("2026-09-24T09:00")
BACK = date(2026, 9, 28)
FLAGGED = date(2026, 10, 23)
# Weekly again after the red flag: the second of these forms stays away, a later one comes late.
MISSED, LATE = date(2026, 11, 6), date(2026, 12, 11)
ENDING = date(2027, 2, 15)
DONE = "Guru dan ibu sudah ditelepon; anak ditemani Bu Sari"
# Worse than calm, without a red flag.
WORSE = dict.fromkeys(("m1", "m2", "m3", "m4", "m5", "m6"), "0")


@pytest.fixture
def months(app: Flask, build: Builder) -> Iterator[Months]:
    """Return a case in which the family agreed that the school is told."""
    with time_machine.travel(WRITTEN, tick=True) as now:
        yield Months(app, planning(casework(build)), now)


@dataclass
class Hands:
    """Everybody's own small phone, with a browser as it comes."""

    months: Months
    address: str
    open_browser: Opener

    def __post_init__(self) -> None:
        people = ("manager", "teacher", "principal", "head")
        self.pages = {name: self.open_browser(viewport=PHONE) for name in people}

    def open(self, name: str, path: str = "/beranda") -> Page:
        """Open a page on somebody's phone, signed in since this morning."""
        page, build = self.pages[name], self.months.plan.work.build
        token = build.sign_in(self.months.person(name))
        build.close()
        page.context.add_cookies([{"name": "sid", "value": token, "url": self.address}])
        page.goto(f"{self.address}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        return page

    def follow(self, name: str, place: str) -> Page:
        """Follow the first link to a place from what waits at somebody's home page."""
        page = self.open(name)
        with page.expect_navigation():
            page.locator(f"#todo a[href^='{place}']").first.click()
        return page

    def press(self, page: Page, words: str) -> None:
        """Press a button by what stands on it; of two the lower, as an alarm's stands on top."""
        name = self.months.says(words)
        with page.expect_navigation():
            page.get_by_role("button", name=name, exact=True).last.click()

    def sees(self, page: Page, words: str) -> None:
        """Check that a page shows these words to whoever looks at it."""
        expect(page.get_by_text(self.months.says(words)).first).to_be_visible()


@pytest.mark.browser
def test_the_whole_story(address: str, months: Months, open_browser: Opener) -> None:
    months.speak()
    hands = Hands(months, address, open_browser)
    share_the_plan(hands)
    read_the_plan(hands)
    send_the_first_form(hands)
    months.live(FLAGGED - timedelta(days=1))
    raise_a_red_flag(hands)
    live_through_autumn(months)
    close_the_case(hands)
    look_back(hands)
    check_the_end(months)


def share_the_plan(hands: Hands) -> None:
    page = hands.open("manager", hands.months.plan.page)
    expect(page.locator("#child_name")).to_have_value(NAME)
    page.locator("#returns_on").fill(BACK.isoformat())
    page.locator("#helps").fill(HELPS)
    page.locator(f"#readers label:has([value='{hands.months.plan.teacher.public_id}'])").click()
    hands.press(page, "Save and check")
    expect(page.locator("section[aria-labelledby=h-draft]")).to_contain_text(HELPS)
    hands.press(page, "Share with the school")
    expect(page.locator("section[aria-labelledby=h-shared]")).to_contain_text(NAME)
    expect(page.locator("section[aria-labelledby=h-readers] li")).to_have_count(2)


def read_the_plan(hands: Hands) -> None:
    for name in ("teacher", "principal"):
        page = hands.follow(name, "/rencana-kembali/")
        expect(page.locator("main")).to_contain_text(HELPS)
        hands.press(page, "I have read it and will carry it out")
        hands.sees(page, "You have read this plan")
        page = hands.open(name)
        expect(page.locator("#todo a[href^='/rencana-kembali/']")).to_have_count(0)
    page = hands.open("manager", hands.months.plan.page)
    expect(page.locator("section[aria-labelledby=h-readers] .tag.ok")).to_have_count(2)


def send_the_first_form(hands: Hands) -> None:
    months = hands.months
    months.at(BACK, NOON)
    page = hands.follow("teacher", "/pemantauan/")
    expect(page.locator("h1")).to_contain_text(INITIALS)
    expect(page.locator("body")).not_to_contain_text(NAME)
    tap_through(page)
    send(page)
    hands.sees(page, "Thank you. The form has arrived.")
    form_page = page.url.removeprefix(hands.address)

    page = hands.open("manager", "/pemantauan/antrean")
    ready = page.locator("form button[name=code]").first
    words = ready.inner_text()
    ready.click()
    expect(page.locator(".receipt")).to_contain_text(months.says("Answered."))
    page = hands.open("teacher", form_page)
    expect(page.locator("section[aria-labelledby=reply]")).to_contain_text(words)
    hands.press(page, "I have read it")


def raise_a_red_flag(hands: Hands) -> None:
    months, number = hands.months, hands.months.plan.case.number
    months.at(FLAGGED, NOON)
    page = hands.follow("teacher", "/pemantauan/")
    tap_through(page, "r2")
    page.locator("#note").fill(NOTE)
    send(page)
    steps = page.locator(".steps-now")
    expect(steps).to_contain_text(months.says("What to do now"))
    expect(steps.locator("a[href^='tel:']").first).to_be_visible()

    page = hands.open("manager")
    expect(page.get_by_role("alert")).to_contain_text(number)
    expect(page.locator("body")).not_to_contain_text(NAME)
    page = hands.follow("manager", "/peringatan/")
    expect(page.locator("h1")).to_contain_text(INITIALS)
    expect(page.locator("main")).to_contain_text(NOTE)
    hands.press(page, "I take care of it")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.locator("#done").fill(DONE)
    hands.press(page, "Settle the alert")
    expect(page.locator("main")).to_contain_text(DONE)

    page = hands.open("manager", tab_of(months))
    hands.sees(page, "Go on: not everything is met yet")
    # Weekly again: by the rhythm it had been two weeks by now.
    assert months.due_later(FLAGGED) == FLAGGED + timedelta(days=7)


def tab_of(months: Months) -> str:
    """Return the address of the case's monitoring."""
    return f"/kasus/{months.plan.case.public_id}/pemantauan"


def live_through_autumn(months: Months) -> None:
    """Let months pass in which one form stays away and one comes late."""
    months.live(MISSED + timedelta(days=15), leave=frozenset({MISSED}))
    missed = form_of(months, MISSED)
    assert missed.state == FormState.MISSED
    phone = months.visit("teacher")
    phone.get(path_of(missed))
    kindly = "If you saw something that worries you, please call the office."
    assert months.says(kindly) in phone.page

    months.live(LATE + timedelta(days=7), leave=frozenset({LATE}))
    watch_from_outside(months)
    assert "form_late" in months.asked("teacher")
    late = form_of(months, LATE)
    months.fill_in(late)
    assert months.says("Nothing overdue") in look(months, "principal")
    months.live(ENDING)


def form_of(months: Months, day: date) -> MonitoringForm:
    """Return the form that was due on a day."""
    return next(each for each in months.forms() if each.due_on == day)


def look(months: Months, name: str, path: str = "/pemantauan") -> str:
    """Return a page as somebody sees it."""
    phone = months.visit(name)
    assert phone.get(path).status_code == 200
    return phone.page


def watch_from_outside(months: Months) -> None:
    """Check what the principal knows of a late form and of the red flag before: that it is late."""
    page = look(months, "principal")
    assert INITIALS in page
    assert months.says("Overdue since %(day)s", day="").strip() in page
    for secret in (NAME, NOTE, months.says("Red flag"), months.says("Calm"), *months.told.values()):
        assert secret not in page
    talk = "Talk to the teacher, or name somebody who stands in."
    assert months.says(talk) in look(months, "principal", "/beranda")


def close_the_case(hands: Hands) -> None:
    months, case = hands.months, hands.months.plan.case
    page = hands.open("manager", tab_of(months))
    outlook = page.locator("section[aria-labelledby=h-outlook]")
    # The forms are calm; what only people can do is left.
    expect(outlook.locator(".tag.warn")).to_have_count(3)
    visit_the_family(months)
    page.reload()
    expect(outlook.locator(".tag.warn")).to_have_count(0)
    expect(outlook).to_contain_text(months.says("Everything speaks for ending it"))

    page = hands.open("manager", f"/kasus/{case.public_id}/penutupan")
    page.evaluate(UNFOLD)
    page.locator("#outcome").select_option(CaseOutcome.NO_NEED_FOUND)
    for name in ("told", "relapse", "reason", "best_interests", "child_view"):
        page.locator(f"#{name}").fill("Sudah dibicarakan bersama")
    hands.press(page, "Propose closing it")
    page = hands.follow("head", f"/kasus/{case.public_id}")
    expect(page.locator("body")).not_to_contain_text(NAME)
    page.locator("#reason").fill("Memutus penutupan")
    hands.press(page, "Open the file")
    page = hands.open("head", f"/kasus/{case.public_id}/keputusan")
    hands.press(page, "Approve")
    assert state_of(months) == CaseState.CLOSED


def visit_the_family(months: Months) -> None:
    """Let the social worker go there, and write down what the child says."""
    work, case = months.plan.work, months.plan.case
    with transaction(work.build.session) as session:
        found = session.get_one(Case, case.id)
        session.refresh(found)
        an_hour_ago, at_home = clock.now() - timedelta(hours=1), ContactWay.HOME_VISIT
        seen = Contact(an_hour_ago, at_home, reached=True, text="Semua senang")
        add_contact(session, work.actor("manager"), found, seen)
        record_wishes(session, work.actor("manager"), found, "Tetap di sekolahnya", "Senang lagi")


def state_of(months: Months) -> str:
    """Return how the case stands."""
    (state,) = months.plan.work.rows(select(Case.state).filter_by(id=months.plan.case.id))
    return str(state)


def wait_for_later_check(months: Months) -> MonitoringForm:
    """Let time pass until the school is asked once more, three months later."""
    for day in months.days(ENDING + timedelta(days=120)):
        if day.weekday() != clock.SATURDAY and months.unanswered():
            months.answer_all()
        if months.forms()[-1].kind == FormKind.SENTINEL:
            return months.forms()[-1]
    raise AssertionError("nobody asked the school")


def look_back(hands: Hands) -> None:
    months, case = hands.months, hands.months.plan.case
    later = wait_for_later_check(months)
    assert ENDING + timedelta(days=80) < later.opens_on < ENDING + timedelta(days=110)
    page = hands.follow("teacher", path_of(later))
    tap_through(page)
    for row, answer in WORSE.items():
        page.locator(f"#{row} label:has([value='{answer}'])").click()
    send(page)
    hands.sees(page, "Thank you. The form has arrived.")

    page = hands.follow("manager", "/peringatan/")
    expect(page.locator("main")).to_contain_text(
        months.says(
            "The case was closed, and the child may need the office again. Look whether it goes "
            "on, and write that down in the case."
        )
    )
    hands.press(page, "I take care of it")
    page.locator("#done").fill(DONE)
    hands.press(page, "Settle the alert")
    page = hands.open("manager", f"/kasus/{case.public_id}/penutupan")
    hands.sees(page, "What the school tells")
    page.locator(f"a[href='/kasus/{case.public_id}/buka-lagi']").click()
    page.locator("label:has([value=relapse])").click()
    for name in ("reason", "best_interests", "child_view"):
        page.locator(f"#{name}").fill("Sekolah khawatir lagi")
    hands.press(page, "Go on with the case")
    expect(page.locator("main")).to_contain_text(case.number)
    assert state_of(months) == CaseState.OPEN


def check_the_end(months: Months) -> None:
    """Check what is left when the story is told."""
    if months.unanswered():
        months.answer_all()
    months.check_the_books()
    forms = months.forms()
    assert sum(each.kind == FormKind.SENTINEL for each in forms) == 1
    assert sum(each.kind == FormKind.REGULAR for each in forms) >= 11
    # School was out in between, and somebody looked on the first day after it.
    assert any(each.kind == FormKind.FIRST_DAY and each.due_on.year == 2027 for each in forms)
    assert [each.due_on for each in forms if each.state == FormState.MISSED] == [MISSED]
    assert {each.kind for each in months.alerts()} == {AlertKind.RED_FLAG, AlertKind.RELAPSE}
    assert {each.state for each in months.alerts()} == {AlertState.CLOSED}


def test_the_same_months_in_english_without_scripts(months: Months) -> None:
    months.language = "en"
    months.speak()
    tab = tab_of(months)
    plan = months.plan.shared(returns_on=BACK)
    for name in ("teacher", "principal"):
        months.plan.acknowledge(plan, name)
    months.live(FLAGGED - timedelta(days=1))
    months.at(FLAGGED, NOON)
    due = months.due_today()
    assert due is not None
    assert months.says("What to do now") in months.fill_in(due, "r2", note=NOTE).page
    settle(months, "Red flag")
    live_through_autumn(months)
    assert months.says("Go on: not everything is met yet") in look(months, "manager", tab)
    visit_the_family(months)
    assert months.says("Everything speaks for ending it") in look(months, "manager", tab)
    close_by_hand(months)
    months.fill_in(wait_for_later_check(months), **WORSE)
    settle(months, "A worry after the case was closed")
    check_the_end(months)


def settle(months: Months, kind: str) -> None:
    """Let the manager find an alert among the forms, and settle it."""
    desk = months.visit("manager")
    desk.get("/pemantauan/antrean")
    assert months.says(kind) in desk.page
    alert = months.alerts()[-1]
    path = f"/peringatan/{alert.public_id}"
    desk.get(path)
    assert months.says("Whom to call") in desk.page
    assert desk.post(f"{path}/tangani").status_code == 303
    assert desk.post(f"{path}/selesai", {"done": DONE}).status_code == 303


def close_by_hand(months: Months) -> None:
    """Close the case, as other tests see it done in a browser."""
    work, build = months.plan.work, months.plan.work.build
    with transaction(build.session) as session:
        case = session.get_one(Case, months.plan.case.id)
        session.refresh(case)
        ending = closing.propose_closure(
            session, work.actor("manager"), case, CaseOutcome.NO_NEED_FOUND, REASONS
        )
        deciding.approve(session, work.actor("head"), case, ending, "")
