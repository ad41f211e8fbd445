"""The office's pages of referrals: from the draft to the letter, each for whom it is meant."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from portal.cases.models import Assessment, Decision, Guardian
from portal.cases.states import Domain
from portal.core import clock
from portal.core.db import new_id
from portal.core.settings import REGISTRY
from portal.people.models import User
from portal.referrals.models import Provider, Quota, Referral
from portal.referrals.queries.overview import PAGE_SIZE, list_referrals
from portal.referrals.queries.packets import offered, packet_of, preview
from portal.referrals.states import ReferralState
from tests.cases.casework import NAME
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.papers import pdf_bytes
from tests.referrals.sending import PURPOSE, REASONS, WAITING, Referring
from tests.statements import read_statements
from tests.trail import trail

YEAR = clock.today().year


def client_of(app: Flask, user: User) -> PageClient:
    """Return somebody's client, which reads English."""
    client = PageClient(app).sign_in(user)
    client.get("/tentang?bahasa=en")
    return client


def only(refer: Referring, statement: Any) -> Any:
    """Return the one thing a statement finds, and let go of the database again."""
    with refer.work.build.database.reader() as session:
        return session.scalars(statement).one()


@on_sqlite
def test_a_referral_from_the_draft_to_the_link(app: Flask, refer: Referring) -> None:
    refer.consent()
    refer.quota(places=3, budget=1_000_000)
    client = client_of(app, refer.work.manager)
    tab = f"/kasus/{refer.case.public_id}/rujukan"
    page = client.get(tab).get_data(as_text=True)
    assert "3 places left" in page
    assert 'aria-current="page">Referrals</a>' in page
    sent = {**client.form(tab), "purpose": PURPOSE, "provider": ""}
    refused = client.post(tab, sent)
    assert refused.status_code == 422
    assert PURPOSE in refused.get_data(as_text=True)
    made = client.post(tab, {**sent, "provider": refer.provider.public_id, "chosen": "full_name"})
    address = made.headers["Location"]
    page = client.get(address).get_data(as_text=True)
    assert "Rp150,000" in page
    assert NAME in page
    reasons = {
        "reason": REASONS.reason,
        "best_interests": REASONS.best_interests,
        "child_view": REASONS.child_view,
    }
    asked = client.post(f"{address}/ajukan", {**client.form(f"{address}/ajukan"), **reasons})
    assert asked.headers["Location"] == address
    referral = only(refer, select(Referral))
    boss = client_of(app, refer.work.coordinator)
    page = boss.get(address).get_data(as_text=True)
    assert PURPOSE in page
    assert NAME not in page
    assert "Asih" not in page
    decisions = f"/kasus/{refer.case.public_id}/keputusan"
    assert referral.number in boss.get(decisions).get_data(as_text=True)
    agree = f"{decisions}/{only(refer, select(Decision)).public_id}/setujui"
    assert boss.post(agree, boss.form(agree)).status_code == 303
    client.get(address)
    sent_page = client.post(f"{address}/kirim", client.form(f"{address}/kirim"))
    page = sent_page.get_data(as_text=True)
    assert "shown only once" in page
    assert "/rujukan/jawab/" in page
    text = page[page.index('id="hand-over-text"') :][:400]
    for kept in (NAME, "Asih", PURPOSE, refer.case.number):
        assert kept not in text
    # Pressed once more, it is not sent once more.
    again = client.post(f"{address}/kirim", {"csrf_token": client.csrf()})
    assert again.status_code == 422
    assert refer.work.waiting(refer.case, "referral_answer")


