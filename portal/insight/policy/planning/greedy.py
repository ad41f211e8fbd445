"""The plan a patient person would make: the most urgent school first, at its earliest time."""

from __future__ import annotations

from portal.insight.policy.planning.cost import points
from portal.insight.policy.planning.instance import Instance, Item, Place
from portal.insight.policy.planning.timetable import Timetable


def plan(instance: Instance) -> dict[Item, Place]:
    """Return a plan that keeps every rule, made in a moment, without a solver.

    What is locked comes first (`checking.clashes` names locks that cannot hold beforehand), then
    what can stay where it was before, then every session by its urgency.
    """
    table = Timetable(instance)
    _keep(table)
    for item in by_urgency(instance):
        if item not in table.placed:
            place = table.earliest(item, table.days_for(item))
            if place is not None:
                table.put(item, place)
    return table.placed


def kept(instance: Instance) -> dict[Item, Place]:
    """Return what is locked, and what can stay where it was in the plan before."""
    table = Timetable(instance)
    _keep(table)
    return table.placed


def _keep(table: Timetable) -> None:
    instance = table.instance
    for item, place in sorted(instance.locks.items()):
        table.put(item, place)
    for item in by_urgency(instance):
        was = instance.before.get(item)
        if was is not None and item not in table.placed and table.fits(item, was):
            table.put(item, was)


def by_urgency(instance: Instance) -> list[Item]:
    """Return all sessions, the most urgent first; second ones after all first ones."""
    return sorted(
        instance.items, key=lambda item: (item.ordinal, -points(instance, item), item.school)
    )
