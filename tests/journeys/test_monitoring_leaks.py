"""What office and school tell each other of a child back at school lies in plain nowhere."""

from __future__ import annotations

import logging
import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portal.cases.actions.consents import Asked, record_consent
from portal.cases.actions.identity import GuardianFacts, add_guardian
from portal.cases.actions.opening import ChildFacts, NewCase, open_case
from portal.cases.models import Case
from portal.cases.states import ConsentAbout, ConsentAnswer, Origin
from portal.config import Settings
from portal.core import clock
from portal.core.access import Role
from portal.core.db import transaction
from portal.monitoring.models import (
    Alert,
    FormAnswers,
    MonitoringForm,
    PlanReader,
    Reply,
    ReturnPlan,
)
from portal.people.models import User
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.journeys.conftest import Opener, Town
from tests.journeys.test_case_leaks import Watched
from tests.journeys.test_form_journey import tap_through
from tests.journeys.test_leaks import CHILD as FIRST_NAMES
from tests.journeys.test_leaks import MOTHER, STORY, files_below, leaks

pytestmark = [pytest.mark.browser, on_sqlite]

# Long enough that its initials stand nowhere by chance.
CHILD = f"{FIRST_NAMES} Quraisyin Xaverius Wirayudha"
INITIALS = "Z.P.Q.X.W."
CLASS = "7 Kenanga Wulung"
SAFETY = "guru piket menunggu di gerbang timur"
HELPS = "duduk di baris kedua dekat jendela"
AVOIDS = "jangan dipanggil maju tanpa bertanya"
AGREED = "ingin boleh memakai jaket kesayangannya"
CONTACTS = "telepon tantenya selepas magrib"
QUESTION = "apakah gurunya boleh duduk di sampingnya"
NOTE = "makan siang sendirian di belakang perpustakaan"
TYPED = "matanya sembap sejak jam pertama"
ANSWER = "mohon temani setiap jam istirahat pekan ini"
DONE = "bertemu gurunya dan menelepon bibinya"
SAID = (SAFETY, HELPS, AVOIDS, AGREED, CONTACTS, QUESTION, NOTE, TYPED, ANSWER, DONE)
PLANTED = (CHILD, FIRST_NAMES, INITIALS, CLASS, MOTHER, STORY, *SAID)
NAMES = (CHILD, FIRST_NAMES, MOTHER, STORY)


def case_of(build: Builder, town: Town) -> Case:
    """Open a case whose family agrees that the school is told."""
    manager = build.actor(town.worker)
    with transaction(build.session) as session:
        command = NewCase(
            child=ChildFacts(CHILD),
            origin=Origin.REFERRAL_IN,
            origin_words=STORY,
            school_id=town.school.id,
            class_name=CLASS,
            kinds=("verbal",),
            summary=STORY,
            manager_id=town.worker.id,
        )
        case = open_case(session, build.actor(town.coordinator), command)
        guardian = add_guardian(session, manager, case, GuardianFacts(MOTHER, "Ibu"))
        session.flush()
        about, given = ConsentAbout.SHARING_WITH_SCHOOL, ConsentAnswer.GIVEN
        record_consent(session, manager, case, Asked(about, given, clock.today(), guardian.id))
        return case


def come_in(build: Builder, town: Town, user: User, browser: Watched) -> Watched:
    """Let somebody be signed in already."""
    cookie = {"name": "sid", "value": build.sign_in(user), "url": town.address}
    browser.page.context.add_cookies([cookie])  # type: ignore[list-item]
    return browser


def share_plan(office: Watched, case: str, teacher: User) -> None:
    """Write a plan, read it once more, and share it."""
    office.open(f"{case}/kembali-sekolah")
    plan = {
        "child_name": CHILD,
        "class_name": CLASS,
        "returns_on": clock.today().isoformat(),
        "safety_steps": SAFETY,
        "helps": HELPS,
        "avoids": AVOIDS,
        "agreed": AGREED,
        "contacts": CONTACTS,
        "readers": teacher.public_id,
    }
    office.fill("#plan-form", plan)
    office.fill("form[action$='/bagikan']", {"teacher": teacher.public_id})
    expect(office.page.locator("main")).to_contain_text(HELPS)


