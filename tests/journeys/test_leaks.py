"""What people entrust to the portal lies in plain nowhere: not on disk, not in the browser."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from portal.config import Settings
from portal.core.access import Role
from portal.core.db import transaction
from portal.people.actions import sessions
from tests.builders import PASSWORD, Builder
from tests.journeys.conftest import Opener, Town, show_second_proof, sign_in
from tests.journeys.test_screens import complaints_of_axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("settings", ["sqlite"], indirect=True),
]

CHILD = "Zulaikha Permatasari"
MOTHER = "Maimunah Kartosuwiryo"
STORY = "diejek setiap hari di belakang kantin"
PLANTED = (CHILD, MOTHER, STORY)
IN_BROWSER = """async () => {
    const plain = (name, value) => {
        const bytes = value instanceof ArrayBuffer || ArrayBuffer.isView(value);
        return bytes ? new TextDecoder("latin1").decode(value) : value;
    };
    const answer = (asked) => new Promise((found, missing) => {
        asked.onsuccess = () => found(asked.result);
        asked.onerror = missing;
    });
    const kept = [document.title, location.href, document.cookie];
    for (const store of [localStorage, sessionStorage]) kept.push(JSON.stringify({ ...store }));
    for (const { name } of await indexedDB.databases()) {
        const opened = await answer(indexedDB.open(name));
        kept.push(name);
        for (const store of opened.objectStoreNames) {
            const rows = await answer(opened.transaction(store).objectStore(store).getAll());
            kept.push(JSON.stringify(rows, plain));
        }
        opened.close();
    }
    if (self.caches) {
        for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of await cache.keys()) {
                kept.push(request.url, await (await cache.match(request)).text());
            }
        }
    }
    return kept.join("\\n");
}"""


def leaks(text: str | bytes, planted: tuple[str, ...] = PLANTED) -> list[str]:
    """Return which of the planted texts stand somewhere, in any usual encoding."""
    content = text.encode() if isinstance(text, str) else text
    return [
        each
        for each in planted
        for shape in (each.encode(), each.encode("utf-16-le"), each.replace(" ", "+").encode())
        if shape in content or shape.replace(b"+", b"%20") in content
    ]


def files_below(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def record_request(page: Page, town: Town) -> None:
    """Write down what a mother asks about her child, as the division head would."""
    page.goto(f"{town.address}/permintaan-data/baru")
    page.locator("[name=kind][value=access]").check()
    page.locator("[name=relation][value=guardian]").check()
    page.locator("[name=requester]").fill(MOTHER)
    page.locator("[name=contact]").fill("0812 0000 9999")
    page.locator("[name=data_subject]").fill(CHILD)
    page.locator("[name=wish]").fill(STORY)


def test_a_mothers_request_about_her_child_stays_between_her_and_the_office(
    app: Flask,
    settings: Settings,
    build: Builder,
    town: Town,
    open_browser: Opener,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    head = build.user(Role.DIVISION_HEAD, name="Endang Susilowati")
    page = open_browser()
    visited: list[str] = []
    page.on("framenavigated", lambda frame: visited.append(frame.url))
    page.on("request", lambda request: visited.append(request.url))
    sign_in(page, town, head)
    record_request(page, town)
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/permintaan-data/*")
    # Whoever typed it a moment ago reads only the number from now on.
    assert leaks(page.content()) == []
    assert complaints_of_axe(page) == []
    kept = page.evaluate(IN_BROWSER)
    assert leaks(kept) == []
    page.go_back()
    page.go_forward()
    assert leaks(page.evaluate(IN_BROWSER)) == []
    assert [address for address in visited if leaks(address)] == []
    found = {name: leaks(content) for name, content in files_below(settings.data_dir).items()}
    assert len(found) >= 2
    assert {name: what for name, what in found.items() if what} == {}
    assert leaks(caplog.text) == []


def test_what_was_typed_when_the_session_ended_waits_encrypted(
    settings: Settings, build: Builder, town: Town, open_browser: Opener
) -> None:
    head = build.user(Role.DIVISION_HEAD, name="Endang Susilowati")
    page = open_browser()
    sign_in(page, town, head)
    record_request(page, town)
    with transaction(build.session) as writing:
        sessions.end_all(writing, head.id)
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/masuk\?"))
    found = {name: leaks(content) for name, content in files_below(settings.data_dir).items()}
    assert {name: what for name, what in found.items() if what} == {}
    # Its writer gets it back.
    page.locator("#identifier").fill(head.email or "")
    page.locator("#password").fill(PASSWORD)
    page.locator("#sign-in button[type=submit]").click()
    page.wait_for_url(re.compile(r"/masuk/kode"))
    show_second_proof(page, "/permintaan-data/baru")
    assert page.locator("[name=requester]").input_value() == MOTHER
    assert page.locator("[name=wish]").input_value() == STORY
