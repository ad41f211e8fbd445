"""The machine: people of one office do things with cases in any order, and the clock runs on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from typing import TypeVar

import hypothesis.strategies as st
import time_machine
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.cases.stateful.checks import BROWSERS, check, check_history
from tests.cases.stateful.doing import By
from tests.cases.stateful.ledger import ALL_TICKS, DOMAINS, LAST_STAGE, TICKED, Book
from tests.cases.stateful.office import Office
from tests.cases.stateful.sending import ANSWERS
from tests.cases.stateful.town import CHILDREN, USUAL, Town
from tests.conftest import LENT

T = TypeVar("T")
PEOPLE = tuple(USUAL)
WORKERS = tuple(name for name in PEOPLE if name.startswith(("worker", "coordinator")))
MOST_BOOKS = 6
# Somebody proper mostly does it; others try, some of them on a page that stood open from before,
# above all whoever was kept away meanwhile.
PROPER, KEPT_AWAY = "proper", "kept-away"
who = st.one_of(
    st.just(By(PROPER)),
    st.just(By(PROPER)),
    st.builds(By, st.sampled_from((KEPT_AWAY, *PEOPLE)), st.booleans()),
)
anybody = st.sampled_from(PEOPLE)
somebody_fit = st.sampled_from((*WORKERS * 4, *PEOPLE))
pick = st.integers(0, 30)
mostly = st.sampled_from((True,) * 7 + (False,))
LONG = (
    timedelta(minutes=20),
    timedelta(minutes=59, seconds=50),
    timedelta(hours=1),
    timedelta(days=1),
    timedelta(days=14),
    timedelta(days=15),
    timedelta(days=95),
)


class Walk(RuleBasedStateMachine):
    """One walk from the same beginning."""

    town: Town

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        url = self.open.enter_context(self.town.copy())
        database = self.open.enter_context(LENT["test"].lend(url))
        clock = self.open.enter_context(time_machine.travel(self.town.now, tick=False))
        self.office = Office(database, self.town.account(), clock)
        self.ledger = self.office.ledger

    def teardown(self) -> None:
        try:
            check_history(self.office)
        finally:
            self.open.close()

    @invariant()
    def everything_is_as_it_ought_to_be(self) -> None:
        # What was refused left no trace: nothing to compare.
        if self.office.stirred:
            check(self.office)
            self.office.stirred = False

    def book(self, number: int, state: str | None = None) -> Book:
        """Return one of the cases, if possible one in a state."""
        fitting = [each for each in self.ledger.books if state in {None, each.state}]
        return self.one(fitting or self.ledger.books, number)

    @staticmethod
    def one(rows: Sequence[T], number: int) -> T:
        """Return one of some things."""
        return rows[number % len(rows)]

    def worker(self, by: By, book: Book) -> By:
        """Return who writes into a case."""
        if by.name == KEPT_AWAY and book.kept_away:
            return By(min(book.kept_away), late=True)
        return self.office.hand(book) if by.name in {PROPER, KEPT_AWAY} else by

    def watcher(self, by: By, book: Book) -> By:
        """Return who watches over a case."""
        if by.name == KEPT_AWAY and book.kept_away:
            return By(min(book.kept_away), late=True)
        if by.name not in {PROPER, KEPT_AWAY}:
            return by
        able = [each for each in self.ledger.holders("coordinator") if each not in book.kept_away]
        return By(able[-1] if able else "coordinator-0")

    @precondition(lambda self: len(self.ledger.books) < MOST_BOOKS)
    @rule(by=who, child=st.sampled_from(CHILDREN), manager=st.sampled_from((None, *WORKERS)))
    def a_case_is_opened(self, by: By, child: str, manager: str | None) -> None:
        name = by.name if by.name in PEOPLE else "coordinator-0"
        free = [
            each
            for each in CHILDREN
            if not any(book.child == each and book.state == "open" for book in self.ledger.books)
        ]
        if free and by.name == PROPER:
            child = self.one(free, CHILDREN.index(child))
        self.office.open(By(name), child, manager, self.town.school_id)

    @rule(by=who, which=pick, to=somebody_fit, fresh=mostly)
    def a_case_is_given(self, by: By, which: int, to: str, fresh: bool) -> None:
        book = self.book(which, "open")
        before = book.manager if fresh else None
        self.office.give(self.watcher(by, book), book, to, before)

    @rule(by=who, which=pick, colleague=somebody_fit)
    def a_colleague_is_asked_along(self, by: By, which: int, colleague: str) -> None:
        book = self.book(which, "open")
        self.office.ask_along(self.worker(by, book), book, colleague)

    @precondition(lambda self: any(each.colleagues for each in self.ledger.books))
    @rule(by=who, which=pick, colleague=anybody)
    def help_ends(self, by: By, which: int, colleague: str) -> None:
        helped = [each for each in self.ledger.books if each.colleagues]
        book = self.one(helped if by.name == PROPER else self.ledger.books, which)
        helping = sorted(book.colleagues) or [colleague]
        self.office.end_help(self.worker(by, book), book, self.one(helping, which))

    @rule(by=who, which=pick, person=anybody, lifts=st.booleans())
    def the_conflict_list_changes(self, by: By, which: int, person: str, lifts: bool) -> None:
        book = self.book(which)
        if lifts and book.kept_away:
            by = self.watcher(by, book)
            self.office.lift(by, book, self.one(sorted(book.kept_away), which))
        else:
            self.office.keep_away(self.watcher(by, book), book, person)

    @rule(person=anybody, successor=st.sampled_from((None, *PEOPLE)), fits=mostly)
    def somebody_leaves(self, person: str, successor: str | None, fits: bool) -> None:
        if fits and successor:
            role = self.ledger.roles[person]
            others = self.ledger.holders(role) if role else []
            successor = next((each for each in others if each != person), None)
        self.office.retire(person, successor)

    @rule(person=anybody)
    def somebody_comes(self, person: str) -> None:
        absent = [each for each in PEOPLE if self.ledger.roles[each] is None]
        self.office.appoint(self.one(absent, PEOPLE.index(person)) if absent else person)

    @rule(by=anybody, late=st.booleans(), which=pick, emergency=st.booleans())
    def somebody_looks_in(self, by: str, late: bool, which: int, emergency: bool) -> None:
        book = self.book(which)
        looks_in = self.office.open_in_emergency if emergency else self.office.reveal
        looks_in(By(by, late), book)

    @rule(by=st.sampled_from((PROPER, PROPER, *PEOPLE)), which=pick, justified=st.booleans())
    def an_emergency_is_reviewed(self, by: str, which: int, justified: bool) -> None:
        opened = [each for each in self.ledger.books if each.emergencies]
        if opened:
            name = "office-head" if by == PROPER else by
            self.office.review_emergency(By(name), self.one(opened, which), justified=justified)

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

    @rule(
        by=who,
        which=pick,
        outcome=st.sampled_from(
            (
                "plan",
                "plan",
                "goals_reached",
                "family_withdrew",
                "moved_away",
                "duplicate",
                "other_body",
                "transfer",
            )
        ),
    )
    def something_is_proposed(self, by: By, which: int, outcome: str) -> None:
        book = self.book(which, "open")
        by = self.worker(by, book)
        if outcome == "plan":
            self.office.submit(by, book)
        elif outcome == "transfer":
            self.office.propose_transfer(by, book)
        else:
            self.office.propose_closure(by, book, outcome)

    @precondition(lambda self: any(each.words for each in self.ledger.books))
    @rule(by=who, which=pick, agrees=mostly, any_state=st.sampled_from((False,) * 5 + (True,)))
    def somebody_gives_their_word(self, by: By, which: int, agrees: bool, any_state: bool) -> None:
        every = [(book, word) for book in self.ledger.books for word in book.words]
        waiting = [each for each in every if each[1].state == "proposed"]
        book, word = self.one(every if any_state or not waiting else waiting, which)
        if by.name == PROPER:
            self.office.say(book, word, agrees=agrees)
        else:
            self.office.judge(self.watcher(by, book), book, word, agrees=agrees)

    @precondition(
        lambda self: any(
            word.state == "proposed" for each in self.ledger.books for word in each.words
        )
    )
    @rule(by=who, which=pick)
    def a_proposal_is_taken_back(self, by: By, which: int) -> None:
        every = [(book, word) for book in self.ledger.books for word in book.words]
        waiting = [each for each in every if each[1].state == "proposed"]
        book, word = self.one(waiting or every, which)
        self.office.withdraw(self.worker(by, book), book, word)

    @precondition(lambda self: any(each.state != "open" for each in self.ledger.books))
    @rule(
        by=who,
        which=pick,
        cause=st.sampled_from(("relapse", "wrong_closure")),
        stage=st.sampled_from((None, None, 1, 4, 7)),
    )
    def a_case_goes_on(self, by: By, which: int, cause: str, stage: int | None) -> None:
        ended = [each for each in self.ledger.books if each.state != "open"]
        book = self.one(ended or self.ledger.books, which)
        self.office.reopen(self.watcher(by, book), book, cause, stage)

    @precondition(lambda self: any(each.looks for each in self.ledger.books))
    @rule(by=who, which=pick)
    def somebody_looks_back(self, by: By, which: int) -> None:
        every = [(book, look) for book in self.ledger.books for look in book.looks]
        coming = [each for each in every if each[1].state == "coming"]
        book, look = self.one(coming or every, which)
        if by.name == PROPER and look.due > self.office.today:
            self.office.let_time_pass(timedelta(days=(look.due - self.office.today).days))
        self.office.look_back(self.watcher(by, book), book, look)

    @rule(which=pick, whole=st.booleans())
    def a_child_is_referred(self, which: int, whole: bool) -> None:
        self.office.refer(self.book(which, "open"), whole=whole)

    @rule(
        by=who,
        which=pick,
        step=st.sampled_from(
            ("draft", "propose", "send", "send", "note", "end", "cancel", "hand_over")
        ),
        kind=st.sampled_from(tuple(ANSWERS)),
    )
    def a_referral_goes_on(self, by: By, which: int, step: str, kind: str) -> None:
        office, referred = self.office, [each for each in self.ledger.books if each.referrals]
        book = self.one(referred, which) if referred else self.book(which)
        by = self.worker(by, book)
        if step == "draft" or not book.referrals:
            office.draft(by, book, whole=which % 2 == 0)
            return
        referral = self.one(book.referrals[::-1], which // 2)
        deeds = {
            "propose": office.propose,
            "send": office.send,
            "end": office.end,
            "cancel": office.cancel,
            "hand_over": office.hand_over,
        }
        if step == "note":
            office.note_answer(by, book, referral, kind)
        else:
            deeds[step](by, book, referral)

    @rule(
        which=pick,
        browser=st.sampled_from((*BROWSERS, BROWSERS[0])),
        kind=st.sampled_from((None, *ANSWERS)),
    )
    def a_provider_comes(self, which: int, browser: str, kind: str | None) -> None:
        every = [
            (book, referral)
            for book in self.ledger.books
            for referral in book.referrals
            if referral.links
        ]
        if not every:
            return
        book, referral = self.one(every[::-1], which)
        if kind is None:
            self.office.open_link(referral, self.one(referral.links[::-1], which // 3), browser)
        else:
            self.office.answer(book, referral, browser, kind)

    @rule(long=st.sampled_from(LONG), night=st.booleans())
    def time_passes(self, long: timedelta, night: bool) -> None:
        self.office.let_time_pass(long)
        if night:
            self.office.spend_a_night()


def walk_through(town: Town, *, walks: int, steps: int) -> None:
    """Take so many walks of so many steps each."""
    run_state_machine_as_test(
        type("WalkInTown", (Walk,), {"town": town}),
        settings=settings(
            max_examples=walks,
            stateful_step_count=steps,
            deadline=None,
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.shrink)
            if not __import__("os").environ.get("FAST")
            else (Phase.generate,),
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
