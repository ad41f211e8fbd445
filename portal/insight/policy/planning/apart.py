"""Solving in a process of its own, which can be watched and stopped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

from portal.insight.policy.planning import solving
from portal.insight.policy.planning.days import Limits
from portal.insight.policy.planning.instance import Instance
from portal.insight.policy.planning.solving import Plan, Step

STANDARD_OUTPUT = 1
PATIENCE_SECONDS = 5


class Solver:
    """Somebody who works at a plan elsewhere."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def wait(self, seconds: float) -> Step | Plan | None:
        """Return the next word of it: a step, or the plan at the end; None where it says nothing.

        Raises EOFError when it died.
        """
        if not self._pipe.poll(seconds):
            return None
        said: Step | Plan = self._pipe.recv()
        return said


@contextmanager
def solver(instance: Instance, first: Plan, limits: Limits) -> Iterator[Solver]:
    """Let another process look for a better plan; whatever it is at, it ends with the block."""
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(
        target=_work, args=(theirs, instance, first, limits), name="planner", daemon=True
    )
    process.start()
    # Only the other process may hold that end, or its death would not be noticed.
    theirs.close()
    try:
        yield Solver(ours)
    finally:
        ours.close()
        process.terminate()
        process.join(PATIENCE_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
        process.close()


def _work(pipe: Connection, instance: Instance, first: Plan, limits: Limits) -> None:
    # The engines talk to themselves on standard output.
    os.dup2(os.open(os.devnull, os.O_WRONLY), STANDARD_OUTPUT)
    pipe.send(solving.thoroughly(instance, first, limits, pipe.send))
