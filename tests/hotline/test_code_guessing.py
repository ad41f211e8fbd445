"""Codes: however they are typed they open, nothing else does, and guessing leads nowhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.core import codes, limits
from portal.core.db import Database
from portal.core.errors import Rejected
from portal.hotline.actions import opening
from portal.hotline.actions.opening import open_with
from portal.incidents.actions.receiving import CODE_LENGTH, LOCATOR_LENGTH, SECRET_LENGTH, peppered
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.hotline.told import told

MORNING = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
DAY = 24 * 60 * 60
SCHOOL, HOME = "network of a school", "network at home"

codes_given = st.text(codes.ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH)
LOOK_ALIKES = {"0": "0Oo", "1": "1IiLl"}
BETWEEN = st.sampled_from(["", "", " ", "-", "  ", " - ", "\t", "\u00a0", ".", "–", "_"])


@st.composite
def typed(draw: st.DrawFn) -> tuple[str, str]:
    """Return a code, and a way in which somebody may type it."""
    code = draw(codes_given)
    letters = [
        draw(BETWEEN) + draw(st.sampled_from(LOOK_ALIKES.get(each, each + each.lower())))
        for each in code
    ]
    return code, "".join(letters) + draw(BETWEEN)


@given(typed())
def test_whatever_way_a_code_is_typed_it_is_the_same(way: tuple[str, str]) -> None:
    code, text = way
    assert codes.normal_code(text) == code


@given(codes_given, st.integers(0, CODE_LENGTH - 1), st.characters(codec="utf-8"))
def test_a_code_with_one_other_letter_is_another_code(code: str, place: int, letter: str) -> None:
    changed = code[:place] + letter + code[place + 1 :]
    same = codes.normal_code(letter) == code[place]
    assert (codes.normal_code(changed) == code) == same
    parts = (code[:LOCATOR_LENGTH], code[LOCATOR_LENGTH:])
    normal = codes.normal_code(changed)
    others = (normal[:LOCATOR_LENGTH], normal[LOCATOR_LENGTH:])
    assert (parts == others and peppered(*parts) == peppered(*others)) == same


@on_sqlite
def test_variants_open_and_each_single_change_does_not(build: Builder, database: Database) -> None:
    report, code = told(build)
    look_alike = code.replace("0", "o").replace("1", "l")
    for way in (codes.in_groups(code).lower(), " ".join(look_alike)):
        assert open_with(database, way, SCHOOL) == report.id
    for place in range(0, CODE_LENGTH, 2):
        other = codes.ALPHABET[(codes.ALPHABET.index(code[place]) + 1) % 32]
        with pytest.raises(Rejected, match="code_"):
            # Each from elsewhere: this is not about how often somebody may try.
            open_with(database, code[:place] + other + code[place + 1 :], f"network {place}")


@given(st.text(max_size=40))
def test_whatever_is_typed_has_a_normal_form(text: str) -> None:
    assert re.fullmatch(r"[0-9A-Z]*", codes.normal_code(text))


def guesses(seconds: int) -> int:
    """Return how many tries the rule leaves in a stretch of time to whoever always waits."""
    spent = tries = 0
    while True:
        spent += limits.delay_after(tries)
        if spent >= seconds:
            return tries
        tries += 1


def test_by_the_rule_a_thousand_tries_take_most_of_a_day() -> None:
    assert guesses(DAY) < 1460
    thousand = sum(limits.delay_after(failures) for failures in range(1000))
    assert thousand > 16 * 60 * 60
    # Forgotten after a quarter of an hour, the free ones make no faster way.
    memory = int(limits.MEMORY.total_seconds())
    for steps in range(1, 12):
        waited = sum(limits.delay_after(each) for each in range(steps)) + memory
        assert DAY // waited * steps < guesses(DAY)
    # All lanes of one number at once, day and night, for a thousand years: one in two thousand.
    lanes = 32 ** (opening.LANE_LENGTH - LOCATOR_LENGTH)
    assert guesses(DAY) * lanes * 365 * 1000 < 32**SECRET_LENGTH / 2


Guess = Callable[[], str]


def tried(database: Database, guess: Guess, times: int, network: str) -> list[str]:
    """Guess one after the other, each as soon as the last answer allows; return the answers."""
    answers = []
    with time_machine.travel(MORNING, tick=False) as time:
        for _number in range(times):
            try:
                open_with(database, guess(), network)
                answers.append("open")
            except Rejected as problem:
                answers.append(problem.code)
                time.shift(timedelta(seconds=int(str(problem.facts.get("seconds", 0)))))
        answers.append(str((datetime.now(UTC) - MORNING).total_seconds()))
    return answers


@pytest.mark.parametrize("known", [False, True], ids=["spraying", "at one number"])
def test_guessing_gets_slower_and_slower(
    build: Builder, database: Database, *, known: bool
) -> None:
    report, code = told(build)

    def guess() -> str:
        number = report.locator if known else codes.new_code(LOCATOR_LENGTH)
        return number + codes.new_code(SECRET_LENGTH)

    *answers, seconds = tried(database, guess, 14, SCHOOL)
    # Five for nothing; from then on every try comes after a delay, and every other is told so.
    assert answers[:6] == ["code_unknown"] * 6
    assert answers[6:] == ["code_wait", "code_unknown"] * 4
    assert float(seconds) == 2 + 4 + 8 + 16
    # Meanwhile the rightful one, at the same address, is in at once.
    with time_machine.travel(MORNING + timedelta(seconds=float(seconds)), tick=False):
        assert open_with(database, code, SCHOOL) == report.id


@on_sqlite
def test_the_rightful_one_gets_in_while_others_guess_without_a_break(
    build: Builder, database: Database
) -> None:
    report, code = told(build)
    with time_machine.travel(MORNING, tick=False) as time:
        for _second in range(9):
            with pytest.raises(Rejected, match="code_"):
                open_with(database, codes.new_code(CODE_LENGTH), SCHOOL)
            time.shift(timedelta(seconds=1))
        # Mistyped once, and mended.
        with pytest.raises(Rejected, match="code_wait"):
            open_with(database, code[:-1], SCHOOL)
        assert open_with(database, code, SCHOOL) == report.id


@on_sqlite
def test_whoever_knows_half_of_it_is_slowed_down_there_and_shuts_nobody_out(
    build: Builder, database: Database
) -> None:
    report, code = told(build)
    half = code[: opening.LANE_LENGTH]
    with time_machine.travel(MORNING, tick=False) as time:
        # Faster than the answers allow, so that only the lane itself can stop it.
        looked_at = 0
        while datetime.now(UTC) - MORNING < timedelta(seconds=16):
            try:
                open_with(database, half + codes.new_code(8), SCHOOL)
            except Rejected as problem:
                if problem.code == "wait":
                    time.shift(timedelta(seconds=1))
                else:
                    looked_at += 1
        assert looked_at == guesses(16)
        # The rightful one waits here, as long as it says, or is in at once from elsewhere.
        with pytest.raises(Rejected, match="wait") as told_to:
            open_with(database, code, SCHOOL)
        assert open_with(database, code, HOME) == report.id
        seconds = int(str(told_to.value.facts["seconds"]))
        assert seconds <= limits.LONGEST_DELAY
        time.shift(timedelta(seconds=seconds))
        assert open_with(database, code, SCHOOL) == report.id


@on_sqlite
def test_an_own_code_does_not_win_back_the_free_tries(build: Builder, database: Database) -> None:
    _report, code = told(build)
    with time_machine.travel(MORNING, tick=False):
        for _number in range(6):
            with pytest.raises(Rejected, match="code_unknown"):
                open_with(database, codes.new_code(CODE_LENGTH), SCHOOL)
        open_with(database, code, SCHOOL)
        with pytest.raises(Rejected, match="code_wait"):
            open_with(database, codes.new_code(CODE_LENGTH), SCHOOL)


@on_sqlite
def test_a_page_says_how_long_to_wait_and_the_right_code_opens_it(
    app: Flask, build: Builder
) -> None:
    _report, code = told(build)
    client = PageClient(app)
    client.get("/cek")
    with time_machine.travel(MORNING, tick=False):
        answers = [
            client.post("/cek", {"code": codes.new_code(CODE_LENGTH)}).status_code
            for _number in range(8)
        ]
        assert answers == [422] * 6 + [429] * 2
        assert client.post("/cek", {"code": code}).location == "/cek/balasan"


@on_sqlite
def test_behind_an_undeclared_web_server_networks_slow_nobody_down(
    build: Builder, database: Database
) -> None:
    report, code = told(build)
    with time_machine.travel(MORNING, tick=False):
        for _number in range(8):
            with pytest.raises(Rejected, match="code_unknown"):
                open_with(database, codes.new_code(CODE_LENGTH), None)
        assert open_with(database, code, None) == report.id
