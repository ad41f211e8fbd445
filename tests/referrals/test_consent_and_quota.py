"""What stands before a referral: somebody's consent, and a place."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from portal.cases.actions.consents import act_without_asking
from portal.cases.actions.deciding import Reasons, approve, send_back, withdraw
from portal.cases.models import Case, Decision, LegalBasis
from portal.cases.states import ConsentAbout, ConsentAnswer
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.referrals.actions.ending import cancel, end
from portal.referrals.models import Referral
from portal.referrals.queries.quotas import uses, year_of
from tests.cases.casework import CHILD
from tests.conftest import on_sqlite
from tests.referrals.sending import REASONS, Referring

C = ConsentAnswer


@on_sqlite
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ((), "consent_needed"),
        ((C.REFUSED,), "consent_refused"),
        ((C.GIVEN, C.WITHDRAWN), "consent_refused"),
        ((C.REFUSED, C.GIVEN), None),
        ((C.GIVEN,), None),
    ],
)
def test_the_newest_answer_of_the_family_decides(
    refer: Referring, said: tuple[ConsentAnswer, ...], code: str | None
) -> None:
    for answer in said:
        refer.consent(answer)
    referral = refer.draft()
    if code is None:
        refer.propose(referral)
        assert refer.work.build.fresh(Referral, referral.id).state == "proposed"
        return
    with pytest.raises(Rejected, match=code):
        refer.propose(referral)
    assert refer.work.build.fresh(Referral, referral.id).state == "draft"


@on_sqlite
def test_a_decision_may_say_why_nobody_is_asked(refer: Referring) -> None:
    with transaction(refer.work.build.session) as session:
        basis = session.scalars(select(LegalBasis)).first()
        assert basis is not None
        reasons = Reasons("Walinya yang memukul", "Aman", "Takut pulang", bases=(basis.id,))
        actor = refer.work.actor("manager")
        act_without_asking(session, actor, refer.case, ConsentAbout.REFERRAL, reasons)
    refer.propose(refer.draft())


@on_sqlite
def test_consent_that_was_taken_back_stops_the_sending(refer: Referring) -> None:
    refer.consent()
    referral = refer.draft()
    refer.propose(referral)
    refer.approve(referral)
    refer.consent(C.WITHDRAWN)
    with pytest.raises(Rejected, match="consent_refused"):
        refer.send(referral)
    assert refer.work.build.fresh(Referral, referral.id).sent_at is None


def test_beyond_the_quota_only_with_a_reason(refer: Referring) -> None:
    refer.consent()
    refer.quota(places=0)
    referral = refer.draft()
    with pytest.raises(Rejected, match="quota_full"):
        refer.propose(referral)
    with pytest.raises(Rejected, match="beyond_reason"):
        refer.propose(referral, beyond_quota=True)
    decision = refer.propose(referral, beyond_quota=True, beyond_reason="Anak melukai diri")
    assert "Anak melukai diri" in decision.text
    refer.approve(referral)
    assert refer.work.build.fresh(Referral, referral.id).state == "approved"


def test_the_money_counts_like_the_places(refer: Referring) -> None:
    refer.consent()
    refer.quota(places=5, budget=200_000)
    refer.sent()
    with pytest.raises(Rejected, match="budget_full") as refused:
        refer.propose(refer.draft())
    assert refused.value.facts["left"] == "Rp50.000"


@on_sqlite
def test_a_place_comes_back_when_the_provider_never_took_it(refer: Referring) -> None:
    refer.consent()
    refer.quota(places=1)
    referral, _token = refer.sent()
    session, manager = refer.work.build.session, refer.work.actor("manager")
    with pytest.raises(Rejected, match="quota_full"):
        refer.propose(refer.draft())
    with transaction(session):
        cancel(session, manager, refer.case, referral, "Pindah kota")
    second, _token = refer.sent()
    with transaction(session):
        end(session, manager, refer.case, second, "Tidak pernah dijawab", 0)
    use = uses(session, [refer.provider.id], year_of(second))[refer.provider.id]
    assert (use.taken, use.places_left) == (0, 1)


@on_sqlite
def test_what_cost_something_keeps_its_place(refer: Referring) -> None:
    refer.consent()
    refer.quota(places=1, budget=200_000)
    referral, _token = refer.sent()
    with transaction(refer.work.build.session) as session:
        manager = refer.work.actor("manager")
        end(session, manager, refer.case, referral, "Datang sekali, tanpa jawaban", 50_000)
    use = uses(session, [refer.provider.id], year_of(referral))[refer.provider.id]
    assert (use.taken, use.places_left, use.budget_left) == (1, 0, 150_000)


@on_sqlite
@pytest.mark.parametrize("verb", ["send_back", "withdraw"])
def test_what_came_back_is_a_draft_again(refer: Referring, verb: str) -> None:
    refer.consent()
    referral = refer.draft()
    decision = refer.propose(referral)
    with transaction(refer.work.build.session) as session:
        kept = session.get_one(Decision, decision.id)
        if verb == "send_back":
            send_back(session, refer.work.actor("coordinator"), refer.case, kept, "Lebih rinci")
        else:
            withdraw(session, refer.work.actor("manager"), refer.case, kept)
    assert refer.work.build.fresh(Referral, referral.id).state == "draft"
    refer.propose(referral)


def test_two_last_places_are_not_taken_three_times(refer: Referring) -> None:
    refer.quota(places=2)
    cases = [refer.case]
    for number in range(3):
        child = CHILD.__class__(f"Anak Uji {number}")
        cases.append(refer.work.open(child=child))
    drafts = []
    for case in cases:
        refer.consent(case=case)
        drafts.append(refer.draft(case))
    for each in drafts:
        refer.propose(each)
    outcomes: list[str] = []
    start = threading.Barrier(len(drafts))
    coordinator = refer.work.actor("coordinator")

    def agree(referral: Referral) -> None:
        with refer.work.build.database.writer() as session:
            start.wait()
            try:
                with transaction(session):
                    case = session.get_one(Case, referral.case_id)
                    decision = session.get_one(Decision, referral.decision_id)
                    approve(session, coordinator, case, decision, "")
                outcomes.append("approved")
            except Rejected as problem:
                outcomes.append(problem.code)

    refer.work.build.session.rollback()
    plain = [refer.work.build.fresh(Referral, each.id) for each in drafts]
    threads = [threading.Thread(target=agree, args=(each,)) for each in plain]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["approved", "approved", "quota_full", "quota_full"]
    states = sorted(refer.work.build.fresh(Referral, each.id).state for each in plain)
    assert states == ["approved", "approved", "proposed", "proposed"]


def test_reasons_are_those_of_the_decision(refer: Referring) -> None:
    refer.consent()
    referral = refer.draft()
    decision = refer.propose(referral)
    assert (decision.reason, decision.record_id) == (REASONS.reason, referral.id)
    assert referral.number in decision.text
    assert refer.work.waiting(refer.case, "approve_referral")


@on_sqlite
def test_after_sexual_violence_nobody_is_asked_to_make_peace(refer: Referring) -> None:
    peace = "Mediasi dengan keluarga terlapor"
    refer.consent()
    referral, older = refer.draft(), refer.draft(purpose=peace)
    with transaction(refer.work.build.session) as session:
        session.get_one(Case, refer.case.id).kinds = ["sexual"]
    with pytest.raises(Rejected, match="no_mediation"):
        refer.draft(purpose=peace)
    # What was written before the violence was known to be sexual goes no further.
    with pytest.raises(Rejected, match="no_mediation"):
        refer.propose(older)
    refer.propose(referral)
