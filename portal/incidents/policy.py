"""How urgent a report is, and who may see what of it.

Urgency comes from answers alone, never from scanning what people wrote; whatever is uncertain
counts as the more urgent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_, select

from portal.core.access import Actor, Permission
from portal.core.prepared import TODAY
from portal.incidents.models import Report, Turn
from portal.incidents.states import Door, Naming, Purpose, Urgency
from portal.people.policy import confidential, conflicts_of

Answers = Mapping[str, Sequence[str]]

# Each question with its answers by code; what people read stands in the forms.
QUESTIONS: dict[str, tuple[str, ...]] = {
    "teller": ("pupil", "witness", "parent", "school_staff", "other"),
    "what": ("physical", "verbal", "social", "online", "sexual", "extortion", "hate", "other"),
    "where": ("class", "toilet", "yard", "route", "online", "home", "other"),
    "when": ("today", "this_week", "this_month", "longer"),
    "danger": ("yes", "unsure", "no"),
    "age": ("up_to_7", "8_to_12", "13_to_15", "16_up"),
    "injury": ("none", "light", "serious"),
    "often": ("once", "several", "daily"),
    "signs": (
        "weapon",
        "self_harm",
        "missing",
        "group",
        "images",
        "disability",
        "language",
        "retaliation",
        "unsafe_home",
        "avoids_school",
    ),
    "reported": ("pupil", "teacher", "principal", "other_staff", "adult", "unknown"),
}
SCHOOL_STAFF = ("teacher", "principal", "other_staff")
HARM = {"injury": ("light", "serious"), "what": ("physical",)}


@dataclass(frozen=True)
class Rule:
    """One line of the triage table: if any of these answers was given, at least this urgent."""

    code: str
    urgency: Urgency
    question: str
    answers: tuple[str, ...]

    def holds(self, given: Answers) -> bool:
        """Say whether one of its answers was given."""
        return _given(given, self.question, self.answers)


HOUR, DAY, TWO, FIVE = Urgency
RULES = (
    Rule("danger_now", HOUR, "danger", ("yes",)),
    Rule("weapon", HOUR, "signs", ("weapon",)),
    Rule("serious_injury", HOUR, "injury", ("serious",)),
    Rule("self_harm", HOUR, "signs", ("self_harm",)),
    Rule("missing_child", HOUR, "signs", ("missing",)),
    Rule("danger_unsure", DAY, "danger", ("unsure",)),
    Rule("sexual", DAY, "what", ("sexual",)),
    Rule("extortion", DAY, "what", ("extortion",)),
    Rule("adult_in_authority", DAY, "reported", (*SCHOOL_STAFF, "adult")),
    Rule("images_spread", DAY, "signs", ("images",)),
    Rule("unsafe_home", DAY, "signs", ("unsafe_home",)),
    Rule("group_attack", DAY, "signs", ("group",)),
    Rule("retaliation", DAY, "signs", ("retaliation",)),
    Rule("injured", TWO, "injury", ("light",)),
    Rule("repeated", TWO, "often", ("several", "daily")),
    Rule("avoids_school", TWO, "signs", ("avoids_school",)),
    Rule("hate", TWO, "what", ("hate",)),
    Rule("online", TWO, "what", ("online",)),
    Rule("online_place", TWO, "where", ("online",)),
)


@dataclass(frozen=True)
class Judged:
    """How urgent answers make a report, and the codes of the rules that say so."""

    urgency: Urgency
    reasons: tuple[str, ...]


def judge(given: Answers) -> Judged:
    """Return the urgency of a report by its answers; a danger question left out counts as a day."""
    found = [(rule.urgency, rule.code) for rule in RULES if rule.holds(given)]
    if not given.get("danger"):
        found.append((DAY, "danger_skipped"))
    if _hurt(given) and _given(given, "age", ("up_to_7",)):
        found.append((DAY, "small_child_hurt"))
    if _hurt(given) and _given(given, "signs", ("disability",)):
        found.append((DAY, "disabled_child_hurt"))
    if _hurt(given) and _given(given, "where", ("home",)):
        found.append((DAY, "hurt_at_home"))
    if not found:
        return Judged(FIVE, ("single",))
    most = min((urgency for urgency, _code in found), key=lambda urgency: urgency.rank)
    return Judged(most, tuple(code for urgency, code in found if urgency is most))


def bypasses_school(given: Answers, person: str = "") -> bool:
    """Say whether somebody of the school is reported, so that it must hear of nothing.

    A name that nobody said belongs to a pupil may be a colleague's.
    """
    unclear = bool(person.strip()) and set(given.get("reported", ())) != {"pupil"}
    return unclear or _given(given, "reported", SCHOOL_STAFF)


def _hurt(given: Answers) -> bool:
    return any(_given(given, question, answers) for question, answers in HARM.items())


def _given(given: Answers, question: str, answers: Sequence[str]) -> bool:
    return not set(answers).isdisjoint(given.get(question, ()))


# Whoever writes down for somebody else what they told is not the one who reports it.
WRITTEN_DOWN = frozenset({Door.PHONE, Door.WHATSAPP, Door.WALK_IN})


def listed_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the reports an actor may know of: number, state and urgency."""
    return and_(
        actor.within(Permission.REPORT_READ),
        Report.id.not_in(conflicts_of(actor)),
    )


