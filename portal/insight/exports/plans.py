"""A semester's plan in words, and as a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from portal.core import i18n
from portal.core.i18n import gettext
from portal.documents.xlsx import Cell, Sheet, workbook
from portal.insight.models import PlanItem
from portal.insight.policy.planning.cost import AGAIN, NEVER_SERVED, SERVED
from portal.insight.queries.plans import PlanFile, Row
from portal.insight.states import PlanState

_ = i18n.lazy

STATES = {
    PlanState.DRAFT: _("Without result"),
    PlanState.SOLVING: _("Being made"),
    PlanState.READY: _("Ready"),
    PlanState.SENT: _("Offers sent"),
    PlanState.DROPPED: _("Put aside"),
}
STEPS = {
    "weeks": _("Choosing the week of each session"),
    "days": _("Finding days, starts and social workers"),
    "polishing": _("Looking it over once more"),
}


def hours(minutes: int) -> str:
    """Return minutes as hours with one decimal."""
    return i18n.number(round(minutes / 60, 1))


def reasons(item: PlanItem) -> list[str]:
    """Return why a session stands where it stands, sentence by sentence, with the arithmetic."""
    facts = item.facts
    found = [_first_reason(item), _arithmetic(item)]
    if facts.get("closed"):
        found.append(
            i18n.ngettext(
                "In %(num)s week before it the school has no day for a session.",
                "In %(num)s weeks before it the school has no day for a session.",
                int(facts["closed"]),
            )
        )
    if facts.get("full"):
        found.append(
            i18n.ngettext(
                "In %(num)s week before it the hours go to schools that wait more urgently, or "
                "lie nearer together.",
                "In %(num)s weeks before it the hours go to schools that wait more urgently, or "
                "lie nearer together.",
                int(facts["full"]),
            )
        )
    if facts.get("why"):
        found.append(what_is_missing(item))
    return found


def _first_reason(item: PlanItem) -> str:
    if item.ordinal > 1:
        return gettext("A further session of the semester waits until every school had its first.")
    need = int(item.facts.get("need", 0))
    if not need:
        return gettext("The school %(since)s.", since=_sentence(item))
    return i18n.ngettext(
        "The school %(since)s, and %(num)s recent report counts.",
        "The school %(since)s, and %(num)s recent reports count.",
        need,
        since=_sentence(item),
    )


def _sentence(item: PlanItem) -> str:
    months = item.facts.get("months")
    if months is None:
        return gettext("never had a session")
    if months == 0:
        return gettext("had a session less than a month ago")
    return i18n.ngettext(
        "had its last session %(num)s month ago",
        "had its last session %(num)s months ago",
        months,
    )


def _arithmetic(item: PlanItem) -> str:
    facts = item.facts
    points = int(facts.get("points", 0))
    if item.ordinal > 1:
        return gettext("Each week of waiting weighs %(points)s.", points=i18n.number(AGAIN))
    months, need = facts.get("months"), int(facts.get("need", 0))
    parts = [NEVER_SERVED] if months is None else [SERVED, points - SERVED - need]
    return gettext(
        "Each week of waiting weighs %(sum)s = %(points)s.",
        sum=" + ".join(i18n.number(each) for each in [*parts, need]),
        points=i18n.number(points),
    )


def what_is_missing(item: PlanItem) -> str:
    """Return why a session has no time: no hours, or no day."""
    if item.facts.get("why") == "calendar":
        return gettext("The school has no day for a session in this time.")
    return gettext(
        "No hours are left: %(hours)s hours are missing.",
        hours=hours(int(item.facts.get("missing", 0))),
    )


def plan_workbook(found: PlanFile, as_of: datetime) -> bytes:
    """Return the workbook of a plan: its summary, its sessions, what has no time."""
    return workbook(
        (
            Sheet(
                gettext("Summary"),
                (gettext("Figure"), gettext("Value")),
                _summary(found, as_of),
                (44, 32),
            ),
            _sessions(found),
            _missing(found),
        )
    )


def _summary(found: PlanFile, as_of: datetime) -> Iterator[tuple[Cell, Cell]]:
    plan = found.plan
    yield gettext("As of"), as_of
    yield gettext("Programme"), found.programme.name(i18n.language())
    yield gettext("First day"), plan.first_on
    yield gettext("Last day"), plan.last_on
    yield gettext("Partner schools"), found.partners
    yield gettext("Schools reached by the plan"), found.reached
    yield gettext("Sessions with a time"), len(found.placed)
    yield gettext("Sessions without a time"), len(found.unplaced)
    yield gettext("Missing hours"), round(found.missing_minutes / 60, 1)


def _sessions(found: PlanFile) -> Sheet:
    headers = (
        gettext("NPSN"),
        gettext("School"),
        gettext("District"),
        gettext("Session"),
        gettext("Starts"),
        gettext("Social workers"),
        gettext("Locked"),
        gettext("Offered"),
        gettext("Why here"),
    )
    rows = ((*_start(row), *_rest(row)) for row in found.placed)
    return Sheet(gettext("Sessions"), headers, rows, (12, 40, 18, 10, 24, 30, 10, 10, 80))


def _start(row: Row) -> tuple[Cell, ...]:
    return row.school.npsn, row.school.name, row.district, row.item.ordinal


def _rest(row: Row) -> tuple[Cell, ...]:
    return (
        row.starts_at,
        ", ".join(row.people),
        gettext("yes") if row.item.locked else gettext("no"),
        gettext("yes") if row.item.visit_id else gettext("no"),
        " ".join(reasons(row.item)),
    )


def _missing(found: PlanFile) -> Sheet:
    headers = (
        gettext("NPSN"),
        gettext("School"),
        gettext("District"),
        gettext("Session"),
        gettext("Missing hours"),
        gettext("Why"),
    )
    rows: Iterator[tuple[Any, ...]] = (
        (
            *_start(row),
            round(int(row.item.facts.get("missing", 0)) / 60, 1),
            " ".join(reasons(row.item)),
        )
        for row in found.unplaced
    )
    return Sheet(gettext("Without a time"), headers, rows, (12, 40, 18, 10, 14, 80))
