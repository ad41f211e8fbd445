"""Answering what a teacher sent: every form gets words that any colleague there may see."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions.file import lock, write_entry
from portal.cases.actions.tasks import add_automatic
from portal.cases.models import Case
from portal.cases.queries import files
from portal.cases.queries.tasks import CALL_SCHOOL
from portal.cases.states import CaseState, EntryKind
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.monitoring.actions.waiting import close_answer
from portal.monitoring.events import ReplyWritten
from portal.monitoring.models import FollowUp, MonitoringForm, Reply, ReplyText
from portal.monitoring.queries import inbox
from portal.monitoring.queries.forms import answers_of
from portal.people.models import User

MOST_LETTERS = 400
# Shorter parts of a name are words of their own in too many sentences.
LEAST_LETTERS = 3
WORD = re.compile(r"[^\W\d_]+")


def reply_ready(
    session: Session, actor: Actor, form: MonitoringForm, code: str, *, read: int | None = None
) -> Reply:
    """Answer a form with a ready text, in the language of the teacher who sent it.

    One that announces a call also sets a task to call. Raises what `reply` raises, or
    Rejected("reply_text_gone") for a text the office no longer offers.
    """
    ready = session.scalar(select(ReplyText).where(ReplyText.code == code, ReplyText.active))
    if ready is None:
        raise Rejected("reply_text_gone")
    case = _begin(session, actor, form, read)
    teacher = session.get_one(User, form.sent_by)
    text = ready.text_en if teacher.language == "en" else ready.text_id
    answer = _write(session, actor, case, form, text, code)
    if ready.asks_call and case.state == CaseState.OPEN:
        due_on = clock.add_working_days(clock.today(), 1)
        add_automatic(session, case, CALL_SCHOOL, due_on, case.manager_id or actor.user_id)
    return answer


def reply(
    session: Session, actor: Actor, form: MonitoringForm, text: str, *, read: int | None = None
) -> Reply:
    """Answer a form in one's own words; `read` is the number of the version they are about.

    Raises Rejected("not_allowed") for whoever does not work on the case, Rejected("form_answered")
    when a colleague was faster, Rejected("form_newer") for another version than the newest, and at
    "text" Rejected("reply_words") without any, or Rejected("reply_unsafe") where they name the
    child.
    """
    case = _begin(session, actor, form, read)
    if not text:
        raise Rejected("reply_words", "text")
    if names_child(session, case, session.get_one(FollowUp, form.follow_up_id), text):
        raise Rejected("reply_unsafe", "text")
    return _write(session, actor, case, form, text, "")


def names_child(session: Session, case: Case, follow_up: FollowUp, text: str) -> bool:
    """Say whether words meant for a staff room name the child: a part of its name, its initials."""
    child = files.child_of(session, case)
    known = WORD.findall(f"{child.full_name} {child.called}".casefold())
    parts = {each for each in known if len(each) >= LEAST_LETTERS}
    # In capitals alone: "ia" and "di" are words; "I.A.", "DI" and "i.a." are not.
    letters = [each for each in follow_up.initials.upper() if each.isalpha()]
    close, dotted = r"\W{0,2}".join(letters), r"\. ?".join(letters)
    written = re.search(rf"\b{close}\b", text) or re.search(rf"(?i)\b{dotted}\.", text)
    if len(letters) > 1 and written:
        return True
    return not parts.isdisjoint(WORD.findall(text.casefold()))


def _begin(session: Session, actor: Actor, form: MonitoringForm, read: int | None) -> Case:
    """Lock the case, also a closed one: a form that comes months later is answered as well."""
    follow_up = session.get_one(FollowUp, form.follow_up_id)
    case = session.get_one(Case, follow_up.case_id)
    lock(session, case)
    if not files.works_on(session, actor, case.id):
        raise Rejected("not_allowed")
    if not inbox.waits(session, form.id):
        raise Rejected("form_answered")
    if read is not None and read != answers_of(session, form.id)[-1].number:
        raise Rejected("form_newer")
    return case


def _write(
    session: Session, actor: Actor, case: Case, form: MonitoringForm, text: str, code: str
) -> Reply:
    answer = Reply(
        id=new_id(),
        form_id=form.id,
        code=code,
        text=text,
        written_by=actor.user_id,
        written_at=clock.now(),
    )
    session.add(answer)
    form.answered_at = form.answered_at or answer.written_at
    close_answer(session, case, form)
    facts = {"step": "answered", "form": form.number}
    write_entry(session, actor, case, EntryKind.MONITORING, facts=facts, record_id=form.id)
    emit(session, actor, ReplyWritten(form.id))
    return answer
