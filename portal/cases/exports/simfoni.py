"""What SIMFONI asks for about a case, for typing it in there by hand.

The system's field list is not public; these are the questions its published forms are known to ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.cases.queries.identity import age_of
from portal.cases.queries.record import CaseRecord
from portal.cases.states import ServiceKind, ServiceState
from portal.core import i18n
from portal.incidents.queries.words import ANSWERS
from portal.schools.models import Level

_ = i18n.gettext
UNKNOWN = "–"
REHABILITATION = frozenset(
    {ServiceKind.COUNSELLING, ServiceKind.PSYCHOSOCIAL, ServiceKind.GROUP, ServiceKind.HOME_VISIT}
)


@dataclass(frozen=True)
class Line:
    """One question of the sheet with its answer."""

    label: str
    words: str


def sheet_of(record: CaseRecord, today: date) -> list[Line]:
    """Return the sheet, in the reader's language; what nobody wrote down is a dash."""
    child, case = record.child, record.case
    held, school = record.schools[-1] if record.schools else (None, None)
    level = Level(school.level).value if school else ""
    lines = [
        (_("Case number at the office"), case.number),
        (_("Complaint received on"), i18n.plain_date(case.opened_on)),
        (_("Who reported"), _told(record, "teller")),
        (_("Age of the child"), age_words(child.born, today)),
        (_("Sex of the child"), {"f": _("female"), "m": _("male")}.get(child.sex, "")),
        (_("Education"), f"{level} {held.class_name if held else ''}".strip()),
        (_("Disability"), child.disability),
        (_("Relation to the child"), _told(record, "reported")),
        (_("Where it happened"), _told(record, "where")),
        (_("Form of violence"), "; ".join(str(ANSWERS["what"][kind]) for kind in case.kinds)),
        (_("When it happened"), _told(record, "when")),
        (_("Services given"), ", ".join(_services(record))),
    ]
    return [Line(label, answer or UNKNOWN) for label, answer in lines]


def age_words(born: str, today: date) -> str:
    """Return how old somebody is who was born on an ISO day or in a year; empty when unknown."""
    age = age_of(born, today)
    if age is None:
        return ""
    if age.exact:
        return _("%(years)s years", years=age.years)
    return _("about %(years)s years", years=age.years)


def _told(record: CaseRecord, question: str) -> str:
    codes = {code for answers in record.told for code in answers.get(question, ())}
    return "; ".join(str(name) for code, name in ANSWERS[question].items() if code in codes)


def _services(record: CaseRecord) -> list[str]:
    held = {each.kind for each in record.services if each.state == ServiceState.HELD}
    given = [_("complaint")] if record.reports else []
    given += [_("rehabilitation")] if held & REHABILITATION else []
    sent = {str(entry.facts.get("provider_kind", "")) for entry in record.referrals}
    given += [_("health")] if sent & {"health", "psychologist"} else []
    given += [_("legal help")] if sent & {"legal_aid", "police"} else []
    given += [_("reintegration")] if ServiceKind.ACCOMPANIMENT in held else []
    return given
