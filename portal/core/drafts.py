"""What somebody typed and could not send yet: encrypted, for its writer alone, for a few days."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core import clock
from portal.core.db import Base, Public
from portal.core.types import Encrypted

Fields = list[tuple[str, str]]


class Draft(Public, Base):
    """The fields of one form, as they were typed on one page."""

    __tablename__ = "draft"

    user_id: Mapped[UUID] = mapped_column(index=True)
    page: Mapped[str] = mapped_column(String(300))
    fields: Mapped[str] = mapped_column(Encrypted())
    saved_at: Mapped[datetime] = mapped_column(index=True)


def keep(session: Session, user_id: UUID, page: str, fields: Fields) -> Draft:
    """Keep what was typed on a page; an older draft of the same page gives way."""
    known = select(Draft).where(Draft.user_id == user_id, Draft.page == page)
    draft = session.scalars(known).first() or Draft(user_id=user_id, page=page)
    draft.fields = json.dumps(fields)
    draft.saved_at = clock.now()
    session.add(draft)
    session.flush()
    return draft


def find(session: Session, user_id: UUID, public_id: str) -> Draft | None:
    """Return a draft of this person."""
    return session.scalar(
        select(Draft).where(Draft.public_id == public_id, Draft.user_id == user_id)
    )


def fields_of(draft: Draft) -> Fields:
    """Return the fields as they were typed."""
    return [(str(name), str(value)) for name, value in json.loads(draft.fields)]


def discard(session: Session, user_id: UUID, page: str) -> None:
    """Forget what was typed on a page, since it was sent."""
    session.execute(delete(Draft).where(Draft.user_id == user_id, Draft.page == page))
