"""The teacher's form without a signal: it arrives once, and the screen says how it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from portal.core import crypto
from portal.core.access import Role
from portal.core.db import transaction
from portal.monitoring.models import MonitoringForm, Watcher
from portal.people.actions.sessions import Device, open_session
from portal.people.models import User
from tests.builders import PASSWORD, Builder
from tests.cases.casework import casework
from tests.conftest import on_sqlite
from tests.journeys.conftest import PHONE
from tests.monitoring.classroom import CALM, INITIALS, NOTE, Classroom, classroom
from tests.monitoring.teaching import ROWS, answers, path_of, versions

pytestmark = [pytest.mark.browser, on_sqlite]

# What browsers note about a cut line, and about refusals that are pages of their own.
EXPECTED = re.compile(r"net::ERR|status of (400|403|404|409|422|429|50\d)")
SENT = "Terima kasih|Thank you"
# Everything a browser keeps of a site, as somebody who finds the device might read it.
KEPT = """async () => {
  const open = indexedDB.open("portal");
  const db = await new Promise((done) => { open.onsuccess = () => done(open.result); });
  const read = db.objectStoreNames.length
    ? db.transaction("form").objectStore("form").getAll() : { readyState: "done", result: [] };
  if (read.readyState !== "done") await new Promise((done) => { read.onsuccess = done; });
  const text = (buffer) => String.fromCharCode(...new Uint8Array(buffer));
  const records = read.result.map((each) =>
    ({ ...each, nonce: text(each.nonce), sealed: text(each.sealed) }));
  const pages = [];
  for (const name of await caches.keys())
    for (const asked of await (await caches.open(name)).keys())
      pages.push(asked.url, await (await caches.match(asked)).text());
  db.close();
  return { records, pages, cookies: document.cookie,
    local: { ...localStorage }, session: { ...sessionStorage } };
}"""

# Makes what is kept a little older than a week.
AGED = """async () => {
  const open = indexedDB.open("portal");
  const db = await new Promise((done) => { open.onsuccess = () => done(open.result); });
  const all = db.transaction("form", "readwrite").objectStore("form");
  const read = all.getAll();
  await new Promise((done) => { read.onsuccess = done; });
  const write = all.put({ ...read.result[0], at: read.result[0].at - 7.01 * 86400e3 });
  await new Promise((done) => { write.onsuccess = done; });
  db.close();
}"""

Opener = Callable[..., Page]


@pytest.fixture
def room(address: str, build: Builder) -> Classroom:
    """Return a child back at school on a served portal."""
    assert address
    return classroom(casework(build))


@pytest.fixture
def open_phone(browser: Browser) -> Iterator[Opener]:
    """Return a function that opens a phone, and fails on what scripts complain of."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one(*, workers: Any = "block", scripts: bool = True) -> Page:
        context = browser.new_context(
            viewport=PHONE, locale="id-ID", service_workers=workers, java_script_enabled=scripts
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        return listen(context.new_page())

    def listen(page: Page) -> Page:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                if message.type == "error" and not EXPECTED.search(message.text)
                else None
            ),
        )
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not complaints


