"""A return-to-school plan on paper: what the page says, and who printed it."""

from __future__ import annotations

from datetime import datetime

from portal.core import i18n
from portal.documents.pdf import Report, Section, report_pdf
from portal.monitoring.models import ReturnPlan
from portal.monitoring.queries.plan_words import TEXTS, TITLES

_ = i18n.gettext


def plan_pdf(
    plan: ReturnPlan, school_name: str, office_name: str, reader: str, made_at: datetime
) -> bytes:
    """Return the plan; title and file name say nothing of whom it is about."""
    moment = f"{i18n.plain_date(made_at)}, {i18n.clock_time(made_at)} WIB"
    report = Report(
        title=_("Return-to-school plan"),
        subtitle=_(
            "Confidential. For those at %(school)s who were asked to read it.", school=school_name
        ),
        sections=(_overview(plan), *_parts(plan)),
        footer=_(
            "%(office)s · confidential · printed by %(name)s, %(moment)s",
            office=office_name,
            name=reader,
            moment=moment,
        ),
    )
    return report_pdf(report, i18n.language(), made_at)


def _overview(plan: ReturnPlan) -> Section:
    facts = [(str(TITLES["class_name"]), plan.class_name)] if plan.class_name else []
    facts.append((str(TITLES["returns_on"]), i18n.long_date(plan.returns_on)))
    if plan.review_on:
        facts.append((str(TITLES["review_on"]), i18n.long_date(plan.review_on)))
    return Section(plan.child_name, facts=tuple(facts))


def _parts(plan: ReturnPlan) -> list[Section]:
    texts = ((name, getattr(plan, name)) for name in TEXTS)
    return [Section(str(TITLES[name]), tuple(text.splitlines())) for name, text in texts if text]
