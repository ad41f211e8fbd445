"""Outages at length: one restart after the other, of the database and of the portal."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.config import Settings
from tests.builders import Builder
from tests.resilience.processes import NAME, NGINX, Granian, Nginx
from tests.resilience.servers import promising, restart, serving
from tests.resilience.test_restarted_database import check_nothing_lost
from tests.resilience.visitors import FINE, Crowd, invite

pytestmark = pytest.mark.drill

RESTARTS = 20
ROUNDS = 6
VISITORS = 10
PAUSE = 0.1
REQUESTS_A_SECOND = 20

with_nginx = pytest.mark.skipif(not NGINX, reason="nginx is not installed: nothing was tried")


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_nothing_is_lost_in_twenty_restarts_of_the_database(
    settings: Settings, build: Builder, postgresql_folder: Path
) -> None:
    with promising(build.database), serving(settings) as connect:
        visitors = invite(build, connect, VISITORS)
        build.close()
        with Crowd(visitors, pause=0.05) as crowd:
            for number in range(RESTARTS):
                # Sometimes before the portal has found all its feet again.
                time.sleep(random.uniform(0.2, 2.5))
                restart(postgresql_folder, ("fast", "immediate")[number % 2])
            time.sleep(2)
    check_nothing_lost(crowd, build)
    assert crowd.acknowledged > RESTARTS


@contextmanager
def busy(nginx: Nginx, build: Builder) -> Iterator[Crowd]:
    """Let visitors ask at least twenty times a second, and check that nobody was let down."""
    with nginx.running():
        visitors = invite(build, nginx.connect, VISITORS, f"https://{NAME}")
        build.close()
        begun = time.monotonic()
        with Crowd(visitors, pause=PAUSE) as crowd:
            yield crowd
        seconds = time.monotonic() - begun
    assert set(crowd.statuses) <= FINE
    assert len(crowd.answers) > REQUESTS_A_SECOND * seconds
    check_nothing_lost(crowd, build)


@with_nginx
def test_workers_are_replaced_again_and_again(
    settings: Settings, build: Builder, tmp_path: Path
) -> None:
    granian = Granian(settings, tmp_path / "web.sock", base_url=f"https://{NAME}")
    nginx = Nginx(tmp_path, f"unix:{granian.socket}")
    with granian.running(), busy(nginx, build):
        for _ in range(ROUNDS):
            before = granian.processes()
            granian.reload()
            granian.wait_for_workers(before)


@with_nginx
def test_two_servers_are_restarted_in_turn(
    settings: Settings, build: Builder, tmp_path: Path
) -> None:
    site = f"https://{NAME}"
    pair = [Granian(settings, tmp_path / f"web-{n}.sock", base_url=site, workers=1) for n in (1, 2)]
    nginx = Nginx(tmp_path, *(f"unix:{each.socket}" for each in pair))
    with pair[0].running(), pair[1].running(), busy(nginx, build):
        for number in range(2 * ROUNDS):
            granian = pair[number % 2]
            assert granian.stop() == 0
            granian.start()
            time.sleep(0.5)
