"""Which visits an actor may see, and the rules of their letters."""

from portal.visits.policy.visits import visible_to

__all__ = ["visible_to"]
