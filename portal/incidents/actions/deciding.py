"""What the office decides about a report: who handles it, what becomes of it, how it ends.

Every step reads the report anew under a lock and asks again whether this person may: nobody decides
about what they reported themselves, or about a report that is kept from them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.core import clock, duties, settings
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.settings import Office
from portal.incidents import policy
from portal.incidents.actions import conversing
from portal.incidents.actions.arriving import (
    DECIDE,
    close_reading,
    settle_quarantine,
    wait_for_step,
)
from portal.incidents.events import (
    ReferralReceived,
    ReportClosed,
    ReportFollowedUp,
    ReportNoted,
    ReportReferred,
    ReportReopened,
    ReportTaken,
)
from portal.incidents.models import Report, ReportEntry
from portal.incidents.queries import files
from portal.incidents.states import OPEN, EntryKind, Outcome, ReportState
from portal.people.models import User
from portal.schools.models import Authority

# Whom reports about a school are handed to, by the body the school answers to.
BODIES = {
    Authority.CITY: "authority_city",
    Authority.PROVINCE: "authority_province",
    Authority.RELIGIOUS_AFFAIRS: "authority_kemenag",
}


@dataclass(frozen=True)
class HandOver:
    """To whom a report goes, and the receipt as far as there is one."""

    body: Authority
    receipt: str = ""
    received_on: date | None = None


def begin(session: Session, actor: Actor, report: Report) -> None:
    """Lock a report, read it as it stands, and make sure that this person may work on it.

    Raises Rejected("own_report") or Rejected("not_allowed").
    """
    session.refresh(report, with_for_update=True)
    if policy.told_by(actor, report):
        raise Rejected("own_report")
    if not files.works_on(session, actor, report.id):
        raise Rejected("not_allowed")


def check_open(report: Report) -> None:
    """Raise Rejected("state_changed") when a report is finished."""
    if report.state not in OPEN:
        raise Rejected("state_changed")


def take_on(session: Session, actor: Actor, report: Report) -> None:
    """Handle a report from now on, also in a colleague's place.

    Raises what `begin` raises, and Rejected("state_changed") once it is finished.
    """
    begin(session, actor, report)
    check_open(report)
    if report.handler_id != actor.user_id:
        _give_to(session, actor, report)


def _give_to(session: Session, actor: Actor, report: Report) -> None:
    before = report.handler_id
    report.handler_id = actor.user_id
    if report.state == ReportState.RECEIVED:
        report.move(actor, "review")
    # Whoever takes it on has read it, also what became urgent after the first reading.
    close_reading(session, report.id)
    wait_for_step(session, report, actor.user_id)
    emit(session, actor, ReportTaken(report.id, actor.user_id, before))


def _begin_deciding(session: Session, actor: Actor, report: Report) -> None:
    """Begin as whoever handles it; what nobody handles is taken on with the first decision.

    Raises what `begin` raises, and Rejected("handled_by") with a colleague's name.
    """
    begin(session, actor, report)
    if report.handler_id is None:
        _give_to(session, actor, report)
    elif not actor.may(Permission.REPORT_TRIAGE, assigned=report.assigned_to(actor)):
        colleague = session.get_one(User, report.handler_id)
        raise Rejected("handled_by", name=colleague.full_name)


def reply(session: Session, actor: Actor, report: Report, text: str) -> None:
    """Write to the reporter; raises what deciding raises, and Rejected("no_inbox")."""
    _begin_deciding(session, actor, report)
    if not policy.has_inbox(report):
        raise Rejected("no_inbox", "text")
    conversing.answer(session, actor, report, text)


def add_note(session: Session, actor: Actor, report: Report, text: str) -> None:
    """Write something down for the office alone; raises what `begin` raises."""
    begin(session, actor, report)
    write_note(session, actor, report, text)


def write_note(session: Session, actor: Actor, report: Report, text: str) -> None:
    """Put a note into the file."""
    moment = clock.now()
    note = ReportEntry(
        id=new_id(),
        report_id=report.id,
        kind=EntryKind.NOTE,
        text=text,
        written_by=actor.user_id,
        written_at=moment,
        visible_from=moment,
        read_at=moment,
    )
    session.add(note)
    emit(session, actor, ReportNoted(report.id))


def follow_up(session: Session, actor: Actor, report: Report, plan: str) -> None:
    """Note what the office does now; raises what deciding and moving raise."""
    _begin_deciding(session, actor, report)
    report.move(actor, "follow_up")
    duties.close_duties(session, report.id, DECIDE)
    write_note(session, actor, report, plan)
    emit(session, actor, ReportFollowedUp(report.id))


def bodies(office: Office) -> dict[Authority, str]:
    """Return the names of the bodies that the office has entered."""
    return {body: office[name] for body, name in BODIES.items() if office[name]}


def refer(session: Session, actor: Actor, report: Report, command: HandOver) -> None:
    """Hand a report to the responsible body.

    Raises what deciding and moving raise, and Rejected("body_unknown") until the office has entered
    that body in its settings.
    """
    _begin_deciding(session, actor, report)
    if command.body not in bodies(settings.read(session)):
        raise Rejected("body_unknown", "body")
    report.move(actor, "refer")
    duties.close_duties(session, report.id, DECIDE)
    report.referred_to = command.body
    _note_receipt(report, command.receipt, command.received_on)
    emit(session, actor, ReportReferred(report.id, command.body))


def record_receipt(
    session: Session, actor: Actor, report: Report, receipt: str, received_on: date | None
) -> None:
    """Note the receipt of what was handed over; raises Rejected("state_changed") before that."""
    _begin_deciding(session, actor, report)
    if not report.referred_to:
        raise Rejected("state_changed")
    _note_receipt(report, receipt, received_on)
    emit(session, actor, ReferralReceived(report.id))


def _note_receipt(report: Report, receipt: str, received_on: date | None) -> None:
    if receipt or received_on:
        day = received_on.isoformat() if received_on else ""
        report.referral_receipt = json.dumps({"number": receipt, "on": day})


def receipt_of(report: Report) -> tuple[str, date | None]:
    """Return number and day of a receipt; empty where there is none yet."""
    if not report.referral_receipt:
        return "", None
    kept = json.loads(report.referral_receipt)
    return kept["number"], date.fromisoformat(kept["on"]) if kept["on"] else None


def close(session: Session, actor: Actor, report: Report, outcome: Outcome, words: str) -> None:
    """Finish a report, with words for the reporter unless it was none.

    Raises what deciding and moving raise, and Rejected("words_needed").
    """
    _begin_deciding(session, actor, report)
    if not words and outcome is not Outcome.SPAM:
        raise Rejected("words_needed", "outcome_words")
    report.move(actor, "close")
    report.outcome, report.outcome_words = outcome, words
    report.closed_at = clock.now()
    duties.close_duties(session, report.id)
    settle_quarantine(session)
    emit(session, actor, ReportClosed(report.id, outcome))


def reopen(session: Session, actor: Actor, report: Report, reason: str) -> None:
    """Go on with a finished report; raises what deciding and moving raise."""
    _begin_deciding(session, actor, report)
    report.move(actor, "reopen")
    report.outcome = report.outcome_words = ""
    report.closed_at = None
    write_note(session, actor, report, reason)
    if report.handler_id is not None:
        wait_for_step(session, report, report.handler_id)
    emit(session, actor, ReportReopened(report.id))
