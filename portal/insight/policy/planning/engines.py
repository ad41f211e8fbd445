"""The only door to OR-Tools, an extra of the portal (`planner`) that loads on first use."""

from __future__ import annotations

from datetime import timedelta
from importlib.util import find_spec
from typing import Any


def available() -> bool:
    """Say whether the solver is installed."""
    try:
        return find_spec("ortools") is not None
    except ValueError:
        # Kept out by a test, or by whoever started this process.
        return False


def programme() -> Any:
    """Return what mixed integer programmes are written with."""
    from ortools.math_opt.python import mathopt

    return mathopt


def constraints() -> Any:
    """Return what constraint programmes are written with."""
    from ortools.sat.python import cp_model

    return cp_model


def solved(model: Any, seconds: float, gap: float) -> Any:
    """Solve a mixed integer programme with HiGHS: one thread, the same answer every time.

    Returns its result, which may hold no solution where the seconds were too few.
    """
    engine = programme()
    return engine.solve(
        model,
        engine.SolverType.HIGHS,
        params=engine.SolveParameters(
            time_limit=timedelta(seconds=seconds), relative_gap_tolerance=gap
        ),
    )
