"""What the office knows of a child: who it is, its schools, its guardians, what it wants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.cases.actions.file import begin, check_past, moment_of, write_entry
from portal.cases.actions.opening import ChildFacts, indexes_of
from portal.cases.events import GuardianKeptOut, IdentityChanged
from portal.cases.models import Case, ChildSchool, Guardian
from portal.cases.queries import files, identity
from portal.cases.states import EntryKind
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit


@dataclass(frozen=True)
class GuardianFacts:
    """Who answers for a child, and how they are reached without endangering anybody."""

    full_name: str
    relation: str = ""
    phone: str = ""
    address: str = ""
    safe_contact: str = ""


@dataclass(frozen=True)
class SchoolMove:
    """Where a child goes to school from a day on; None for none, or one outside the city."""

    school_id: UUID | None
    since: date
    class_name: str = ""
    reason: str = ""


def change_child(session: Session, actor: Actor, case: Case, facts: ChildFacts) -> None:
    """Correct what is known of a child, by which it is also found again.

    Raises what `begin` raises.
    """
    begin(session, actor, case)
    child = files.child_of(session, case)
    indexes = indexes_of(facts)
    if child.name_index is None and child.full_name == facts.full_name:
        # Still words that describe a child nobody knows by name; they find nobody.
        indexes["name_index"] = None
    if _overwrite(child, {**asdict(facts), **indexes}):
        session.flush()
        _note(session, actor, case, "child")


def move_school(session: Session, actor: Actor, case: Case, move: SchoolMove) -> None:
    """Let a child go to another school or class; where it went before stays in the file.

    Raises what `begin` raises, Rejected("in_future") and Rejected("before_last_school") at "since",
    Rejected("same_school") at "school", or Rejected("why_moved") at "moved_reason".
    """
    begin(session, actor, case)
    check_past(move.since, "since")
    present = identity.present_schools(session, case.child_id)
    _check_move(present, move)
    for each in present:
        # The last day there; whoever came and went on one day was there on that day.
        each.until = max(each.since, move.since - timedelta(days=1))
        each.reason = move.reason
    if move.school_id is not None:
        session.add(
            ChildSchool(
                id=new_id(),
                child_id=case.child_id,
                school_id=move.school_id,
                class_name=move.class_name,
                since=move.since,
            )
        )
    same = bool(present) and present[0].school_id == move.school_id
    case.school_id = move.school_id
    session.flush()
    facts = {"school": move.school_id.hex if move.school_id else "", "class_only": same}
    at = moment_of(move.since)
    write_entry(
        session, actor, case, EntryKind.SCHOOL_CHANGED, text=move.reason, at=at, facts=facts
    )
    emit(session, actor, IdentityChanged(case.id))


def _check_move(present: list[ChildSchool], move: SchoolMove) -> None:
    if not present:
        # That a child goes to no school is worth a line as well, with its reason.
        if move.school_id is None and not move.reason:
            raise Rejected("why_moved", "moved_reason")
        return
    last = present[0]
    if move.since < last.since:
        raise Rejected("before_last_school", "since")
    if last.school_id != move.school_id and not move.reason:
        raise Rejected("why_moved", "moved_reason")
    if (last.school_id, last.class_name) == (move.school_id, move.class_name):
        raise Rejected("same_school", "school")


def add_guardian(session: Session, actor: Actor, case: Case, facts: GuardianFacts) -> Guardian:
    """Write down a parent or another adult who answers for the child; raises what `begin` does."""
    begin(session, actor, case)
    guardian = Guardian(id=new_id(), child_id=case.child_id, **asdict(facts))
    session.add(guardian)
    session.flush()
    _note(session, actor, case, "guardian_added", guardian.id)
    return guardian


def change_guardian(
    session: Session, actor: Actor, case: Case, guardian: Guardian, facts: GuardianFacts
) -> None:
    """Correct what is known of a guardian; raises what `begin` raises."""
    begin(session, actor, case)
    if _overwrite(guardian, asdict(facts)):
        _note(session, actor, case, "guardian_changed", guardian.id)


def end_guardian(session: Session, actor: Actor, case: Case, guardian: Guardian) -> None:
    """Note that somebody answers for the child no longer; raises what `begin` raises."""
    begin(session, actor, case)
    if guardian.ended_at is None:
        guardian.ended_at = clock.now()
        _note(session, actor, case, "guardian_ended", guardian.id)


def keep_out(session: Session, actor: Actor, case: Case, guardian: Guardian, reason: str) -> None:
    """Keep a guardian out of everything: the child may be in danger from them.

    Raises what `begin` raises.
    """
    begin(session, actor, case)
    if _overwrite(guardian, {"kept_out": True, "kept_out_reason": reason}):
        session.flush()
        _note(session, actor, case, "guardian_kept_out", guardian.id)
        emit(session, actor, GuardianKeptOut(case.id, guardian.id))


def let_in(session: Session, actor: Actor, case: Case, guardian: Guardian, reason: str) -> None:
    """Let a guardian be asked and told again; the timeline keeps why.

    Raises what `begin` raises.
    """
    begin(session, actor, case)
    if _overwrite(guardian, {"kept_out": False, "kept_out_reason": ""}):
        _note(session, actor, case, "guardian_let_in", guardian.id, text=reason)


def record_wishes(
    session: Session, actor: Actor, case: Case, best_interests: str, child_view: str
) -> None:
    """Write down what serves the child best and what it wants, as both stand now.

    The timeline keeps what stood there before. Raises what `begin` raises.
    """
    begin(session, actor, case)
    for name, words in (("best_interests", best_interests), ("child_view", child_view)):
        if _overwrite(case, {name: words}):
            _note(session, actor, case, name, text=words)


def record_abh(session: Session, actor: Actor, case: Case, words: str) -> None:
    """Mark a child as one in conflict with the law, and how; empty words take the mark back.

    Raises what `begin` raises.
    """
    begin(session, actor, case)
    if _overwrite(case, {"abh": words}):
        _note(session, actor, case, "abh" if words else "abh_ended", text=words)


def record_advice(
    session: Session, actor: Actor, case: Case, day: date, adviser: str, words: str
) -> None:
    """Write down what an adviser on the rights of children who were hurt said on a day.

    Raises what `begin` raises, or Rejected("in_future") at "adviser_on".
    """
    begin(session, actor, case)
    check_past(day, "adviser_on")
    text = identity.advice_text(adviser, words)
    if _overwrite(case, {"rights_adviser_on": day, "rights_advice": text}):
        _note(session, actor, case, "rights_adviser", text=text)


def correct_matter(
    session: Session, actor: Actor, case: Case, kinds: Iterable[str], urgency: str, reason: str
) -> None:
    """Put right which forms of violence a case is about, and how urgent it is.

    Rules about a form of violence hold, or hold no longer, from then on; raises what `begin` does.
    """
    begin(session, actor, case)
    if _overwrite(case, {"kinds": sorted(kinds), "urgency": urgency}):
        facts: dict[str, Any] = {"kinds": case.kinds, "urgency": case.urgency}
        _note(session, actor, case, "matter", text=reason, **facts)


def _overwrite(record: Any, values: dict[str, Any]) -> bool:
    """Put values into a record; say whether any of them is new."""
    new = {name: value for name, value in values.items() if getattr(record, name) != value}
    for name, value in new.items():
        setattr(record, name, value)
    return bool(new)


def _note(
    session: Session,
    actor: Actor,
    case: Case,
    what: str,
    record_id: UUID | None = None,
    text: str = "",
    **codes: Any,
) -> None:
    write_entry(
        session,
        actor,
        case,
        EntryKind.IDENTITY,
        text=text,
        facts={"what": what, **codes},
        record_id=record_id,
    )
    emit(session, actor, IdentityChanged(case.id))
