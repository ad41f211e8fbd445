"""What the office alone reads for the codes of a report: urgency, reasons, links, endings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portal.core import i18n
from portal.incidents.queries.words import ANSWERS, DETAIL_NAMES
from portal.incidents.states import Outcome, Relation, Urgency
from portal.schools.models import Authority

_ = i18n.lazy

URGENCIES: dict[Urgency, Any] = {
    Urgency.SAME_HOUR: _("Within the hour"),
    Urgency.SAME_DAY: _("Same day"),
    Urgency.TWO_DAYS: _("2 working days"),
    Urgency.FIVE_DAYS: _("5 working days"),
}
RELATIONS: dict[Relation, Any] = {
    Relation.DUPLICATE: _("The same thing, told twice"),
    Relation.RELATED: _("Belongs together"),
    Relation.SAME_PERSON: _("The same person is reported"),
}
OUTCOMES: dict[Outcome, Any] = {
    Outcome.HELPED: _("Help was given"),
    Outcome.BY_SCHOOL: _("The school takes care of it"),
    Outcome.BY_OTHERS: _("Another body takes care of it"),
    Outcome.ADVISED: _("Advice was given"),
    Outcome.NO_DANGER: _("Looked into: no child is in danger"),
    Outcome.TOO_LITTLE: _("Too little is known to go on"),
    Outcome.DUPLICATE: _("Goes on under another report"),
    Outcome.SPAM: _("Not a report (spam)"),
}
BODIES: dict[Authority, Any] = {
    Authority.CITY: _("City schools"),
    Authority.PROVINCE: _("Provincial schools"),
    Authority.RELIGIOUS_AFFAIRS: _("Madrasahs"),
}
# What stands before the answers; the questions themselves speak to whoever tells.
QUESTIONS: dict[str, Any] = {
    "danger": _("In danger now"),
    "what": _("What happened"),
    "signs": _("Further signs"),
    "injury": _("Injury"),
    "often": _("How often"),
    "when": _("When"),
    "where": _("Where"),
    "reported": _("Who is reported"),
    "age": _("Age of the child"),
    "teller": _("Who tells it"),
}
# Why a report is as urgent as it is, by the codes of the rules.
REASONS: dict[str, Any] = {
    "danger_now": _("Somebody is in danger right now"),
    "weapon": _("There was a weapon or a sharp object"),
    "serious_injury": _("There is a serious injury"),
    "self_harm": _("Somebody thinks of hurting themselves"),
    "missing_child": _("A child is missing"),
    "danger_unsure": _("Whoever tells it is not sure whether there is danger"),
    "danger_skipped": _("The question about danger was left out"),
    "sexual": _("It is about sexual violence"),
    "extortion": _("Money or things were taken"),
    "adult_in_authority": _("An adult is reported"),
    "images_spread": _("Photos or videos are being spread"),
    "unsafe_home": _("Home is not safe either"),
    "group_attack": _("Several people did it together"),
    "retaliation": _("Somebody threatens revenge"),
    "small_child_hurt": _("A child of 7 or younger was hurt"),
    "disabled_child_hurt": _("A child with a disability was hurt"),
    "hurt_at_home": _("Somebody was hurt at home"),
    "injured": _("Somebody was injured a little"),
    "repeated": _("It happened more than once"),
    "avoids_school": _("The child is afraid to go to school"),
    "hate": _("It is about hatred"),
    "online": _("It happened on the internet"),
    "online_place": _("It happened on the internet"),
    "single": _("None of the signs of danger was named"),
}


def answers_in_words(answers: Mapping[str, Sequence[str]]) -> list[tuple[Any, list[str]]]:
    """Return titles with the words of their answers, what matters for safety first."""
    return [
        (title, [str(text) for code, text in ANSWERS[name].items() if code in answers[name]])
        for name, title in QUESTIONS.items()
        if answers.get(name)
    ]


def details_in_words(details: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return further words with what each of them is about."""
    return [(str(DETAIL_NAMES.get(name, name)), text) for name, text in details.items() if text]


def reasons_in_words(reasons: str) -> list[str]:
    """Return why a report is urgent, each reason once."""
    found = [str(REASONS.get(code, code)) for code in reasons.split(",") if code]
    return list(dict.fromkeys(found))
