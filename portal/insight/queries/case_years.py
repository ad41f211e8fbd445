"""What the facts about cases come to, year by year."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from statistics import median
from uuid import UUID

from portal.cases.actions.sentinels import months_after
from portal.cases.states import CaseOutcome, Wellbeing
from portal.insight.queries.cases import Begun, Ended, Facts


@dataclass(frozen=True)
class YearFigures:
    """The exact figures of one calendar year."""

    year: int
    opened: int
    by_group: Mapping[str, int]
    by_district: Mapping[str, int]
    # Closures and transfers, by how they ended.
    by_outcome: Mapping[str, int]
    closed: int
    transferred: int
    # At the end of the year, or now.
    still_open: int
    # From the beginning, or from going on again, until half of the closures had come.
    median_days: float | None
    reopened: int
    # Of the closures, those after which it happened again so far.
    recurred: int
    looks_due: int
    looks_done: int
    looks_well: int

    @property
    def recurrence(self) -> float | None:
        """Return the share of closures after which it happened again."""
        return self.recurred / self.closed if self.closed else None


class History:
    """The way of each case, from all that is known."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    @cached_property
    def begun(self) -> dict[UUID, Begun]:
        """Return how each case began."""
        return {each.case_id: each for each in self.facts.begun}

    @cached_property
    def of_child(self) -> dict[UUID, list[Begun]]:
        """Return the cases of each child."""
        found: dict[UUID, list[Begun]] = defaultdict(list)
        for each in self.facts.begun:
            found[each.child_id].append(each)
        return found

    @cached_property
    def resumed(self) -> dict[UUID, list[tuple[date, bool]]]:
        """Return when each case went on again, and whether because it happened again."""
        found: dict[UUID, list[tuple[date, bool]]] = defaultdict(list)
        for each in self.facts.resumed:
            found[each.case_id].append((each.day, each.relapse))
        return found

    def year(self, year: int, today: date) -> YearFigures:
        """Return the figures of a year, as known today."""
        facts = self.facts
        opened = [each for each in facts.begun if each.day.year == year]
        ended = [each for each in facts.ended if each.day.year == year]
        closed = [each for each in ended if _is_closure(each)]
        days = [each for each in map(self._days, closed) if each is not None]
        looked = [each for each in facts.looked if each.due_on.year == year]
        looked = [each for each in looked if each.due_on <= today]
        found = [each.found for each in looked if each.found]
        return YearFigures(
            year,
            len(opened),
            Counter(each.group for each in opened),
            Counter(each.district for each in opened),
            by_outcome=Counter(each.outcome for each in ended),
            closed=len(closed),
            transferred=sum(each.transferred for each in ended),
            still_open=self._open_at(min(date(year, 12, 31), today)),
            median_days=median(days) if days else None,
            reopened=sum(each.day.year == year for each in facts.resumed),
            recurred=sum(map(self._recurred, closed)),
            looks_due=len(looked),
            looks_done=len(found),
            looks_well=sum(each == Wellbeing.WELL for each in found),
        )

    def _days(self, ended: Ended) -> int | None:
        begun = self.begun.get(ended.case_id)
        if begun is None:
            return None
        again = [day for day, _relapse in self.resumed.get(ended.case_id, ()) if day <= ended.day]
        return (ended.day - max([begun.day, *again])).days

    def _recurred(self, ended: Ended) -> bool:
        """Say whether the child needed the office again within the time that counts."""
        until = months_after(ended.day, self.facts.months)
        again = self.resumed.get(ended.case_id, ())
        if any(relapse and ended.day <= day <= until for day, relapse in again):
            return True
        begun = self.begun.get(ended.case_id)
        others = self.of_child.get(begun.child_id, ()) if begun else ()
        return any(
            each.case_id != ended.case_id and ended.day <= each.day <= until for each in others
        )

    def _open_at(self, day: date) -> int:
        """Return how many cases were open at the end of a day."""
        begun = {each.case_id for each in self.facts.begun if each.day <= day}
        balance = Counter(each.case_id for each in self.facts.ended if each.day <= day)
        balance.subtract(each.case_id for each in self.facts.resumed if each.day <= day)
        return sum(balance[case_id] <= 0 for case_id in begun)


def _is_closure(ended: Ended) -> bool:
    return not ended.transferred and ended.outcome != CaseOutcome.DUPLICATE
