"""One form as the office reads it: question by question, beside the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.models import Case
from portal.core import i18n
from portal.core.access import Actor
from portal.monitoring.models import (
    Alert,
    FollowUp,
    FormAnswers,
    Instrument,
    MonitoringForm,
    Reply,
)
from portal.monitoring.policy import access
from portal.monitoring.policy.scoring import MOST, Filled, Result
from portal.monitoring.queries.alerts import (
    earlier_forms,
    guardian_must_not_hear,
    unsettled,
)
from portal.monitoring.queries.forms import answers_of, latest_answers
from portal.monitoring.queries.instruments import (
    answer_text,
    by_id,
    items_of,
    text_of,
    texts_of,
)
from portal.monitoring.queries.sheets import replies_to
from portal.monitoring.states import FormState
from portal.people.models import User
from portal.schools.models import School

# What is often or always there, or hardly ever what is good.
STANDS_OUT = 3
# So many steps of the scale worse than before.
CLEARLY = 2


@dataclass(frozen=True)
class Answered:
    """A form with what counts of it, and the edition it was made with."""

    form: MonitoringForm
    edition: Instrument
    filled: Filled
    result: Result
    note: str
    # 1 as it was sent first, and one more for each correction.
    version: int


@dataclass(frozen=True)
class Compared:
    """One question, its answer, and the answer of the form before (None: there is none)."""

    question: str
    answer: str
    before: str | None
    stands_out: bool
    worse: bool


@dataclass(frozen=True)
class Reading:
    """A form somebody at the office reads, with what stands around it."""

    now: Answered
    before: Answered | None
    follow_up: FollowUp
    case: Case
    school: School
    sender: User | None
    versions: list[FormAnswers]
    replies: list[Reply]
    # Those nobody settled yet, the most pressing first.
    alerts: list[Alert]
    keeps_guardian_out: bool

    @property
    def flags(self) -> list[str]:
        """Return the red flags in the reader's language."""
        return flag_texts(self.now.edition, self.now.filled.flags)

    @property
    def groups(self) -> list[tuple[str, list[Compared]]]:
        """Return the questions by group, in the order of the form."""
        return [
            (text_of(group["text"]), [self._row(item) for item in group["items"]])
            for group in self.now.edition.content["groups"]
        ]

    @property
    def other_edition(self) -> int | None:
        """Return the number of the edition the form before was made with, if it is another one."""
        before = self.before.edition.number if self.before else None
        return before if before != self.now.edition.number else None

    @property
    def corrected(self) -> list[tuple[str, str, str]]:
        """Return what a correction changed: red flags, then questions, with the first answer and
        the one that counts.
        """
        if len(self.versions) < 2:
            return []
        edition, now = self.now.edition, self.now.filled
        first = Filled.of_json(self.versions[0].answers)
        words = texts_of(edition)
        told = (i18n.gettext("No"), i18n.gettext("Yes"))
        flags = [
            (words[code], told[code in first.flags], told[code in now.flags])
            for code in (each["code"] for each in edition.content["flags"])
            if (code in first.flags) is not (code in now.flags)
        ]
        items = [
            (text_of(item["text"]), first.items.get(item["code"]), now.items.get(item["code"]))
            for item in items_of(edition.content)
        ]
        return flags + [
            (question, answer_text(edition, was), answer_text(edition, is_now))
            for question, was, is_now in items
            if was != is_now
        ]

    @property
    def answered(self) -> bool:
        """Say whether an answer came after what was sent last."""
        newest = self.versions[-1].sent_at if self.versions else None
        return bool(newest and any(each.written_at >= newest for each in self.replies))

    def _row(self, item: Mapping[str, Any]) -> Compared:
        code, before = item["code"], self.before
        risk = risk_of(item, self.now.filled.items.get(code))
        # By its code, whatever the edition: the questions are the same ones in other words.
        known = {each["code"]: each for each in items_of(before.edition.content)} if before else {}
        earlier = before.filled.items.get(code) if before else None
        risk_before = risk_of(known[code], earlier) if code in known else None
        return Compared(
            question=text_of(item["text"]),
            answer=answer_text(self.now.edition, self.now.filled.items.get(code)),
            before=answer_text(before.edition, earlier) if before and code in known else None,
            stands_out=risk is not None and risk >= STANDS_OUT,
            worse=None not in (risk, risk_before) and (risk or 0) - (risk_before or 0) >= CLEARLY,
        )


def risk_of(item: Mapping[str, Any], answer: int | None) -> int | None:
    """Return how worrying an answer is, from 0 to 4; None when nothing was observed."""
    if answer is None:
        return None
    return MOST - answer if item["reversed"] else answer


def stands_out(edition: Instrument, filled: Filled) -> list[str]:
    """Return the questions with the answers that worry most, the worst first."""
    given = [(item, filled.items.get(item["code"])) for item in items_of(edition.content)]
    risks = [(risk_of(item, answer) or 0, item, answer) for item, answer in given]
    worst = sorted((each for each in risks if each[0] >= STANDS_OUT), key=lambda each: -each[0])
    return [
        f"{text_of(item['text'])}: {answer_text(edition, answer)}" for _risk, item, answer in worst
    ]


def flag_texts(edition: Instrument, flags: frozenset[str]) -> list[str]:
    """Return red flags in the reader's language, in the order of the form."""
    words = texts_of(edition)
    return [words[each["code"]] for each in edition.content["flags"] if each["code"] in flags]


def answered(session: Session, *forms: MonitoringForm) -> dict[UUID, Answered]:
    """Return what counts of forms that were sent, by the form's id."""
    newest = latest_answers(session, [each.id for each in forms])
    editions = by_id(session, {each.instrument_id for each in forms})
    return {
        form.id: Answered(
            form,
            editions[form.instrument_id],
            Filled.of_json(newest[form.id].answers),
            Result.of_json(newest[form.id].result),
            newest[form.id].note,
            newest[form.id].number,
        )
        for form in forms
        if form.id in newest
    }


def get_readable(session: Session, actor: Actor, public_id: str) -> MonitoringForm | None:
    """Return a form that was sent about the child of a case whose work the actor may read now."""
    return session.scalar(
        select(MonitoringForm)
        .join(FollowUp, FollowUp.id == MonitoringForm.follow_up_id)
        .where(
            MonitoringForm.public_id == public_id,
            MonitoringForm.state == FormState.SENT,
            access.in_open_case(actor, FollowUp.case_id),
        )
    )


def read(session: Session, form: MonitoringForm) -> Reading:
    """Return a form that was sent with the one before it and what was answered."""
    follow_up, case, school = session.execute(
        select(FollowUp, Case, School)
        .join(Case, Case.id == FollowUp.case_id)
        .join(School, School.id == FollowUp.school_id)
        .where(FollowUp.id == form.follow_up_id)
    ).one()
    earlier = earlier_forms(session, form, 1)
    both = answered(session, form, *earlier)
    alerts = unsettled(session, Alert.form_id == form.id)
    return Reading(
        now=both[form.id],
        before=both.get(earlier[0].id) if earlier else None,
        follow_up=follow_up,
        case=case,
        school=school,
        sender=session.get(User, form.sent_by) if form.sent_by else None,
        versions=answers_of(session, form.id),
        replies=replies_to(session, form.id),
        alerts=alerts,
        keeps_guardian_out=guardian_must_not_hear(session, case),
    )
