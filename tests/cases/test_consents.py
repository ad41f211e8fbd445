"""Consent: who said what, and acting without asking only for a written reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.cases.actions.consents import Asked, act_without_asking, record_consent
from portal.cases.actions.deciding import Reasons
from portal.cases.actions.identity import keep_out
from portal.cases.models import Case, Consent, Decision, Guardian
from portal.cases.queries.decisions import bases_in_force, is_agreed, newest_consent
from portal.cases.states import ConsentAbout, ConsentAnswer, DecisionKind, DecisionState
from portal.core import clock
from portal.core.db import new_id, transaction
from portal.core.errors import Rejected
from tests.cases.casework import WORDS, Casework
from tests.conftest import on_sqlite

ABOUT = ConsentAbout.SERVICES


def guardian(work: Casework, case: Case, **more: object) -> Guardian:
    return work.build.save(Guardian(id=new_id(), child_id=case.child_id, full_name="Bibi", **more))


def say(work: Casework, case: Case, answer: str, **more: object) -> Consent:
    asked = Asked(ABOUT, ConsentAnswer(answer), clock.today())
    with transaction(work.build.session) as session:
        return record_consent(session, work.actor("manager"), case, replace(asked, **more))


def test_the_newest_answer_counts(work: Casework) -> None:
    case = work.open()
    aunt = guardian(work, case)
    session = work.build.session
    assert not is_agreed(session, newest_consent(session, case, ABOUT))
    say(work, case, "given", guardian_id=aunt.id, child_agrees=True)
    assert is_agreed(session, newest_consent(session, case, ABOUT))
    say(work, case, "withdrawn", guardian_id=aunt.id, reason=WORDS)
    assert not is_agreed(session, newest_consent(session, case, ABOUT))
    assert newest_consent(session, case, ConsentAbout.PHOTOS) is None


@pytest.mark.parametrize(
    ("answer", "more", "code"),
    [
        ("given", {}, "guardian_needed"),
        ("given", {"reason": WORDS}, "ask_child"),
        ("given", {"reason": WORDS, "child_agrees": False}, "ask_child"),
        ("refused", {}, "why_refused"),
        ("withdrawn", {"reason": WORDS}, "nothing_to_withdraw"),
        ("refused", {"reason": WORDS, "given_on": clock.today() + timedelta(days=1)}, "in_future"),
    ],
)
def test_what_is_missing_is_asked_for(
    work: Casework, answer: str, more: dict[str, object], code: str
) -> None:
    with pytest.raises(Rejected, match=code):
        say(work, work.open(), answer, **more)


@on_sqlite
def test_without_a_guardian_the_child_itself_agrees(work: Casework) -> None:
    case, session = work.open(), work.build.session
    said = say(work, case, "given", reason=WORDS, child_agrees=True)
    assert is_agreed(session, said)
    said.child_agrees = False
    assert not is_agreed(session, said)


@on_sqlite
def test_an_answer_that_would_not_count_is_not_taken_in_silence(work: Casework) -> None:
    case = work.open()
    aunt, before = guardian(work, case), clock.today() - timedelta(days=3)
    say(work, case, "refused", reason=WORDS, given_on=before)
    say(work, case, "given", guardian_id=aunt.id)
    for answer in ("withdrawn", "refused"):
        with pytest.raises(Rejected, match="newer_answer") as refused:
            say(work, case, answer, reason=WORDS, given_on=before)
        assert refused.value.field == "given_on"
    say(work, case, "withdrawn", reason=WORDS)
    say(work, case, "given", guardian_id=aunt.id)
    assert is_agreed(work.build.session, newest_consent(work.build.session, case, ABOUT))


@on_sqlite
def test_of_one_day_what_was_written_down_last_counts(work: Casework) -> None:
    case = work.open()
    first, last = (say(work, case, "refused", reason=WORDS) for _ in range(2))
    # As if the clock of the machine that numbers records had gone back.
    first.recorded_at = last.recorded_at + timedelta(minutes=1)
    assert newest_consent(work.build.session, case, ABOUT) is first


@on_sqlite
def test_the_word_of_a_guardian_who_is_kept_out_later_counts_no_more(work: Casework) -> None:
    case, session = work.open(), work.build.session
    father = guardian(work, case)
    said = say(work, case, "given", guardian_id=father.id, child_agrees=True)
    assert is_agreed(session, said)
    with transaction(session):
        keep_out(session, work.actor("manager"), case, father, "Anak takut kepadanya")
    assert not is_agreed(session, newest_consent(session, case, ABOUT))


def test_a_guardian_who_must_hear_of_nothing_is_not_asked(work: Casework) -> None:
    case = work.open()
    father = guardian(work, case, kept_out=True, kept_out_reason=WORDS)
    with pytest.raises(Rejected, match="guardian_kept_out"):
        say(work, case, "given", guardian_id=father.id)


def test_acting_without_asking_is_a_decision_with_a_legal_basis(work: Casework) -> None:
    case = work.open()
    reasons = Reasons(reason=WORDS, best_interests="Aman", child_view="Takut pulang")
    actor = work.actor("manager")
    with pytest.raises(Rejected, match="basis_needed"), transaction(work.build.session) as session:
        act_without_asking(session, actor, case, ABOUT, reasons)
    law = bases_in_force(work.build.session)[0]
    with transaction(work.build.session) as session:
        said = act_without_asking(session, actor, case, ABOUT, replace(reasons, bases=(law.id,)))
    decision = work.build.fresh(Decision, said.decision_id or said.id)
    assert (decision.kind, decision.state) == (DecisionKind.CONSENT_NOT_ASKED, DecisionState.MADE)
    assert is_agreed(work.build.session, newest_consent(work.build.session, case, ABOUT))


def test_regulations_count_on_the_days_they_are_in_force(work: Casework) -> None:
    session = work.build.session
    today = {each.citation for each in bases_in_force(session)}
    then = {each.citation for each in bases_in_force(session, clock.today().replace(year=2019))}
    assert "Permensos 26/2019" not in today
    assert "Permensos 26/2019" in then
    assert "UU 12/2022" in today - then
