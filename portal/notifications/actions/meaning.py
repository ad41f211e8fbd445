"""Whom messages are still meant for, when they are about to leave."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core.duties import Duty
from portal.notifications.actions.reminding import holding
from portal.notifications.models import Message
from portal.people.queries.confidential import all_kept_away

# What a to-do waits for: a person, or a role at a school.
Place = tuple[UUID | None, str | None, UUID | None]


@dataclass
class Meant:
    """Answers for one sweep; what many messages share is looked up once."""

    session: Session
    _kept: frozenset[tuple[UUID, UUID]] | None = None
    _holding: dict[Place, frozenset[UUID]] = field(default_factory=dict)

    def still(self, message: Message, duty: Duty | None) -> bool:
        """Say whether the recipient may still hear of it, and is one of those it waits for."""
        person = message.recipient_id
        if person is None:
            return True
        if self._kept is None:
            self._kept = all_kept_away(self.session)
        if (message.subject_id, person) in self._kept:
            return False
        return duty is None or person in self._people(duty)

    def _people(self, duty: Duty) -> frozenset[UUID]:
        place = (duty.person_id, duty.role, duty.school_id)
        if place not in self._holding:
            self._holding[place] = frozenset(holding(self.session, duty))
        return self._holding[place]
