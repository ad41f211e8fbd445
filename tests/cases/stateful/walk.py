"""The walk: people of one office do things with cases in any order, and the clock runs on."""

from __future__ import annotations

from datetime import timedelta

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from tests.cases.stateful.ending_steps import EndingSteps
from tests.cases.stateful.people_steps import PeopleSteps
from tests.cases.stateful.town import Town
from tests.cases.stateful.work_steps import WorkSteps

LONG = (
    timedelta(minutes=20),
    timedelta(minutes=59, seconds=50),
    timedelta(hours=1),
    timedelta(days=1),
    timedelta(days=14),
    timedelta(days=15),
    timedelta(days=95),
)


class Walk(PeopleSteps, WorkSteps, EndingSteps):
    """One walk, with all steps."""

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
            # A walk that fails is told whole and at once: making it shorter takes many minutes.
            phases=(Phase.reuse, Phase.generate),
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