@on_sqlite
@pytest.mark.parametrize("tongue", ["id", "en"])
def test_the_letter_says_what_was_chosen_and_no_more(
    app: Flask, refer: Referring, tongue: str
) -> None:
    refer.consent()
    build = refer.work.build
    for name, kept_out in (("Bu Larasati", False), ("Pak Gatot", True)):
        build.save(Guardian(child_id=refer.case.child_id, full_name=name, kept_out=kept_out))
    for domain, words in ((Domain.FAMILY, "Tinggal bersama bibinya"), (Domain.HEALTH, "Asma")):
        build.save(
            Assessment(
                id=new_id(),
                case_id=refer.case.id,
                domain=domain,
                concern=1,
                findings=words,
                assessed_on=clock.today(),
                assessed_by=refer.work.manager.id,
            )
        )
    referral, token = refer.sent(
        chosen=("guardian", "assessment:family", "report", "assessment:safety"), safety="Jangan SMS"
    )
    client = client_of(app, refer.work.manager)
    address = f"/kasus/{refer.case.public_id}/rujukan/{referral.public_id}/surat-{tongue}.pdf"
    answer = client.get(address)
    assert answer.mimetype == "application/pdf"
    pages = PdfReader(BytesIO(answer.get_data())).pages
    text = " ".join(" ".join(page.extract_text().split()) for page in pages)
    for told in (referral.number, PURPOSE, "Asih", "Bu Larasati", "bibinya", "Jangan SMS"):
        assert told in text
    for kept in (NAME, "Kinasih", "Gatot", "Asma", refer.case.number, token, refer.case.summary):
        assert kept not in text
    taken = [each for each in trail(build.database, "case") if each.action == "case.exported"]
    assert [each.facts["form"] for each in taken] == ["letter"]
    minutes = timedelta(minutes=REGISTRY["step_up_minutes"].most + 1)
    with time_machine.travel(clock.now() + minutes, tick=False):
        asked = client.get(address)
        assert (asked.status_code, asked.mimetype) == (303, "text/html")
    # The coordinator reads the work, not who it is about.
    boss = client_of(app, refer.work.coordinator)
    assert boss.get(address).status_code == 404
    assert client_of(app, refer.work.other).get(address).status_code == 404


@on_sqlite
def test_a_guardian_who_is_kept_out_is_never_offered(refer: Referring) -> None:
    build = refer.work.build
    build.save(Guardian(child_id=refer.case.child_id, full_name="Pak Gatot", kept_out=True))
    referral = refer.draft(chosen=("guardian", "full_name"))
    with build.database.reader() as session:
        assert "guardian" not in offered(session, refer.case)
        assert "Gatot" not in str(preview(session, refer.case, referral))
        assert packet_of(referral).chosen == ("full_name",)


@on_sqlite
def test_what_was_sent_stays_as_it_was(refer: Referring) -> None:
    refer.consent()
    referral, _token = refer.sent(chosen=("full_name",))
    kept = refer.work.build.fresh(Referral, referral.id).packet
    assert NAME in kept
    assert refer.case.summary not in kept


@on_sqlite
def test_providers_are_kept_by_those_who_may(app: Flask, refer: Referring) -> None:
    boss = client_of(app, refer.work.coordinator)
    boss.get("/rujukan/penyedia/baru")
    new = {**boss.form("/rujukan/penyedia/baru"), "name": "Puskesmas Contoh", "kind": "health"}
    assert boss.post("/rujukan/penyedia/baru", {**new, "phone": "12"}).status_code == 422
    address = boss.post("/rujukan/penyedia/baru", {**new, "phone": "0812 3456 7890"}).headers[
        "Location"
    ]
    boss.get(address)
    shown = boss.form(address)
    assert boss.post(address, {**shown, "places": "4", "source": "APBD"}).status_code == 303
    # A colleague who had the page open meanwhile sees both.
    late = boss.post(address, {**shown, "idempotency_key": "b" * 22, "places": "9"})
    assert late.status_code == 409
    assert only(refer, select(Quota.places)) == 4
    page = boss.get("/rujukan/penyedia").get_data(as_text=True)
    assert "0 of 4 taken, 4 left" in page
    assert "No money set aside" in page
    made = only(refer, select(Provider).where(Provider.name == "Puskesmas Contoh"))
    edit = f"/rujukan/penyedia/{made.public_id}/ubah"
    boss.get(edit)
    over = {name: value for name, value in boss.form(edit).items() if name != "active"}
    assert boss.post(edit, over).status_code == 303
    worker = client_of(app, refer.work.manager)
    assert "Puskesmas" in worker.get("/rujukan/penyedia").get_data(as_text=True)
    assert "Puskesmas" not in worker.get(f"/kasus/{refer.case.public_id}/rujukan").text
    assert worker.get(edit).status_code == 403


