"""What Ruang Cerita keeps between two pages: encrypted, for minutes, tied to no device."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Identified
from portal.core.types import Encrypted
from portal.incidents.states import Purpose

CHILDREN = frozenset({"pupil", "witness"})


@dataclass(frozen=True)
class Story:
    """What somebody told so far; every part of it may be missing."""

    purpose: Purpose = Purpose.REPORT
    # By the questions of incidents.policy, in their codes.
    answers: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)
    # The school as it was typed, and which one of the register was meant (its public id).
    school_typed: str = field(default="", repr=False)
    school: str = field(default="", repr=False)
    words: str = field(default="", repr=False)
    person: str = field(default="", repr=False)
    keep_from_school: bool = False
    # Public ids of the files handed in.
    files: tuple[str, ...] = ()

    @property
    def by_child(self) -> bool:
        """Say whether a child tells it, as far as that was said."""
        return not CHILDREN.isdisjoint(self.answers.get("teller", ()))

    @property
    def in_danger(self) -> bool:
        """Say whether somebody is, or may be, in danger right now."""
        return not {"yes", "unsure"}.isdisjoint(self.answers.get("danger", ()))

    @property
    def says_something(self) -> bool:
        """Say whether there is anything to send."""
        told = (self.school_typed, self.school, self.words.strip(), self.person, self.files)
        return any(self.answers.values()) or any(told)

    def answering(self, given: Mapping[str, Sequence[str]]) -> Self:
        """Return it with other answers to some questions; an empty one is no answer."""
        answers = {**self.answers, **given}
        return replace(
            self, answers={name: list(codes) for name, codes in answers.items() if codes}
        )


class Telling(Identified, Base):
    """A story on its way: the answers so far, until they are sent or the time is over."""

    __tablename__ = "telling"

    # Of a random token in a session cookie, the only thing the device holds.
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    answers: Mapped[str] = mapped_column(Encrypted(), default="{}")
    expires_at: Mapped[datetime] = mapped_column(index=True)
    # After sending: the report the optional page of contacts still belongs to.
    report_id: Mapped[UUID | None] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"))
    # The reporter's code, for as long as the page that shows it may be needed; then it is gone.
    code: Mapped[str | None] = mapped_column(Encrypted())

    @property
    def story(self) -> Story:
        """Return what was told so far."""
        kept = json.loads(self.answers)
        if not kept:
            return Story()
        typed = {"purpose": Purpose(kept["purpose"]), "files": tuple(kept["files"])}
        return Story(**{**kept, **typed})

    @story.setter
    def story(self, told: Story) -> None:
        """Keep what was told so far."""
        self.answers = json.dumps(asdict(told))


class Opened(Identified, Base):
    """A report that its reporter opened with the code, for a quarter of an hour."""

    __tablename__ = "opened_report"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
