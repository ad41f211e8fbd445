"""What is found about a child, domain by domain, and what it needs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from portal.cases.actions.file import begin, check_past, moment_of, write_entry
from portal.cases.models import Assessment, Case, Need
from portal.cases.queries import assessments
from portal.cases.states import Domain, EntryKind
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected


@dataclass(frozen=True)
class Findings:
    """What was seen and heard in one domain; `concern` from 0 (none) to 3 (acts at once)."""

    concern: int
    findings: str
    assessed_on: date
    strengths: str = ""
    told_by: str = ""


def assess(
    session: Session,
    actor: Actor,
    case: Case,
    domain: Domain,
    found: Findings,
    needs: tuple[str, ...] = (),
) -> Assessment:
    """Write down what was found in a domain, with the needs that follow from it.

    Raises what `file.begin` raises, or Rejected("in_future").
    """
    begin(session, actor, case)
    check_past(found.assessed_on, "assessed_on")
    assessment = Assessment(
        id=new_id(),
        case_id=case.id,
        domain=domain,
        assessed_by=actor.user_id,
        **asdict(found),
    )
    session.add(assessment)
    session.add_all(_need(actor, case, domain, text, found.assessed_on) for text in needs)
    facts: dict[str, Any] = {"domain": str(domain), "concern": found.concern}
    if needs:
        facts["needs"] = len(needs)
    write_entry(
        session,
        actor,
        case,
        EntryKind.ASSESSMENT,
        at=moment_of(found.assessed_on),
        facts=facts,
        record_id=assessment.id,
    )
    return assessment


def correct(
    session: Session, actor: Actor, case: Case, assessment: Assessment, found: Findings
) -> None:
    """Put right what was written today; an earlier one stands, and a new one goes beside it.

    Raises what `file.begin` raises, Rejected("in_future") or Rejected("assessment_stands").
    """
    begin(session, actor, case)
    if not assessments.is_correctable(session, assessment):
        raise Rejected("assessment_stands")
    check_past(found.assessed_on, "assessed_on")
    for name, value in asdict(found).items():
        setattr(assessment, name, value)
    facts = {
        "domain": str(assessment.domain),
        "concern": found.concern,
        assessments.CORRECTED: True,
    }
    write_entry(session, actor, case, EntryKind.ASSESSMENT, facts=facts, record_id=assessment.id)


def add_need(session: Session, actor: Actor, case: Case, domain: Domain, text: str) -> Need:
    """Note something the child or its family needs; raises what `file.begin` raises."""
    begin(session, actor, case)
    need = _need(actor, case, domain, text, clock.today())
    session.add(need)
    _note_need(session, actor, case, need, "added")
    return need


def meet_need(session: Session, actor: Actor, case: Case, need: Need, met_on: date) -> None:
    """Note that nothing need be done about a need any more.

    Raises what `file.begin` raises, Rejected("in_future"), or Rejected("state_changed") for a need
    that is met already.
    """
    begin(session, actor, case)
    session.refresh(need)
    if need.met_on is not None:
        raise Rejected("state_changed")
    check_past(met_on, "met_on")
    need.met_on = met_on
    _note_need(session, actor, case, need, "met")


def reopen_need(session: Session, actor: Actor, case: Case, need: Need) -> None:
    """Note that a need is there again; raises what `file.begin` raises."""
    begin(session, actor, case)
    need.met_on = None
    _note_need(session, actor, case, need, "reopened")


def _need(actor: Actor, case: Case, domain: Domain, text: str, found_on: date) -> Need:
    return Need(
        id=new_id(),
        case_id=case.id,
        domain=domain,
        text=text,
        found_on=found_on,
        found_by=actor.user_id,
    )


def _note_need(session: Session, actor: Actor, case: Case, need: Need, what: str) -> None:
    facts = {"domain": str(need.domain), "need": what}
    write_entry(
        session,
        actor,
        case,
        EntryKind.ASSESSMENT,
        text=need.text,
        facts=facts,
        record_id=need.id,
    )
