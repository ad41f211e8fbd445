"""Whole cases in which somebody else helps: another body goes on, or the quota is used up."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from portal.cases.models import CaseAssignment, Decision
from portal.cases.states import CaseOutcome, CaseState, ConsentAbout, Stage
from portal.core import clock
from portal.core.duties import Duty
from portal.referrals.models import Referral
from portal.referrals.states import ProviderKind, ReferralState
from tests.cases import usual
from tests.cases.casework import NAME, STORY
from tests.cases.story import AIMS, Called, Person, Story, plain
from tests.client import PageClient

PURPOSE = "Perlindungan dan pendampingan hukum"
UNIT = "UPTD PPA Contoh"
LINK = re.compile(r"/rujukan/jawab/[\w-]+")


def referred(story: Story, home: str, provider: str, **more: object) -> str:
    """Let Sari write a draft; return its page."""
    tab = f"{home}/rujukan"
    return story.sari.fills(tab, tab, provider=Called(provider), purpose=PURPOSE, **more)


def decides(story: Story, person: Person, home: str, verb: str = "setujui", **words: str) -> None:
    """Let somebody answer the one thing that waits for their word."""
    page = f"{home}/keputusan"
    person.opens(page)
    (action,) = person.actions(f"/{verb}")
    person.fills(page, action, **words)


def sent_to(story: Story, place: str) -> str:
    """Send an approved referral; return the provider's link."""
    html = story.sari.shown_once(place, f"{place}/kirim")
    handed = html[html.index('id="hand-over-text"') :][:600]
    for kept in (NAME, "Asih", PURPOSE, STORY):
        assert kept not in handed
    found = LINK.search(html)
    assert found
    return found.group()


def through(app: Flask, link: str) -> tuple[PageClient, str]:
    """Open a provider's link in a browser of its own; return it and the packet's address."""
    browser = PageClient(app)
    browser.get("/tentang?bahasa=en")
    assert browser.get(link).status_code == 200
    packet = browser.post(link, browser.form(link)).location
    assert packet
    return browser, packet


def test_a_whole_case_goes_to_another_body_and_nobody_here_keeps_it(story: Story) -> None:
    usual.provider(story, UNIT, ProviderKind.UPTD_PPA)
    home = story.opened(kinds=["physical"])
    usual.walk_to(story, home, Stage.ASSESSMENT)
    danu = story.danu
    access = f"{home}/akses"
    story.sari.fills(access, f"{access}/rekan", colleague=Called("Danu Prakoso"))
    assert NAME in danu.opens(home)
    usual.agree(story, home, ConsentAbout.REFERRAL)
    place = referred(story, home, UNIT, extent="whole", chosen=["full_name", "school"])
    story.sari.fills(place, f"{place}/ajukan", **AIMS)
    number = story.case(home).number
    asked = story.yusuf.reads(
        "/beranda",
        (f"Approve a referral in case {number}", f"Setujui rujukan di kasus {number}"),
    )
    story.hides(asked)
    decides(story, story.yusuf, home)
    browser, packet = through(story.app, sent_to(story, place))
    for language, words in (("id", "Yang perlu Anda ketahui"), ("en", "What you need to know")):
        browser.get(f"/tentang?bahasa={language}")
        page = plain(browser.get(packet).get_data(as_text=True))
        assert NAME in page
        assert words in page, page
        # Neither the report nor who told, who manages it, or how to reach anybody at home.
        for kept in (STORY, "Sari", "bibinya", "Larasati", number):
            assert kept not in page
    answer = {**browser.form(packet), "kind": "accepted", "given_by": "Bu Wening"}
    assert browser.post(packet, answer).status_code == 303
    story.working_days(1)
    story.sari.reads(
        place, ("The provider takes on the whole case", "Penyedia menerima seluruh kasus")
    )
    story.sari.fills(place, f"{place}/alihkan", **AIMS)
    endang = story.endang
    question = (
        f"Decide whether another body goes on with case {number}",
        f"Putuskan apakah kasus {number} diteruskan lembaga lain",
    )
    story.hides(endang.reads("/beranda", question), endang.opens(home))
    endang.fills(home, f"{home}/buka", reason="Menilai pengalihan")
    decides(story, endang, home)

    case = story.case(home)
    assert (case.state, case.outcome) == (CaseState.TRANSFERRED, CaseOutcome.OTHER_BODY)
    assert case.manager_id is None
    assert not story.work.rows(select(CaseAssignment.id).where(CaseAssignment.ended_at.is_(None)))
    # Whoever worked on it finds it no more; those above see a number.
    for person in (story.sari, danu):
        for path in (home, f"{home}/anak", f"{home}/rujukan", place, f"{home}/catatan.pdf"):
            person.opens(path, 404)
        assert number not in person.opens(f"/kasus?cari={number}")
    page = story.ratna.reads(
        home,
        ("Handed to another body", "Diserahkan ke lembaga lain"),
        ("Stage Assessment", "Tahap Asesmen"),
    )
    story.hour_later()
    story.hides(page, endang.opens(home))
    assert not story.work.rows(select(Duty.id).where(Duty.closed_at.is_(None)))
    # The unit reads what it was handed until its link ends, and then no more.
    assert browser.get(packet).status_code == 200
    story.wake_on(clock.today() + timedelta(days=20))
    assert browser.get(packet).status_code == 410
    assert story.nightly("referrals_handed_over") == {"ended": 1}
    assert story.work.rows(select(Referral.state)) == [ReferralState.ENDED]


