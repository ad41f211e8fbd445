"""What a provider is told: only the parts somebody chose, never who told the office of the child.

A referral keeps its packet as a JSON object: `chosen` (codes of the optional parts), `safety`
(words for the provider) and, once it is sent, `parts`: the texts as they were on that day.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.models import Assessment, Case, ChildSchool
from portal.cases.queries import files
from portal.cases.queries.identity import age_of
from portal.cases.states import Domain
from portal.core import clock
from portal.referrals.models import Referral
from portal.schools.models import School

ASSESSMENT = "assessment:"
# Whoever may not know who the child is reads a packet without these.
NAMING = frozenset({"called", "full_name", "guardian"})


@dataclass(frozen=True)
class Part:
    """One thing a provider reads; `code` says which."""

    code: str
    text: str


@dataclass(frozen=True)
class Packet:
    """What was chosen to be told; `parts` is None until the referral is sent."""

    chosen: tuple[str, ...] = ()
    safety: str = ""
    parts: tuple[Part, ...] | None = None

    def to_json(self) -> str:
        """Return it as a referral keeps it."""
        kept = {"chosen": list(self.chosen), "safety": self.safety}
        if self.parts is None:
            return json.dumps(kept)
        return json.dumps({**kept, "parts": [each.__dict__ for each in self.parts]})


def packet_of(referral: Referral) -> Packet:
    """Return what was chosen for a referral."""
    kept = json.loads(referral.packet or "{}")
    parts = kept.get("parts")
    return Packet(
        chosen=tuple(kept.get("chosen", ())),
        safety=kept.get("safety", ""),
        parts=None if parts is None else tuple(Part(**each) for each in parts),
    )


def offered(session: Session, case: Case) -> list[str]:
    """Return the codes of what could be told besides the least; none for what is not there."""
    codes = ["full_name"]
    if _guardian(session, case):
        codes.append("guardian")
    if case.school_id is not None:
        codes.append("school")
    return [*codes, *(f"{ASSESSMENT}{domain}" for domain in _newest(session, case))]


def preview(session: Session, case: Case, referral: Referral) -> tuple[Part, ...]:
    """Return what the provider reads: as it was sent, or as it would be sent now."""
    packet = packet_of(referral)
    return _compose(session, case, referral, packet) if packet.parts is None else packet.parts


def without_guardian(session: Session, case: Case, packet: Packet) -> Packet:
    """Return what was sent, of guardians only what would be told today as well."""
    today = _guardian(session, case)
    parts = packet.parts or ()
    rest = tuple(each for each in parts if each.code != "guardian" or each.text == today)
    return packet if rest == parts else replace(packet, parts=rest)


def _compose(session: Session, case: Case, referral: Referral, packet: Packet) -> tuple[Part, ...]:
    child = files.child_of(session, case)
    age = age_of(child.born, clock.today())
    texts = {
        "called": child.called,
        "age": str(age.years) if age else "",
        "help": referral.purpose,
        "full_name": child.full_name,
        "guardian": _guardian(session, case),
        "school": _school(session, case),
        **{f"{ASSESSMENT}{domain}": text for domain, text in _newest(session, case).items()},
        "safety": packet.safety,
    }
    told = {"called", "age", "help", "safety", *packet.chosen}
    return tuple(Part(code, text) for code, text in texts.items() if code in told and text)


def _guardian(session: Session, case: Case) -> str:
    """Return how to reach the first guardian who may know; nobody else is ever named."""
    for each in files.guardians_of(session, case.child_id):
        if not each.kept_out:
            return " · ".join(text for text in (each.label, each.phone, each.safe_contact) if text)
    return ""


def _school(session: Session, case: Case) -> str:
    if case.school_id is None:
        return ""
    attended = session.scalars(
        select(ChildSchool)
        .where(
            ChildSchool.child_id == case.child_id,
            ChildSchool.school_id == case.school_id,
            ChildSchool.until.is_(None),
        )
        .order_by(ChildSchool.since.desc())
    ).first()
    name = session.get_one(School, case.school_id).name
    return f"{name}, {attended.class_name}" if attended and attended.class_name else name


def _newest(session: Session, case: Case) -> dict[Domain, str]:
    """Return the newest findings of each domain that was assessed."""
    rows = session.scalars(
        select(Assessment)
        .where(Assessment.case_id == case.id)
        .order_by(Assessment.assessed_on, Assessment.id)
    )
    found = {Domain(each.domain): each.findings for each in rows}
    return {domain: found[domain] for domain in Domain if domain in found}
