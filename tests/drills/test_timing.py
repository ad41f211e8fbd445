"""How long the door takes to answer tells nothing about who has an account."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from portal.core.access import Role
from portal.people.actions import passwords
from portal.people.models import User
from tests.builders import PASSWORD, Builder
from tests.client import PageClient

pytestmark = pytest.mark.drill

EACH = 120
SHUFFLES = 4000
# One round in a hundred looks uneven by chance; three in a row do not.
CHANCE = 0.01
ROUNDS = 3

Ask = Callable[[str, str], None]


def median(values: list[float]) -> float:
    """Return the middle one."""
    return sorted(values)[len(values) // 2]


def by_chance(known: list[float], unknown: list[float]) -> float:
    """Return how often shuffled samples differ at least as much (a permutation test)."""
    seen = abs(median(known) - median(unknown))
    every, chance = [*known, *unknown], random.Random(7)
    as_far = 0
    for _number in range(SHUFFLES):
        chance.shuffle(every)
        as_far += abs(median(every[: len(known)]) - median(every[len(known) :])) >= seen
    return as_far / SHUFFLES


def test_the_statistic_sees_a_difference_of_a_tenth() -> None:
    chance = random.Random(1)
    fast = [chance.gauss(40, 3) for _number in range(EACH)]
    slow = [chance.gauss(44, 3) for _number in range(EACH)]
    same = [chance.gauss(40, 3) for _number in range(EACH)]
    assert by_chance(fast, slow) < CHANCE
    assert by_chance(fast, same) > CHANCE


@pytest.fixture
def people(app: Flask) -> Iterator[list[User]]:
    build = Builder(app.extensions["database"])
    school = build.school()
    # As heavy as the portal makes it.
    kept = passwords.hash_password(PASSWORD)
    yield [build.user(Role.TEACHER, school, password_hash=kept) for _number in range(EACH * ROUNDS)]
    build.close()


def timed(app: Flask, ask: Ask, names: list[str]) -> list[float]:
    """Return how long each answer took, in seconds."""
    taken = []
    for number, name in enumerate(names):
        # A visitor of its own each time, from a network of its own.
        address = f"10.{number % 250}.{random.randrange(250)}.{random.randrange(1, 250)}"
        started = time.perf_counter()
        ask(name, address)
        taken.append(time.perf_counter() - started)
    return taken


@pytest.mark.parametrize("door", ["/masuk", "/lupa-sandi"])
def test_a_name_that_exists_is_answered_no_slower_and_no_faster(
    app: Flask, people: list[User], door: str
) -> None:
    client = PageClient(app)
    token = client.csrf()

    def ask(name: str, address: str) -> None:
        form = {"csrf_token": token, "identifier": name, "password": "bukan kata sandinya"}
        response = client.http.post(
            door, data=form, environ_base={"REMOTE_ADDR": address}, buffered=True
        )
        assert response.status_code in {303, 422}

    chances = []
    for round_number in range(ROUNDS):
        those = people[round_number * EACH : (round_number + 1) * EACH]
        names = [(str(user.email), True) for user in those]
        names += [(f"tidak.ada.{round_number}.{each}@uji.example", False) for each in range(EACH)]
        random.shuffle(names)
        taken = timed(app, ask, [name for name, _known in names])
        known = [span for span, (_name, exists) in zip(taken, names, strict=True) if exists]
        unknown = [span for span, (_name, exists) in zip(taken, names, strict=True) if not exists]
        chances.append(by_chance(known, unknown))
        if chances[-1] > CHANCE:
            return
    pytest.fail(f"{door} takes another time for names that exist; by chance: {chances}")
