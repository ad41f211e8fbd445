"""What a provider answers, by its link or on paper."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.cases.actions.file import lock, write_entry
from portal.cases.models import Case, CaseFile
from portal.cases.states import CaseState, EntryKind
from portal.core import clock, files
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.files import Checked, Store
from portal.referrals.actions.drafting import begin_with
from portal.referrals.actions.sending import end_links
from portal.referrals.actions.waiting import let_rest, note_answer_came
from portal.referrals.events import ReferralAnswered, ReferralMoved
from portal.referrals.models import Provider, Referral, ReferralAnswer
from portal.referrals.queries.links import find_opened
from portal.referrals.states import ANSWERED, AnswerKind

PAPERS = files.IMAGES | {files.PDF}
MOST_ANSWERS = 40
# Names of files tell people and makes of phones.
NEUTRAL_NAME = "jawaban"


@dataclass(frozen=True)
class Answer:
    """What a provider says, and who says it."""

    kind: AnswerKind
    given_by: str
    text: str = ""
    file: Checked | None = None


def answer(
    session: Session, store: Store, referral_id: str, browser: str | None, command: Answer
) -> Referral:
    """Take what a provider writes on its page, in the browser that opened the link.

    Raises Rejected("link_over") where that leads nowhere any more, Rejected("state_changed") where
    the provider goes on with the case by itself, and what `_record` raises.
    """
    found = find_opened(session, referral_id, browser)
    if found is None:
        raise Rejected("link_over")
    case = session.get_one(Case, found[1].case_id)
    lock(session, case)
    # It may have ended while this waited for the lock.
    found = find_opened(session, referral_id, browser)
    if found is None:
        raise Rejected("link_over")
    if case.state != CaseState.OPEN:
        raise Rejected("state_changed")
    _record(session, None, store, case, found[1], command)
    return found[1]


def note_answer(
    session: Session, actor: Actor, store: Store, case: Case, referral: Referral, command: Answer
) -> None:
    """Write down what came on paper or by phone.

    Raises what `file.begin` and `_record` raise.
    """
    begin_with(session, actor, case, referral)
    _record(session, actor, store, case, referral, command)


def mark_read(session: Session, actor: Actor, case: Case, referral: Referral) -> None:
    """Say that an answer was read; raises what `file.begin` raises."""
    begin_with(session, actor, case, referral)
    let_rest(session, referral)
    emit(session, actor, ReferralMoved(referral.id, "read"))


def _record(
    session: Session,
    actor: Actor | None,
    store: Store,
    case: Case,
    referral: Referral,
    command: Answer,
) -> None:
    """Raises Rejected("answer_words"), ("enough_answers"), ("state_changed"), or as files do."""
    if command.kind is not AnswerKind.ACCEPTED and not command.text and command.file is None:
        raise Rejected("answer_words", "text")
    if _count(session, referral) >= MOST_ANSWERS:
        raise Rejected("enough_answers")
    referral.follow(*ANSWERED[command.kind])
    kept = None
    if command.file is not None:
        by = actor.user_id if actor else None
        kept = files.keep(session, store, NEUTRAL_NAME, command.file, PAPERS, by)
    written = ReferralAnswer(
        id=new_id(),
        referral_id=referral.id,
        kind=command.kind,
        text=command.text,
        given_by=command.given_by,
        file_id=kept.id if kept else None,
        recorded_by=actor.user_id if actor else None,
        answered_at=clock.now(),
    )
    session.add(written)
    if kept is not None:
        paper = CaseFile(case_id=case.id, file_id=kept.id, about="referral", record_id=referral.id)
        session.add(paper)
    _go_on(session, actor, case, referral, command.kind)


def _go_on(
    session: Session, actor: Actor | None, case: Case, referral: Referral, kind: AnswerKind
) -> None:
    """Let the case manager hear of an answer; a refusal ends the provider's access."""
    referral.answered_at = clock.now()
    session.flush()
    if kind is AnswerKind.REFUSED:
        end_links(session, referral)
    note_answer_came(session, case, referral)
    facts = {"number": referral.number, "answer": str(kind)}
    if kind is AnswerKind.ACCEPTED:
        facts["provider_kind"] = str(session.get_one(Provider, referral.provider_id).kind)
    write_entry(session, actor, case, EntryKind.REFERRAL, facts=facts, record_id=referral.id)
    emit(session, actor, ReferralAnswered(referral.id, kind, on_paper=actor is not None))


def _count(session: Session, referral: Referral) -> int:
    count = select(func.count()).where(ReferralAnswer.referral_id == referral.id)
    return session.scalar(count) or 0