def test_a_used_up_quota_asks_for_reasons_and_a_second_provider_helps(story: Story) -> None:
    full, second = "Biro Psikologi Penuh", "Psikolog Puskesmas Contoh"
    usual.provider(story, full, places=0, cost=150_000)
    usual.provider(story, second, ProviderKind.HEALTH, places=3)
    home = story.opened()
    usual.walk_to(story, home, Stage.SERVICE)
    sari, number = story.sari, story.case(home).number
    usual.agree(story, home, ConsentAbout.REFERRAL)
    assert "0 places left" in sari.opens(f"{home}/rujukan")
    place = referred(story, home, full)
    propose = f"{place}/ajukan"
    sentence = "All places of 2027 at this provider are taken."
    assert sentence in sari.tries(place, propose, **AIMS)
    beyond = {**AIMS, "beyond_quota": "y"}
    said = sari.tries(place, propose, **beyond)
    assert "Write why it must go beyond the quota; whoever approves reads it." in said
    sari.fills(place, propose, **beyond, beyond_reason="Antrean lain tiga bulan")
    sari.reads(place, ("Beyond the quota", "Melebihi kuota"))
    ratna = story.ratna
    asked = ratna.opens(f"{home}/keputusan")
    assert "Antrean lain tiga bulan" in asked
    story.hides_names(asked)
    decides(story, ratna, home, "kembalikan", answer="Puskesmas masih punya tempat")
    sari.reads(
        "/beranda",
        (f"A proposal in case {number} came back", f"Usulan di kasus {number} dikembalikan"),
    )
    page = sari.reads(
        f"{home}/keputusan", ("Sent back for improvement", "Dikembalikan untuk perbaikan")
    )
    assert "Puskesmas masih punya tempat" in page
    # The draft is Sari's again; she drops it and writes another.
    sari.fills(place, f"{place}/batal", cancel_reason="Ada tempat di puskesmas")
    place = referred(story, home, second)
    assert "Beyond the quota" not in plain(sari.client.page)
    sari.fills(place, f"{place}/ajukan", **AIMS)
    decides(story, ratna, home)
    assert story.work.waiting(story.case(home), "decision_returned") == []
    browser, packet = through(story.app, sent_to(story, place))
    for kind, words in (("accepted", ""), ("final_report", "Empat kali bertemu, ia lebih tenang")):
        browser.get(packet)
        reply = {**browser.form(packet), "kind": kind, "text": words, "given_by": "Bu Dokter"}
        assert browser.post(packet, reply).status_code == 303
        story.working_days(5)
    page = sari.reads(place, ("The provider has reported back", "Penyedia sudah melapor balik"))
    assert "Empat kali bertemu, ia lebih tenang" in page
    sari.fills(place, f"{place}/selesai", end_reason="Selesai", real_cost="0")
    # The link leads nowhere any more, for whoever kept it too.
    assert browser.get(packet).status_code == 410
    tab = sari.opens(f"{home}/rujukan")
    assert "Cancelled" in tab
    assert "Ended" in tab
    states = (
        select(Decision.state).where(Decision.kind == "referral").order_by(Decision.proposed_at)
    )
    assert story.work.rows(states) == ["returned", "approved"]
    usual.walk_to(story, home, Stage.TERMINATION)
    usual.close(story, home)
    assert story.case(home).outcome == CaseOutcome.GOALS_REACHED
