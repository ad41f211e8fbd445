"""Long lists cost no more statements than short ones."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from portal.core.access import Role
from portal.visits.states import VisitState
from tests.statements import all_statements
from tests.visits.conftest import Site, on_sqlite

FEW, MANY = 3, 30


def fill(site: Site, first: int, last: int) -> None:
    """Make sessions of all kinds in the coming weeks, each with a school of its own."""
    states = (VisitState.REQUESTED, VisitState.SCHEDULED, VisitState.DELIVERED)
    for number in range(first, last):
        for offset, state in enumerate(states):
            day = date(2026, 8, 10) + timedelta(days=number)
            school = site.build.school(district=f"18.72.0{number % 5 + 1}")
            site.build.delivered(school, site.worker, day, state=state, at=time(7 + 2 * offset))


@on_sqlite
@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("coordinator", "/permintaan"),
        ("coordinator", "/permintaan?status=terjadwal"),
        ("coordinator", "/permintaan?status=selesai"),
        ("coordinator", "/sesi"),
        ("coordinator", "/sesi?status=selesai"),
        ("worker", "/sesi"),
        ("worker", "/sesi?semua=1"),
        ("principal", "/sesi/baru"),
        ("coordinator", "/peksos"),
    ],
)
def test_statements_do_not_grow_with_the_rows(site: Site, who: str, path: str) -> None:
    visitor = site.browser(getattr(site, who))
    numbers = []
    done = 0
    for total in (FEW, MANY):
        fill(site, done, total)
        done = total
        for _ in range(total):
            site.build.user(Role.SOCIAL_WORKER)
        visitor.get(path)
        with all_statements(site.app.extensions["database"]) as seen:
            answer = visitor.get(path)
        assert answer.status_code == 200
        numbers.append(len(seen))
    assert 0 < numbers[0] < 40
    assert numbers[1] == numbers[0]
