"""The one exception a rule raises when it says no."""

from __future__ import annotations


class Rejected(Exception):
    """A rule refused a command.

    `code` names the reason (the sentence for people lives in `web/errors`), `field` the form field
    it belongs to (None for the whole form), `facts` the values the sentence needs.
    """

    def __init__(self, code: str, field: str | None = None, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.facts = facts
