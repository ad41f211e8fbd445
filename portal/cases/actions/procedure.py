"""The procedure as the office changes it: a draft is edited, and once published stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.events import ProcedureChanged
from portal.cases.models import SopVersion
from portal.cases.queries.evidence import CLOSURE_APPROVED, KNOWN
from portal.cases.states import Stage
from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit


@dataclass(frozen=True)
class Line:
    """One item of a checklist: shown by a kind of evidence, or (empty) ticked by hand."""

    text_id: str
    text_en: str
    evidence: str = ""
    required: bool = True
    # What a ticked item is called so far; empty for a new one.
    code: str = ""


@dataclass(frozen=True)
class StageRules:
    """What an edition says about one stage; its items in their order."""

    days: int
    prompt_id: str
    prompt_en: str
    items: tuple[Line, ...]


def draft(session: Session, actor: Actor, source: SopVersion) -> SopVersion:
    """Begin a new edition as a copy; raises Rejected("draft_exists") while there is a draft."""
    _check_permission(actor)
    # Locked together, so that two people do not number two drafts alike.
    known = session.scalars(select(SopVersion).order_by(SopVersion.number).with_for_update()).all()
    drafts = select(SopVersion.number).where(SopVersion.valid_from.is_(None))
    if session.scalars(drafts).first() is not None:
        raise Rejected("draft_exists")
    edition = SopVersion(
        id=new_id(),
        number=known[-1].number + 1,
        title=source.title,
        source=source.source,
        stages=deepcopy(source.stages),
        made_by=actor.user_id,
        made_at=clock.now(),
    )
    session.add(edition)
    _tell(session, actor, edition, "drafted")
    return edition


def rename(session: Session, actor: Actor, edition: SopVersion, title: str, source: str) -> None:
    """Change a draft's title and where it comes from; raises what `_begin` raises."""
    _begin(session, actor, edition)
    edition.title, edition.source = title, source
    _tell(session, actor, edition, "named")


def edit_stage(
    session: Session, actor: Actor, edition: SopVersion, stage: Stage, rules: StageRules
) -> None:
    """Change what a draft says about one stage.

    Raises Rejected("unknown_evidence"), Rejected("item_twice"), Rejected("stage_needs_item"),
    Rejected("closure_stays"), and what `_begin` raises.
    """
    _begin(session, actor, edition)
    stages = deepcopy(edition.stages)
    before = stages[stage.rank - 1]
    stages[stage.rank - 1] = {
        "stage": str(stage),
        "days": rules.days,
        "prompt": {"id": rules.prompt_id, "en": rules.prompt_en},
        "items": _items(rules.items, before["items"], _codes(stages)),
    }
    _check(stages)
    edition.stages = stages
    _tell(session, actor, edition, "edited")


def publish(session: Session, actor: Actor, edition: SopVersion, day: date) -> None:
    """Let cases opened from a day on follow a draft, which nobody changes any more.

    Raises Rejected("day_over") for a day of the past, what `edit_stage` raises about the stages,
    and what `_begin` raises.
    """
    _begin(session, actor, edition)
    if day < clock.today():
        raise Rejected("day_over", "valid_from")
    _check(edition.stages)
    edition.valid_from, edition.published_by = day, actor.user_id
    _tell(session, actor, edition, "published")


def discard(session: Session, actor: Actor, edition: SopVersion) -> None:
    """Delete a draft; raises what `_begin` raises."""
    _begin(session, actor, edition)
    _tell(session, actor, edition, "discarded")
    session.delete(edition)


def _begin(session: Session, actor: Actor, edition: SopVersion) -> None:
    """Lock a draft; raises Rejected("not_allowed") or Rejected("edition_published")."""
    _check_permission(actor)
    session.refresh(edition, with_for_update=True)
    if edition.valid_from is not None:
        raise Rejected("edition_published")


def _check_permission(actor: Actor) -> None:
    if not actor.may(Permission.SOP_WRITE):
        raise Rejected("not_allowed")


def _codes(stages: Sequence[dict[str, Any]]) -> list[str]:
    return [item["code"] for stage in stages for item in stage["items"]]


def _items(
    lines: Sequence[Line], before: Sequence[dict[str, Any]], known: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the items of a stage; ticked ones keep their code, new ones get one of their own."""
    ticked = {each["code"] for each in before if not each["evidence"]}
    fresh = (code for code in (f"item_{number}" for number in count(1)) if code not in known)
    return [
        {
            "code": each.evidence or (each.code if each.code in ticked else next(fresh)),
            "evidence": bool(each.evidence),
            "required": each.required,
            "id": each.text_id,
            "en": each.text_en,
        }
        for each in lines
    ]


def _check(stages: Sequence[dict[str, Any]]) -> None:
    """Raises Rejected when an edition could not be lived by; see `edit_stage`."""
    if any(
        item["evidence"] and item["code"] not in KNOWN for each in stages for item in each["items"]
    ):
        raise Rejected("unknown_evidence")
    codes = _codes(stages)
    if len(set(codes)) < len(codes):
        raise Rejected("item_twice")
    if any(not any(item["required"] for item in each["items"]) for each in stages):
        raise Rejected("stage_needs_item")
    last = stages[Stage.TERMINATION.rank - 1]["items"]
    # Without it nothing would ever end the last stage.
    if not any(item["code"] == CLOSURE_APPROVED and item["required"] for item in last):
        raise Rejected("closure_stays")


def _tell(session: Session, actor: Actor, edition: SopVersion, step: str) -> None:
    emit(session, actor, ProcedureChanged(edition.id, edition.number, step))
