"""Steps of a walk: what is written, asked, ticked and signed."""

from __future__ import annotations

from collections.abc import Callable

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule

from tests.cases.stateful.book import ALL_TICKS, DOMAINS, LAST_STAGE, TICKED
from tests.cases.stateful.doing import By
from tests.cases.stateful.machine import (
    PEOPLE,
    Machine,
    mostly,
    pick,
    who,
)


class WorkSteps(Machine):
    """What whoever works on a case does, or somebody else tries to."""

    @rule(
        by=who,
        which=pick,
        deed=st.sampled_from(
            ("identity", "contact", "assess", "need", "plan", "suggest", "serve", "task", "turn")
        ),
        what=pick,
        on=mostly,
    )
    def something_is_written(self, by: By, which: int, deed: str, what: int, on: bool) -> None:
        book, office = self.book(which, "open"), self.office
        by = self.worker(by, book)
        goals = [goal for plan in book.plans for goal in plan.goals]
        if deed == "turn" and book.needs:
            office.turn_need(by, book, self.one(list(book.needs), what))
            return
        deeds: dict[str, Callable[[], None]] = {
            "identity": lambda: office.write_identity(by, book),
            "contact": lambda: office.contact(by, book, reached=on),
            "assess": lambda: office.assess(by, book, self.one(DOMAINS, what), what % 3),
            "plan": lambda: office.begin_plan(by, book),
            "suggest": lambda: office.suggest(by, book),
            "serve": lambda: office.serve(by, book, self.one(goals, what) if goals else None),
            "task": lambda: office.plan_ahead(by, book, by.name if on else self.one(PEOPLE, what)),
        }
        deeds.get(deed, lambda: office.add_need(by, book))()

    @precondition(lambda self: any(each.plans for each in self.ledger.books))
    @rule(
        by=who,
        which=pick,
        progress=st.sampled_from(("open", "partly", "reached", "dropped")),
    )
    def a_goal_is_reviewed(self, by: By, which: int, progress: str) -> None:
        every = [
            (book, goal) for book in self.ledger.books for plan in book.plans for goal in plan.goals
        ]
        if every:
            book, goal = self.one(every[::-1], which)
            self.office.review(self.worker(by, book), book, goal, progress)

    @rule(
        by=who,
        which=pick,
        about=st.sampled_from(("services", "referral", "referral")),
        answer=st.sampled_from(("given", "given", "refused", "withdrawn", "not_asked")),
    )
    def somebody_is_asked(self, by: By, which: int, about: str, answer: str) -> None:
        book = self.book(which, "open")
        self.office.consent(self.worker(by, book), book, about, answer)

    @rule(by=who, which=pick, code=st.sampled_from(ALL_TICKS), on=st.booleans(), fresh=mostly)
    def an_item_is_ticked(self, by: By, which: int, code: str, on: bool, fresh: bool) -> None:
        book = self.book(which, "open")
        code = self.one(TICKED.get(book.now.stage, (code,)), which) if fresh else code
        self.office.tick(self.worker(by, book), book, code, on=on, fresh=fresh or on)

    @rule(which=pick)
    def a_stage_is_pressed_on(self, which: int) -> None:
        self.office.press_on(self.book(which, "open"))

    @rule(by=who, which=pick, fresh=mostly)
    def a_stage_is_signed(self, by: By, which: int, fresh: bool) -> None:
        book = self.book(which, "open")
        self.office.sign(self.worker(by, book), book, fresh=fresh)

    @rule(by=who, which=pick, to=st.integers(1, LAST_STAGE), skips=st.booleans(), fresh=mostly)
    def a_stage_is_skipped_or_begun_again(
        self, by: By, which: int, to: int, skips: bool, fresh: bool
    ) -> None:
        book = self.book(which, "open")
        by = self.worker(by, book)
        if skips:
            self.office.skip(by, book, fresh=fresh)
        else:
            self.office.go_back(by, book, to, fresh=fresh)
