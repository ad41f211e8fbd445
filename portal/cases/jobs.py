"""Whom the portal asks next about cases."""

from __future__ import annotations

from portal.cases.actions.waiting import (
    APPROVE,
    GIVEN,
    RETURNED,
    SENTINEL,
    SILENT,
    STAGE,
    TAKE,
    TASK,
)
from portal.cases.states import DecisionKind
from portal.core import ladders
from portal.core.access import Role
from portal.core.ladders import Ladder

COORDINATOR = (Role.COORDINATOR,)
UPWARDS = (Role.COORDINATOR, Role.DIVISION_HEAD)

ladders.register(
    Ladder(TAKE, then=(Role.DIVISION_HEAD,)),
    Ladder(STAGE, then=COORDINATOR),
    Ladder(TASK),
    Ladder(SILENT, then=UPWARDS),
    Ladder(SENTINEL, then=COORDINATOR),
    Ladder(RETURNED, then=COORDINATOR),
    Ladder(APPROVE[DecisionKind.PLAN], then=(Role.DIVISION_HEAD,)),
    Ladder(APPROVE[DecisionKind.REFERRAL], then=(Role.DIVISION_HEAD,)),
    Ladder(APPROVE[DecisionKind.CLOSURE]),
    Ladder(APPROVE[DecisionKind.TRANSFER]),
)
ladders.register_news(GIVEN)
