"""What is said of a child the office may know already, before a case is opened for it."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms.fields import SelectChoice

from portal.cases.queries.opening import KnownChild
from portal.cases.queries.words import OUTCOMES
from portal.cases.states import CaseOutcome
from portal.core import i18n

ANOTHER_CHILD = "other"


def child_choices(known: Iterable[KnownChild]) -> list[SelectChoice]:
    """Return the children by public id, and that it is none of them."""
    other = i18n.gettext("No, another child with the same name")
    return [
        *(SelectChoice(each.public_id, _same_words(each)) for each in known),
        SelectChoice(ANOTHER_CHILD, other),
    ]


def child_details(known: Iterable[KnownChild]) -> dict[str, str]:
    """Return what may be said of each child's cases, by public id."""
    return {each.public_id: _past_words(each) for each in known}


def _same_words(child: KnownChild) -> str:
    now = child.open_case
    if now is None:
        return i18n.gettext("Yes, the same child: open a new case")
    if now.listed:
        return i18n.gettext("Yes, the same child: add it to case %(number)s", number=now.number)
    return i18n.gettext("Yes, the same child: give it to whoever works on its case")


def _past_words(child: KnownChild) -> str:
    if child.open_case is not None:
        return i18n.gettext("The office works for this child already; no second case is opened.")
    ended = child.last_ended
    if ended is None:
        return i18n.gettext("The office helped this child before. A coordinator can say more.")
    return i18n.gettext(
        "Case %(number)s ended on %(day)s: %(outcome)s.",
        number=ended.number,
        day=i18n.long_date(ended.closed_on) if ended.closed_on else "–",
        outcome=OUTCOMES[CaseOutcome(ended.outcome)] if ended.outcome else "–",
    )
