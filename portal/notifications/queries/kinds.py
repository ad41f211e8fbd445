"""What a kind of message is made of."""

from __future__ import annotations

from dataclasses import dataclass

from babel.support import LazyProxy

VISIT = frozenset({"school", "starts_at", "ends_at"})
# Until when a to-do is due; a reminder says it.
DUE = "due_at"
# When what a message leads to is over; after that it says nothing useful any more.
UNTIL = "until"
# Their links open something by themselves.
INVITATION, PASSWORD_RESET = "invitation", "password_reset"


@dataclass(frozen=True)
class Kind:
    """The sentences of one kind of message, and the only facts that may fill them."""

    title: LazyProxy
    text: LazyProxy
    facts: frozenset[str] = frozenset()
    # What the button says where it is a to-do; usually "Open it".
    act: LazyProxy | None = None
