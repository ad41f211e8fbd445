"""The record of a case on paper: confidential, complete, and readable from its first page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from portal.cases.models import Decision, Goal
from portal.cases.queries import words
from portal.cases.queries.record import CaseRecord
from portal.cases.states import (
    Barrier,
    CaseOutcome,
    CaseState,
    DecisionKind,
    DecisionState,
    PlanState,
    Progress,
    ServiceKind,
    ServiceState,
)
from portal.core import i18n
from portal.documents.pdf import Report, Section, Table, report_pdf

_ = i18n.gettext
NOTHING = "–"


def record_pdf(record: CaseRecord, office_name: str, reader: str, made_at: datetime) -> bytes:
    """Return the record; the footer names whoever took it out, on every page."""
    moment = f"{i18n.long_date(made_at)}, {i18n.clock_time(made_at)} WIB"
    report = Report(
        title=_("Case %(number)s", number=record.case.number),
        subtitle=_("Confidential. As it stood on %(moment)s.", moment=moment),
        sections=tuple(_sections(record)),
        footer=_(
            "%(office)s · %(number)s · confidential · taken out by %(name)s",
            office=office_name,
            number=record.case.number,
            name=reader,
        ),
    )
    return report_pdf(report, i18n.language(), made_at)


def _sections(record: CaseRecord) -> Iterator[Section]:
    yield _overview(record)
    yield _child(record)
    yield _stages(record)
    yield from _assessments(record)
    yield from _plans(record)
    yield from _services(record)
    yield from _contacts(record)
    yield from _consents(record)
    yield from _decisions(record)
    yield from _rest(record)


def _day(day: date | datetime | None) -> str:
    return i18n.plain_date(day) if day else NOTHING


def _overview(record: CaseRecord) -> Section:
    case = record.case
    facts = [
        (_("State"), str(words.CASE_STATES[CaseState(case.state)])),
        (_("Stage"), str(words.STAGES[case.stage])),
        (_("Opened"), f"{_day(case.opened_on)}, {record.name(case.opened_by)}"),
        (_("Case manager"), record.name(case.manager_id) or NOTHING),
    ]
    if case.closed_on and case.outcome:
        outcome = words.OUTCOMES[CaseOutcome(case.outcome)]
        facts.append((_("Closed"), f"{_day(case.closed_on)}, {outcome}"))
    facts += [
        (_("Best interests of the child"), case.best_interests or NOTHING),
        (_("The child's view"), case.child_view or NOTHING),
    ]
    if case.abh:
        facts.append((_("In conflict with the law"), case.abh))
    if case.rights_advice:
        facts.append((_("Victims' rights adviser"), case.rights_advice))
    return Section(_("Overview"), tuple(filter(None, (case.summary,))), tuple(facts))


def _child(record: CaseRecord) -> Section:
    child = record.child
    facts = [
        (_("Name"), child.full_name),
        (_("Called"), child.called or NOTHING),
        (_("Born"), child.born or NOTHING),
        (_("Address"), child.address or NOTHING),
    ]
    facts += [
        (_("School"), f"{school.name} {held.class_name} ({_day(held.since)}–{_until(held.until)})")
        for held, school in record.schools
    ]
    for guardian in record.guardians:
        mark = f" ({_('must not be contacted')})" if guardian.kept_out else ""
        facts.append((guardian.relation or _("Guardian"), f"{guardian.full_name}{mark}"))
    return Section(_("Child"), facts=tuple(facts))


def _until(day: date | None) -> str:
    return _day(day) if day else _("today")


def _stages(record: CaseRecord) -> Section:
    rows = tuple(
        (
            str(words.STAGES[each.stage]),
            _day(each.began_at),
            _day(each.due_on),
            _day(each.ended_at),
            _("skipped") if each.skipped else record.name(each.signed_by),
        )
        for each in record.stages
    )
    head = (_("Stage"), _("From"), _("Until"), _("Finished"), _("Signed by"))
    return Section(_("Stages"), table=Table(head, rows))


def _assessments(record: CaseRecord) -> Iterator[Section]:
    for each in record.assessments:
        facts = (
            (_("Concern"), str(words.CONCERNS[each.concern])),
            (_("Strengths"), each.strengths or NOTHING),
            (_("Told by"), each.told_by or NOTHING),
            (_("Assessed"), f"{_day(each.assessed_on)}, {record.name(each.assessed_by)}"),
        )
        heading = f"{_('Assessment')}: {words.DOMAINS[each.domain]}"
        yield Section(heading, (each.findings,), facts)
    if record.needs:
        head = (_("Need"), _("Domain"), _("Found"), _("Met"))
        rows = tuple(
            (need.text, str(words.DOMAINS[need.domain]), _day(need.found_on), _day(need.met_on))
            for need in record.needs
        )
        yield Section(_("Needs"), table=Table(head, rows))


def _plans(record: CaseRecord) -> Iterator[Section]:
    for plan in record.plans:
        head = (_("Goal"), _("Area"), _("Until"), _("Progress"))
        rows = tuple(
            (
                goal.text,
                str(words.AREAS[goal.area]),
                _day(goal.due_on),
                _progress(goal),
            )
            for goal in record.goals
            if goal.plan_id == plan.id
        )
        facts = (
            (_("State"), str(words.PLAN_STATES[PlanState(plan.state)])),
            (_("Best interests of the child"), plan.best_interests or NOTHING),
            (_("The child's view"), plan.child_view or NOTHING),
        )
        heading = _("Intervention plan %(number)s", number=plan.number)
        yield Section(heading, facts=facts, table=Table(head, rows) if rows else None)


def _progress(goal: Goal) -> str:
    reached = str(words.PROGRESS[Progress(goal.progress)])
    return f"{reached}: {goal.review}" if goal.review else reached


def _services(record: CaseRecord) -> Iterator[Section]:
    if record.services:
        head = (_("Service"), _("When"), _("State"), _("What came of it"))
        rows = tuple(
            (
                str(words.SERVICES[ServiceKind(each.kind)]),
                f"{_day(each.starts_at)}, {i18n.clock_time(each.starts_at)}",
                str(words.SERVICE_STATES[ServiceState(each.state)]),
                each.result or each.purpose,
            )
            for each in record.services
        )
        yield Section(_("Services"), table=Table(head, rows))


def _contacts(record: CaseRecord) -> Iterator[Section]:
    if record.contacts:
        head = (_("When"), _("How"), _("What came of it"))
        rows = tuple(
            (
                _day(each.at),
                str(words.WAYS[each.way]),
                each.text if each.reached else _barrier(each.barrier, each.barrier_words),
            )
            for each in record.contacts
        )
        yield Section(_("Family log"), table=Table(head, rows))


def _barrier(barrier: str | None, more: str) -> str:
    name = str(words.BARRIERS[Barrier(barrier)]) if barrier else _("Not reached")
    return f"{name}. {more}".strip()


def _consents(record: CaseRecord) -> Iterator[Section]:
    if record.consents:
        head = (_("What about"), _("Answer"), _("On"), _("Reason"))
        rows = tuple(
            (
                str(words.CONSENTS[each.about]),
                str(words.CONSENT_ANSWERS[each.answer]),
                _day(each.given_on),
                each.reason or NOTHING,
            )
            for each in record.consents
        )
        yield Section(_("Consent"), table=Table(head, rows))


def _decisions(record: CaseRecord) -> Iterator[Section]:
    for each in record.decisions:
        facts = (
            (_("Why"), each.reason),
            (_("Best interests of the child"), each.best_interests),
            (_("The child's view"), each.child_view),
            (str(words.DECISION_STATES[DecisionState(each.state)]), _who_decided(record, each)),
        )
        heading = f"{_('Decision')}: {words.DECISIONS[DecisionKind(each.kind)]}"
        yield Section(heading, tuple(filter(None, (each.text, each.answer))), facts)


def _who_decided(record: CaseRecord, decision: Decision) -> str:
    who = decision.decided_by or decision.proposed_by
    return f"{record.name(who)}, {_day(decision.decided_at or decision.proposed_at)}"


def _rest(record: CaseRecord) -> Iterator[Section]:
    if record.obstacles:
        head = (_("Obstacle"), _("Where"), _("Kind"), _("Overcome"))
        rows = tuple(
            (
                each.text,
                str(words.SIDES[each.side]),
                str(words.NATURES[each.nature]),
                _day(each.overcome_on),
            )
            for each in record.obstacles
        )
        yield Section(_("Obstacles"), table=Table(head, rows))
    if record.notes:
        written = tuple(
            (_day(each.at), each.text, record.name(each.written_by)) for each in record.notes
        )
        yield Section(_("Notes"), table=Table((_("When"), _("Note"), _("Written by")), written))
