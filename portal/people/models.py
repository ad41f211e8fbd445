"""Accounts, appointments, invitations and sign-in sessions."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.access import Role
from portal.core.db import Base, Identified, Public

NAME_LENGTH = 160


class User(Public, Base):
    """A person with an account; signs in by e-mail or phone."""

    __tablename__ = "user"
    __table_args__ = (CheckConstraint("email IS NOT NULL OR phone IS NOT NULL", name="reachable"),)

    full_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    # How the portal greets: "Bu Ratna"; the person's own choice, empty for the plain name.
    called: Mapped[str] = mapped_column(String(60), default="")
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    phone: Mapped[str | None] = mapped_column(String(16), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2), default="id")
    created_at: Mapped[datetime]

    memberships: Mapped[list[Membership]] = relationship(
        back_populates="user", lazy="raise_on_sql", order_by="Membership.starts_on"
    )

    @property
    def short_name(self) -> str:
        """Return the name used in tight places: as the person is called, or the first name."""
        return self.called or self.full_name.split(" ", 1)[0]


class Membership(Public, Base):
    """A dated appointment: a role at one school, or (no school) at the office."""

    __tablename__ = "membership"
    __table_args__ = (Index(None, "school_id", "role"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    role: Mapped[Role] = mapped_column(String(30))
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id"))
    starts_on: Mapped[date]
    # The last day of the appointment; empty while it lasts.
    ends_on: Mapped[date | None]

    user: Mapped[User] = relationship(back_populates="memberships", lazy="raise_on_sql")

    def in_force(self, day: date) -> bool:
        """Say whether the appointment holds on a day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class Invitation(Public, Base):
    """A single-use link that appoints whoever opens it; only the token's hash is kept."""

    __tablename__ = "invitation"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    role: Mapped[Role] = mapped_column(String(30))
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id"), index=True)
    full_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(16))
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]


class SignInSession(Identified, Base):
    """A signed-in device; ending the row ends the access, whatever the cookie says."""

    __tablename__ = "sign_in_session"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    own_device: Mapped[bool]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
