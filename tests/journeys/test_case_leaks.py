"""What a case tells of a child lies in plain nowhere: not at the office, not with a provider."""

from __future__ import annotations

import logging
import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.cases.actions.deciding import approve
from portal.cases.models import Case, Child, Consent, Decision, FamilyContact
from portal.config import Settings
from portal.core.db import transaction
from portal.people.actions import sessions
from portal.referrals.actions.providers import ProviderFacts, add_provider
from portal.referrals.models import Referral, ReferralAnswer
from portal.referrals.states import ProviderKind
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.journeys.conftest import UNFOLD, Opener, Town, sign_in
from tests.journeys.test_leaks import CHILD, IN_BROWSER, MOTHER, STORY, files_below, leaks

pytestmark = [pytest.mark.browser, on_sqlite]

FAMILY = "ibunya menangis di telepon pagi itu"
REASON = "ayahnya belum siap bercerita kepada siapa pun"
PURPOSE = "butuh teman bicara setelah mimpi buruk"
ANSWER = "anak ini perlu waktu dua belas pekan"
PLANTED = (CHILD, MOTHER, STORY, FAMILY, REASON, PURPOSE, ANSWER)


class Watched:
    """A browser whose every address and title is noted."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.seen: list[str] = []
        page.on("framenavigated", lambda frame: self.seen.append(frame.url))
        page.on("request", lambda request: self.seen.append(request.url))

    def open(self, path: str) -> None:
        """Go to a page, and note what its window is called."""
        self.page.goto(self.address + path)
        self.look()

    def look(self) -> None:
        """Note everything a browser keeps of a page."""
        self.page.wait_for_load_state()
        self.seen.append(self.page.title())
        self.seen.append(self.page.evaluate(IN_BROWSER))
        # Also the cookies no script may read.
        self.seen.append(repr(self.page.context.cookies()))

    def fill(self, form: str, fields: dict[str, str]) -> None:
        """Fill in a form, unfolded or not, and send it."""
        place = self.page.locator(form)
        self.page.evaluate(UNFOLD)
        for name, value in fields.items():
            field = place.locator(f"[name={name}]").first
            match field.evaluate("each => each.type"):
                case "radio" | "checkbox":
                    place.locator(f"[name={name}][value='{value}']").check()
                case "select-one":
                    field.select_option(value)
                case _:
                    field.fill(value)
        place.locator("button[type=submit]").first.click()
        self.look()
        assert self.page.locator("#error-summary").count() == 0, self.page.inner_text("main")


def open_case(browser: Watched) -> str:
    """Open a case at its door, and return where it is."""
    browser.open("/kasus/baru")
    child = {"full_name": CHILD, "origin_words": STORY, "summary": STORY, "guardian_name": MOTHER}
    browser.fill("#opening", child)
    path = browser.page.url.removeprefix(browser.address)
    assert re.fullmatch(r"/kasus/[\w-]{22}", path)
    return path


def write_into(browser: Watched, case: str) -> None:
    """Write what a case manager writes on a day, and look for the child by name."""
    browser.fill(f"form[action='{case}/catatan']", {"note": STORY})
    browser.open(f"{case}/keluarga")
    reached = {"reached": "yes", "guardian": MOTHER, "way": "phone", "text": FAMILY}
    browser.fill(f"form[action='{case}/keluarga']", reached)
    expect(browser.page.locator("main")).to_contain_text(FAMILY)
    browser.open(f"{case}/keputusan")
    agreed = {"about": "referral", "answer": "given", "reason": REASON, "child_agrees": "yes"}
    browser.fill(f"form[action='{case}/persetujuan']", agreed)
    browser.open("/kasus")
    browser.page.locator("[name=cari]").fill(CHILD)
    browser.page.locator("[name=cari]").press("Enter")
    expect(browser.page.locator("main table")).to_contain_text(CHILD)
    browser.look()


def propose_referral(browser: Watched, case: str) -> str:
    """Write a referral, propose it, and return where it is."""
    browser.open(f"{case}/rujukan")
    provider = browser.page.locator("#provider option").last.get_attribute("value") or ""
    draft = {"provider": provider, "purpose": PURPOSE, "chosen": "full_name"}
    browser.fill(f"form[action='{case}/rujukan']", draft)
    path = browser.page.url.removeprefix(browser.address)
    why = {"reason": REASON, "best_interests": STORY, "child_view": STORY}
    browser.fill(f"form[action='{path}/ajukan']", why)
    return path


def answer_as_provider(browser: Watched, link: str) -> None:
    """Open the packet as its provider, answer, and come back to it."""
    browser.open(link)
    browser.page.locator("main button[type=submit]").first.click()
    browser.look()
    expect(browser.page.locator("main")).to_contain_text(PURPOSE)
    expect(browser.page.locator("main")).to_contain_text(CHILD)
    told = {"kind": "accepted", "text": ANSWER, "given_by": "Bu Puspa"}
    browser.fill("#answer", told)
    browser.page.reload()
    browser.look()


def test_a_case_stays_between_those_who_work_on_it(
    settings: Settings,
    build: Builder,
    town: Town,
    open_browser: Opener,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with transaction(build.session) as session:
        facts = ProviderFacts("Psikolog Contoh", ProviderKind.PSYCHOLOGIST)
        add_provider(session, build.actor(town.coordinator), facts)
    office, provider = (Watched(open_browser(), town.address) for _ in range(2))
    sign_in(office.page, town, town.worker)
    case = open_case(office)
    write_into(office, case)
    referral = propose_referral(office, case)
    with transaction(build.session) as session:
        found = session.scalars(select(Decision).where(Decision.kind == "referral")).one()
        of_case = session.get_one(Case, found.case_id)
        approve(session, build.actor(town.coordinator), of_case, found, "")
    office.open(referral)
    office.page.locator(f"form[action='{referral}/kirim'] button").click()
    office.look()
    shown = office.page.inner_text("main")
    link = re.search(r"/rujukan/jawab/[\w-]+", office.page.content())
    assert link
    assert leaks(shown, (CHILD, MOTHER, STORY)) == []
    answer_as_provider(provider, link[0])
    office.open(referral)
    expect(office.page.locator("main")).to_contain_text(ANSWER)
    seen = [*office.seen, *provider.seen]
    assert [each for each in seen if leaks(each, PLANTED)] == []
    kept = {name: leaks(each, PLANTED) for name, each in files_below(settings.data_dir).items()}
    assert {name: what for name, what in kept.items() if what} == {}
    assert leaks(caplog.text, PLANTED) == []
    # It is all there, for those who have the keys.
    with build.database.reader() as reading:
        assert [each.full_name for each in reading.scalars(select(Child))] == [CHILD]
        assert FAMILY in [each.text for each in reading.scalars(select(FamilyContact))]
        assert REASON in [each.reason for each in reading.scalars(select(Consent))]
        assert [each.purpose for each in reading.scalars(select(Referral))] == [PURPOSE]
        assert [each.text for each in reading.scalars(select(ReferralAnswer))] == [ANSWER]


def test_what_was_typed_into_a_case_when_the_session_ended_waits_encrypted(
    settings: Settings, build: Builder, town: Town, open_browser: Opener
) -> None:
    office = Watched(open_browser(), town.address)
    sign_in(office.page, town, town.worker)
    office.open("/kasus/baru")
    office.page.locator("#full_name").fill(CHILD)
    office.page.locator("#origin_words").fill(STORY)
    with transaction(build.session) as session:
        sessions.end_all(session, town.worker.id)
    office.page.locator("#opening button[type=submit]").first.click()
    office.page.wait_for_url(re.compile(r"/masuk\?"))
    office.look()
    assert [each for each in office.seen if leaks(each, PLANTED)] == []
    kept = {name: leaks(each, PLANTED) for name, each in files_below(settings.data_dir).items()}
    assert {name: what for name, what in kept.items() if what} == {}
