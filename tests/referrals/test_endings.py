"""How referrals end: with the case, with a handover, and what the next manager finds waiting."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from portal.cases.actions.closing import propose_transfer as propose_plain_transfer
from portal.cases.actions.deciding import approve
from portal.cases.actions.opening import assign
from portal.cases.events import CaseClosed
from portal.cases.models import Case, CaseEntry, Decision
from portal.cases.states import CaseState, EntryKind
from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.referrals.actions.answering import Answer, answer, note_answer
from portal.referrals.actions.ending import cancel, end, end_handed_over
from portal.referrals.actions.proposing import propose_transfer
from portal.referrals.actions.sending import open_link
from portal.referrals.models import Referral
from portal.referrals.queries.links import find_link
from portal.referrals.queries.referrals import under_way
from portal.referrals.states import AnswerKind, ReferralState
from tests.conftest import on_sqlite
from tests.referrals.sending import REASONS, WAITING, Referring

BROWSER = "b" * 43


def accept(refer: Referring, referral: Referral) -> None:
    """Let the provider take it on, by phone."""
    with transaction(refer.work.build.session) as session:
        said = Answer(AnswerKind.ACCEPTED, "Ibu Contoh")
        manager = refer.work.actor("manager")
        note_answer(session, manager, None, refer.case, referral, said)  # type: ignore[arg-type]


def close(refer: Referring, *, transferred: bool) -> None:
    """End the case as its division head would."""
    with transaction(refer.work.build.session) as session:
        case = session.get_one(Case, refer.case.id)
        case.move(refer.work.actor("head"), "transfer" if transferred else "close")
        emit(session, refer.work.actor("head"), CaseClosed(case.id, "", transferred))


def leads(refer: Referring, token: str) -> bool:
    """Say whether a link still leads anywhere."""
    with refer.work.build.database.reader() as session:
        return find_link(session, token) is not None


def test_a_case_that_closes_takes_its_referrals_along(refer: Referring) -> None:
    refer.consent()
    waiting = refer.draft()
    refer.propose(waiting)
    helped, helped_token = refer.sent(whole_case=True)
    silent, silent_token = refer.sent()
    accept(refer, helped)
    close(refer, transferred=False)
    build = refer.work.build
    states = [build.fresh(Referral, each.id).state for each in (waiting, helped, silent)]
    assert states == ["cancelled", "ended", "cancelled"]
    assert not leads(refer, helped_token)
    assert not leads(refer, silent_token)
    assert refer.work.waiting(silent) == []  # type: ignore[arg-type]
    with build.database.reader() as session:
        assert under_way(session, refer.case.id) == 0


@on_sqlite
def test_a_case_that_is_handed_over_stays_readable_until_its_link_ends(refer: Referring) -> None:
    refer.consent()
    whole, token = refer.sent(whole_case=True)
    other, other_token = refer.sent()
    accept(refer, whole)
    with transaction(refer.work.build.session) as session:
        manager = refer.work.actor("manager")
        propose_transfer(session, manager, refer.case, whole, REASONS)
    decision = refer.work.build.session.scalars(
        select(Decision).where(Decision.kind == "transfer")
    ).one()
    assert (decision.record_id, decision.outcome) == (whole.id, "other_body")
    with transaction(refer.work.build.session) as session:
        kept = session.get_one(Decision, decision.id)
        approve(session, refer.work.actor("head"), refer.case, kept, "")
    build = refer.work.build
    if build.fresh(Case, refer.case.id).state == CaseState.OPEN:
        close(refer, transferred=True)
    assert leads(refer, token)
    assert not leads(refer, other_token)
    assert build.fresh(Referral, other.id).state == "cancelled"
    # Nobody at the office would hear of an answer any more.
    with transaction(build.session) as session:
        open_link(session, token, BROWSER)
    said = Answer(AnswerKind.FINAL_REPORT, "Ibu Contoh", "Selesai")
    with pytest.raises(Rejected, match="state_changed"), transaction(build.session) as session:
        answer(session, None, whole.public_id, BROWSER, said)  # type: ignore[arg-type]
    with transaction(build.session) as session:
        assert end_handed_over(session) == 0
    with time_machine.travel(clock.now() + timedelta(days=15), tick=False):
        with transaction(build.session) as session:
            assert end_handed_over(session) == 1
        assert build.fresh(Referral, whole.id).state == "ended"


def transfer(refer: Referring, referral: Referral | None) -> Decision:
    """Propose that another body goes on, with a referral or without."""
    manager = refer.work.actor("manager")
    with transaction(refer.work.build.session) as session:
        if referral is None:
            return propose_plain_transfer(session, manager, refer.case, REASONS)
        propose_transfer(session, manager, refer.case, referral, REASONS)
        about = Decision.record_id == referral.id, Decision.kind == "transfer"
        return session.scalars(select(Decision).where(*about)).one()


@on_sqlite
@pytest.mark.parametrize("by_referral", [True, False])
def test_only_whom_the_case_was_handed_to_goes_on_reading(
    refer: Referring, by_referral: bool
) -> None:
    refer.consent()
    (chosen, token), (other, other_token) = (refer.sent(whole_case=True) for _ in range(2))
    accept(refer, chosen)
    accept(refer, other)
    decision = transfer(refer, chosen if by_referral else None)
    with transaction(refer.work.build.session) as session:
        approve(session, refer.work.actor("head"), refer.case, decision, "")
    assert (leads(refer, token), leads(refer, other_token)) == (by_referral, False)
    states = [refer.work.build.fresh(Referral, each.id).state for each in (chosen, other)]
    assert states == ["accepted" if by_referral else "ended", "ended"]


@on_sqlite
def test_the_end_of_a_referral_takes_its_handover_back(refer: Referring) -> None:
    refer.consent()
    referral, _token = refer.sent(whole_case=True)
    accept(refer, referral)
    decision = transfer(refer, referral)
    with transaction(refer.work.build.session) as session:
        end(session, refer.work.actor("manager"), refer.case, referral, "Lembaga mundur", 0)
    assert refer.work.build.fresh(Decision, decision.id).state == "withdrawn"
    assert not refer.work.waiting(refer.case, "approve_transfer")
    with (
        pytest.raises(Rejected),
        transaction(refer.work.build.session) as session,
    ):
        approve(session, refer.work.actor("head"), refer.case, decision, "")
    assert refer.work.build.fresh(Case, refer.case.id).state == CaseState.OPEN


@on_sqlite
def test_nothing_is_handed_to_a_provider_that_no_longer_helps(refer: Referring) -> None:
    refer.consent()
    referral, _token = refer.sent(whole_case=True)
    accept(refer, referral)
    decision = transfer(refer, referral)
    with transaction(refer.work.build.session) as session:
        kept = session.get_one(Referral, referral.id)
        kept.follow(frozenset(ReferralState), ReferralState.ENDED)
    session = refer.work.build.session
    with pytest.raises(Rejected, match="referral_over"), transaction(session):
        approve(session, refer.work.actor("head"), refer.case, decision, "")
    build = refer.work.build
    assert build.fresh(Decision, decision.id).state == "proposed"
    case = build.fresh(Case, refer.case.id)
    assert (case.state, case.manager_id) == (CaseState.OPEN, refer.work.manager.id)
    assert refer.work.waiting(refer.case, "approve_transfer")


@on_sqlite
def test_what_was_taken_on_is_ended_and_not_called_off(refer: Referring) -> None:
    refer.consent()
    referral, _token = refer.sent()
    accept(refer, referral)
    with (
        pytest.raises(Rejected, match="state_changed"),
        transaction(refer.work.build.session) as session,
    ):
        cancel(session, refer.work.actor("manager"), refer.case, referral, "Batal")
    assert refer.work.build.fresh(Referral, referral.id).state == "accepted"


@on_sqlite
def test_only_what_was_taken_on_as_a_whole_can_be_handed_over(refer: Referring) -> None:
    refer.consent()
    for whole in (True, False):
        referral, _token = refer.sent(whole_case=whole)
        if not whole:
            accept(refer, referral)
        with (
            pytest.raises(Rejected, match="state_changed"),
            transaction(refer.work.build.session) as session,
        ):
            propose_transfer(session, refer.work.actor("manager"), refer.case, referral, REASONS)


@on_sqlite
def test_calling_off_takes_back_what_waits(refer: Referring) -> None:
    refer.consent()
    referral = refer.draft()
    decision = refer.propose(referral)
    with transaction(refer.work.build.session) as session:
        manager = refer.work.actor("manager")
        cancel(session, manager, refer.case, referral, "Keluarga pindah")
    assert refer.work.build.fresh(Decision, decision.id).state == "withdrawn"
    assert refer.work.build.fresh(Referral, referral.id).state == "cancelled"
    assert not refer.work.waiting(refer.case, "approve_referral")


@on_sqlite
def test_the_next_manager_finds_what_waits(refer: Referring) -> None:
    refer.consent()
    refer.sent()
    with transaction(refer.work.build.session) as session:
        case = session.get_one(Case, refer.case.id)
        assign(session, refer.work.actor("coordinator"), case, refer.work.other.id)
    (duty,) = refer.work.waiting(refer.case, *WAITING)
    assert duty.person_id == refer.work.other.id


@on_sqlite
def test_whoever_does_not_work_on_it_moves_nothing(refer: Referring) -> None:
    refer.consent()
    referral, _token = refer.sent()
    for who in ("other", "coordinator", "head"):
        with (
            pytest.raises(Rejected, match="not_allowed"),
            transaction(refer.work.build.session) as session,
        ):
            end(session, refer.work.actor(who), refer.case, referral, "Usai", 0)


@on_sqlite
def test_the_timeline_tells_it_in_codes(refer: Referring) -> None:
    refer.consent()
    referral, _token = refer.sent()
    accept(refer, referral)
    refer.work.build.session.expire_all()
    lines = refer.work.build.session.scalars(
        select(CaseEntry).where(CaseEntry.kind == EntryKind.REFERRAL).order_by(CaseEntry.id)
    ).all()
    assert [line.facts.get("state") or line.facts["answer"] for line in lines] == [
        "draft",
        "sent",
        "accepted",
    ]
    assert lines[-1].facts["provider_kind"] == "psychologist"
    assert {line.record_id for line in lines} == {referral.id}
