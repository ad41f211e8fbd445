"""The last strokes on a plan: what is left out goes in, what can come earlier does.

At the end no school that never had a session stands behind a served one where the two could change
places: `fair` says so of any plan. What stood in a plan before stays, unless a change is worth it.
"""

from __future__ import annotations

from collections.abc import Iterator

from portal.insight.policy.planning.cost import change, points, wait
from portal.insight.policy.planning.greedy import by_urgency
from portal.insight.policy.planning.instance import Instance, Item, Place, Solution, monday_of
from portal.insight.policy.planning.timetable import Timetable

ROUNDS = 3


def polish(instance: Instance, solution: Solution) -> dict[Item, Place]:
    """Return a plan that costs no more, made better in small steps."""
    table = _laid_out(instance, solution)
    for _round in range(ROUNDS):
        before = dict(table.placed)
        _come_earlier(table)
        _give_way(table)
        for late, early in list(_out_of_order(instance, table.placed)):
            # Either may have moved since.
            if _worse(instance, table.placed, late, early):
                _swap(table, late, early)
        if table.placed == before:
            break
    return table.placed


def fair(instance: Instance, solution: Solution) -> bool:
    """Say whether no school without any session waits behind one it could change places with."""
    table = _laid_out(instance, solution)
    return not any(
        instance.school[late.school].never_served
        and not instance.school[early.school].never_served
        and _swap(table, late, early)
        for late, early in _out_of_order(instance, solution)
    )


def _laid_out(instance: Instance, solution: Solution) -> Timetable:
    table = Timetable(instance)
    for item, place in sorted(solution.items(), key=lambda each: (each[0].ordinal, each[0])):
        table.put(item, place)
    return table


def _come_earlier(table: Timetable) -> None:
    """Place what has no place, and move what has one to the earliest week that is worth it."""
    instance = table.instance
    for item in by_urgency(instance):
        if item not in table.placed:
            place = table.earliest(item, table.days_for(item))
            if place is not None:
                table.put(item, place)
        elif item not in instance.locks and item not in instance.before:
            was = table.take(item)
            week = monday_of(was.day)
            sooner = (day for day in table.days_for(item) if monday_of(day) < week)
            place = table.earliest(item, sooner)
            table.put(item, place if place and _worth(table, item, was, place) else was)


def _worth(table: Timetable, item: Item, was: Place, place: Place) -> bool:
    more = _ways(table, item, place) - _ways(table, item, was)
    return _saved(table, item, was, place) > table.instance.weights.travel * more


def _ways(table: Timetable, item: Item, place: Place) -> int:
    instance = table.instance
    district = instance.school[item.school].district
    return sum(
        table.added(instance.worker[worker], district, place.day, place.start) or 0
        for worker in place.workers
    )


def _give_way(table: Timetable) -> None:
    """Let served schools give way to those that never had a session, wherever that helps these."""
    instance = table.instance
    first = [item for item in by_urgency(instance) if item.ordinal == 1 and item in table.placed]
    never = [item for item in first if instance.school[item.school].never_served]
    served = [item for item in reversed(first) if item not in never]
    for late in sorted(never, key=lambda item: table.placed[item].day, reverse=True):
        if late in instance.locks or late in instance.before:
            continue
        for early in served:
            week = monday_of(table.placed[early].day)
            free = early not in instance.locks and early not in instance.before
            if free and week < monday_of(table.placed[late].day) and _yield(table, early, late):
                break


def _yield(table: Timetable, early: Item, late: Item) -> bool:
    """Let one session take the week of another, which goes where there is room for it."""
    week = monday_of(table.placed[early].day)
    sooner, later = table.take(early), table.take(late)
    days = (day for day in table.days_for(late) if monday_of(day) == week)
    place = table.earliest(late, days)
    if place is not None:
        table.put(late, place)
        back = table.earliest(early, table.days_for(early))
        if back is not None and _saved(table, late, later, place) > -_saved(
            table, early, sooner, back
        ):
            table.put(early, back)
            return True
        table.take(late)
    table.put(early, sooner)
    table.put(late, later)
    return False


def _saved(table: Timetable, item: Item, was: Place, place: Place) -> int:
    instance = table.instance
    return wait(instance, item, instance.week_of(was.day)) - wait(
        instance, item, instance.week_of(place.day)
    )


def _out_of_order(instance: Instance, placed: Solution) -> Iterator[tuple[Item, Item]]:
    """Yield pairs of which the more urgent session is in a later week."""
    movable = [item for item in placed if item not in instance.locks]
    movable.sort(key=lambda item: (-points(instance, item), item))
    for late in movable:
        if late in instance.before and placed[late] == instance.before[late]:
            continue
        for early in movable:
            if _worse(instance, placed, late, early):
                yield late, early


def _worse(instance: Instance, placed: Solution, late: Item, early: Item) -> bool:
    """Say whether it is worth a change that two sessions of the same kind change places."""
    one, two = instance.school[late.school], instance.school[early.school]
    if one.crew != two.crew or one.district != two.district:
        return False
    weeks = instance.week_of(placed[late].day) - instance.week_of(placed[early].day)
    saved = (points(instance, late) - points(instance, early)) * one.crew * weeks
    changed = sum(
        change(instance, item, there) - change(instance, item, placed[item])
        for item, there in ((late, placed[early]), (early, placed[late]))
    )
    return weeks > 0 and saved > changed


def _swap(table: Timetable, late: Item, early: Item) -> bool:
    """Let two sessions change places where both fit; False, and all as before, where not."""
    later, sooner = table.take(late), table.take(early)
    if table.fits(late, sooner):
        table.put(late, sooner)
        if table.fits(early, later):
            table.put(early, later)
            return True
        table.take(late)
    table.put(early, sooner)
    table.put(late, later)
    return False
