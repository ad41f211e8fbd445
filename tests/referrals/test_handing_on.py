"""What waits about referrals waits for whoever may see the case, and for nobody else."""

from __future__ import annotations

from portal.cases.actions import access
from portal.cases.models import Case
from portal.core import duties
from portal.core.access import Role
from portal.core.db import transaction
from portal.referrals.actions import answering, sending
from portal.referrals.actions.answering import Answer
from portal.referrals.models import Referral
from portal.referrals.states import AnswerKind
from tests.conftest import on_sqlite
from tests.referrals.sending import WAITING, Referring

BROWSER = "b" * 43


@on_sqlite
def test_a_referral_of_a_case_without_a_manager_waits_for_the_coordinators(
    refer: Referring,
) -> None:
    work = refer.work
    refer.consent()
    first, token = refer.sent()
    with transaction(work.build.session) as session:
        case = session.get_one(Case, refer.case.id)
        access.keep_away(session, work.actor("coordinator"), case, work.second.id, "Bibi")
        access.keep_away(session, work.actor("coordinator"), case, work.manager.id, "Paman")
    with transaction(work.build.session) as session:
        sending.open_link(session, token, BROWSER)
        said = Answer(AnswerKind.REFUSED, "Ibu", "Penuh")
        public_id = session.get_one(Referral, first.id).public_id
        answering.answer(session, None, public_id, BROWSER, said)  # type: ignore[arg-type]
    (duty,) = work.waiting(refer.case, *WAITING)
    assert (duty.kind, duty.person_id, duty.role) == ("referral_answered", None, Role.COORDINATOR)
    with work.build.database.reader() as reading:
        told = {
            name: {each.kind for each in duties.waiting_for(reading, work.actor(name))}
            for name in ("manager", "second", "coordinator")
        }
    assert "referral_answered" in told["coordinator"]
    assert not (told["second"] | told["manager"]) & set(WAITING)
    with transaction(work.build.session) as session:
        case = session.get_one(Case, refer.case.id)
        access.give(session, work.actor("coordinator"), case, work.other.id, instead_of=None)
    (duty,) = work.waiting(refer.case, *WAITING)
    assert duty.person_id == work.other.id


@on_sqlite
def test_each_referral_waits_by_itself(refer: Referring) -> None:
    work = refer.work
    refer.consent()
    (first, _one), (second, _two) = refer.sent(), refer.sent()
    assert len(work.waiting(refer.case, "referral_answer")) == 2
    with transaction(work.build.session) as session:
        case, found = session.get_one(Case, refer.case.id), session.get_one(Referral, first.id)
        manager, said = work.actor("manager"), Answer(AnswerKind.ACCEPTED, "Ibu")
        answering.note_answer(session, manager, None, case, found, said)  # type: ignore[arg-type]
    (silent,) = work.waiting(refer.case, "referral_answer")
    assert silent.facts["number"] == second.number
    (heard,) = work.waiting(refer.case, "referral_answered")
    assert heard.facts["number"] == first.number
