"""Who can help beyond the office, how much there is of it, and who was sent where."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Identified, Public
from portal.core.machine import OfWorkers
from portal.core.types import Encrypted
from portal.referrals.states import (
    OPEN,
    REFERRAL_MACHINE,
    TAKEN_ON,
    WITH_PROVIDER,
    AnswerKind,
    ProviderKind,
    ReferralState,
)


class Provider(Public, Base):
    """A psychologist, a hospital, an agency: somebody children are referred to."""

    __tablename__ = "provider"

    name: Mapped[str] = mapped_column(String(160))
    kind: Mapped[ProviderKind] = mapped_column(String(20))
    contact_person: Mapped[str] = mapped_column(String(160), default="")
    phone: Mapped[str] = mapped_column(String(16), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    address: Mapped[str] = mapped_column(String(250), default="")
    # What it offers, on which days, what it asks for.
    note: Mapped[str] = mapped_column(String(500), default="")
    # In rupiah for one child; 0 where the help is free.
    usual_cost: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    active: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper


class Quota(Public, Base):
    """How many children the office may send to a provider in one year, and what that may cost."""

    __tablename__ = "provider_quota"
    __table_args__ = (Index(None, "provider_id", "year", unique=True),)

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"))
    year: Mapped[int]
    places: Mapped[int]
    # In rupiah; empty where no money was set aside.
    budget: Mapped[int | None] = mapped_column(BigInteger)
    # Where the money comes from.
    source: Mapped[str] = mapped_column(String(160), default="")
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper


class Referral(Public, OfWorkers, Base):
    """One child sent to one provider, for one purpose."""

    __tablename__ = "referral"
    __table_args__ = (
        Index(None, "case_id", "made_at"),
        Index(None, "provider_id", "state"),
        Index(None, "state", "answer_by"),
    )
    machine = REFERRAL_MACHINE

    number: Mapped[str] = mapped_column(String(20), unique=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"))
    state: Mapped[ReferralState] = mapped_column(String(20))
    # The provider goes on with the whole case, and the office ends its own work.
    whole_case: Mapped[bool] = mapped_column(default=False, server_default=false())
    purpose: Mapped[str] = mapped_column(Encrypted())
    # What the provider is told: a JSON object of the chosen parts, as they were when it was sent.
    packet: Mapped[str] = mapped_column(Encrypted(), default="")
    # Beyond the quota, for a reason that whoever approves reads.
    beyond_quota: Mapped[bool] = mapped_column(default=False, server_default=false())
    expected_cost: Mapped[int] = mapped_column(BigInteger)
    real_cost: Mapped[int | None] = mapped_column(BigInteger)
    consent_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_consent.id"))
    decision_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_decision.id"))
    made_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    answer_by: Mapped[date | None]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(Encrypted(), default="")
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper

    @property
    def is_open(self) -> bool:
        """Say whether something is still to come of it."""
        return self.state in OPEN

    @property
    def is_with_provider(self) -> bool:
        """Say whether its provider may read and answer it."""
        return self.state in WITH_PROVIDER

    @property
    def is_taken_on(self) -> bool:
        """Say whether its provider took it on and did not end it yet."""
        return self.state in TAKEN_ON


class ReferralLink(Identified, Base):
    """The one-time link of a provider; only hashes are kept.

    It opens once, in one browser, which may come back with it until the link expires or the
    referral ends.
    """

    __tablename__ = "referral_link"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    # Of the cookie that the browser which opened it holds.
    browser_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    ended_at: Mapped[datetime | None]


class ReferralAnswer(Public, Base):
    """What a provider wrote back, by its link or on paper."""

    __tablename__ = "referral_answer"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    kind: Mapped[AnswerKind] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Encrypted(), default="")
    # Who answered for the provider.
    given_by: Mapped[str] = mapped_column(Encrypted(), default="")
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    # Whoever wrote down what came on paper or by phone; empty where the link was used.
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    answered_at: Mapped[datetime]