class Phone:
    """A phone with a form of the child on it."""

    def __init__(self, page: Page, address: str, room: Classroom, form: MonitoringForm) -> None:
        self.page, self.address, self.room, self.form = page, address, room, form
        self.home = address + path_of(form)

    def come_in(self, user: User | None = None, *, own: bool = False) -> None:
        """Be signed in, as a phone stays after the first link."""
        build = self.room.work.build
        with transaction(build.session) as session:
            device = Device(own=own)
            token = open_session(session, user or self.room.teacher, device, strong=True)
        build.close()
        self.page.context.add_cookies([{"name": "sid", "value": token, "url": self.address}])

    def open(self) -> None:
        """Open the form."""
        self.page.goto(self.home)

    def fill(self, note: str = NOTE) -> None:
        """Answer everything and write a note."""
        self.page.locator("#flags label:has([value=none]:not(:checked))").click()
        for row in ROWS:
            self.page.locator(f"#{row} label:has([value='{CALM[row]}'])").click()
        self.page.locator("#note").fill(note)

    def send(self) -> None:
        """Press the one big button."""
        self.page.locator(".answers button:not([formaction])").click()

    def cut(self) -> None:
        """Lose the signal."""
        self.page.context.set_offline(True)

    def back(self) -> None:
        """Have a signal again."""
        self.page.context.set_offline(False)

    def says(self, state: str) -> None:
        """Expect this to be what the screen says."""
        expect(self.page.locator(f"main [data-state={state}]")).to_be_visible(timeout=8_000)

    def arrived(self) -> None:
        """Expect exactly one version of the form, whole, and a page that says so."""
        expect(self.page.locator("main .confirmation")).to_be_visible()
        self.once()

    def once(self) -> None:
        """Expect exactly one version of the form, with everything in it."""
        (version,) = versions(self.room, self.form)
        assert answers(version).items == CALM
        assert version.note == NOTE

    def leave(self) -> None:
        """Close the page without a signal, as when the phone is put away; open another one."""
        context = self.page.context
        self.page.close(run_before_unload=False)
        self.page = context.new_page()

    def forgot(self) -> None:
        """Wait until the portal is told that nothing waits here any more."""
        for _moment in range(50):
            if "unsent" not in self.page.evaluate("document.cookie"):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError("something is still kept")

    def kept(self) -> dict[str, Any]:
        """Return all that the browser keeps, when nothing of it can be read."""
        kept: dict[str, Any] = self.page.evaluate(KEPT)
        text = json.dumps(kept)
        person, form = self.room.teacher, self.form
        secret = crypto.device_key(person.id, form.id)
        found = [secret.hex(), self.page.evaluate("k => btoa(k)", secret.decode("latin-1"))]
        asked = ('flags"', 'flags\\"', 'm12"', 'm12\\"')
        for word in ("perpustakaan", INITIALS, person.full_name, *asked, *found):
            assert word not in text, word
        return kept


@pytest.fixture
def phone(address: str, room: Classroom, open_phone: Opener) -> Phone:
    """Return a teacher's phone, signed in."""
    phone = Phone(open_phone(), address, room, room.form())
    phone.come_in()
    return phone