@on_sqlite
def test_the_overview_is_one_of_numbers_within_reach(app: Flask, refer: Referring) -> None:
    refer.consent()
    referral, _token = refer.sent()
    for who in (refer.work.manager, refer.work.coordinator, refer.work.head):
        page = client_of(app, who).get("/rujukan").get_data(as_text=True)
        assert referral.number in page
        for kept in (NAME, "Asih", PURPOSE):
            assert kept not in page
    assert referral.number not in client_of(app, refer.work.other).get("/rujukan").text
    refer.work.build.setting("product_name", "Portal")
    page = client_of(app, refer.work.head).get("/rujukan/biaya").get_data(as_text=True)
    assert "Rp150,000" in page
    # Whoever may not read the file finds its closed page, not the referral.
    closed = client_of(app, refer.work.head).get(
        f"/kasus/{refer.case.public_id}/rujukan/{referral.public_id}"
    )
    assert closed.headers["Location"] == f"/kasus/{refer.case.public_id}"


@on_sqlite
def test_a_long_list_comes_by_page_with_as_many_questions(refer: Referring) -> None:
    for number in range(PAGE_SIZE + 3):
        refer.work.build.save(
            Referral(
                id=new_id(),
                number=f"RJ-X-{number:03d}",
                case_id=refer.case.id,
                provider_id=refer.provider.id,
                state=ReferralState.SENT,
                purpose=PURPOSE,
                expected_cost=0,
                made_by=refer.work.manager.id,
                made_at=clock.now(),
                sent_at=clock.now(),
            )
        )
    database, actor = refer.work.build.database, refer.work.actor("coordinator")
    with read_statements(database) as asked, database.reader() as session:
        first = list_referrals(session, actor, "menunggu")
        rest = list_referrals(session, actor, "menunggu", first.after)
    assert (len(first.entries), len(rest.entries), rest.after) == (PAGE_SIZE, 3, None)
    numbers = [each.number for each in [*first.entries, *rest.entries]]
    assert numbers == sorted(numbers)
    assert len(asked) <= 6


@on_sqlite
def test_an_answer_on_paper_and_its_file(app: Flask, refer: Referring) -> None:
    refer.consent()
    referral, _token = refer.sent()
    client = client_of(app, refer.work.manager)
    address = f"/kasus/{refer.case.public_id}/rujukan/{referral.public_id}"
    client.get(address)
    sent = {**client.form(f"{address}/jawaban"), "kind": "accepted", "given_by": "Ibu Contoh"}
    sent["file"] = (BytesIO(pdf_bytes()), "surat.pdf")
    assert client.post(f"{address}/jawaban", sent).status_code == 303
    page = client.get(address).get_data(as_text=True)
    assert "The provider helps" in page
    start = page.index(f"{address}/jawaban/")
    file = client.get(page[start : page.index('"', start)])
    assert file.mimetype == "application/pdf"
    noted = trail(refer.work.build.database, "case")[-1]
    assert (noted.action, noted.facts["file"]) == ("case.read", "answer")
    # Whoever reads the work and not the name is neither offered the file nor given it.
    boss = client_of(app, refer.work.coordinator)
    assert f"{address}/jawaban/" not in boss.get(address).get_data(as_text=True)
    assert boss.get(page[start : page.index('"', start)]).status_code == 404
    assert client.post(f"{address}/sudah-dibaca").status_code == 303
    assert refer.work.waiting(refer.case, *WAITING) == []
    wrong = client.post(f"{address}/selesai", {"real_cost": ""})
    assert wrong.status_code == 422
