"""A material saved on a phone opens without a signal, as the page for everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.core.access import Role
from portal.core.db import transaction
from portal.materials.models import Material
from portal.materials.states import MaterialKind
from portal.people.actions.sessions import Device, open_session
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.journeys.conftest import PHONE
from tests.materials.shelf import Shelf, scenario

pytestmark = [pytest.mark.browser, on_sqlite]

# What browsers note about a cut line.
EXPECTED = re.compile(r"net::ERR|status of (404|50\d)")
KEPT = """async () => {
  const texts = [];
  for (const name of await caches.keys())
    for (const asked of await (await caches.open(name)).keys())
      texts.push(asked.url, await (await (await caches.open(name)).match(asked)).text());
  return texts;
}"""


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """Open a phone that keeps a service worker."""
    context = browser.new_context(viewport=PHONE, locale="id-ID", service_workers="allow")
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda said: (
            complaints.append(said.text)
            if said.type == "error" and not EXPECTED.search(said.text)
            else None
        ),
    )
    yield page
    context.close()
    assert not complaints


def save(page: Page, address: str, material: Material) -> None:
    page.goto(f"{address}/materi/{material.slug}")
    page.locator("[data-save]").click()
    expect(page.locator("[data-when=saved]")).to_be_visible()


def test_a_story_is_saved_played_without_a_signal_and_removed(
    phone: Page, address: str, build: Builder
) -> None:
    shelf = Shelf(build)
    story = shelf.material(MaterialKind.SCENARIO, "Story", content={"scenario": scenario(6)})
    other = shelf.material(title="Other")
    save(phone, address, story)
    save(phone, address, other)
    phone.context.set_offline(True)
    phone.goto(f"{address}/materi/{story.slug}")
    expect(phone.locator("h1")).to_have_text("Story (id)")
    phone.goto(f"{address}/materi/{story.slug}/main")
    for _page in range(4):
        phone.locator("#scene .link-list a").first.click()
        expect(phone.get_by_text("That was kind (id)")).to_be_visible()
    expect(phone.get_by_text("Good end (id)")).to_be_visible()
    # Only with a signal could an answer be sent.
    expect(phone.locator("main form")).to_have_count(0)
    # The other language is not here, and it says so.
    phone.locator("#languages a").click()
    expect(phone.locator(".empty-title")).to_be_visible()
    phone.goto(f"{address}/materi/tersimpan")
    expect(phone.locator("[data-saved] li")).to_have_count(2)
    # What was not saved is not there, and says so.
    phone.goto(f"{address}/materi")
    expect(phone.locator(".empty-title")).to_be_visible()
    phone.goto(f"{address}/materi/tersimpan")
    phone.locator("[data-saved] li", has_text="Story (id)").locator("button").click()
    expect(phone.locator("[data-saved] li")).to_have_count(1)
    # What the other one needs as well has stayed.
    phone.goto(f"{address}/materi/{other.slug}")
    expect(phone.locator("h1")).to_have_text("Other (id)")
    phone.locator("[data-remove]").click()
    expect(phone.locator("[data-when=none]")).to_be_visible()
    assert phone.evaluate("caches.has('saved-materials')") is False


def test_a_copy_knows_nothing_of_who_saved_it_and_goes_with_them(
    phone: Page, address: str, build: Builder
) -> None:
    material = Shelf(build).material()
    teacher = build.user(Role.TEACHER, build.school(), name="Ratna Dewi")
    with transaction(build.session) as session:
        token = open_session(session, teacher, Device(own=False), strong=True)
    build.close()
    phone.context.add_cookies([{"name": "sid", "value": token, "url": address}])
    save(phone, address, material)
    texts = "".join(phone.evaluate(KEPT))
    assert material.slug in texts
    assert "Ratna" not in texts
    assert "csrf" not in texts
    phone.goto(f"{address}/akun")
    phone.locator("form[action='/keluar'] button").click()
    phone.wait_for_url(re.compile("/(masuk|$)"))
    assert phone.evaluate("caches.has('saved-materials')") is False
    phone.goto(f"{address}/materi/tersimpan")
    expect(phone.locator("[data-empty]")).to_be_visible()


def test_what_cannot_be_saved_whole_is_not_saved(phone: Page, address: str, build: Builder) -> None:
    story = Shelf(build).material(MaterialKind.SCENARIO, "Story")
    phone.goto(f"{address}/materi/{story.slug}")
    phone.evaluate("navigator.serviceWorker.ready.then(() => {})")
    # One page of the story does not come through.
    phone.context.route("**/main/p1?*", lambda route: route.abort())
    phone.context.route("**/main/later*", lambda route: route.abort())
    phone.locator("[data-save]").click()
    expect(phone.locator("[data-when=cut]")).to_be_visible()
    assert phone.evaluate("caches.has('saved-materials')") is False
    phone.context.unroute_all()
    phone.locator("[data-save]").click()
    expect(phone.locator("[data-when=saved]")).to_be_visible()
