"""Compares what the database holds with what ought to be true, after every step of a walk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from portal.cases import policy
from portal.cases.models import (
    Case,
    CaseAssignment,
    CaseStage,
    CaseTask,
    Decision,
    Plan,
    Sentinel,
    Service,
)
from portal.cases.states import Stage
from portal.core import audit
from portal.core.duties import Duty
from portal.referrals.models import Referral
from portal.referrals.queries import links
from tests.cases.stateful.book import APPROVERS, HEAD, TAKEN_ON, UNDER_WAY, WITH_PROVIDER, Book
from tests.cases.stateful.doing import Doing

BROWSERS = ("telepon", "komputer")
RANKS = {str(stage): rank for rank, stage in enumerate(Stage, 1)}
APPROVE = {f"approve_{kind}": kind for kind in APPROVERS}


def check(walk: Doing) -> None:
    """Compare everything."""
    with walk.database.reader() as session:
        _check_sight(session, walk)
        _check_cases(session, walk)
        _check_records(session, walk)
        _check_duties(session, walk)
        _check_providers(session, walk)


def _check_sight(session: Session, walk: Doing) -> None:
    """Everybody knows of, opens, changes and knows by name exactly what they ought to."""
    ledger, now = walk.ledger, walk.now
    for name in ledger.roles:
        actor = walk.actor(session, name)
        may = (policy.listed_to, policy.open_to, policy.worked_on_by, policy.named_to)
        answers = (case((each(actor), 1), else_=0).label(each.__name__) for each in may)
        rows = session.execute(select(Case.id, *answers))
        seen = {row[0]: tuple(bool(each) for each in row[1:]) for row in rows}
        ought = {
            book.id: (
                ledger.lists(name, book),
                ledger.opens(name, book, now),
                ledger.works(name, book),
                ledger.names(name, book, now),
            )
            for book in ledger.books
        }
        assert seen == ought, f"{name} sees {seen}"


def _check_cases(session: Session, walk: Doing) -> None:
    """State, stages and workers are as they ought to be; one stage is under way, or none."""
    rows = {each.id: each for each in session.scalars(select(Case))}
    waiting = session.execute(
        select(CaseTask.case_id, CaseTask.due_on).filter_by(done_at=None)
    ).all()
    held = session.scalars(select(CaseAssignment).where(CaseAssignment.ended_at.is_(None))).all()
    walked = session.scalars(select(CaseStage).order_by(CaseStage.began_at, CaseStage.id)).all()
    assert set(rows) == {book.id for book in walk.ledger.books}
    for book in walk.ledger.books:
        row = rows[book.id]
        manager = walk.names[row.manager_id] if row.manager_id else None
        assert (row.state, manager) == (book.state, book.manager)
        theirs = [(walk.names[each.user_id], each.part) for each in held if each.case_id == row.id]
        ought = [(each, "colleague") for each in book.colleagues]
        ought += [(book.manager, "manager")] if book.manager else []
        assert Counter(theirs) == Counter(ought)
        assert (row.closed_on is None) == (row.outcome is None) == (book.state == "open")
        due = [day for case_id, day in waiting if case_id == row.id]
        due += [row.stage_due_on] if row.stage_due_on else []
        assert row.due_on == min(due, default=None)
        _check_passages(book, row, [each for each in walked if each.case_id == row.id])


def _fate(passage: CaseStage) -> str:
    if passage.ended_at is None:
        return "now"
    return "skipped" if passage.skipped else "left" if passage.broken_off else "signed"


def _check_passages(book: Book, row: Case, walked: list[CaseStage]) -> None:
    found = [(RANKS[each.stage], _fate(each)) for each in walked]
    assert found == [(each.stage, each.fate) for each in book.passages]
    under_way = [stage for stage, fate in found if fate == "now"]
    assert under_way == ([RANKS[row.stage]] if book.state == "open" else [])
    for (stage, fate), (follower, _fate_after) in pairwise(found):
        forward = fate in {"signed", "skipped"} and stage < len(RANKS)
        # Onwards one at a time; a closed case, or one that went back, may begin anywhere.
        assert follower == stage + 1 if forward else fate != "now"
    assert all(each.signed_by for each in walked if each.ended_at)


def _check_records(session: Session, walk: Doing) -> None:
    """Plans, decisions, referrals and looks back are as far as they ought to be."""

    def states(model: Any, *conditions: Any) -> dict[Any, str]:
        return dict(session.execute(select(model.id, model.state).where(*conditions)).all())

    books = walk.ledger.books
    assert states(Plan) == {p.id: p.state for book in books for p in book.plans}
    assert states(Referral) == {r.id: r.state for book in books for r in book.referrals}
    words = {word.id: word for book in books for word in book.words}
    rows = session.scalars(select(Decision).where(Decision.kind.in_(APPROVERS))).all()
    assert {each.id for each in rows} == set(words)
    for row in rows:
        word = words[row.id]
        assert (row.kind, row.state, walk.names[row.proposed_by]) == (
            word.kind,
            word.state,
            word.by,
        )
        if word.decider:
            assert (row.decided_by, word.decider != word.by) == (
                walk.ledger.ids[word.decider],
                True,
            )
    looks = {
        each.id: "done" if each.done_at else "cancelled" if each.cancelled_at else "coming"
        for each in session.scalars(select(Sentinel))
    }
    assert looks == {each.id: each.state for book in books for each in book.looks}


def _check_duties(session: Session, walk: Doing) -> None:
    """What waits, waits for somebody who can do it; of a case that ended, only the next look."""
    waiting = session.scalars(select(Duty).where(Duty.closed_at.is_(None))).all()
    tasks = session.scalars(select(CaseTask).where(CaseTask.done_at.is_(None))).all()
    planned = list(session.scalars(select(Service.case_id).where(Service.state == "planned")))
    referrals = {r.id: book for book in walk.ledger.books for r in book.referrals}
    of_tasks = {task.id: task.case_id for task in tasks}
    for book in walk.ledger.books:
        mine = [each for each in waiting if each.subject_id == book.id]
        nearby = [
            each
            for each in waiting
            if of_tasks.get(each.subject_id) == book.id or referrals.get(each.subject_id) is book
        ]
        theirs = [task for task in tasks if task.case_id == book.id]
        if book.state == "open":
            _check_open(walk, book, mine)
            _check_tasks(walk, book, theirs, nearby)
            continue
        coming = book.state == "closed" and any(each.state == "coming" for each in book.looks)
        assert [each.kind for each in mine] == ["case_sentinel"] * coming
        assert not theirs
        assert not nearby
        assert book.id not in planned
        assert not any(each.state == "proposed" for each in book.words)
        left = [each for each in book.referrals if each.state in UNDER_WAY]
        kept = book.state == "transferred"
        assert all(kept and each.whole and each.state in TAKEN_ON for each in left)


def _check_open(walk: Doing, book: Book, mine: Iterable[Duty]) -> None:
    kinds = Counter(each.kind for each in mine)
    asked = {each.person_id: each for each in mine if each.kind == "case_stage"}
    manager = walk.ledger.ids[book.manager] if book.manager else None
    assert list(asked) == [manager]
    assert kinds["case_stage"] == 1
    assert kinds["take_case"] == (book.manager is None)
    assert kinds["case_sentinel"] == 0
    proposed = {word.kind for word in book.words if word.state == "proposed"}
    assert {APPROVE[kind] for kind in kinds if kind in APPROVE} == proposed
    asked_heads = [each.kind for each in mine if each.role == HEAD and not each.person_id]
    book.handed_on = {APPROVE[kind] for kind in asked_heads if kind in APPROVE}
    for duty in mine:
        name = walk.names[duty.person_id] if duty.person_id else None
        if name is None or walk.ledger.roles[name] is None:
            continue
        if duty.kind in APPROVE:
            words = book.waiting(APPROVE[duty.kind])
            assert any(walk.ledger.fit(name, book, word) for word in words)
        else:
            assert name in book.hands, f"{duty.kind} waits for {name}"


def _check_tasks(walk: Doing, book: Book, tasks: list[CaseTask], nearby: list[Duty]) -> None:
    for task in tasks:
        asked = [each.person_id for each in nearby if each.subject_id == task.id]
        person = walk.names[task.person_id]
        assert asked == ([task.person_id] if person in book.hands else [])
        assert person in book.hands or book.manager is None


def _check_providers(session: Session, walk: Doing) -> None:
    """A link opens what is with its provider, in its browser, until its time is over."""
    for book in walk.ledger.books:
        for referral in book.referrals:
            for link in referral.links:
                leads = referral.leads(link, walk.now)
                assert (links.find_link(session, link.token) is not None) == leads
                assert not leads or referral.state in WITH_PROVIDER
            for browser in BROWSERS:
                found = links.find_opened(session, referral.public_id, browser)
                ought = [
                    each
                    for each in referral.links
                    if each.browser == browser and referral.leads(each, walk.now)
                ]
                assert (found is not None) == bool(ought)


def check_history(walk: Doing) -> None:
    """The trail holds, and nobody ever agreed to their own proposal or about their own case."""
    with walk.database.reader() as session:
        assert audit.verify(session) is None
        own = select(Decision.id).where(
            Decision.state.in_(("approved", "returned")),
            or_(
                Decision.decided_by == Decision.proposed_by,
                select(CaseAssignment.id)
                .where(
                    CaseAssignment.case_id == Decision.case_id,
                    CaseAssignment.user_id == Decision.decided_by,
                    CaseAssignment.since <= Decision.decided_at,
                    or_(
                        CaseAssignment.ended_at.is_(None),
                        CaseAssignment.ended_at > Decision.decided_at,
                    ),
                )
                .exists(),
            ),
        )
        assert list(session.scalars(own)) == []