def lose_answers(page: Page, to: str = "**/pemantauan/*") -> None:
    """Let what is posted reach the portal, and its answer get lost on the way back."""

    def carry(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(to, carry)


def test_before_it_loads_the_offline_page_leads_back_to_it(
    address: str, room: Classroom, open_phone: Opener
) -> None:
    phone = Phone(open_phone(workers="allow"), address, room, room.form())
    phone.come_in()
    phone.page.goto(f"{address}/beranda")
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    phone.cut()
    phone.open()
    expect(phone.page.locator(".empty-title")).to_be_visible()
    phone.back()
    phone.page.locator(".empty-state a").click()
    phone.fill()
    phone.send()
    phone.arrived()
    assert not phone.kept()["records"]


def test_the_line_breaks_in_the_middle_and_at_sending(phone: Phone) -> None:
    phone.open()
    phone.page.locator("#m1 label:has([value='2'])").click()
    phone.says("kept")
    phone.cut()
    phone.fill()
    phone.says("kept")
    assert "unsent=1" in phone.kept()["cookies"]
    phone.send()
    phone.says("waiting")
    assert [each["state"] for each in phone.kept()["records"]] == ["waiting"]
    assert versions(phone.room, phone.form) == []
    phone.back()
    phone.says("back")
    phone.arrived()
    kept = phone.kept()
    assert kept["records"] == []
    assert "unsent" not in kept["cookies"]


def test_the_answer_gets_lost_after_the_form_arrived(phone: Phone) -> None:
    phone.open()
    phone.fill()
    lose_answers(phone.page)
    phone.send()
    phone.says("waiting")
    phone.once()
    phone.page.unroute_all()
    phone.send()
    phone.arrived()


@pytest.mark.drill
def test_a_change_after_a_lost_answer_becomes_a_correction(phone: Phone) -> None:
    phone.open()
    phone.fill()
    lose_answers(phone.page)
    phone.send()
    phone.says("waiting")
    phone.page.unroute_all()
    phone.page.locator("#m1 label:has([value='0'])").click()
    phone.says("kept")
    phone.send()
    expect(phone.page.locator("#error-summary")).to_be_visible()
    expect(phone.page.locator("#m1 [value='0']")).to_be_checked()
    phone.send()
    expect(phone.page.locator("main .confirmation")).to_be_visible()
    first, second = versions(phone.room, phone.form)
    assert answers(first).items == CALM
    assert answers(second).items == {**CALM, "m1": 0}


def test_reload_and_back_bring_everything_back(phone: Phone) -> None:
    phone.page.route("**/simpan", lambda route: route.abort())
    phone.open()
    phone.fill()
    phone.says("kept")
    phone.page.reload()
    phone.says("restored")
    expect(phone.page.locator("#note")).to_have_value(NOTE)
    phone.page.goto(f"{phone.address}/beranda")
    phone.page.go_back()
    expect(phone.page.locator("#note")).to_have_value(NOTE)
    assert phone.page.locator("progress").evaluate("bar => bar.value") == 13
    phone.send()
    phone.arrived()


@pytest.mark.drill
def test_what_is_missing_is_said_without_a_signal_too(phone: Phone) -> None:
    phone.open()
    phone.cut()
    phone.page.locator("#flags label:has([value=none])").click()
    phone.page.locator("#flags label:has([value=r2])").click()
    expect(phone.page.locator("#flags [value=none]")).not_to_be_checked()
    phone.send()
    expect(phone.page.locator("#error-summary li")).to_have_count(12)
    phone.fill()
    expect(phone.page.locator("#flags [value=r2]")).not_to_be_checked()
    phone.send()
    phone.says("waiting")
    phone.back()
    phone.arrived()


@pytest.mark.drill
def test_the_portal_keeps_what_rests_and_the_device_forgets_it(phone: Phone) -> None:
    phone.open()
    phone.fill()
    phone.says("kept")
    phone.says("saved")
    assert phone.kept()["records"] == []
    phone.page.reload()
    expect(phone.page.locator("#note")).to_have_value(NOTE)
    phone.send()
    phone.arrived()


def sign_in(page: Page, user: User) -> None:
    """Sign in at the door the page stands at."""
    page.locator("#identifier").fill(user.email or "")
    page.locator("#password").fill(PASSWORD)
    page.locator("#sign-in button[type=submit]").click()


def test_an_expired_session_asks_to_sign_in_and_then_it_is_sent(phone: Phone) -> None:
    phone.open()
    phone.fill()
    phone.page.context.clear_cookies(name="sid")
    phone.send()
    phone.says("signin")
    phone.page.locator("[data-state=signin] a").click()
    sign_in(phone.page, phone.room.teacher)
    phone.arrived()


def test_it_goes_out_after_the_next_sign_in_from_the_home_page(phone: Phone) -> None:
    phone.open()
    phone.cut()
    phone.fill()
    phone.send()
    phone.says("waiting")
    phone.leave()
    phone.page.context.clear_cookies(name="sid")
    phone.back()
    phone.page.goto(f"{phone.address}/masuk")
    sign_in(phone.page, phone.room.teacher)
    phone.says("back")
    phone.once()
    assert phone.kept()["records"] == []


@pytest.mark.parametrize("first", [True, False])
def test_signing_out_asks_first(phone: Phone, first: bool) -> None:
    phone.page.route("**/simpan", lambda route: route.abort())
    phone.open()
    phone.fill()
    phone.says("kept")
    phone.page.goto(f"{phone.address}/akun")
    phone.page.locator("form[action='/keluar'] button").click()
    expect(phone.page).to_have_url(re.compile("/keluar/dulu$"))
    if first:
        phone.page.locator(f"a[data-unsent][href='{path_of(phone.form)}']").click()
        phone.says("restored")
        phone.send()
        phone.arrived()
    else:
        phone.page.locator("[data-forget] button").click()
        expect(phone.page).to_have_url(f"{phone.address}/")
        kept = phone.kept()
        assert kept["records"] == []
        assert kept["cookies"] == ""
        assert kept["local"] == {}
        assert "tab" not in kept["session"]
        assert versions(phone.room, phone.form) == []


@pytest.mark.parametrize("role", [Role.TEACHER, Role.COORDINATOR])
def test_the_next_person_finds_nothing(phone: Phone, role: Role) -> None:
    phone.open()
    phone.cut()
    phone.fill()
    phone.send()
    phone.says("waiting")
    # The cookie of the first one is gone, as after a crash; what the browser keeps is not.
    phone.leave()
    phone.page.context.clear_cookies(name="sid")
    phone.back()
    phone.page.goto(f"{phone.address}/masuk")
    assert len(phone.kept()["records"]) == 1
    other = phone.room.colleague
    if role == Role.COORDINATOR:
        other = phone.room.work.build.user(role)
    phone.come_in(other)
    phone.page.goto(f"{phone.address}/beranda")
    phone.forgot()
    assert phone.kept()["records"] == []
    assert versions(phone.room, phone.form) == []


@pytest.mark.drill
def test_a_substitute_who_is_asked_for_the_same_form_cannot_read_it(phone: Phone) -> None:
    room = phone.room
    phone.open()
    phone.cut()
    phone.fill()
    phone.send()
    phone.says("waiting")
    phone.leave()
    phone.back()
    with transaction(room.work.build.session) as session:
        session.add(
            Watcher(
                follow_up_id=room.follow_up.id,
                user_id=room.colleague.id,
                since=room.plan.written_at,
                named_by=room.work.manager.id,
            )
        )
    room.work.build.close()
    phone.come_in(room.colleague)
    phone.open()
    phone.forgot()
    expect(phone.page.locator("#note")).to_have_value("")
    assert phone.kept()["records"] == []


def test_two_tabs_send_it_once(phone: Phone) -> None:
    phone.page.context.route("**/simpan", lambda route: route.abort())
    phone.open()
    phone.fill()
    phone.says("kept")
    other = phone.page.context.new_page()
    other.goto(phone.home)
    expect(other.locator("#note")).to_have_value(NOTE)
    phone.cut()
    phone.send()
    phone.says("waiting")
    Phone(other, phone.address, phone.room, phone.form).send()
    expect(other.locator("main [data-state=waiting]")).to_be_visible()
    phone.back()
    phone.arrived()
    expect(other.locator("main .confirmation")).to_be_visible()
    phone.once()


@pytest.mark.drill
def test_a_colleague_was_faster_and_nothing_typed_is_lost(phone: Phone) -> None:
    room = phone.room
    phone.open()
    phone.cut()
    phone.fill()
    phone.send()
    phone.says("waiting")
    with transaction(room.work.build.session) as session:
        form = session.get_one(MonitoringForm, phone.form.id)
        form.state, form.sent_by, form.sent_at = "sent", room.colleague.id, room.plan.written_at
    room.work.build.close()
    phone.back()
    expect(phone.page.get_by_text(NOTE)).to_be_visible()
    assert versions(room, phone.form) == []
    # Seen again later, too, until its writer removes it.
    phone.open()
    phone.says("left")
    phone.page.locator("[data-look]").click()
    expect(phone.page.get_by_text(NOTE)).to_be_visible()
    phone.open()
    phone.page.locator("[data-drop]").click()
    phone.forgot()


@pytest.mark.drill
def test_whoever_is_asked_no_longer_is_told_so(phone: Phone) -> None:
    room = phone.room
    phone.open()
    phone.cut()
    phone.fill()
    phone.send()
    phone.says("waiting")
    with transaction(room.work.build.session) as session:
        for watcher in session.query(Watcher).filter_by(user_id=room.teacher.id):
            watcher.ended_at = room.plan.written_at
    room.work.build.close()
    phone.back()
    phone.says("gone")
    assert phone.kept()["records"] == []


def test_without_a_store_the_screen_says_so_and_the_form_still_arrives(phone: Phone) -> None:
    phone.page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    phone.open()
    phone.says("unsaved")
    phone.cut()
    phone.fill()
    phone.says("unsaved")
    phone.send()
    phone.says("held")
    phone.back()
    phone.arrived()


@pytest.mark.drill
def test_trouble_on_the_other_side_is_not_called_a_lost_signal(phone: Phone) -> None:
    phone.open()
    phone.fill()
    phone.page.route("**/pemantauan/*", lambda route: route.fulfill(status=503, body="busy"))
    phone.send()
    phone.says("trouble")
    phone.page.unroute_all()
    phone.send()
    phone.arrived()


def test_a_shared_device_forgets_what_was_only_begun_with_its_tab(phone: Phone) -> None:
    phone.open()
    phone.cut()
    phone.fill()
    phone.says("kept")
    phone.leave()
    phone.back()
    phone.open()
    phone.forgot()
    expect(phone.page.locator("#note")).to_have_value("")
    assert phone.kept()["records"] == []


@pytest.mark.drill
def test_ones_own_phone_keeps_it_for_a_week(phone: Phone) -> None:
    phone.come_in(own=True)
    phone.open()
    phone.cut()
    phone.fill()
    phone.says("kept")
    phone.leave()
    phone.back()
    phone.open()
    phone.says("restored")
    expect(phone.page.locator("#note")).to_have_value(NOTE)
    phone.leave()
    phone.page.route("**/js/monitoring.js*", lambda route: route.abort())
    phone.open()
    phone.page.evaluate(AGED)
    phone.page.unroute_all()
    phone.open()
    phone.forgot()
    assert phone.kept()["records"] == []


def test_without_scripts_it_is_sent_as_any_form(
    address: str, room: Classroom, open_phone: Opener
) -> None:
    phone = Phone(open_phone(scripts=False), address, room, room.form())
    phone.come_in()
    phone.open()
    phone.fill()
    phone.send()
    phone.arrived()
