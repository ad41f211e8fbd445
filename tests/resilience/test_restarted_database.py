"""PostgreSQL is restarted under load: errors for seconds, each form carried out exactly once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.config import Settings
from portal.visits.models import Visit
from tests.builders import Builder
from tests.resilience.servers import promising, restart, serving
from tests.resilience.visitors import FINE, PATIENCE, Crowd, invite
from tests.visits.ledger import check_cells

VISITORS = 6
SECONDS_OF_ERRORS = 5
MOST_RESTARTS = 5


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a_restart_costs_seconds_and_loses_nothing(
    settings: Settings, build: Builder, postgresql_folder: Path, how: str
) -> None:
    with promising(build.database), serving(settings) as connect:
        visitors = invite(build, connect, VISITORS)
        build.close()
        with Crowd(visitors) as crowd:
            for _ in range(MOST_RESTARTS):
                # On a busy machine one may pass between two requests.
                time.sleep(0.7)
                restart(postgresql_folder, how)
                back = time.monotonic()
                time.sleep(1)
                if crowd.statuses[503]:
                    break
            # A busy machine takes longer until everybody has been answered once.
            until = time.monotonic() + PATIENCE
            while crowd.acknowledged < VISITORS and time.monotonic() < until:
                time.sleep(0.1)
    assert crowd.statuses[503], "nobody noticed the restarts"
    late = [answer for answer in crowd.answers if answer.at > back + SECONDS_OF_ERRORS]
    assert {answer.status for answer in late} <= FINE
    assert crowd.acknowledged >= VISITORS
    check_nothing_lost(crowd, build)


def check_nothing_lost(crowd: Crowd, build: Builder) -> None:
    """Check that whoever asked was answered, and that each booking stands exactly once."""
    assert crowd.broken == []
    assert set(crowd.statuses) <= FINE | {503}
    assert crowd.unanswered == 0
    with build.database.reader() as reading:
        stored = reading.scalar(select(func.count()).select_from(Visit))
    assert stored == crowd.acknowledged
    check_cells(build.database, frozenset())
