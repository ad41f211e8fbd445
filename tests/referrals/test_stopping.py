"""What providers may no longer read once the family's word is gone, or somebody is kept out."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from portal.cases.actions.consents import Asked, record_consent
from portal.cases.actions.identity import keep_out
from portal.cases.models import Case, CaseEntry, CaseTask, Guardian
from portal.cases.states import ConsentAbout, ConsentAnswer, EntryKind
from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.referrals.actions.answering import Answer, note_answer
from portal.referrals.actions.sending import make_link, open_link
from portal.referrals.models import Referral, ReferralLink
from portal.referrals.queries.links import live_link
from portal.referrals.queries.packets import packet_of
from portal.referrals.states import AnswerKind
from tests.cases.casework import NAME
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.referrals.sending import Referring
from tests.trail import trail

BROWSER = "peramban"
FATHER = "Pak Gatot Subagyo"


def guardian(refer: Referring, name: str) -> Guardian:
    """Add somebody who answers for the child."""
    return refer.work.build.save(Guardian(child_id=refer.case.child_id, full_name=name))


def agree(refer: Referring, asked: Guardian) -> None:
    """Let a guardian agree to a referral."""
    with transaction(refer.work.build.session) as session:
        said = Asked(ConsentAbout.REFERRAL, ConsentAnswer.GIVEN, clock.today(), asked.id)
        record_consent(session, refer.work.actor("manager"), refer.case, said)


def shut_out(refer: Referring, father: Guardian) -> None:
    """Let a guardian hear of nothing any more."""
    with transaction(refer.work.build.session) as session:
        case = session.get_one(Case, refer.case.id)
        keep_out(session, refer.work.actor("manager"), case, father, "Anak takut kepadanya")


def accept(refer: Referring, referral: Referral) -> None:
    """Let the provider take it on, by phone."""
    with transaction(refer.work.build.session) as session:
        answer = Answer(AnswerKind.ACCEPTED, "Ibu Contoh")
        manager = refer.work.actor("manager")
        note_answer(session, manager, None, refer.case, referral, answer)  # type: ignore[arg-type]


def opens(refer: Referring, token: str) -> bool:
    """Try to open a link."""
    try:
        with transaction(refer.work.build.session) as session:
            open_link(session, token, BROWSER)
    except Rejected:
        return False
    return True


def live(refer: Referring, referral: Referral) -> bool:
    """Say whether any link of it leads anywhere."""
    with refer.work.build.database.reader() as session:
        return live_link(session, referral) is not None


def tasks_of(refer: Referring) -> list[tuple[str, object]]:
    """Return what the portal asks of whom about the referrals."""
    found = refer.work.rows(select(CaseTask).where(CaseTask.code == "check_referrals"))
    return [(task.code, task.person_id) for task in found]


def test_who_is_kept_out_later_is_taken_out_of_what_was_sent(app: Flask, refer: Referring) -> None:
    client = PageClient(app).sign_in(refer.work.manager)
    father = guardian(refer, FATHER)
    agree(refer, father)
    sent, token = refer.sent(chosen=("guardian", "full_name"))
    helped, helped_token = refer.sent(chosen=("guardian",))
    other, other_token = refer.sent()
    place = f"/kasus/{refer.case.public_id}/rujukan/{helped.public_id}"
    accept(refer, helped)
    accept(refer, other)
    assert all(opens(refer, each) for each in (token, helped_token, other_token))
    shut_out(refer, father)
    build = refer.work.build
    assert [live(refer, each) for each in (sent, helped, other)] == [False, False, True]
    assert not opens(refer, helped_token)
    for referral in (sent, helped):
        assert "Gatot" not in build.fresh(Referral, referral.id).packet
    parts = packet_of(build.fresh(Referral, sent.id)).parts or ()
    assert NAME in [part.text for part in parts]
    assert tasks_of(refer) == [("check_referrals", refer.work.manager.id)]
    found = select(CaseEntry).where(CaseEntry.kind == EntryKind.REFERRAL)
    steps = refer.work.rows(found.order_by(CaseEntry.id))
    assert [each.record_id for each in steps if "step" in each.facts] == [sent.id, helped.id]
    told = [each for each in trail(build.database, "case") if "kept_out" in each.action]
    assert [each.facts for each in told] == [{"guardian_id": father.id.hex}]
    # Their earlier word counts no more: nothing goes out before somebody else was asked.
    with pytest.raises(Rejected, match="consent_needed"), transaction(build.session) as session:
        make_link(session, refer.work.actor("manager"), refer.case, helped)
    build.session.rollback()
    letter = client.get(f"{place}/surat-id.pdf").get_data()
    assert "Gatot" not in "".join(page.extract_text() for page in PdfReader(BytesIO(letter)).pages)


@on_sqlite
def test_another_guardian_stays_in_what_was_sent(refer: Referring) -> None:
    mother, father = guardian(refer, "Bu Larasati"), guardian(refer, FATHER)
    agree(refer, mother)
    sent, token = refer.sent(chosen=("guardian",))
    shut_out(refer, father)
    assert "Larasati" in refer.work.build.fresh(Referral, sent.id).packet
    assert opens(refer, token)
    assert tasks_of(refer) == []


@on_sqlite
@pytest.mark.parametrize("answer", [ConsentAnswer.WITHDRAWN, ConsentAnswer.REFUSED])
def test_without_consent_what_nobody_took_on_leads_nowhere(
    app: Flask, refer: Referring, answer: ConsentAnswer
) -> None:
    client = PageClient(app).sign_in(refer.work.manager)
    refer.consent()
    opened, opened_token = refer.sent()
    unopened, token = refer.sent()
    helped, helped_token = refer.sent()
    accept(refer, helped)
    assert opens(refer, opened_token)
    assert opens(refer, helped_token)
    refer.consent(answer)
    home = f"/kasus/{refer.case.public_id}"
    pages = [*(f"{home}/rujukan/{each.public_id}" for each in (helped, unopened)), home]
    assert [live(refer, each) for each in (opened, unopened, helped)] == [False, False, True]
    assert not opens(refer, token)
    assert opens(refer, helped_token)
    assert tasks_of(refer) == [("check_referrals", refer.work.manager.id)]
    refer.work.build.session.rollback()
    client.get("/tentang?bahasa=en")
    of_helped, of_unopened, of_case = (client.get(each).text for each in pages)
    assert "decide whether that goes on" in of_helped
    assert "reads nothing until somebody agrees again" in of_unopened
    assert "Make a new one" not in of_unopened
    assert "Decide about the referrals" in of_case
    # Somebody agrees again: the manager hands over a new link.
    refer.consent()
    with transaction(refer.work.build.session) as session:
        newer = make_link(session, refer.work.actor("manager"), refer.case, unopened)
    assert opens(refer, newer)


@on_sqlite
def test_a_link_is_not_opened_first_while_nobody_agrees(refer: Referring) -> None:
    refer.consent()
    helped, token = refer.sent()
    accept(refer, helped)
    refer.consent(ConsentAnswer.WITHDRAWN)
    assert live(refer, helped)
    assert not opens(refer, token)
    assert refer.work.rows(select(ReferralLink.opened_at)) == [None]
