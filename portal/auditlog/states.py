"""The states of the registers and the steps between them."""

from __future__ import annotations

from enum import StrEnum

from portal.core.access import Permission
from portal.core.machine import Machine, Move


class RequestState(StrEnum):
    """Where a data subject's request stands."""

    RECEIVED = "received"
    IDENTIFIED = "identified"
    FULFILLED = "fulfilled"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class BreachState(StrEnum):
    """Where the work on a breach stands."""

    FOUND = "found"
    CONTAINED = "contained"
    REPORTED = "reported"
    CLOSED = "closed"


OPEN_REQUESTS = frozenset({RequestState.RECEIVED, RequestState.IDENTIFIED})
OPEN_BREACHES = frozenset(BreachState) - {BreachState.CLOSED}

REQUEST_MACHINE = Machine(
    [
        Move(
            "identify",
            frozenset({RequestState.RECEIVED}),
            RequestState.IDENTIFIED,
            Permission.DATA_REQUEST_WRITE,
        ),
        Move(
            "fulfil",
            frozenset({RequestState.IDENTIFIED}),
            RequestState.FULFILLED,
            Permission.DATA_REQUEST_WRITE,
        ),
        Move("refuse", OPEN_REQUESTS, RequestState.REFUSED, Permission.DATA_REQUEST_WRITE),
        Move("withdraw", OPEN_REQUESTS, RequestState.WITHDRAWN, Permission.DATA_REQUEST_WRITE),
    ]
)

BREACH_MACHINE = Machine(
    [
        Move(
            "contain",
            frozenset({BreachState.FOUND}),
            BreachState.CONTAINED,
            Permission.BREACH_WRITE,
        ),
        Move(
            "report",
            frozenset({BreachState.FOUND, BreachState.CONTAINED}),
            BreachState.REPORTED,
            Permission.BREACH_WRITE,
        ),
        Move(
            "close",
            frozenset({BreachState.CONTAINED, BreachState.REPORTED}),
            BreachState.CLOSED,
            Permission.BREACH_WRITE,
        ),
    ]
)
