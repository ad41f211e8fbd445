"""How urgent a report is: the office's table, case by case, and what holds for all answers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.incidents import policy
from portal.incidents.forms.words import REASONS
from portal.incidents.queries.words import ANSWERS
from portal.incidents.states import Urgency

HOUR, DAY, TWO, FIVE = Urgency


def case(urgency: Urgency, reasons: str, **answers: str) -> object:
    """Return a case: what it must come to, why, and the answers with commas between."""
    given = {question: text.split(",") for question, text in answers.items()}
    name = " ".join(f"{question}={text}" for question, text in answers.items())
    return pytest.param(urgency, reasons.split(","), given, id=f"{name or 'nothing'}: {urgency}")


# Both sides of every rule: what just meets it, and what just does not.
GOLDEN = (
    # Emergencies: call now.
    case(HOUR, "danger_now", danger="yes"),
    case(DAY, "danger_unsure", danger="unsure"),
    case(FIVE, "single", danger="no"),
    case(DAY, "danger_skipped"),
    case(DAY, "danger_skipped", what="verbal"),
    case(HOUR, "weapon", danger="no", signs="weapon"),
    case(HOUR, "weapon", signs="weapon"),
    case(HOUR, "serious_injury", danger="no", injury="serious"),
    case(TWO, "injured", danger="no", injury="light"),
    case(FIVE, "single", danger="no", injury="none"),
    case(HOUR, "self_harm", danger="no", signs="self_harm"),
    case(HOUR, "missing_child", danger="no", signs="missing"),
    case(HOUR, "danger_now,weapon", danger="yes", signs="weapon", what="sexual"),
    # The same day.
    case(DAY, "sexual", danger="no", what="sexual"),
    case(FIVE, "single", danger="no", what="physical"),
    case(FIVE, "single", danger="no", what="verbal,social"),
    case(FIVE, "single", danger="no", what="other"),
    case(DAY, "extortion", danger="no", what="extortion"),
    case(DAY, "sexual,extortion", danger="no", what="extortion,sexual,verbal"),
    case(DAY, "adult_in_authority", danger="no", reported="teacher"),
    case(DAY, "adult_in_authority", danger="no", reported="principal"),
    case(DAY, "adult_in_authority", danger="no", reported="other_staff"),
    case(DAY, "adult_in_authority", danger="no", reported="adult"),
    case(FIVE, "single", danger="no", reported="pupil"),
    case(FIVE, "single", danger="no", reported="unknown"),
    case(DAY, "images_spread", danger="no", signs="images"),
    case(DAY, "unsafe_home", danger="no", signs="unsafe_home"),
    case(FIVE, "single", danger="no", where="home"),
    case(DAY, "group_attack", danger="no", signs="group"),
    case(DAY, "retaliation", danger="no", signs="retaliation"),
    case(DAY, "small_child_hurt", danger="no", age="up_to_7", injury="light"),
    case(DAY, "small_child_hurt", danger="no", age="up_to_7", what="physical"),
    case(FIVE, "single", danger="no", age="up_to_7", what="verbal"),
    case(FIVE, "single", danger="no", age="up_to_7", injury="none"),
    case(FIVE, "single", danger="no", age="8_to_12", what="physical"),
    case(TWO, "injured", danger="no", age="8_to_12", what="physical", injury="light"),
    case(DAY, "hurt_at_home", danger="no", where="home", what="physical"),
    case(DAY, "hurt_at_home", danger="no", where="home", injury="light"),
    case(DAY, "disabled_child_hurt", danger="no", signs="disability", what="physical"),
    case(DAY, "disabled_child_hurt", danger="no", signs="disability", injury="light"),
    case(FIVE, "single", danger="no", signs="disability", what="social"),
    case(FIVE, "single", danger="no", signs="language", what="verbal"),
    # Within two working days.
    case(TWO, "repeated", danger="no", often="several"),
    case(TWO, "repeated", danger="no", often="daily"),
    case(FIVE, "single", danger="no", often="once"),
    case(TWO, "avoids_school", danger="no", signs="avoids_school"),
    case(TWO, "hate", danger="no", what="hate"),
    case(TWO, "online", danger="no", what="online"),
    case(TWO, "online_place", danger="no", where="online"),
    case(FIVE, "single", danger="no", where="route"),
    # The most urgent one decides, and only its reasons are named.
    case(DAY, "group_attack", danger="no", signs="group,avoids_school", often="daily"),
    case(HOUR, "self_harm", danger="unsure", signs="self_harm,group", what="sexual"),
    case(DAY, "danger_unsure,sexual", danger="unsure", what="sexual", often="daily"),
    # Who tells it and when it was change nothing.
    case(FIVE, "single", danger="no", teller="pupil", when="today"),
    case(FIVE, "single", danger="no", teller="other", when="longer"),
)


@pytest.mark.parametrize(("urgency", "reasons", "answers"), GOLDEN)
def test_the_table(urgency: Urgency, reasons: list[str], answers: dict[str, list[str]]) -> None:
    judged = policy.judge(answers)
    assert judged.urgency is urgency
    assert sorted(judged.reasons) == sorted(reasons)


def test_every_rule_is_met_by_one_case_and_missed_by_another() -> None:
    judged = [set(policy.judge(each.values[2]).reasons) for each in GOLDEN]  # type: ignore[attr-defined]
    for rule in policy.RULES:
        assert any(rule.code in reasons for reasons in judged), rule.code
        # What lies next to its answers, in the same question, does not meet it.
        others = set(policy.QUESTIONS[rule.question]) - set(rule.answers)
        missed = [each for each in others if rule.holds({rule.question: [each]})]
        assert others
        assert not missed, rule.code


def test_every_code_has_its_words() -> None:
    found = {rule.code for rule in policy.RULES}
    found |= {"danger_skipped", "small_child_hurt", "disabled_child_hurt"}
    found |= {"hurt_at_home", "single"}
    assert set(REASONS) == found
    assert {name: set(answers) for name, answers in ANSWERS.items()} == {
        name: set(answers) for name, answers in policy.QUESTIONS.items()
    }


def test_somebody_of_the_school_bypasses_it() -> None:
    told = {each: policy.bypasses_school({"reported": [each]}) for each in ANSWERS["reported"]}
    assert {each for each, bypassed in told.items() if bypassed} == set(policy.SCHOOL_STAFF)
    assert not policy.bypasses_school({})
    # Somebody is named, and nobody said that it is a pupil.
    assert policy.bypasses_school({}, "Pak Kepala")
    assert policy.bypasses_school({"reported": ["unknown"]}, "Pak Kepala")
    assert not policy.bypasses_school({"reported": ["pupil"]}, "Budi")


answers = st.fixed_dictionaries(
    {},
    optional={
        question: st.lists(st.sampled_from(codes), unique=True, max_size=3)
        for question, codes in policy.QUESTIONS.items()
    },
)
# Whatever else is said, these are read on the same day at the latest.
DANGER_SIGNS = {
    "danger": {"yes", "unsure"},
    "injury": {"serious"},
    "what": {"sexual", "extortion"},
    "reported": {"teacher", "principal", "other_staff", "adult"},
    "signs": {
        *{"weapon", "self_harm", "missing", "group", "images", "retaliation", "unsafe_home"},
    },
}


@given(told=answers)
@settings(max_examples=300, deadline=None)
def test_no_sign_of_danger_waits_longer_than_a_day(told: dict[str, list[str]]) -> None:
    dangerous = any(set(told.get(question, ())) & codes for question, codes in DANGER_SIGNS.items())
    if dangerous or not told.get("danger"):
        assert policy.judge(told).urgency.rank <= DAY.rank


@given(told=answers, more=answers)
@settings(max_examples=300, deadline=None)
def test_saying_more_never_makes_it_less_urgent(
    told: dict[str, list[str]], more: dict[str, list[str]]
) -> None:
    # Except that "no" is better than no answer about danger; so the question is answered already.
    told = {"danger": ["no"], **{name: codes for name, codes in told.items() if codes}}
    both = {name: [*told.get(name, ()), *more.get(name, ())] for name in {*told, *more}}
    assert policy.judge(both).urgency.rank <= policy.judge(told).urgency.rank
