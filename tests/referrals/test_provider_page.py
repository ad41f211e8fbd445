"""What a provider sees and does: one link, one browser, and nothing of it once it is over."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import inspect, select, text

from portal.cases.models import CaseFile
from portal.core import clock
from portal.core.db import transaction
from portal.core.tokens import token_hash
from portal.referrals.actions.ending import end
from portal.referrals.actions.sending import make_link
from portal.referrals.models import Referral, ReferralAnswer, ReferralLink
from portal.web.logs import ReticentFormatter
from tests.cases.casework import NAME
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.papers import pdf_bytes
from tests.referrals.sending import PURPOSE, WAITING, Referring
from tests.trail import trail

THANKS = "/rujukan/jawaban/terima-kasih"
OURS = {"kind": "accepted", "given_by": "Ibu Contoh", "text": "Senin pukul sembilan"}


@pytest.fixture
def link(refer: Referring) -> tuple[Referral, str]:
    refer.consent()
    return refer.sent(chosen=("school",))


def knock(client: PageClient, token: str) -> str:
    """Open a link and return the address of what it leads to."""
    assert client.get(f"/rujukan/jawab/{token}").status_code == 200
    answer = client.post(f"/rujukan/jawab/{token}")
    assert answer.status_code == 303
    assert token not in answer.headers["Location"]
    return answer.headers["Location"]


def reply(client: PageClient, address: str, **more: Any) -> Any:
    """Send an answer from the page as it stands."""
    client.get(address)
    return client.post(address, {**client.form(address), **OURS, **more})


def test_looking_uses_nothing_up_and_opening_shows_only_the_packet(
    app: Flask, refer: Referring, link: tuple[Referral, str]
) -> None:
    referral, token = link
    scanner = PageClient(app)
    door = scanner.get(f"/rujukan/jawab/{token}")
    text_of_door = door.get_data(as_text=True)
    for secret in (PURPOSE, "Asih", referral.number, refer.provider.name, refer.case.number):
        assert secret not in text_of_door
    assert door.headers["Cache-Control"] == "no-store"
    assert "noindex" in door.headers["X-Robots-Tag"]
    client = PageClient(app)
    page = client.get(knock(client, token)).get_data(as_text=True)
    for told in (PURPOSE, "Asih", refer.work.school.name, referral.number):
        assert told in page
    for kept in (NAME, "Kinasih", refer.case.number, refer.case.summary, "Bibi"):
        assert kept not in page
    assert "HttpOnly" in str(door.headers["Set-Cookie"])
    assert "SameSite=Lax" in str(door.headers["Set-Cookie"])
    actions = [entry.action for entry in trail(refer.work.build.database, "referral")]
    assert actions.count("referral.opened") == 2


def test_a_second_browser_is_told_to_ask_for_a_new_link(
    app: Flask, refer: Referring, link: tuple[Referral, str]
) -> None:
    _referral, token = link
    first, second = PageClient(app), PageClient(app)
    second.get(f"/rujukan/jawab/{token}")
    address = knock(first, token)
    assert second.post(f"/rujukan/jawab/{token}").status_code == 409
    assert second.get(f"/rujukan/jawab/{token}").status_code == 409
    assert second.get(address).status_code == 410
    assert second.post(address, OURS).status_code == 410
    # The first one finds its way back, by the message or by its history.
    assert first.get(f"/rujukan/jawab/{token}").headers["Location"] == address
    assert first.get(address).status_code == 200


@on_sqlite
def test_opening_again_after_a_lost_answer_works(app: Flask, link: tuple[Referral, str]) -> None:
    client = PageClient(app)
    address = f"/rujukan/jawab/{link[1]}"
    client.get(address)
    sent = client.form(address)
    kept = client.http.get_cookie("rujukan")
    assert kept is not None
    assert client.post(address, sent).status_code == 303
    # As if that answer had never arrived.
    client.http.set_cookie("rujukan", kept.value)
    again = client.post(address, sent)
    assert client.get(again.headers["Location"]).status_code == 200


def test_accepting_reporting_and_the_end(
    app: Flask, refer: Referring, link: tuple[Referral, str]
) -> None:
    referral, token = link
    client = PageClient(app)
    address = knock(client, token)
    wrong = reply(client, address, kind="progress")
    assert wrong.status_code == 422
    assert reply(client, address).status_code == 303
    # Who goes on telling is not asked for the name again.
    client.get(address)
    assert client.form(address)["given_by"] == [OURS["given_by"]]
    assert reply(client, address, kind="progress", text="Dua kali bertemu").status_code == 303
    papers = {"kind": "final_report", "text": "", "file": (BytesIO(pdf_bytes()), "Kinasih.pdf")}
    assert reply(client, address, **papers).status_code == 303
    assert "final report is with" in client.get(f"{address}?bahasa=en", follow_redirects=True).text
    build = refer.work.build
    assert build.fresh(Referral, referral.id).state == "reported"
    build.session.expire_all()
    found = build.session.scalars(select(ReferralAnswer).order_by(ReferralAnswer.id)).all()
    assert [each.kind for each in found] == ["accepted", "progress", "final_report"]
    assert found[2].file_id == build.session.scalars(select(CaseFile.file_id)).one()
    with transaction(build.session) as session:
        kept = session.get_one(Referral, referral.id)
        end(session, refer.work.actor("manager"), refer.case, kept, "Sudah pulih", 300_000)
    assert client.get(address).status_code == 410
    assert client.get(f"/rujukan/jawab/{token}").status_code == 410
    told = [entry for entry in trail(build.database, "referral") if "answered" in entry.action]
    assert [entry.facts["kind"] for entry in told] == ["accepted", "progress", "final_report"]
    assert {entry.actor_id for entry in told} == {None}


def test_a_refusal_ends_the_access_and_waits_for_the_manager(
    app: Flask, refer: Referring, link: tuple[Referral, str]
) -> None:
    referral, token = link
    client = PageClient(app)
    address = knock(client, token)
    client.get(address)
    sent = {**client.form(address), **OURS, "kind": "refused"}
    assert client.post(address, {**sent, "text": ""}).status_code == 422
    first = client.post(address, {**sent, "text": "Penuh sampai Maret"})
    assert first.headers["Location"] == THANKS
    # A double tap is told the same.
    assert client.post(address, {**sent, "text": "Penuh sampai Maret"}).status_code in {303, 410}
    assert client.get(THANKS).status_code == 200
    assert client.get(address).status_code == 410
    assert refer.work.build.fresh(Referral, referral.id).state == "refused"
    (duty,) = refer.work.waiting(refer.case, *WAITING)
    assert (duty.kind, duty.person_id) == ("referral_answered", refer.work.manager.id)


@on_sqlite
def test_a_link_expires_and_a_new_one_ends_it(
    app: Flask, refer: Referring, link: tuple[Referral, str]
) -> None:
    referral, token = link
    client = PageClient(app)
    address = knock(client, token)
    with time_machine.travel(clock.now() + timedelta(days=15), tick=False):
        assert client.get(address).status_code == 410
        assert PageClient(app).get(f"/rujukan/jawab/{token}").status_code == 410
    with transaction(refer.work.build.session) as session:
        kept = session.get_one(Referral, referral.id)
        newer = make_link(session, refer.work.actor("manager"), refer.case, kept)
    assert client.get(address).status_code == 410
    assert client.get(knock(PageClient(app), newer)).status_code == 410
    assert client.get(f"/rujukan/jawab/{'x' * 43}").status_code == 410


@on_sqlite
def test_an_answer_that_comes_too_late_is_not_lost(
    app: Flask, refer: Referring, link: tuple[Referral, str]
) -> None:
    client = PageClient(app)
    address = knock(client, link[1])
    client.get(address)
    sent = {**client.form(address), **OURS, "text": "Laporan panjang <b>sekali</b>"}
    with transaction(refer.work.build.session) as session:
        kept = session.get_one(Referral, link[0].id)
        make_link(session, refer.work.actor("manager"), refer.case, kept)
    late = client.post(address, sent)
    assert late.status_code == 410
    page = late.get_data(as_text=True)
    assert "readonly>Laporan panjang &lt;b&gt;sekali&lt;/b&gt;</textarea>" in page
    for kept_back in (PURPOSE, "Asih", link[0].number, refer.provider.name):
        assert kept_back not in page
    assert "<textarea" not in client.get(address).get_data(as_text=True)


@on_sqlite
@pytest.mark.parametrize("content", [b"MZ\x90\x00 not a paper", b"%PDF-1.4 broken", b""])
def test_hostile_files_are_refused_and_nothing_is_lost(
    app: Flask, refer: Referring, link: tuple[Referral, str], content: bytes
) -> None:
    client = PageClient(app)
    address = knock(client, link[1])
    answer = reply(client, address, file=(BytesIO(content), "a.pdf"))
    assert answer.status_code == 422
    assert OURS["text"] in answer.get_data(as_text=True)
    assert refer.work.build.session.scalars(select(ReferralAnswer)).first() is None


@on_sqlite
def test_the_token_stands_nowhere(
    app: Flask, refer: Referring, link: tuple[Referral, str], caplog: pytest.LogCaptureFixture
) -> None:
    referral, token = link
    caplog.set_level(logging.DEBUG)
    client = PageClient(app)
    address = knock(client, token)
    reply(client, address)
    client.get(f"/rujukan/jawab/{token}")
    shown = ReticentFormatter("%(message)s")
    logging.getLogger("server").warning("GET /rujukan/jawab/%s 200", token)
    lines = [shown.format(record) for record in caplog.records if record.name != "sqlalchemy"]
    assert lines
    assert not [line for line in lines if token in line]
    cookie = client.http.get_cookie("rujukan")
    assert cookie is not None
    for secret in (token, cookie.value):
        assert not [cell for cell in every_cell(refer) if secret in cell]
    kept = refer.work.build.session.scalars(select(ReferralLink)).one()
    assert kept.referral_id == referral.id
    assert kept.token_hash == token_hash(token)


def every_cell(refer: Referring) -> Iterator[str]:
    """Yield what a copy of the database says, cell by cell."""
    session = refer.work.build.session
    session.rollback()
    for table in inspect(session.connection()).get_table_names():
        for row in session.execute(text(f'SELECT * FROM "{table}"')):  # noqa: S608 - our own tables
            yield from (
                cell.decode("latin-1") if isinstance(cell, bytes) else str(cell) for cell in row
            )


@on_sqlite
def test_whoever_guesses_waits(app: Flask, refer: Referring) -> None:
    client = PageClient(app)
    answers = [client.get(f"/rujukan/jawab/{'y' * 42}{n % 10}").status_code for n in range(62)]
    assert set(answers[:60]) == {410}
    assert answers[-1] == 429


@on_sqlite
def test_a_provider_may_change_the_language_without_losing_words(
    app: Flask, link: tuple[Referral, str]
) -> None:
    client = PageClient(app)
    address = knock(client, link[1])
    answer = reply(client, address, bahasa="en")
    assert answer.status_code == 200
    assert OURS["text"] in answer.get_data(as_text=True)
    assert "Can you help?" in answer.get_data(as_text=True)
