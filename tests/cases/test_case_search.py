"""Finding a case: by name only among one's own, by number and school among what one watches."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.cases.actions.opening import ChildFacts, assign, release
from portal.cases.models import Case
from portal.cases.queries import boards, searching
from portal.cases.queries.boards import Filter
from portal.cases.states import Part
from portal.core.access import Actor
from portal.core.db import transaction
from tests.cases.casework import Casework
from tests.conftest import on_sqlite

CHILD = ChildFacts("José-Maria  Ningsih D'Costa", called="Ningsih", born="2013", nisn="0123456789")


def found(reading: Session, actor: Actor, text: str) -> list[str]:
    reading.rollback()
    page = boards.list_cases(reading, actor, Filter("saya", text=text), 14)
    return [each.number for each in page.lines]


def step(work: Casework, action: Any, *given: Any) -> None:
    with transaction(work.build.session) as session:
        action(session, work.actor("coordinator"), *given)


@pytest.fixture
def case(work: Casework) -> Case:
    return work.open(child=CHILD)


@on_sqlite
@pytest.mark.parametrize(
    "text", ["jose", "JOSÉ maria", "ningsih", "costa jos", "0123456789", "d'costa", "maria ning"]
)
def test_whoever_works_on_it_finds_it_by_name(
    work: Casework, reading: Session, case: Case, text: str
) -> None:
    work.open(child=ChildFacts("Budi Santoso"))
    assert found(reading, work.actor("manager"), text) == [case.number]
    for who in ("other", "coordinator", "head"):
        assert not found(reading, work.actor(who), text), who


@on_sqlite
@pytest.mark.parametrize("text", ["josep", "012345678", "012345678900", "%", "_", "!"])
def test_what_does_not_fit_finds_nothing(
    work: Casework, reading: Session, case: Case, text: str
) -> None:
    assert not found(reading, work.actor("manager"), text)


def test_helping_finds_by_name_and_no_longer_helping_does_not(
    work: Casework, reading: Session, case: Case
) -> None:
    assert not found(reading, work.actor("other"), "ningsih")
    step(work, assign, case, work.other.id, Part.COLLEAGUE)
    assert found(reading, work.actor("other"), "ningsih") == [case.number]
    step(work, release, case, work.other.id)
    assert not found(reading, work.actor("other"), "ningsih")


def test_numbers_find_for_all_and_schools_for_whoever_reads_the_work(
    work: Casework, reading: Session, case: Case
) -> None:
    for who in ("manager", "coordinator", "head"):
        for text in (case.number, case.number.lower(), case.number.replace("-", " ")):
            assert found(reading, work.actor(who), text) == [case.number], (who, text)
    assert found(reading, work.actor("coordinator"), work.school.name) == [case.number]
    assert not found(reading, work.actor("head"), work.school.name)
    assert not found(reading, work.actor("other"), case.number)


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_text_is_found_by_any_part_of_it(before: str, after: str) -> None:
    word = "Kinasih"
    for typed in (word, word.upper(), word[2:5], " " + word + "  "):
        assert searching.fits(typed, before + word + after)
    assert not searching.fits(" ", before)


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert searching.folded(searching.folded(text)) == searching.folded(text)