def handled_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the reports an actor works on: one's own, all while on duty."""
    reached = actor.within(Permission.REPORT_TRIAGE, assignee_column=Report.handler_id)
    return and_(
        or_(reached, _on_duty(actor)),
        Report.id.not_in(conflicts_of(actor)),
    )


def _on_duty(actor: Actor) -> ColumnElement[bool]:
    if not actor.may(Permission.REPORT_TRIAGE, assigned=True):
        return false()
    return (
        select(Turn.id)
        .where(Turn.user_id == actor.user_id, Turn.first_day <= TODAY, Turn.last_day >= TODAY)
        .exists()
    )


def open_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the reports whose file an actor may read now: what they work on, or
    what they opened in an emergency.
    """
    opened = confidential(
        actor, Permission.REPORT_TRIAGE, Report.id, assignee_column=Report.handler_id
    )
    return or_(handled_by(actor), opened)


def supervises(actor: Actor) -> bool:
    """Say whether an actor watches over all reports without reading any: dates, no schools."""
    return actor.may(Permission.REPORT_READ) and not actor.may_somewhere(Permission.REPORT_TRIAGE)


def told_by(actor: Actor, report: Report) -> bool:
    """Say whether the actor is the one who reports; nobody decides about that themselves."""
    return report.filed_by == actor.user_id and report.door not in WRITTEN_DOWN


def has_inbox(report: Report) -> bool:
    """Say whether the portal leads an answer to the reporter: by a code, or by their account."""
    return bool(report.secret_hash) or (
        report.filed_by is not None and report.door not in WRITTEN_DOWN
    )


def hidden_from_school(report: Report) -> bool:
    """Say whether the school must hear of nothing."""
    return report.bypass_school or report.keep_from_school


def filed_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for what an actor reported as one of a school's staff."""
    return and_(
        Report.filed_by == actor.user_id,
        Report.door == Door.STAFF,
        Report.id.not_in(conflicts_of(actor)),
    )


def status_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for colleagues' reports of which an actor may know how far they are.

    Never one about somebody of the school, one whose teller wants to stay unknown, a question, or
    one that the office has not read yet: only then does it know whom it is about.
    """
    return and_(
        actor.within(Permission.REPORT_STATUS, Report.school_id),
        Report.door == Door.STAFF,
        Report.filed_by != actor.user_id,
        Report.naming == Naming.NAMED,
        Report.purpose == Purpose.REPORT,
        Report.read_at.is_not(None),
        Report.bypass_school.is_(False),
        Report.keep_from_school.is_(False),
        Report.id.not_in(conflicts_of(actor)),
    )


def written_down_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the reports an actor wrote down for somebody else."""
    return and_(
        actor.within(Permission.REPORT_TRANSCRIBE),
        Report.filed_by == actor.user_id,
        Report.door != Door.STAFF,
        Report.id.not_in(conflicts_of(actor)),
    )
