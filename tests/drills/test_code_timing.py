"""Wrong codes take the same time whatever is wrong with them, and a thousand lead nowhere."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from portal.core import codes
from portal.core.db import Database
from portal.core.errors import Rejected
from portal.hotline.actions.opening import open_with
from portal.incidents.actions.receiving import CODE_LENGTH, SECRET_LENGTH
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.drills.test_timing import CHANCE, EACH, ROUNDS, by_chance
from tests.hotline.told import told

pytestmark = pytest.mark.drill

MORNING = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def spent(database: Database, code: str) -> float:
    """Return how long a wrong code took, from a network of its own."""
    network = codes.new_code(12)
    started = time.perf_counter()
    with pytest.raises(Rejected):
        open_with(database, code, network)
    return time.perf_counter() - started


def of_number(number: str) -> str:
    return number + codes.new_code(SECRET_LENGTH)


WRONG: dict[str, Callable[[str], str]] = {
    "secret": of_number,
    "too short": lambda number: of_number(number)[:11],
    "only a number": lambda number: number,
    "unknown letters": lambda number: of_number(number)[:-3] + "?U*",
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_code_takes_the_same_time_whatever_is_wrong(
    build: Builder, database: Database, what: str
) -> None:
    # Each number is tried once, so that no brake of its own tells them apart.
    numbers = [told(build)[0].locator for _number in range(EACH // 2)]
    chances = []
    for _round in range(ROUNDS):
        tries = [(WRONG[what](number), True) for number in numbers]
        tries += [(codes.new_code(CODE_LENGTH), False) for _number in numbers]
        random.shuffle(tries)
        taken = [(spent(database, code), kind) for code, kind in tries]
        chances.append(
            by_chance(
                [seconds for seconds, kind in taken if kind],
                [seconds for seconds, kind in taken if not kind],
            )
        )
        if chances[-1] > CHANCE:
            return
    pytest.fail(f"{what}: another time than a code of no report; by chance: {chances}")


@on_sqlite
def test_a_thousand_wrong_tries_take_most_of_a_day_and_shut_nobody_out(
    build: Builder, database: Database
) -> None:
    report, code = told(build)
    got_in = 0
    with time_machine.travel(MORNING, tick=False) as clock:
        looked_at = 0
        while looked_at < 1000:
            try:
                open_with(database, of_number(report.locator), "school")
            except Rejected as problem:
                looked_at += problem.code == "code_unknown"
                clock.shift(timedelta(seconds=int(str(problem.facts.get("seconds", 0)))))
            if looked_at % 100 == 50:
                got_in += open_with(database, code, "school") == report.id
        assert datetime.now(UTC) - MORNING > timedelta(hours=16)
    assert got_in >= 10
