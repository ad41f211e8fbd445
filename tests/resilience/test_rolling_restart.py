"""The portal is replaced while people use it, and nobody notices."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from portal.config import Settings
from tests.builders import Builder
from tests.resilience.processes import Granian
from tests.resilience.test_restarted_database import check_nothing_lost
from tests.resilience.visitors import FINE, Crowd, invite

VISITORS = 5


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_workers_are_replaced_without_a_failed_request(
    settings: Settings, build: Builder, tmp_path: Path
) -> None:
    granian = Granian(settings, tmp_path / "web.sock", base_url="http://localhost")
    with granian.running():
        visitors = invite(build, granian.connect, VISITORS)
        build.close()
        before = granian.processes()
        with Crowd(visitors, pause=0.05) as crowd:
            time.sleep(0.3)
            granian.reload()
            granian.wait_for_workers(before)
        assert set(crowd.statuses) <= FINE
        assert len(crowd.answers) > VISITORS
        check_nothing_lost(crowd, build)
        assert_that_requests_are_finished(granian)


def assert_that_requests_are_finished(granian: Granian) -> None:
    """Stop the server while it works on a request, which is answered all the same."""
    answers: list[str] = []
    asking = threading.Thread(target=lambda: answers.append(granian.ask("/uji/lambat/8")))
    asking.start()
    time.sleep(0.3)
    assert granian.stop() == 0
    asking.join()
    assert answers
