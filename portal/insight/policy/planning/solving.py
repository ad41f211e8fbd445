"""Making a plan: the greedy one at once, then a better one by two stages, kept only if it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from portal.insight.policy.planning import checking, days, engines, greedy, polishing, weeks
from portal.insight.policy.planning.cost import cost
from portal.insight.policy.planning.days import Limits
from portal.insight.policy.planning.instance import Instance, Item, Place

GREEDY = "greedy"
TWO_STAGE = "two_stage"
# The share of the work that is done when a step begins.
WEEKS, DAYS, POLISHING = 0.05, 0.35, 0.95


@dataclass(frozen=True)
class Step:
    """What is done just now, and which share of the whole is done."""

    name: str
    share: float


@dataclass(frozen=True)
class Plan:
    """A plan, by whom it was made, and what no plan can cost less than (if that is known)."""

    solution: dict[Item, Place]
    solver: str
    total: int
    bound: int | None = None


def quickly(instance: Instance) -> Plan:
    """Return the greedy plan."""
    solution = greedy.plan(instance)
    return Plan(solution, GREEDY, cost(instance, solution).total)


def thoroughly(
    instance: Instance,
    first: Plan,
    limits: Limits | None = None,
    tell: Callable[[Step], None] = lambda _step: None,
) -> Plan:
    """Return a plan made in two stages, or the first one where none is better.

    Without the solver the first one comes back as it is. A plan that breaks a rule is never
    returned, whatever it costs. The bound is one for all plans that keep what is locked and, of a
    plan before, what can stay.
    """
    if not engines.available():
        return first
    limits = limits or Limits()
    solid = replace(instance, locks=greedy.kept(instance))
    tell(Step("weeks", WEEKS))
    coarse = weeks.solve(solid, limits.weeks)
    if coarse is None:
        return first

    def tell_week(number: int) -> None:
        tell(Step("days", DAYS + (POLISHING - DAYS) * number / len(instance.weeks)))

    found = days.fill(solid, coarse.weeks, limits, tell_week)
    tell(Step("polishing", POLISHING))
    solution = polishing.polish(instance, found)
    total = cost(instance, solution).total
    if total < first.total and not checking.check(instance, solution):
        return Plan(solution, TWO_STAGE, total, coarse.bound)
    return replace(first, bound=coarse.bound)