def read_plan(school: Watched, plan: ReturnPlan) -> None:
    """Read a plan, ask something, and print it."""
    path = f"/rencana-kembali/{plan.public_id}"
    school.open(path)
    expect(school.page.locator("main")).to_contain_text(CHILD)
    school.fill("#words-form", {"words": QUESTION})
    paper = school.page.request.get(f"{school.address}{path}/cetak.pdf")
    assert paper.body().startswith(b"%PDF")
    assert "no-store" in paper.headers["cache-control"]
    school.seen.append(repr(paper.headers))


def open_today(build: Builder) -> MonitoringForm:
    """Let the form that waits be due today, whatever day that is."""
    with transaction(build.session) as session:
        form = session.scalars(select(MonitoringForm)).one()
        form.opens_on = form.due_on = clock.today()
        return form


def fill_in(school: Watched, form: MonitoringForm) -> None:
    """Fill in a form, by and by, and send it."""
    school.open(f"/pemantauan/{form.public_id}")
    expect(school.page.locator("main")).to_contain_text(INITIALS)
    tap_through(school.page, "r2")
    school.page.locator("#note").fill(TYPED)
    # Whatever keeps it now, keeps it where nobody reads it.
    expect(school.page.locator("#save-state")).not_to_be_empty()
    school.look()
    assert "sealed" in school.seen[-2]
    school.page.locator("#note").fill(NOTE)
    school.page.locator("#monitoring-form button[type=submit]").first.click()
    expect(school.page.locator(".steps-now")).to_be_visible()
    school.look()


def follow_up(office: Watched, case: str) -> None:
    """Take care of what a form asks for, and answer it."""
    office.open("/pemantauan/antrean")
    page = office.page
    alert = page.locator("a[href^='/peringatan/']").first.get_attribute("href") or ""
    form = page.locator("a[href$='/baca']").first.get_attribute("href") or ""
    office.open(alert)
    expect(page.locator("main")).to_contain_text(NOTE)
    page.locator("form[action$='/tangani'] button").click()
    office.look()
    office.fill("form[action$='/selesai']", {"done": DONE})
    office.open(form)
    office.fill("form[action$='/jawab']:has([name=text])", {"text": ANSWER})
    office.open(form)
    expect(page.locator("main")).to_contain_text(ANSWER)
    for tab in ("", "/kembali-sekolah", "/pemantauan"):
        office.open(case + tab)


def test_a_child_back_at_school_stays_between_office_and_school(
    settings: Settings,
    build: Builder,
    town: Town,
    open_browser: Opener,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    teacher = build.user(Role.TEACHER, town.school, name="Dedi Kurniawan")
    case = f"/kasus/{case_of(build, town).public_id}"
    office, school, principal = (
        come_in(build, town, user, Watched(open_browser(), town.address))
        for user in (town.worker, teacher, town.principal)
    )
    share_plan(office, case, teacher)
    with build.database.reader() as reading:
        plan = reading.scalars(select(ReturnPlan)).one()
    read_plan(school, plan)
    fill_in(school, open_today(build))
    follow_up(office, case)
    school.open("/pemantauan")
    school.open("/beranda")
    principal.open("/pemantauan")
    # Nobody reads there how the child is, nor its name, before opening the plan.
    assert leaks(principal.page.content(), (*NAMES, *SAID)) == []
    principal.open(f"/rencana-kembali/{plan.public_id}")
    for page in (office.page, school.page, principal.page):
        assert re.search(r"(?i)quraisyin|kenanga|z\.p\.", page.url + page.title()) is None
    seen = [*office.seen, *school.seen, *principal.seen]
    assert [each for each in seen if leaks(each, PLANTED)] == []
    kept = {name: leaks(each, PLANTED) for name, each in files_below(settings.data_dir).items()}
    assert len(kept) >= 2
    assert {name: what for name, what in kept.items() if what} == {}
    assert leaks(caplog.text, PLANTED) == []
    # It is all there, for those who have the keys.
    with build.database.reader() as reading:
        assert [each.helps for each in reading.scalars(select(ReturnPlan))] == [HELPS]
        assert QUESTION in [each.words for each in reading.scalars(select(PlanReader))]
        assert [each.note for each in reading.scalars(select(FormAnswers))] == [NOTE]
        assert [each.text for each in reading.scalars(select(Reply))] == [ANSWER]
        assert [each.done for each in reading.scalars(select(Alert))] == [DONE]
