"""A report comes in, by whatever door."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock, codes, crypto, hashing, settings
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.events import emit
from portal.core.settings import Office
from portal.incidents import policy
from portal.incidents.events import ReportReceived
from portal.incidents.models import Report
from portal.incidents.states import Door, Naming, Purpose, ReportState, Urgency

# Five bits each: 30 that find the report, 50 that open it.
LOCATOR_LENGTH, SECRET_LENGTH = 6, 10
CODE_LENGTH = LOCATOR_LENGTH + SECRET_LENGTH


@dataclass(frozen=True)
class TrackingCode:
    """A reporter's code before it is given out, with the slow hash to keep of its secret part."""

    locator: str
    secret: str = field(repr=False)
    kept: str = field(repr=False)

    @property
    def text(self) -> str:
        """Return the sixteen characters the reporter writes down."""
        return self.locator + self.secret


def new_tracking_code() -> TrackingCode:
    """Make a code; takes the time of a slow hash, so it comes before any transaction."""
    locator, secret = codes.new_code(LOCATOR_LENGTH), codes.new_code(SECRET_LENGTH)
    return TrackingCode(locator, secret, hashing.slow_hash(peppered(locator, secret)))


def peppered(locator: str, secret: str) -> str:
    """Return what is hashed of a code: without the key ring no copy of the database can guess."""
    return crypto.ring().seal("index", f"tracking code\x00{locator}{secret}".encode()).hex()


@dataclass(frozen=True)
class Filing:
    """What is told; `answers` by the questions of `policy.QUESTIONS`, words apart from them."""

    door: Door
    answers: Mapping[str, Sequence[str]]
    story: str = field(default="", repr=False)
    details: Mapping[str, str] = field(default_factory=dict, repr=False)
    school_id: UUID | None = None
    purpose: Purpose = Purpose.REPORT
    naming: Naming = Naming.ANONYMOUS
    reporter: str = field(default="", repr=False)
    safe_contact: str = field(default="", repr=False)
    reported_person: str = field(default="", repr=False)
    keep_from_school: bool = False
    quarantined: bool = False


def receive(
    session: Session, actor: Actor | None, filing: Filing, code: TrackingCode | None = None
) -> Report:
    """Write a report down, judge how urgent it is, and let whoever is on duty know.

    `code` opens it for a reporter without an account; answers that are no codes of a question are
    a programming error (KeyError, ValueError).
    """
    answers = _checked(filing.answers)
    judged = policy.judge(answers)
    moment = clock.now()
    report = Report(
        id=new_id(),
        locator=code.locator if code else codes.new_code(LOCATOR_LENGTH),
        secret_hash=code.kept if code else "",
        door=filing.door,
        purpose=filing.purpose,
        naming=filing.naming,
        state=ReportState.RECEIVED,
        kinds=list(answers.get("what", ())),
        answers=json.dumps(answers),
        school_id=filing.school_id,
        story=filing.story,
        details=json.dumps(dict(filing.details)),
        reporter=filing.reporter,
        safe_contact=filing.safe_contact,
        person_index=_index_of(filing),
        computed=judged.urgency,
        urgency=judged.urgency,
        reasons=",".join(judged.reasons),
        bypass_school=policy.bypasses_school(answers, filing.reported_person),
        keep_from_school=filing.keep_from_school,
        quarantined=filing.quarantined,
        received_at=moment,
        read_until=read_until(settings.read(session), judged.urgency, moment),
        filed_by=actor.user_id if actor else None,
    )
    session.add(report)
    session.flush()
    emit(
        session,
        actor,
        ReportReceived(report.id, filing.door, judged.urgency, filing.quarantined),
    )
    return report


def _checked(answers: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    for question, given in answers.items():
        unknown = set(given) - set(policy.QUESTIONS[question])
        if unknown:
            raise ValueError(f"no answers to {question}: {', '.join(sorted(unknown))}")
    return {question: sorted(given) for question, given in answers.items() if given}


def _index_of(filing: Filing) -> bytes | None:
    """Return the blind index of the reported person at the school, if one was named."""
    if not filing.reported_person.strip():
        return None
    place = filing.school_id.hex if filing.school_id else ""
    return crypto.blind_index("reported person", f"{place} {filing.reported_person}")


def read_until(office: Office, urgency: Urgency, received: datetime) -> datetime:
    """Return until when somebody must have read a report."""
    if urgency is Urgency.SAME_HOUR:
        return received + timedelta(minutes=office["read_minutes_same_hour"])
    if urgency is Urgency.SAME_DAY:
        return received + timedelta(hours=office["read_hours_same_day"])
    return received + timedelta(hours=office["read_hours_usual"])
