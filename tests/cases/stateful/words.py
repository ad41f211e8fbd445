"""What is decided about a case: plans, closures, transfers; going on with one; looking back."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from portal.cases.actions import closing, deciding, planning, sentinels
from portal.cases.models import Case, Decision, Sentinel
from portal.cases.models import Plan as PlanRow
from portal.cases.states import CaseOutcome, Cause, Stage, Wellbeing
from portal.core.access import Actor
from tests.cases.stateful.book import (
    COORDINATOR,
    EARLY,
    HEAD,
    LAST_STAGE,
    TAKEN_ON,
    UNDER_WAY,
    WORKER,
    Book,
    Look,
    Plan,
    Referral,
    Word,
)
from tests.cases.stateful.doing import REASONS, By, Doing

# What a decision about a plan or a referral makes of it.
FOLLOWS = {
    ("plan", "approved"): "approved",
    ("plan", "returned"): "draft",
    ("plan", "withdrawn"): "draft",
    ("referral", "approved"): "approved",
    ("referral", "returned"): "draft",
    ("referral", "withdrawn"): "draft",
}
LOOK_BACK_MONTHS = (3, 6)


def months_later(day: date, months: int) -> date:
    """Return the same day of a later month, or its last one."""
    year, month = day.year + (day.month + months - 1) // 12, (day.month + months - 1) % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


class Words(Doing):
    """Decisions, and what follows from them."""

    def submit(self, by: By, book: Book) -> None:
        """Send the newest plan for approval."""
        newest = book.newest
        may = newest is not None and newest.state == "draft" and bool(newest.goals)
        made: list[Decision] = []

        def act(session: Session, actor: Actor, case: Case) -> None:
            plan = session.get_one(PlanRow, newest.id if newest else UUID(int=0))
            words = planning.PlanWords("Tetap bersekolah", "Mau ditemani", plan.review_on)
            planning.write_plan(session, actor, case, plan, words)
            made.append(planning.submit(session, actor, case, plan, "Sebab"))

        if newest and self._goes_on(by, book, act, may=may):
            newest.state = "submitted"
            book.words.append(Word(made[0].id, "plan", by.name, newest.id))

    def _goes_on(
        self, by: By, book: Book, act: Callable[[Session, Actor, Case], None], *, may: bool = True
    ) -> bool:
        return self.on_page(by, book, may and self.ledger.goes_on(by.name, book), act)

    def propose_closure(self, by: By, book: Book, outcome: str) -> None:
        """Ask whether the case may be closed."""
        whole = book.now.stage == LAST_STAGE and book.missing() <= {"closure_approved"}
        early = outcome in EARLY or whole
        may = early and outcome != "other_body" and not book.waiting("closure")
        made: list[Decision] = []

        def act(session: Session, actor: Actor, case: Case) -> None:
            ending = CaseOutcome(outcome)
            made.append(closing.propose_closure(session, actor, case, ending, REASONS))

        if self._goes_on(by, book, act, may=may):
            book.words.append(Word(made[0].id, "closure", by.name, outcome=outcome))

    def propose_transfer(self, by: By, book: Book) -> None:
        """Ask whether another body may go on."""
        made: list[Decision] = []

        def act(session: Session, actor: Actor, case: Case) -> None:
            made.append(closing.propose_transfer(session, actor, case, REASONS))

        if self._goes_on(by, book, act, may=not book.waiting("transfer")):
            book.words.append(Word(made[0].id, "transfer", by.name, outcome="other_body"))

    def judge(self, by: By, book: Book, word: Word, *, agrees: bool) -> None:
        """Give one's word on a decision."""
        may = book.state == "open" and self.ledger.decides(by.name, book, word)
        if agrees and word.kind == "transfer" and word.record:
            # Only a provider that still helps can go on with it.
            may = may and any(r.id == word.record and r.state in TAKEN_ON for r in book.referrals)
        verb = deciding.approve if agrees else deciding.send_back

        def act(session: Session, actor: Actor, case: Case) -> None:
            verb(session, actor, case, session.get_one(Decision, word.id), "Jawaban")

        if self.on_page(by, book, may, act):
            word.state, word.decider = "approved" if agrees else "returned", by.name
            self._follow(book, word)
            if agrees and word.kind in {"closure", "transfer"}:
                self._end(book, word)

    def withdraw(self, by: By, book: Book, word: Word) -> None:
        """Take a proposal back."""

        def act(session: Session, actor: Actor, case: Case) -> None:
            deciding.withdraw(session, actor, case, session.get_one(Decision, word.id))

        if self._goes_on(by, book, act, may=word.state == "proposed"):
            self._take_back(book, word)

    def _take_back(self, book: Book, word: Word) -> None:
        word.state = "withdrawn"
        self._follow(book, word)

    def _follow(self, book: Book, word: Word) -> None:
        if (word.kind, word.state) not in FOLLOWS:
            return
        about: list[Plan | Referral] = [*book.plans, *book.referrals]
        record = next(each for each in about if each.id == word.record)
        if (word.kind, word.state) == ("plan", "approved") and book.in_force:
            book.in_force.state = "replaced"
        record.state = FOLLOWS[word.kind, word.state]
        if isinstance(record, Plan) and word.state == "approved":
            record.approved_on = self.acted_on

    def _end(self, book: Book, word: Word) -> None:
        """Nothing of a case that ends stays under way."""
        for each in book.words:
            if each.state == "proposed":
                self._take_back(book, each)
        handed_over = word.kind == "transfer"
        # The word that ends it is the last thing the last stage asks for.
        whole = book.now.stage == LAST_STAGE and book.missing() <= {"closure_approved"}
        book.now.fate = "signed" if whole else "left"
        book.state = "transferred" if handed_over else "closed"
        for name in sorted(book.hands):
            if handed_over or name != book.manager:
                book.release(name)
        for referral in book.referrals:
            stays = handed_over and referral.id == word.record and referral.state in TAKEN_ON
            if referral.state in UNDER_WAY and not stays:
                referral.stop("ended" if referral.state in TAKEN_ON else "cancelled")
        if not handed_over and word.outcome != "duplicate":
            self._learn_looks(book)

    def _learn_looks(self, book: Book) -> None:
        """Learn the ids of the looks back that were set just now; their days are known."""
        known = {each.id for each in book.looks}
        rows = [
            each
            for each in self.rows(Sentinel, Sentinel.case_id == book.id)
            if each.id not in known
        ]
        ahead = [months_later(self.acted_on, each) for each in LOOK_BACK_MONTHS]
        assert sorted(each.due_on for each in rows) == ahead
        book.looks += [Look(each.id, each.due_on) for each in rows]

    def reopen(self, by: By, book: Book, cause: str, stage: int | None) -> None:
        """Go on with a case that ended."""
        role = self.ledger.roles[by.name]
        may = (
            (role in (COORDINATOR, HEAD) or (role == WORKER and book.manager == by.name))
            and by.name not in book.kept_away
            and book.state != "open"
            and not any(
                each.child == book.child and each.state == "open" for each in self.ledger.books
            )
            and (stage or 0) <= book.now.stage
        )
        chosen = list(Stage)[stage - 1] if stage else None
        command = closing.Reopening(Cause(cause), REASONS, chosen)
        if not self.by_number(by, book, may, lambda s, a, c: closing.reopen(s, a, c, command)):
            return
        book.state = "open"
        for look in book.looks:
            look.state = "cancelled" if look.state == "coming" else look.state
        if cause == "relapse":
            book.since = self.acted_on
        usual = 3 if cause == "relapse" else book.now.stage
        book.enter(stage or min(usual, book.now.stage), self.acted_on)
        last = book.managers[-1] if book.managers else None
        if book.manager is None and last and self.ledger.can_manage(last, book):
            book.hand_to(last)

    def look_back(self, by: By, book: Book, look: Look) -> None:
        """Write how the child was found."""
        watches = self.ledger.roles[by.name] in (COORDINATOR, HEAD)
        may = (
            (watches or self.ledger.works(by.name, book))
            and by.name not in book.kept_away
            and book.state == "closed"
            and look.state == "coming"
            and look.due <= self.today
        )

        def act(session: Session, actor: Actor, case: Case) -> None:
            found = session.get_one(Sentinel, look.id)
            sentinels.look_back(session, actor, case, found, Wellbeing.WELL, "Baik")

        if self.on_page(by, book, may, act):
            look.state = "done"
