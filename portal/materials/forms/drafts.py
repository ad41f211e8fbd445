"""What belongs to one draft, which several people may write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from portal.materials.policy.content import Content
from portal.materials.queries.library import Shown
from portal.web.forms import VersionedForm


@dataclass(frozen=True)
class _Standing:
    """Which state of the draft a page shows."""

    version: str


def standing(shown: Shown) -> str:
    """Return what tells one state of a material's newest edition from every other."""
    return f"{shown.edition.number}.{shown.edition.version}"


class DraftForm(VersionedForm):
    """A part of what a material says; each says what its fields show."""

    @classmethod
    def values(cls, content: Content) -> dict[str, Any]:
        """Return what the fields show of a content."""
        raise NotImplementedError

    @classmethod
    def of(cls, shown: Shown, **more: Any) -> Self:
        """Return the form as a draft stands."""
        form = cls(data=cls.values(shown.content), **more)
        if not form.restored:
            form.version.data = standing(shown)
        return form

    def check_standing(self, shown: Shown) -> None:
        """Refuse to write over what a colleague changed since; raises Rejected."""
        self.check_version(_Standing(standing(shown)), self.of(shown, formdata=None))
