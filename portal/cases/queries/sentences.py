"""What a line of the timeline says, by its kind and the codes and figures beside it.

A fact for which there is no word says nothing; features above this one explain theirs by `explain`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from portal.cases.queries import words
from portal.cases.queries.identity import CHANGES
from portal.cases.queries.tasks import CODES
from portal.cases.states import EntryKind
from portal.core import i18n
from portal.incidents.queries.words import ANSWERS

_ = i18n.lazy
K = EntryKind
Table = Mapping[Any, Any]

TITLES: dict[EntryKind, Any] = {
    K.OPENED: _("Case opened"),
    K.NOTE: _("Note"),
    K.REPORT_ADDED: _("Report added"),
    K.ASSIGNED: _("Given to somebody"),
    K.IDENTITY: _("Facts about the child changed"),
    K.SCHOOL_CHANGED: _("School changed"),
    K.STAGE_DONE: _("Stage finished"),
    K.STAGE_SKIPPED: _("Stage skipped"),
    K.STAGE_REOPENED: _("Back to a stage"),
    K.ASSESSMENT: _("Assessment"),
    K.PLAN: _("Intervention plan"),
    K.GOAL_REVIEWED: _("Goal reviewed"),
    K.SERVICE: _("Service"),
    K.CONFERENCE: _("Case conference"),
    K.FAMILY_CONTACT: _("Contact with the family"),
    K.TASK: _("Task"),
    K.CONSENT: _("Consent"),
    K.DECISION: _("Decision"),
    K.OBSTACLE: _("Obstacle"),
    K.REFERRAL: _("Referral"),
    K.CLOSED: _("Case closed"),
    K.REOPENED: _("Case reopened"),
    K.SENTINEL: _("Looking after the child again"),
    K.RETURN_PLAN: _("Return-to-school plan"),
    K.MONITORING: _("Monitoring at school"),
    K.ALERT: _("Alert from the school"),
}

# What the facts of a line are called: by its kind, or whatever the kind.
OF_KIND: dict[tuple[EntryKind, str], Table] = {
    (K.DECISION, "kind"): words.DECISIONS,
    (K.DECISION, "state"): words.DECISION_STATES,
    (K.ASSIGNED, "ended"): {True: _("no longer")},
    (K.IDENTITY, "what"): CHANGES,
    (K.SCHOOL_CHANGED, "class_only"): {True: _("only the class")},
    (K.ASSESSMENT, "need"): {
        "added": _("need added"),
        "met": _("need met"),
        "reopened": _("need open again"),
    },
    (K.PLAN, "state"): words.PLAN_STATES,
    (K.PLAN, "step"): {
        "begun": _("begun"),
        "written": _("reasons written"),
        "suggested": _("goals suggested"),
        "goal_added": _("goal added"),
        "goal_changed": _("goal changed"),
        "goal_removed": _("goal taken off"),
    },
    (K.SERVICE, "kind"): words.SERVICES,
    (K.SERVICE, "state"): words.SERVICE_STATES,
    (K.CONFERENCE, "state"): words.SERVICE_STATES,
    (K.TASK, "state"): {
        "added": _("set"),
        "done": _("done"),
        "cancelled": _("no longer needed"),
    },
    (K.FAMILY_CONTACT, "home_task"): {
        "done": _("the agreed task was done"),
        "not_done": _("the agreed task was not done"),
    },
    (K.OBSTACLE, "state"): {"noted": _("noted"), "overcome": _("overcome")},
}
ALWAYS: dict[str, Table] = {
    "origin": words.ORIGINS,
    "part": words.PARTS,
    "relation": words.RELATIONS,
    "stage": words.STAGES,
    "domain": words.DOMAINS,
    "concern": dict(enumerate(words.CONCERNS)),
    "about": words.CONSENTS,
    "answer": words.CONSENT_ANSWERS,
    "way": words.WAYS,
    "barrier": words.BARRIERS,
    "progress": words.PROGRESS,
    "area": words.AREAS,
    "outcome": words.OUTCOMES,
    "cause": words.CAUSES,
    "found": words.WELLBEING,
    "side": words.SIDES,
    "nature": words.NATURES,
    "code": CODES,
    "kinds": ANSWERS["what"],
    "reached": {True: _("reached"), False: _("not reached")},
    "child_came": {True: _("the child came"), False: _("the child did not come")},
    "family_came": {True: _("the family came"), False: _("the family did not come")},
    "corrected": {True: _("corrected")},
}
FIGURES: dict[str, Callable[[int], str]] = {
    "months": lambda number: i18n.ngettext("after %(num)s month", "after %(num)s months", number),
    "minutes": lambda number: i18n.ngettext("%(num)s minute", "%(num)s minutes", number),
    "needs": lambda number: i18n.ngettext("%(num)s need", "%(num)s needs", number),
    "goals": lambda number: i18n.ngettext("%(num)s goal", "%(num)s goals", number),
    "invited": lambda number: i18n.ngettext("%(num)s invited", "%(num)s invited", number),
    "uninvited": lambda number: i18n.ngettext("%(num)s taken off", "%(num)s taken off", number),
    "plan": lambda number: i18n.gettext("no. %(number)s", number=number),
}


def explain(kind: EntryKind, fact: str, table: Table) -> None:
    """Say what the codes of a fact are called in lines of a kind."""
    OF_KIND[kind, fact] = table


def details_of(kind: EntryKind, facts: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Return in words what the facts of a line say, in their order.

    `names` are those of people and schools, by the words for their ids.
    """
    found = (_word(kind, name, value, names) for name, value in facts.items())
    return [word for word in found if word]


def _word(kind: EntryKind, name: str, value: Any, names: Mapping[str, str]) -> str:
    if name in ("user", "school"):
        return names.get(str(value), "")
    if name == "number":
        return str(value)
    if name in FIGURES and isinstance(value, int):
        return FIGURES[name](value)
    table = OF_KIND.get((kind, name)) or ALWAYS.get(name, {})
    if isinstance(value, list):
        return ", ".join(str(table[each]) for each in value if each in table)
    return str(table.get(value, "")) if isinstance(value, str | int) else ""
