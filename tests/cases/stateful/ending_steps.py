"""Steps of a walk: what is proposed and decided, how cases end and go on, who helps outside."""

from __future__ import annotations

from datetime import timedelta

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule

from tests.cases.stateful.checks import BROWSERS
from tests.cases.stateful.doing import By
from tests.cases.stateful.machine import (
    KEPT_AWAY,
    PROPER,
    Machine,
    mostly,
    pick,
    who,
)
from tests.cases.stateful.sending import ANSWERS


class EndingSteps(Machine):
    """What needs somebody else: a word, a provider."""

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

    @rule(
        which=pick,
        outcome=st.sampled_from(("family_withdrew", "duplicate", "transfer", "transfer")),
    )
    def a_case_ends(self, which: int, outcome: str) -> None:
        self.office.finish(self.book(which, "open"), outcome)

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
        if by.name in {PROPER, KEPT_AWAY} and look.due > self.office.today:
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
