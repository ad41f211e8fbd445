"""The states of a school's wish to become a partner, and the moves between them."""

from __future__ import annotations

from enum import StrEnum

from portal.core.access import Permission
from portal.core.machine import Machine, Move


class RequestState(StrEnum):
    """Where a school's wish to become a partner stands."""

    NEW = "new"
    CONTACTED = "contacted"
    AGREED = "agreed"
    NOT_NOW = "not_now"


S, WRITE = RequestState, Permission.PARTNERSHIP_WRITE

# In these somebody of the office still owes an answer.
OPEN = frozenset({S.NEW, S.CONTACTED})
# A school that was put off may come back.
AGREEABLE = OPEN | {S.NOT_NOW}

REQUEST_MACHINE = Machine(
    (
        Move("contact", frozenset({S.NEW}), S.CONTACTED, WRITE),
        Move("agree", AGREEABLE, S.AGREED, WRITE),
        Move("put_off", OPEN, S.NOT_NOW, WRITE),
    )
)
