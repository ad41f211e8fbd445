"""What a teacher does at once after a red flag, and whom they call."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from portal.core import i18n
from portal.core.settings import Office
from portal.people.models import User

_ = i18n.lazy

STAY = _("Stay calm and near the child, and listen. Do not question the child again and again.")
BY_FLAG: dict[str, Any] = {
    "r1": _("If the child is hurt, take the child to the health centre or a hospital first."),
    "r2": _("Do not leave the child alone, and put away what could be used to do harm."),
    "r3": _(
        "Keep the child away from whoever threatens. Do not look at pictures, pass them on or "
        "delete them."
    ),
    "r4": _("Ask the family today how the child is, in the way you usually do."),
    "r5": _("If the child is afraid to go home, keep the child at school and call us first."),
}
# What may put a child in danger at home when its family hears of it from the school.
HOME = "r5"
AT_HOME = _("Do not talk with the family about this yet. The office will do that.")


@dataclass(frozen=True)
class Call:
    """Somebody to call, and the number."""

    name: str
    number: str


@dataclass(frozen=True)
class Steps:
    """What to do now; the first number is the one to try first."""

    todo: tuple[str, ...]
    calls: tuple[Call, ...]
    # That the family must hear nothing of it from the school; empty where it may.
    at_home: str
    office_open: bool


def steps_for(
    flags: Collection[str],
    office: Office,
    manager: User | None,
    *,
    office_open: bool,
    no_guardian: bool,
) -> Steps | None:
    """Return what red flags ask of a teacher at once; None without any.

    `no_guardian` says that nobody at home may hear of anything, whatever this form told.
    """
    if not flags:
        return None
    at_home = no_guardian or HOME in flags
    # A family that is itself the worry is asked nothing, whatever else was seen.
    seen = [code for code in BY_FLAG if code in flags and not (at_home and code == "r4")]
    todo = (str(STAY), *(str(BY_FLAG[code]) for code in seen))
    ours = _ours(office, manager)
    help_lines = (
        Call(str(office["help_name"]), str(office["help_phone"])),
        Call(i18n.gettext("Police"), str(office["police_phone"])),
    )
    calls = (*ours, *help_lines) if office_open else (*help_lines, *ours)
    silence = str(AT_HOME) if at_home else ""
    return Steps(todo, tuple(each for each in calls if each.number), silence, office_open)


def _ours(office: Office, manager: User | None) -> tuple[Call, ...]:
    calls = [Call(str(office["office_name"]), str(office["office_phone"]))]
    if manager is not None and manager.phone:
        calls.insert(0, Call(manager.short_name, manager.phone))
    return tuple(calls)
