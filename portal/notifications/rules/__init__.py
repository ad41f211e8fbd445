"""Who is told when something happened: one rule for each event, in its transaction.

Nobody is told of their own doing, except where somebody else may have done it in their name.
"""

from portal.notifications.rules import accounts, answers, visits

__all__ = ["accounts", "answers", "visits"]
