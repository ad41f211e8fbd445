"""Accounts, appointments, invitations and sign-in sessions."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.access import Role
from portal.core.db import Base, Identified, Public
from portal.core.types import Encrypted

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
    password_changed_at: Mapped[datetime | None]
    # The shared secret of the authenticator app, and the last time step that was used up.
    totp_secret: Mapped[str | None] = mapped_column(Encrypted())
    totp_used_step: Mapped[int | None]
    # Which edition of the code of conduct was accepted, and when.
    conduct_edition: Mapped[int | None]
    conduct_accepted_at: Mapped[datetime | None]
    # Set when the person asked to be forgotten; name and contacts are gone then.
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper

    memberships: Mapped[list[Membership]] = relationship(
        back_populates="user",
        lazy="raise_on_sql",
        order_by="Membership.starts_on",
        foreign_keys="Membership.user_id",
    )

    @property
    def short_name(self) -> str:
        """Return the name used in tight places: as the person is called, or the first name."""
        return short_name(self.called, self.full_name)


def short_name(called: str, full_name: str) -> str:
    """Return how somebody is called, or the first name."""
    return called or full_name.split(" ", 1)[0]


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
    # Last confirmed by the office in its six-monthly review.
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))

    user: Mapped[User] = relationship(
        back_populates="memberships", lazy="raise_on_sql", foreign_keys=[user_id]
    )

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
    # Roles that open children's files also need the word of the division's head.
    needs_approval: Mapped[bool] = mapped_column(default=False, server_default=false())
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    approved_at: Mapped[datetime | None]


class SignInSession(Public, Base):
    """A signed-in device; ending the row ends the access, whatever the cookie says."""

    __tablename__ = "sign_in_session"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    own_device: Mapped[bool]
    # Browser and system in two words ("Chrome, Android"), so that people know their devices.
    device: Mapped[str] = mapped_column(String(60), default="")
    # The password was right and the second factor is still awaited: nobody is signed in yet.
    awaits_factor: Mapped[bool] = mapped_column(default=False)
    # A second factor was shown in this session.
    strong: Mapped[bool] = mapped_column(default=False)
    # When the person last proved who they are; sensitive acts ask for it to be recent.
    proven_at: Mapped[datetime]
    # What a passkey must sign, while one is being made or used.
    challenge: Mapped[bytes | None] = mapped_column(LargeBinary(64))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class RecoveryCode(Identified, Base):
    """One of the codes that open the door when phone or passkey are lost; only a hash is kept."""

    __tablename__ = "recovery_code"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Passkey(Public, Base):
    """A key in somebody's phone or computer that signs for them (WebAuthn)."""

    __tablename__ = "passkey"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary(2048))
    sign_count: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class ResetLink(Public, Base):
    """A single-use link to choose a new password; only the token's hash is kept."""

    __tablename__ = "reset_link"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    # Whoever handed it over after recognising the person.
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]


class Conflict(Public, Base):
    """Somebody who must not see one confidential record, whatever their role allows."""

    __tablename__ = "conflict"
    __table_args__ = (Index(None, "user_id", "subject_id"), Index(None, "subject_id"))

    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(Encrypted())
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]


class EmergencyAccess(Public, Base):
    """One confidential record, opened by the division head for an hour, with a reason."""

    __tablename__ = "emergency_access"
    __table_args__ = (Index(None, "user_id", "subject_id"),)

    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    # What people call the record: its number, never a name.
    label: Mapped[str] = mapped_column(String(40))
    link: Mapped[str] = mapped_column(String(200))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(Encrypted())
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    review_by: Mapped[datetime]
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    reviewed_at: Mapped[datetime | None]
    justified: Mapped[bool | None]
    finding: Mapped[str | None] = mapped_column(Encrypted())
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper
